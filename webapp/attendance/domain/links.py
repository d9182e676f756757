"""The links a phone hands in: their shape, their seal, their moment, what stands between them. Plain Python.

docs/scanning.md, 4 to 6, is the agreement with the phone.
"""

import base64
import hmac
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from webapp.attendance.domain import (
    CLOCK_TOLERANCE,
    CODE_LIMIT,
    HEADCOUNT_MAX,
    NONCE_LIMIT,
    VALID,
    Direction,
    Method,
    Outcome,
)
from webapp.attendance.domain.phones import OFFLINE_TRUST, Flag, ScanKind, Verdict
from webapp.events.domain import AUDIENCES

FORMAT = "kepu1"
LONGEST_OFFSET = 200 * 366 * 24 * 3600 * 1000  # ms: a phone that woke up in 1970 is still understood
_FIRST_MOMENT = datetime(1970, 1, 1, tzinfo=UTC)
_LIMITS = {"prev": 43, "nonce": NONCE_LIMIT, "session": 40, "what": CODE_LIMIT, "mac": 43}
_WORDS = {
    "kind": frozenset(ScanKind),
    "direction": frozenset(Direction),
    "method": frozenset({Method.CAMERA, Method.TYPED, Method.ROSTER, Method.KIOSK}),
    "verdict": frozenset({"", *Verdict}),
}


@dataclass(frozen=True)
class Link:
    """One scan as a phone wrote it down."""

    counter: int | None  # None: a browser that cannot seal
    prev: str
    nonce: str
    session: str
    kind: ScanKind
    direction: Direction
    what: str
    method: Method
    scanned_at: str  # as written, because that is what was sealed
    offset_ms: int
    offline: bool
    rehearsal: bool
    verdict: str
    outcome: str
    mac: str
    sure: bool = False  # of a walk-in, beside the seal: they are none of the list who are called so
    is_faulty: bool = False  # did not have the shape of a link; `what` is the beginning of what came

    @property
    def phone_time(self) -> datetime:
        """The moment by the phone's own clock, in UTC: offsets that Python reads are more than a database does."""
        return datetime.fromisoformat(self.scanned_at).astimezone(UTC)

    @property
    def let_in(self) -> bool:
        """Whether the phone, alone, said yes."""
        return self.verdict in {Verdict.VERIFIED, Verdict.UNLISTED}


def read_link(data: Any) -> Link | None:
    """A link from what was sent, or None where it does not have the shape of one."""
    if not isinstance(data, Mapping):
        return None
    texts = {name: data.get(name, "") for name in (*_LIMITS, *_WORDS, "scanned_at", "outcome")}
    if not all(isinstance(text, str) and _is_one_line(text) for text in texts.values()):
        return None
    if any(len(texts[name]) > limit for name, limit in _LIMITS.items()) or len(texts["outcome"]) > 20:
        return None
    if not texts["nonce"] or any(texts[name] not in words for name, words in _WORDS.items()):
        return None
    counter: Any = data.get("counter")
    offset: Any = data.get("offset_ms")
    flags = data.get("offline"), data.get("rehearsal")
    has_numbers = _is_whole(offset) and (counter is None or (_is_whole(counter) and 0 < counter < 2**31))
    if not has_numbers or abs(offset) > LONGEST_OFFSET or not all(isinstance(flag, bool) for flag in flags):
        return None
    if not _is_moment(texts["scanned_at"]):
        return None
    return Link(
        counter=counter,
        kind=ScanKind(texts.pop("kind")),
        direction=Direction(texts.pop("direction")),
        method=Method(texts.pop("method")),
        offset_ms=offset,
        offline=bool(flags[0]),
        rehearsal=bool(flags[1]),
        sure=data.get("sure") is True,
        **texts,
    )


def stand_in(data: Any) -> Link | None:
    """What can be kept of something that should have been a link: it must say which session, and be called something.

    None where even that is missing.
    """
    if not isinstance(data, Mapping):
        return None
    session, nonce = data.get("session"), data.get("nonce")
    if not (isinstance(session, str) and isinstance(nonce, str) and 0 < len(nonce) <= NONCE_LIMIT):
        return None
    if not _is_one_line(nonce) or not _is_one_line(session):
        return None
    return Link(
        counter=None,
        prev="",
        nonce=nonce,
        session=session,
        kind=ScanKind.PASS,
        direction=Direction.OUT if data.get("direction") == Direction.OUT else Direction.IN,
        what=json.dumps(data, ensure_ascii=True)[:CODE_LIMIT],
        method=Method.TYPED,
        scanned_at="",
        offset_ms=0,
        offline=True,
        rehearsal=False,
        verdict="",
        outcome="",
        mac="",
        is_faulty=True,
    )


def _is_whole(value: Any) -> bool:
    return isinstance(value, int) and not isinstance(value, bool)


def _is_one_line(text: str) -> bool:
    return text.isprintable() or not any(
        sign < " " or sign == "\x7f" or "\ud800" <= sign <= "\udfff" for sign in text
    )


