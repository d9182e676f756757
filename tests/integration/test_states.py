"""State × page: what a sign-up is now is said alike everywhere, by the one function (signups/domain/standing.py)."""

from collections.abc import Callable
from datetime import datetime, timedelta

import pytest
from flask import Flask
from sqlalchemy import select

from tests.factories.signups import a_position, a_volunteer, join, leave
from tests.factories.standing import COLUMNS, DOOR, Case, Visitors, a_case, camera, set_row
from tests.support.client import CheckedClient
from tests.support.time import START, TestClock
from webapp.core import clock as time
from webapp.core.db import session, transaction
from webapp.core.outbox import OutboxMessage
from webapp.events import service as events
from webapp.events.models import Cancellation
from webapp.people import service as people
from webapp.people.service.guardians import Guardian, record_guardian, withdraw_guardian
from webapp.signups.domain import Leave
from webapp.signups.domain.standing import STATE_ADVICE, STATE_LABELS, STATE_SENTENCES, State
from webapp.signups.domain.telling import PeopleInside
from webapp.signups.queries import get_with_session
from webapp.signups.queries.offers import leave_of
from webapp.signups.queries.standing import standing_of
from webapp.signups.service.confirming import confirm_new

Do = Callable[[Case, TestClock], None]
HOUR = timedelta(hours=1)


def _row(**values: object) -> Do:
    return lambda case, clock: set_row(case, **values)


def _offered(until: timedelta) -> Do:
    return lambda case, clock: set_row(case, status="offered", offer_expires_at=time.now() + until)


def _minor(case: Case, clock: TestClock) -> None:
    set_row(case, age_band="14_15")


def _consent(case: Case, clock: TestClock) -> None:
    with transaction():
        record_guardian(case.holder.person_id, Guardian("王家长", "+8613800138000"), method="web")


def _withdrawn(case: Case, clock: TestClock) -> None:
    with transaction():
        withdraw_guardian(case.holder.person_id, by=case.holder.person_id)


def _left(case: Case, clock: TestClock) -> None:
    leave(case.signup, by=case.holder.person_id)


def _put_out(case: Case, clock: TestClock) -> None:
    leave(case.signup, by=case.staff.person_id, reason="重复报名")


def _postponed(case: Case, clock: TestClock) -> None:
    with transaction():
        events.postpone(case.event, by=None)


def _resumed(case: Case, clock: TestClock) -> None:
    with transaction():
        events.publish(case.event, by=None, same_dates=True)


def _moved(case: Case, clock: TestClock) -> None:
    held = case.row().position.session
    with transaction():
        events.reschedule(
            case.session,
            starts_at=held.starts_at + HOUR,
            ends_at=held.ends_at + HOUR,
            venue_id=held.venue_id,
            by=None,
        )


def _event_cancelled(case: Case, clock: TestClock) -> None:
    with transaction():
        events.cancel(case.event, reason="讲师病了", by=None)


def _session_cancelled(case: Case, clock: TestClock) -> None:
    with transaction():
        events.cancel_session(case.session, reason="场地停电", by=None)


def _undone(case: Case, clock: TestClock) -> None:
    found = session().query(Cancellation).filter_by(event_id=case.event).one()
    key = found.id
    session().rollback()
    with transaction():
        events.undo(key, by=None)


def _after(**parts: float) -> Do:
    return lambda case, clock: clock.advance(**parts)


def _closed_event(case: Case, clock: TestClock) -> None:
    clock.advance(hours=6)
    with transaction():
        events.close(case.event, by=None)


def _forgotten(case: Case, clock: TestClock) -> None:
    clock.advance(days=800)
    with transaction():
        people.anonymise(case.holder.person_id, keep_name=True)


