"""A draft goes with all that hangs on it; a copy is the event whole, every column of it accounted for."""

from datetime import timedelta
from typing import Any

from flask import Flask
from sqlalchemy import func, select

from tests.factories import events as make
from tests.support.client import CheckedClient
from tests.support.rows import make_row
from tests.support.time import TestClock
from webapp.core import clock as now
from webapp.core.db import Base, session, transaction
from webapp.core.errors import Refusal
from webapp.events import service
from webapp.events.domain import PositionDraft
from webapp.events.domain.questions import QuestionDraft
from webapp.events.models import Event, EventSession, Position, Question
from webapp.events.queries.questions import list_questions
from webapp.events.service import questions
from webapp.organisations.domain import Permission
from webapp.resources import service as resources
from webapp.resources.domain import ResourceDetails
from webapp.resources.models import Booking
from webapp.volunteers.models import PositionRequirement, Skill

COPIED = "copied"
# table → column → `copied`, or why the copy has its own.
COLUMNS: dict[str, dict[str, str]] = {
    "event": dict.fromkeys(
        ("organisation_id", "type_slug", "title", "summary", "bring", "risk_statement", "audiences"), COPIED
    )
    | {
        "id": "its own",
        "status": "a draft: nobody has published it",
        "cancel_reason": "not cancelled",
        "cancelled_at": "not cancelled",
        "is_demo": "made by a person",
        "revision": "its own edits",
        "created_by": "who copied it",
        "created_at": "now",
        "updated_at": "now",
        "published_at": "not published",
        "postponed_at": "not put off",
    },
    "event_session": dict.fromkeys(("title", "venue_id"), COPIED)
    | {
        "id": "its own",
        "event_id": "the copy's",
        "starts_at": "moved by whole weeks",
        "ends_at": "moved by whole weeks",
        "cancelled_at": "cancelled sessions are left out",
        "cancel_reason": "cancelled sessions are left out",
        "uid": "another entry in calendars",
        "sequence": "another entry in calendars",
        "moved_at": "not moved",
        "created_at": "now",
        "updated_at": "now",
    },
    "position": dict.fromkeys(
        (
            "name", "kind", "capacity", "waitlist", "rank", "min_count", "min_age", "needs_approval", "cancel_hours",
        ),
        COPIED,
    )
    | {
        "id": "its own",
        "session_id": "the copy's",
        "taken": "nobody has a place yet",
        "opens_at": "moved by whole weeks",
        "closes_at": "moved by whole weeks",
    },
    "question": dict.fromkeys(("asked_of", "kind", "text", "choices", "is_required", "shown_if_answer", "rank"), COPIED)
    | {
        "id": "its own",
        "event_id": "the copy's",
        "shown_if_id": "names the copy of that question",
        "created_at": "now",
        "removed_at": "questions asked no longer are left out",
    },
    "event_words": dict.fromkeys(
        ("number", "event_id", "title", "summary", "more", "words"), "made from the words of the copy"
    ),
    "event_task": {"task_id": COPIED, "event_id": "the copy's"},
    "position_requirement": dict.fromkeys(("skill_id", "course_id", "team_id"), COPIED)
    | {"id": "its own", "position_id": "the copy's"},
    "booking": {
        "resource_id": COPIED,
        "id": "its own",
        "session_id": "the copy's",
        "created_by": "who copied it",
        "created_at": "now",
        "released_at": "what was released is left out",
    },
}  # fmt: skip
# Tables that hang on an event and are not copied.
NOT_COPIED = {
    "answer": "nobody has signed up",
    "attendance": "nobody has come",
    "call_out": "nobody was called for it",
    "cancellation": "the copy is not cancelled",
    "notice": "nobody has been told of it",
    "called": "nobody was called for it",
    "course_signup": "nobody has signed up",
    "device_session": "a phone is paired for named sessions, by whoever is there",
    "evidence_photo": "nothing has happened yet",
    "head_count": "nobody has come",
    "ledger_entry": "nothing has happened yet",
    "scan": "nobody has come",
    "service_record": "nobody has served",
    "signup": "nobody has signed up",
    "team_request": "a team is asked by a person, for a date",
    "wall": "opened on the day; its code must be another",
}