def _is_moment(text: str) -> bool:
    if not 0 < len(text) <= 40:
        return False
    try:
        moment = datetime.fromisoformat(text)
        moment.astimezone(UTC)  # in the years 1 and 9999 it may have no name there
    except (ValueError, OverflowError):
        return False
    return moment.tzinfo is not None


def lines_of(chain_id: str, link: Link) -> str:
    """What is sealed."""
    numbers = [str(link.counter), link.prev, link.nonce, link.session, link.kind, link.direction, link.what]
    marks = [str(int(link.offline)), str(int(link.rehearsal)), link.verdict, link.outcome]
    return "\n".join([FORMAT, chain_id, *numbers, link.method, link.scanned_at, str(link.offset_ms), *marks])


def seal(key: bytes, chain_id: str, link: Link) -> str:
    """The seal of a link: HMAC-SHA256 over its lines, base64url without padding."""
    digest = hmac.digest(key, lines_of(chain_id, link).encode(), "sha256")
    return base64.urlsafe_b64encode(digest).rstrip(b"=").decode()


def is_sealed(key: bytes, chain_id: str, link: Link) -> bool:
    """Whether the seal is the chain's own."""
    return hmac.compare_digest(seal(key, chain_id, link).encode(), link.mac.encode())


def moment_of(link: Link, now: datetime) -> tuple[datetime, bool]:
    """(the moment a link counts at, whether the phone's time can be believed).

    Its own time plus what the phone knew its clock lacked; where that lies ahead of us by more than the tolerance of
    clocks, or a month back, the moment it reached us.
    """
    if link.is_faulty:
        return now, True
    try:
        at = link.phone_time + timedelta(milliseconds=link.offset_ms)
    except OverflowError:
        return now, False
    if at > now + CLOCK_TOLERANCE or at < now - OFFLINE_TRUST:
        return now, False
    return min(at, now), True


def outcome_of(link: Link) -> Outcome:
    """What the phone itself answered."""
    return Outcome(link.outcome) if link.outcome in set(Outcome) else Outcome.UNKNOWN


def heads_of(link: Link) -> tuple[str, int] | None:
    """The group that was counted and how many; None where that is no number of people of a group we know."""
    number, _, audience = link.what.partition(" ")
    is_number = number.isascii() and number.isdigit() and len(number) <= len(str(HEADCOUNT_MAX))
    count = int(number) if is_number else 0
    return (audience, count) if audience in AUDIENCES and 0 < count <= HEADCOUNT_MAX else None


def weigh(link: Link, found: Outcome) -> tuple[bool, Outcome, Flag | None]:
    """What becomes of a scan whose outcome by the rules is `found`.

    (whether it speaks for someone's presence, what is kept as its outcome, why people should look at it). Live scans
    are answered by the rules; late ones are kept as they were lived, with a flag where the rules say otherwise.
    """
    if not link.offline:
        return found in VALID, found, None
    if found in VALID:
        if link.verdict == Verdict.REFUSED and outcome_of(link) not in VALID:
            return False, outcome_of(link), Flag.TURNED_AWAY
        return True, found, None
    # Who leaves may have come in at another door, whose phone has not been heard of yet.
    may_be_explained = found == Outcome.NOT_IN and link.direction == Direction.OUT
    return may_be_explained, found, Flag.REFUSED if link.let_in else None


def gaps(counters: Sequence[int]) -> list[tuple[int, int]]:
    """Numbers missing from a chain, as (first, last) of each gap; `counters` ascending."""
    missing, wanted = [], 1
    for counter in counters:
        if counter > wanted:
            missing.append((wanted, counter - 1))
        wanted = counter + 1
    return missing


@dataclass(frozen=True)
class Claim:
    """A valid scan that stands: it says that someone came, or left, at a moment."""

    scan_id: str
    direction: Direction
    at: datetime
    method: Method


@dataclass(frozen=True)
class Stay:
    """What attendance a sign-up's scans amount to."""

    came: Claim
    left: Claim | None

    @property
    def out_at(self) -> datetime | None:
        """When they left; clocks may differ by a little, nobody leaves before they came."""
        return max(self.left.at, self.came.at) if self.left else None


def stay_of(claims: Sequence[Claim], *, kept: frozenset[str] = frozenset()) -> Stay | None:
    """In is the earliest in, out the earliest out that is not before it, whatever order they reached us in.

    `kept` are the scans the attendance rests on now: clocks of two phones are not equal, so another scan takes their
    place only if it is earlier by more than the tolerance.
    """
    came = _earliest([one for one in claims if one.direction == Direction.IN], kept)
    if came is None:
        return None
    later = [one for one in claims if one.direction == Direction.OUT and one.at >= came.at - CLOCK_TOLERANCE]
    return Stay(came, _earliest(later, kept))


def _earliest(claims: Sequence[Claim], kept: frozenset[str]) -> Claim | None:
    if not claims:
        return None
    first = min(claims, key=lambda one: (one.at, one.scan_id))
    near = [one for one in claims if one.scan_id in kept and one.at - first.at <= CLOCK_TOLERANCE]
    return min(near, key=lambda one: (one.at, one.scan_id)) if near else first