S = State
ROWS: dict[str, tuple[list[Do], State]] = {
    "a place": ([], S.CONFIRMED),
    "to be approved": ([_row(status="pending")], S.PENDING),
    "declined": ([_row(status="declined", decline_reason="名额给了学员")], S.DECLINED),
    "waiting": ([_row(status="waitlisted", waitlisted_at=START)], S.WAITLISTED),
    "offered": ([_offered(HOUR)], S.OFFERED),
    "offer over, not swept yet": ([_offered(-HOUR)], S.OFFER_OVER),
    "offer over, swept": ([_row(status="expired")], S.OFFER_OVER),
    "cancelled by oneself": ([_left], S.CANCELLED),
    "cancelled by staff": ([_put_out], S.CANCELLED),
    "a minor nobody agreed for": ([_minor], S.NO_CONSENT),
    "a minor with consent": ([_minor, _consent], S.CONFIRMED),
    "a minor whose consent was withdrawn": ([_minor, _consent, _withdrawn], S.NO_CONSENT),
    "a minor whose consent was given again": ([_minor, _consent, _withdrawn, _consent], S.CONFIRMED),
    "a minor who waits": ([_minor, _row(status="waitlisted", waitlisted_at=START)], S.WAITLISTED),
    "put off": ([_postponed], S.POSTPONED),
    "put off, waiting": ([_row(status="waitlisted", waitlisted_at=START), _postponed], S.POSTPONED),
    "put off, to be approved": ([_row(status="pending"), _postponed], S.POSTPONED),
    "put off, offered": ([_offered(HOUR), _postponed], S.POSTPONED),
    "put off, offer over": ([_offered(-HOUR), _postponed], S.OFFER_OVER),
    "put off, a minor without consent": ([_minor, _postponed], S.POSTPONED),
    "put off, cancelled by oneself": ([_postponed, _left], S.CANCELLED),
    "put off, declined": ([_row(status="declined"), _postponed], S.DECLINED),
    "put off, and the old date passed": ([_postponed, _after(days=2)], S.POSTPONED),
    "put off, moved, not resumed": ([_postponed, _moved], S.POSTPONED),
    "put off, moved, resumed": ([_postponed, _moved, _resumed], S.CONFIRMED),
    "put off, resumed as it was": ([_postponed, _resumed], S.CONFIRMED),
    "put off, then cancelled": ([_postponed, _event_cancelled], S.EVENT_CANCELLED),
    "put off, old date passed, then cancelled": (
        [_postponed, _after(days=2), _event_cancelled],
        S.EVENT_CANCELLED,
    ),
    "event cancelled": ([_event_cancelled], S.EVENT_CANCELLED),
    "event cancelled, final": ([_event_cancelled, _after(minutes=20)], S.EVENT_CANCELLED),
    "event cancelled, undone": ([_event_cancelled, _undone], S.CONFIRMED),
    "cancelled by oneself, then the event": ([_left, _event_cancelled], S.EVENT_CANCELLED),
    "declined, then the event cancelled": ([_row(status="declined"), _event_cancelled], S.EVENT_CANCELLED),
    "session cancelled": ([_session_cancelled], S.SESSION_CANCELLED),
    "session cancelled, undone": ([_session_cancelled, _undone], S.CONFIRMED),
    "cancelled by oneself, then the session": ([_left, _session_cancelled], S.SESSION_CANCELLED),
    "just over, doors open": ([_after(hours=3)], S.CONFIRMED),
    "over": ([_after(hours=5)], S.OVER),
    "over, waiting": ([_row(status="waitlisted", waitlisted_at=START), _after(hours=3)], S.OVER),
    "over, to be approved": ([_row(status="pending"), _after(hours=3)], S.OVER),
    "over, a minor without consent": ([_minor, _after(hours=5)], S.OVER),
    "over, then put off": ([_after(hours=5), _postponed], S.OVER),
    "event closed": ([_closed_event], S.OVER),
    "forgotten": ([_forgotten], S.OVER),
}


@pytest.fixture
def visitors(new_client: Callable[[], CheckedClient]) -> Visitors:
    return Visitors(new_client(), new_client(), new_client())


def test_every_page_says_the_state_the_function_gives(
    app: Flask,
    clock: TestClock,
    visitors: Visitors,
    sign_in: Callable[[CheckedClient, object], CheckedClient],
) -> None:
    wrong = []
    for name, (acts, expected) in ROWS.items():
        clock.set(START)
        case = a_case()
        for act in acts:
            act(case, clock)
        if standing_of(case.row()).state != expected:
            wrong.append(f"{name}: the function says {standing_of(case.row()).state}")
            continue
        sign_in(visitors.holder, case.holder)
        sign_in(visitors.staff, case.staff)
        said = {one.__name__: one(case, visitors, expected) for one in (*COLUMNS, *DOOR)}
        wrong += [f"{name} × {page}: {words}, not {expected}" for page, words in said.items() if words]
    assert not wrong, "\n" + "\n".join(wrong)


def test_the_table_has_every_state() -> None:
    assert {state for _, state in ROWS.values()} == set(State) - {State.NOT_PUBLISHED}
    for words in (STATE_LABELS, STATE_SENTENCES, STATE_ADVICE):
        assert set(words) == set(State)
        assert len(set(words.values())) == len(words), "two states are called alike"