def test_every_table_and_column_is_accounted_for() -> None:
    for name, columns in COLUMNS.items():
        assert set(columns) == set(Base.metadata.tables[name].columns.keys()), name
    hanging = {
        table.name
        for table in Base.metadata.sorted_tables
        for key in table.foreign_keys
        if key.column.table.name in {"event", "event_session", "position", "question"}
    }
    assert hanging - COLUMNS.keys() <= NOT_COPIED.keys(), "copied, or not, and why?"


def _values(row: Any) -> dict[str, Any]:
    names = [name for name, how in COLUMNS[row.__tablename__].items() if how == COPIED]
    return {name: getattr(row, name) for name in names}


def _positions(event_id: str) -> list[Position]:
    wanted = select(Position).join(EventSession).where(EventSession.event_id == event_id)
    return list(session().scalars(wanted.order_by(Position.min_count, Position.id)))


def _parallel() -> tuple[Event, Skill]:
    """Two sessions at the same time under one name, told apart by their rules; questions, a thing, an old question."""
    begins = now.now() + timedelta(days=3)
    guides = [PositionDraft("讲解员", "volunteer", 9)]
    twice = [make.session_draft(starts_at=begins, positions=guides, title="同时") for _ in range(2)]
    event = make.an_event(published=False, sessions=twice)
    skill_id = ""
    with transaction() as current:
        found = current.get_one(Event, event.id)
        found.risk_statement, found.bring, found.summary = "雨天路滑", "水杯", "说明"
        for number, one in enumerate(_positions(event.id), start=1):
            one.min_count, one.min_age, one.needs_approval, one.cancel_hours = number, 16, number == 1, number
            one.opens_at, one.closes_at = begins - timedelta(days=2), begins - timedelta(hours=number)
        current.flush()
        skill_id = make_row("skill")
        make_row("position_requirement", position_id=_positions(event.id)[1].id, skill_id=skill_id)
    with transaction():
        yes = questions.add_question(event.id, QuestionDraft("choice", "要接送吗", ["要", "不要"]), by=None)
        gone = questions.add_question(event.id, QuestionDraft("text", "不再问的"), by=None)
        where = QuestionDraft(
            "text", "在哪接", shown_if_id=yes.id, shown_if_answer="要", asked_of="volunteer"
        )
        questions.add_question(event.id, where, by=None)
        questions.remove_question(event.id, gone.id, by=None)
    return event, session().get_one(Skill, skill_id)


def test_a_copy_is_whole(app: Flask, clock: TestClock) -> None:
    event, skill = _parallel()
    with transaction():
        copy = service.duplicate(event.id, by=None).id
    old, new = session().get_one(Event, event.id), session().get_one(Event, copy)
    assert _values(old) == _values(new)
    assert new.status == "draft" and new.published_at is None
    assert [_values(one) for one in _positions(old.id)] == [_values(one) for one in _positions(copy)]
    for before, after in zip(_positions(old.id), _positions(copy), strict=True):
        shift = after.session.starts_at - before.session.starts_at
        assert shift and shift % timedelta(weeks=1) == timedelta(0)
        assert (after.opens_at, after.closes_at) == (before.opens_at + shift, before.closes_at + shift)  # type: ignore[operator]
    wanted = select(PositionRequirement.skill_id).where(
        PositionRequirement.position_id == _positions(copy)[1].id
    )
    assert session().scalars(wanted).all() == [skill.id]
    asked, same = list_questions(old.id), list_questions(copy)
    ranked = [{**_values(one), "rank": number} for number, one in enumerate(asked)]
    assert ranked == [_values(one) for one in same]
    assert [one.shown_if_id for one in same] == [None, same[0].id]


