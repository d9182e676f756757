"""What is read from what a phone sends, when it counts, what becomes of it, what a sign-up's scans amount to."""

import json
from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from tests.vectors import chains
from webapp.attendance.domain import Direction, Method, Outcome
from webapp.attendance.domain.links import (
    Claim,
    Link,
    gaps,
    is_sealed,
    moment_of,
    read_link,
    seal,
    stand_in,
    stay_of,
    weigh,
)
from webapp.attendance.domain.phones import Flag, Verdict

NOW = datetime(2026, 11, 28, 3, 0, tzinfo=UTC)
SENT: dict[str, Any] = {
    "counter": 1,
    "prev": "",
    "nonce": "n1",
    "session": "01m85t48cj86k6djpa",
    "kind": "pass",
    "direction": "in",
    "what": "H7K2QX",
    "method": "camera",
    "scanned_at": "2026-11-28T02:59:00.000Z",
    "offset_ms": 0,
    "offline": True,
    "rehearsal": False,
    "verdict": "verified",
    "outcome": "accepted",
    "mac": "A" * 43,
}


def link(**changes: Any) -> Link:
    found = read_link(SENT | changes)
    assert found is not None, changes
    return found


@pytest.mark.parametrize(
    "changes",
    [
        {"counter": 0},
        {"counter": "1"},
        {"counter": True},
        {"counter": 2**31},
        {"nonce": ""},
        {"nonce": "n" * 81},
        {"nonce": 7},
        {"session": "x" * 41},
        {"kind": "photo"},
        {"direction": "up"},
        {"what": "x" * 301},
        {"what": "two\nlines"},
        {"what": "nul\x00"},
        {"what": "\ud83d"},
        {"what": None},
        {"method": "api"},
        {"method": "sweep"},
        {"scanned_at": "yesterday"},
        {"scanned_at": "2026-11-28T02:59:00"},
        {"scanned_at": ""},
        {"scanned_at": "0001-01-01T00:00:00+08:00"},
        {"scanned_at": "9999-12-31T23:59:59.999999-12:00"},
        {"offset_ms": 1.5},
        {"offset_ms": 10**15},
        {"offset_ms": False},
        {"offline": "yes"},
        {"rehearsal": None},
        {"verdict": "maybe"},
        {"outcome": "x" * 21},
        {"mac": "A" * 44},
    ],
)
def test_what_is_not_a_link_is_not_read_but_kept(changes: Mapping[str, Any]) -> None:
    sent = SENT | dict(changes)
    assert read_link(sent) is None
    kept = stand_in(sent)
    names_it = "nonce" not in changes and "session" not in changes
    if names_it:
        assert kept is not None
        assert kept.is_faulty
        assert kept.nonce == "n1"
        assert len(kept.what) <= 300
        assert moment_of(kept, NOW) == (NOW, True)


@pytest.mark.parametrize(
    "sent", [None, 7, "text", [], {}, {"nonce": "n1"}, {"session": "s", "nonce": "a\nb"}]
)
def test_nothing_can_be_kept_of_nothing(sent: Any) -> None:
    assert read_link(sent) is None
    assert stand_in(sent) is None


def test_chains_are_sealed_as_the_shared_cases_say() -> None:
    for case in json.loads(chains.FILE.read_text("utf-8"))["cases"]:
        key = chains.key_of(case)
        for sent in case["links"]:
            found = read_link(sent)
            assert found is not None, case["name"]
            assert is_sealed(key, case["chain"], found) == sent.get("fits", True), case["name"]


def test_every_field_is_sealed() -> None:
    key, sealed = b"k" * 32, link()
    sealed = replace(sealed, mac=seal(key, "c1", sealed))
    assert is_sealed(key, "c1", sealed)
    assert not is_sealed(key, "c2", sealed)
    assert not is_sealed(b"l" * 32, "c1", sealed)
    others = {
        "counter": 2, "prev": "x", "nonce": "n2", "session": "s2", "kind": "roster", "direction": "out", "what": "y",
        "method": "typed", "scanned_at": "2026-11-28T02:59:01.000Z", "offset_ms": 1, "offline": False,
        "rehearsal": True, "verdict": "unlisted", "outcome": "already_in",
    }  # fmt: skip
    for name, value in others.items():
        changed = link(**{name: value, "mac": sealed.mac})
        assert not is_sealed(key, "c1", changed), name


