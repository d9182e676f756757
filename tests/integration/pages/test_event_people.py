"""Everybody of an event in one table: found, narrowed, taken away, approved and taken off."""

import re
from datetime import timedelta
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import event as sa_event
from sqlalchemy import select, update

from tests.factories import events as make
from tests.factories import signups as give
from webapp.core import clock
from webapp.core.audit import AuditEntry
from webapp.core.db import db, session, transaction
from webapp.events.domain import PositionDraft
from webapp.events.models import Position
from webapp.organisations.domain import Permission


def an_event(unit: Any, sessions: int = 2, *, approval: bool = False) -> tuple[Any, list[str]]:
    """An event and the position of each of its sessions, in order."""
    start = clock.now() + timedelta(days=7)
    kind = PositionDraft("观众", "audience", 60, True)
    drafts = [make.session_draft(start + timedelta(days=day), positions=[kind]) for day in range(sessions)]
    made = make.an_event(unit, sessions=drafts)
    if approval:
        with transaction():
            session().execute(update(Position).values(needs_approval=True))
    ids = [one.id for one in make.sessions_of(made)]
    found = {one.session_id: one.id for one in session().scalars(select(Position))}
    return made, [found[one] for one in ids]


def rows(page: str) -> int:
    return page.count("data-row")


def test_people_of_all_sessions_are_found_and_taken_away(app: Flask, sign_in: Any) -> None:
    unit = make.an_organisation()
    event, (first, second) = an_event(unit)
    give.join(first, give.a_guest("王丽芳"))
    give.join(second, give.a_guest("赵桂兰"))
    gone = give.join(second, give.a_guest("孙国庆"))
    give.leave(gone)
    client = sign_in(app.test_client(), make.staff(unit, Permission.MANAGE_EVENTS))
    here = f"/manage/events/{event.id}/people"
    assert rows(client.get(here).text) == 2
    found = client.get(f"{here}?q=wlf").text
    assert "王丽芳" in found and rows(found) == 1
    session().rollback()
    last = session().get_one(Position, second).session_id
    narrowed = client.get(f"{here}?session={last}&minor=&came=no&state=confirmed&sort=-made").text
    assert "赵桂兰" in narrowed and rows(narrowed) == 1
    assert rows(client.get(f"{here}?minor=no_consent").text) == 0
    assert "孙国庆" in client.get(f"{here}?show=gone").text
    text = client.get(f"{here}?format=csv").data.decode("utf-8-sig")
    assert "137" in text and "****" not in text
    session().rollback()
    noted = session().scalars(select(AuditEntry.details).where(AuditEntry.action == "roster.reveal")).all()
    assert noted == [{"kind": "csv"}]
    looker = sign_in(app.test_client(), make.staff(unit, Permission.INSPECT))
    assert looker.get(here).status_code == 403
    assert here not in looker.get(f"/manage/events/{event.id}").text


def test_chosen_people_are_approved_and_taken_off(app: Flask, sign_in: Any) -> None:
    unit = make.an_organisation()
    event, (first, second) = an_event(unit, approval=True)
    one, other = (
        give.join(place, give.a_guest(name)) for place, name in ((first, "王丽芳"), (second, "赵桂兰"))
    )
    late = give.join(second, give.a_guest("钱小满"))
    foreign = give.join(an_event(make.an_organisation())[1][0])  # of another unit, has a place
    client = sign_in(app.test_client(), make.staff(unit, Permission.MANAGE_EVENTS))
    here = f"/manage/events/{event.id}/people"

    def act(name: str, *ids: str, **more: str) -> Any:
        marks = re.findall(r'name="as_seen" value="([^"]+)"', client.get(here).text)
        return client.post(f"{here}/chosen", data={"act": name, "row": list(ids), "as_seen": marks, **more})

    assert "婉拒" in client.get(here).text
    assert act("decline", late).status_code == 422  # they are told why
    assert act("decline", late, reason="人满了").status_code == 303
    session().rollback()
    assert give.status_of(late) == "declined"
    assert act("approve", one, other, foreign).status_code == 303
    page = client.get(here).text
    assert "已通过 2 人" in page
    assert 'value="decline"' not in page  # nobody waits any more
    session().rollback()
    assert [give.status_of(row) for row in (one, other, foreign)] == ["confirmed"] * 3
    assert act("take_off", one, foreign, reason="场地小了").status_code == 303
    assert "已取消 1 人的报名" in client.get(here).text
    session().rollback()
    assert [give.status_of(row) for row in (one, other, foreign)] == ["cancelled", "confirmed", "confirmed"]
    assert act("approve").status_code == 422
    assert not give.faults()


@pytest.mark.databases("sqlite")
def test_the_statements_do_not_grow_with_people_or_sessions(app: Flask, sign_in: Any) -> None:
    unit = make.an_organisation()
    client = sign_in(app.test_client(), make.staff(unit, Permission.MANAGE_EVENTS))
    costs = []
    for sessions in (2, 12):
        event, places = an_event(unit, sessions)
        for place in places:
            give.join(place)
            give.join(place)
        client.get(f"/manage/events/{event.id}/people")
        said: list[str] = []

        def hear(*args: Any, said: list[str] = said) -> None:
            said.append(args[2])

        sa_event.listen(db.engine, "before_cursor_execute", hear)
        assert rows(client.get(f"/manage/events/{event.id}/people").text) == sessions * 2
        sa_event.remove(db.engine, "before_cursor_execute", hear)
        costs.append(len(said))
    assert costs[0] == costs[1]
