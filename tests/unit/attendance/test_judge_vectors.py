"""What a phone decides by itself is what the server would have decided, where both know the same."""

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from webapp.attendance.domain import Direction, Facts, decide
from webapp.core.clock import Period
from webapp.events.domain import Dates
from webapp.signups.domain.standing import Promise, State, state_of

VECTORS = json.loads(Path("tests/vectors/judge.json").read_text("utf-8"))
PACK = VECTORS["pack"]
ROSTER = {row[0]: row for row in PACK["roster"]}
SERIAL, STATUS, LACKS, UNTIL = 1, 4, 8, 11


def _moment(milliseconds: int | None) -> datetime | None:
    if milliseconds is None:
        return None
    return datetime(1970, 1, 1, tzinfo=UTC) + timedelta(milliseconds=milliseconds)


def _on_the_list(case: dict[str, Any]) -> bool:
    reading = case["reading"]
    # A serial above the list's is of a pass issued again after the list was made: the server's list is newer.
    return bool(
        reading
        and reading.get("signup") in ROSTER
        and reading.get("serial", 0) <= ROSTER[reading["signup"]][SERIAL]
        and not case["any_hour"]
    )


LISTED = [case for case in VECTORS["cases"] if _on_the_list(case)]


@pytest.mark.parametrize("case", LISTED, ids=[case["name"] for case in LISTED])
def test_the_server_decides_as_the_phone(case: dict[str, Any]) -> None:
    reading, row = case["reading"], ROSTER[case["reading"]["signup"]]
    session = PACK["session"]
    state = case.get("session_state", "on" if case["open"] else "session_cancelled")
    dates = Dates(
        event_status={
            "on": "published",
            "event_cancelled": "cancelled",
            "session_cancelled": "published",
        }.get(state, state),
        session_cancelled=state == "session_cancelled",
        period=Period(
            datetime.fromisoformat(session["starts_at"]), datetime.fromisoformat(session["ends_at"])
        ),
    )
    until = _moment(row[UNTIL] * 1000) if len(row) > UNTIL else None
    promise = Promise(row[STATUS], dates, until, is_cleared=row[LACKS] != "guardian")
    facts = Facts(
        promise,
        revoked="serial" in reading and reading["serial"] != row[SERIAL],
        right_session=True,
        in_at=_moment(case["known"]["in"]),
        out_at=_moment(case["known"]["out"]),
    )
    at = _moment(case["at"])
    assert at is not None
    assert decide(facts, Direction(case["direction"]), at) == case["expect"]["outcome"]
    if "state" in case["expect"]:
        assert state_of(promise, at) == case["expect"]["state"]


def test_the_vectors_hold_every_answer_a_phone_gives() -> None:
    given = {case["expect"]["outcome"] for case in VECTORS["cases"]}
    assert given == {
        "accepted", "already_in", "already_out", "not_in", "wrong_session", "too_early", "too_late", "cancelled",
        "waitlisted", "pending", "event_cancelled", "revoked", "unknown",
    }  # fmt: skip
    states = {case["expect"]["state"] for case in VECTORS["cases"] if "state" in case["expect"]}
    assert states == set(State), "a state no phone is asked about"
    assert {case["expect"]["verdict"] for case in VECTORS["cases"]} == {"verified", "unlisted", "refused"}
    assert len(LISTED) > 20
