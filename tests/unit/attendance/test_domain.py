"""Truth tables of check-in."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from webapp.attendance.domain import (
    OUTCOME_SENTENCES,
    Direction,
    Facts,
    Grade,
    Method,
    Outcome,
    decide,
    grade_of,
    may_annul,
    status_of,
    trusted_time,
)
from webapp.core.clock import Period
from webapp.events.domain import Dates
from webapp.signups.domain.standing import Promise

START = datetime(2026, 11, 28, 1, 0, tzinfo=UTC)
END = START + timedelta(hours=2)
DATES = Dates("published", session_cancelled=False, period=Period(START, END))
GOOD = Facts(Promise("confirmed", DATES), revoked=False, right_session=True, in_at=None, out_at=None)


def _signed_up(status: str, **dates: object) -> Facts:
    return replace(GOOD, promise=Promise(status, replace(DATES, **dates)))  # type: ignore[arg-type]


HERE = replace(GOOD, in_at=START)
GONE = replace(HERE, out_at=END)


@pytest.mark.parametrize(
    ("facts", "direction", "at", "outcome"),
    [
        (GOOD, Direction.IN, START, Outcome.ACCEPTED),
        (GOOD, Direction.IN, START - timedelta(hours=2), Outcome.ACCEPTED),
        (GOOD, Direction.IN, START - timedelta(hours=2, seconds=1), Outcome.TOO_EARLY),
        (GOOD, Direction.IN, END + timedelta(hours=2) - timedelta(seconds=1), Outcome.ACCEPTED),
        (GOOD, Direction.IN, END + timedelta(hours=2), Outcome.TOO_LATE),
        (HERE, Direction.IN, START, Outcome.ALREADY_IN),
        (GONE, Direction.IN, END, Outcome.ALREADY_IN),
        (HERE, Direction.IN, END + timedelta(days=3), Outcome.ALREADY_IN),
        (GOOD, Direction.OUT, END, Outcome.NOT_IN),
        (HERE, Direction.OUT, END, Outcome.ACCEPTED),
        (HERE, Direction.OUT, END + timedelta(days=1), Outcome.ACCEPTED),
        (GONE, Direction.OUT, END, Outcome.ALREADY_OUT),
        (_signed_up("cancelled"), Direction.IN, START, Outcome.CANCELLED),
        (_signed_up("declined"), Direction.IN, START, Outcome.CANCELLED),
        (_signed_up("expired"), Direction.IN, START, Outcome.CANCELLED),
        (_signed_up("waitlisted"), Direction.IN, START, Outcome.WAITLISTED),
        (_signed_up("offered"), Direction.IN, START, Outcome.WAITLISTED),
        (_signed_up("pending"), Direction.IN, START, Outcome.PENDING),
        (_signed_up("confirmed", event_status="cancelled"), Direction.IN, START, Outcome.EVENT_CANCELLED),
        (_signed_up("confirmed", event_status="postponed"), Direction.IN, START, Outcome.EVENT_CANCELLED),
        (_signed_up("confirmed", session_cancelled=True), Direction.IN, START, Outcome.EVENT_CANCELLED),
        (_signed_up("cancelled", session_cancelled=True), Direction.IN, START, Outcome.EVENT_CANCELLED),
        (_signed_up("waitlisted"), Direction.IN, END, Outcome.TOO_LATE),
        (replace(GOOD, right_session=False), Direction.IN, START, Outcome.WRONG_SESSION),
        (replace(GOOD, revoked=True, right_session=False), Direction.IN, START, Outcome.REVOKED),
    ],
)
def test_the_outcome_of_a_scan(facts: Facts, direction: Direction, at: datetime, outcome: Outcome) -> None:
    assert decide(facts, direction, at) == outcome


def test_every_outcome_has_a_sentence_and_a_status() -> None:
    assert set(OUTCOME_SENTENCES) == set(Outcome)
    assert {status_of(outcome) for outcome in Outcome} == {201, 404, 409}


@pytest.mark.parametrize(
    ("method", "grade"),
    [
        (Method.CAMERA, Grade.SCAN),
        (Method.TYPED, Grade.SCAN),
        (Method.LINK, Grade.SCAN),
        (Method.API, Grade.SCAN),
        (Method.ROSTER, Grade.ROSTER),
    ],
)
def test_a_tick_is_another_grade_than_a_pass(method: Method, grade: Grade) -> None:
    assert grade_of(method) == grade


@pytest.mark.parametrize(
    ("delay", "trusted"),
    [
        (timedelta(0), True),
        (timedelta(hours=11), True),
        (timedelta(hours=13), False),
        (timedelta(minutes=-1), False),
    ],
)
def test_a_phones_time_counts_only_when_it_is_plausible(delay: timedelta, trusted: bool) -> None:
    scanned = END - delay
    assert trusted_time(scanned, END) == (scanned if trusted else END)


def test_a_scan_without_a_time_counts_now() -> None:
    assert trusted_time(None, END) == END


@pytest.mark.parametrize(
    ("device", "minutes", "is_staff", "reason", "allowed"),
    [
        ("door", 15, False, "", True),
        ("door", 16, False, "", False),
        ("other", 1, False, "", False),
        ("", 1, False, "", False),
        ("other", 600, True, "扫错了人", True),
        ("other", 600, True, "  ", False),
        ("door", 600, False, "扫错了人", False),
    ],
)
def test_who_may_undo(device: str, minutes: int, is_staff: bool, reason: str, allowed: bool) -> None:
    now = START + timedelta(minutes=minutes)
    assert (
        may_annul(
            scanned_at=START, scan_device="door", device=device, now=now, is_staff=is_staff, reason=reason
        )
        == allowed
    )