@pytest.mark.parametrize(
    ("scanned", "offset", "counts_at", "believed"),
    [
        (NOW - timedelta(hours=30), timedelta(0), NOW - timedelta(hours=30), True),
        (NOW - timedelta(days=29), timedelta(0), NOW - timedelta(days=29), True),
        (NOW - timedelta(days=31), timedelta(0), NOW, False),
        (NOW + timedelta(minutes=1), timedelta(0), NOW, True),
        (NOW + timedelta(minutes=3), timedelta(0), NOW, False),
        (NOW - timedelta(days=1), timedelta(days=1), NOW, True),  # a day slow, and it knows
        (
            NOW + timedelta(hours=23),
            -timedelta(days=1),
            NOW - timedelta(hours=1),
            True,
        ),  # a day fast, and it knows
        (NOW + timedelta(hours=23), timedelta(0), NOW, False),  # a day fast, and it does not
        (datetime(1970, 1, 1, tzinfo=UTC), NOW - datetime(1970, 1, 1, tzinfo=UTC), NOW, True),
        (datetime(9999, 12, 31, 23, tzinfo=UTC), timedelta(days=2), NOW, False),
    ],
)
def test_when_a_link_counts(
    scanned: datetime, offset: timedelta, counts_at: datetime, believed: bool
) -> None:
    read = link(scanned_at=scanned.isoformat(), offset_ms=int(offset / timedelta(milliseconds=1)))
    assert moment_of(read, NOW) == (counts_at, believed)


@pytest.mark.parametrize(
    ("offline", "verdict", "phone", "found", "direction", "kept"),
    [
        # live: the rules answer
        (False, "", "", "accepted", "in", (True, "accepted", None)),
        (False, "", "", "already_in", "in", (True, "already_in", None)),
        (False, "", "", "cancelled", "in", (False, "cancelled", None)),
        # late, and the rules agree
        (True, "verified", "accepted", "accepted", "in", (True, "accepted", None)),
        (True, "unlisted", "accepted", "already_in", "in", (True, "already_in", None)),
        # late, and the rules would have said no to whom the phone let in
        (True, "verified", "accepted", "cancelled", "in", (False, "cancelled", Flag.REFUSED)),
        (True, "unlisted", "accepted", "unknown", "in", (False, "unknown", Flag.REFUSED)),
        (True, "verified", "accepted", "too_late", "in", (False, "too_late", Flag.REFUSED)),
        # an exit whose entry another phone still has
        (True, "verified", "accepted", "not_in", "out", (True, "not_in", Flag.REFUSED)),
        (True, "refused", "not_in", "not_in", "out", (True, "not_in", None)),
        # both said no
        (True, "refused", "revoked", "revoked", "in", (False, "revoked", None)),
        # the phone said no where the rules say yes
        (True, "refused", "waitlisted", "accepted", "in", (False, "waitlisted", Flag.TURNED_AWAY)),
        (True, "refused", "nonsense", "accepted", "in", (False, "unknown", Flag.TURNED_AWAY)),
        # "already in" on the phone is a refusal in form only: someone stood there
        (True, "refused", "already_in", "accepted", "in", (True, "accepted", None)),
    ],
)
def test_what_becomes_of_a_scan(
    offline: bool, verdict: str, phone: str, found: str, direction: str, kept: tuple[bool, str, Flag | None]
) -> None:
    read = link(offline=offline, verdict=verdict, outcome=phone, direction=direction)
    assert weigh(read, Outcome(found)) == (kept[0], Outcome(kept[1]), kept[2])
    assert read.let_in == (verdict in {Verdict.VERIFIED, Verdict.UNLISTED})


@pytest.mark.parametrize(
    ("counters", "missing"),
    [([], []), ([1, 2, 3], []), ([2], [(1, 1)]), ([1, 4, 5, 9], [(2, 3), (6, 8)])],
)
def test_what_is_missing_of_a_chain(counters: list[int], missing: list[tuple[int, int]]) -> None:
    assert gaps(counters) == missing


def claim(name: str, direction: str, minute: float) -> Claim:
    return Claim(name, Direction(direction), NOW + timedelta(minutes=minute), Method.CAMERA)


@pytest.mark.parametrize(
    ("claims", "kept", "came", "left"),
    [
        ([], "", None, None),
        ([("a", "out", 5)], "", None, None),
        ([("a", "in", 5)], "", "a", None),
        ([("b", "in", 9), ("a", "in", 5)], "", "a", None),
        ([("b", "in", 9), ("a", "in", 5)], "b", "a", None),  # earlier by more than the tolerance
        ([("b", "in", 6), ("a", "in", 5)], "b", "b", None),  # within it: what stands goes on standing
        ([("a", "in", 5), ("x", "out", 50), ("y", "out", 60)], "", "a", "x"),
        (
            [("a", "in", 5), ("x", "out", 2), ("y", "out", 60)],
            "",
            "a",
            "y",
        ),  # left before they came: not this time
        ([("a", "in", 5), ("x", "out", 4)], "", "a", "x"),  # clocks differ by a little
    ],
)
def test_what_scans_amount_to(
    claims: list[tuple[str, str, float]], kept: str, came: str | None, left: str | None
) -> None:
    made = [claim(*one) for one in claims]
    for order in (made, made[::-1]):
        stay = stay_of(order, kept=frozenset(kept))
        assert (stay.came.scan_id if stay else None) == came
        assert (stay.left.scan_id if stay and stay.left else None) == left
        if stay and stay.out_at:
            assert stay.out_at >= stay.came.at