def test_things_come_along_where_they_are_free_and_else_it_is_said(app: Flask, clock: TestClock) -> None:
    unit = make.an_organisation()
    event = make.an_event(unit, published=False)
    keeper = make.staff(unit, Permission.MANAGE_EVENTS).person_id
    with transaction():
        van = resources.make_resource(
            unit.id, ResourceDetails(name="大篷车", kind="caravan", note=""), by=keeper
        )
        resources.book(van.id, make.sessions_of(event)[0].id, by=keeper)
    said: list[Refusal] = []
    with transaction():
        copy = service.duplicate(event.id, by=keeper, left_out=said)
        assert not said and _things(copy.id) == ["大篷车"]
        again = service.duplicate(event.id, by=keeper, left_out=said)
        assert _things(again.id) == [] and "没有安排“大篷车”" in str(said[0])
    lent = make.an_event(unit, published=False)
    with transaction():
        other = resources.make_resource(
            make.an_organisation().id, ResourceDetails(name="球幕", kind="museum"), by=keeper
        )
        resources.book(other.id, make.sessions_of(lent)[0].id, by=None)
        said.clear()
        assert _things(service.duplicate(lent.id, by=keeper, left_out=said).id) == []
        assert "别的单位" in str(said[0])


def _things(event_id: str) -> list[str]:
    wanted = select(Booking).join(EventSession, EventSession.id == Booking.session_id)
    return [one.resource.name for one in session().scalars(wanted.where(EventSession.event_id == event_id))]


def test_what_could_not_be_copied_is_said_on_the_page(app: Flask, clock: TestClock, sign_in: Any) -> None:
    event, skill = _parallel()
    account = make.staff(event.organisation, Permission.MANAGE_EVENTS)
    with transaction() as current:
        current.get_one(Skill, skill.id).closed_at = now.now()
    client: CheckedClient = sign_in(app.test_client(), account)
    page = client.post(f"/manage/events/{event.id}/duplicate", follow_redirects=True).text
    assert "已停用，没有复制" in page


HANGING = ("booking", "device_session", "evidence_photo", "scan", "team_request", "wall")


def test_a_draft_with_everything_is_discarded(app: Flask, clock: TestClock, sign_in: Any) -> None:
    """F23, F25 and their kind: a draft, or one of its sessions, with a row in every table that may hang on it."""
    event, _skill = _parallel()
    account = make.staff(event.organisation, Permission.MANAGE_EVENTS)
    event_id, (first, second) = event.id, (one.id for one in make.sessions_of(event))
    with transaction():
        for place in (first, second):
            for table in HANGING:
                make_row(table, session_id=place)
    client: CheckedClient = sign_in(app.test_client(), account)
    gone = client.post(f"/manage/sessions/{first}/remove", follow_redirects=True)
    assert gone.status_code == 200 and session().get(EventSession, first) is None
    assert client.post(f"/manage/events/{event_id}/discard", follow_redirects=True).status_code == 200
    session().rollback()
    assert session().get(Event, event_id) is None
    for table in ("question", "position", "position_requirement", *HANGING):
        assert session().scalar(select(func.count()).select_from(Base.metadata.tables[table])) == 0, table


def test_a_draft_somebody_signed_up_for_stays_with_a_sentence(
    app: Flask, clock: TestClock, sign_in: Any
) -> None:
    event = make.an_event(published=False)
    account = make.staff(event.organisation, Permission.MANAGE_EVENTS)
    position = make.positions_of(event)[0]
    with transaction():
        make_row("signup", position_id=position.id, session_id=position.session_id)
    client: CheckedClient = sign_in(app.test_client(), account)
    page = client.post(f"/manage/events/{event.id}/discard", follow_redirects=True)
    assert "已有报名，不能删除" in page.text
    session().rollback()
    assert session().get(Event, event.id) is not None
    assert session().scalar(select(func.count()).select_from(Question)) == 0