def test_a_postponed_event_waits_on_the_desk_until_it_goes_on(
    app: Flask,
    clock: TestClock,
    visitors: Visitors,
    sign_in: Callable[[CheckedClient, object], CheckedClient],
) -> None:
    case = a_case()
    sign_in(visitors.staff, case.staff)
    waits = "报了名的人在等新时间"
    assert waits not in visitors.staff.get("/manage/").text
    _postponed(case, clock)
    clock.advance(days=2)
    assert waits in visitors.staff.get("/manage/").text
    page = f"/manage/events/{case.event}/resume"
    assert "所有场次都已过去" in visitors.staff.get(page).text
    _moved_to(case, time.now() + timedelta(days=3))
    told = _messages(case)
    assert visitors.staff.post(page).status_code == 303, "nothing is left to confirm"
    assert waits not in visitors.staff.get("/manage/").text
    (news,) = set(_messages(case)) - set(told)
    assert "定下来了" in news and "12月3日" in news


def test_people_hear_once_of_a_new_time(app: Flask, clock: TestClock) -> None:
    case = a_case()
    before = len(_messages(case))
    _postponed(case, clock)
    _moved(case, clock)
    _moved(case, clock)
    _resumed(case, clock)
    words = _messages(case)[before:]
    assert [("延期" in one, "定下来了" in one) for one in words] == [(True, False), (True, True)]
    assert ["时间：新时间待定（原定" in one for one in words] == [True, False]


def test_mails_do_not_send_a_minor_whom_the_door_turns_away(app: Flask, clock: TestClock) -> None:
    case = a_case()
    _minor(case, clock)
    with transaction():
        confirm_new()
    (words,) = _messages(case)
    assert "没有监护人同意" in words and "出示二维码" not in words


def test_two_shifts_at_once_are_asked_about_when_it_goes_on(app: Flask, clock: TestClock) -> None:
    start = time.now() + timedelta(days=2)
    first, other = (a_position("volunteer", starts_at=start + timedelta(hours=hours)) for hours in (0, 5))
    person = a_volunteer()
    key = join(first, person)
    join(other, person)
    held = get_with_session(key).position.session
    event_id, session_id, venue = held.event_id, held.id, held.venue_id
    session().rollback()
    with transaction():
        events.postpone(event_id, by=None)
    with transaction():
        moved = start + timedelta(hours=5)
        events.reschedule(session_id, starts_at=moved, ends_at=moved + HOUR, venue_id=venue, by=None)
    assert not _of(person, "请您选一个")
    with transaction():
        events.publish(event_id, by=None)
    assert _of(person, "请您选一个")


def test_who_waits_for_a_new_time_may_leave_at_any_time(app: Flask, clock: TestClock) -> None:
    case = a_case()
    _postponed(case, clock)
    clock.advance(days=2)
    assert leave_of(case.row()) == Leave.MAY
    _left(case, clock)
    assert standing_of(case.row()).state == S.CANCELLED


def test_the_scanner_knows_every_word_in_both_languages(
    app: Flask,
    clock: TestClock,
    visitors: Visitors,
    sign_in: Callable[[CheckedClient, object], CheckedClient],
) -> None:
    case = a_case()
    sign_in(visitors.staff, case.staff)
    for page in (f"/scan/{case.session}", f"/scan/{case.session}/kiosk"):
        text = visitors.staff.get(page).text
        assert all(f'"{state.value}"' in text for state in State)
        assert (
            STATE_LABELS[S.POSTPONED] in text
            or STATE_LABELS[S.POSTPONED].encode("unicode_escape").decode() in text
        )


def _moved_to(case: Case, start: datetime) -> None:
    venue = case.row().position.session.venue_id
    session().rollback()
    with transaction():
        events.reschedule(
            case.session, starts_at=start, ends_at=start + timedelta(hours=2), venue_id=venue, by=None
        )


def _messages(case: Case) -> list[str]:
    return _of(case.holder.person_id, "")


def _of(person_id: str, words: str) -> list[str]:
    session().rollback()
    wanted = select(OutboxMessage.body).where(OutboxMessage.person_id == person_id).order_by(OutboxMessage.id)
    return [body for body in session().scalars(wanted) if words in body]


def test_nobody_is_shut_in_by_a_postponement(app: Flask, clock: TestClock, visitors: Visitors) -> None:
    case = a_case()
    assert camera(case, visitors, S.CONFIRMED) == ""
    with pytest.raises(PeopleInside):
        _postponed(case, clock)
    assert standing_of(case.row()).state == S.CONFIRMED
