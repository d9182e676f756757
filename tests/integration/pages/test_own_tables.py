"""Every table that holds something of a person as their own is in what they can take away."""

from datetime import timedelta
from typing import Any

from flask import Flask
from sqlalchemy import event as listen
from sqlalchemy import select

from tests.factories.events import an_organisation, staff
from tests.factories.sharing import a_course_event, join_course
from tests.factories.signups import a_guest, a_position, a_volunteer, an_account, join, leave
from tests.support.time import TestClock
from webapp.core import clock as city
from webapp.core.db import Base, db, get_row, session, transaction
from webapp.organisations.domain import Permission
from webapp.pages.service import own_data, retention
from webapp.people import service as people
from webapp.signups.models import HandOver, Telling
from webapp.signups.service.handing import ask_hand_over

OWN = {"person_id", "from_person_id", "to_person_id"}

DERIVED = {"person_words"}  # made of the name and the telephone, which are in it


def _tables_of_people() -> set[str]:
    return {
        table.name
        for table in Base.metadata.sorted_tables
        for column in table.columns
        if column.name in OWN and any(key.column.table.name == "person" for key in column.foreign_keys)
    }


def test_no_table_of_a_person_is_left_out(app: Flask) -> None:
    asked: list[str] = []

    def note(_connection: Any, _cursor: Any, statement: str, *_more: Any) -> None:
        asked.append(statement)

    person = a_volunteer()
    listen.listen(db.engine, "before_cursor_execute", note)
    try:
        own_data.gather(person)
    finally:
        listen.remove(db.engine, "before_cursor_execute", note)
    words = set(" ".join(asked).replace('"', " ").replace("\n", " ").split())
    assert _tables_of_people() - words == DERIVED


def test_what_was_asked_of_somebody_is_theirs(app: Flask, clock: TestClock) -> None:
    giver, taker = a_volunteer("李秀英"), a_volunteer("孙建国")
    shift = a_position("volunteer")
    mine = join(shift, giver)
    with transaction():
        ask_hand_over(mine, taker, by=giver, note="家里有事")
    join_course(a_course_event(2).id, giver, by=giver)
    clock.advance(minutes=1)
    mine_data, theirs = own_data.as_json(own_data.gather(giver)), own_data.as_json(own_data.gather(taker))
    assert "家里有事" in mine_data and "家里有事" in theirs
    assert "孙建国" not in mine_data and "李秀英" not in theirs
    sections = {one.key: one.rows for one in own_data.gather(giver)}
    assert len(sections["courses"]) == len(sections["hand_overs"]) == 1
    assert own_data.as_sheet(own_data.gather(taker))


def test_words_about_somebody_go_with_them(app: Flask, clock: TestClock) -> None:
    """Their account is closed, or a guest's time is over: nothing they wrote or were told stays."""
    account, taker = an_account(), a_volunteer()
    by = staff(an_organisation(), Permission.GOVERN).person_id
    shift = join(a_position("volunteer"), account.person_id, by=account.person_id, source="self")
    with transaction():
        asked = ask_hand_over(shift, taker, by=account.person_id, note="家里有事").id
    guest = a_guest()
    seat = join(a_position(), guest)
    for signup in (shift, seat):
        leave(signup, by=by, reason="腿伤没好")
    assert [one.words for one in session().scalars(select(Telling))] != ["", ""]
    with transaction():
        people.close_account(account.id)
    clock.advance(days=400)
    with transaction():
        assert retention.forget_guests([guest], city.now() - timedelta(days=365)) == 1
    session().rollback()
    assert get_row(HandOver, asked).note == ""
    assert [one.words for one in session().scalars(select(Telling))] == ["", ""]
