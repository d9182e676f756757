"""Scans people are asked to look at, and what is missing of phones' chains."""

from collections import defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Row, func, select

from webapp.attendance.domain import sentence_of
from webapp.attendance.domain.links import gaps
from webapp.attendance.domain.phones import FLAG_SENTENCES, Flag, ScanKind, Settlement
from webapp.attendance.models import Device, Scan, ScanChain
from webapp.core.db import session
from webapp.core.listing import Query
from webapp.events.models import Event, EventSession
from webapp.people.models import Person
from webapp.signups.models import Signup
from webapp.venues.models import Venue

SHOWN = 200
SETTLED = 5000  # searched and paged where they are shown


@dataclass(frozen=True)
class Flagged:
    """One flagged scan in words; sentences are marked, to be translated where they are shown."""

    id: str
    at: datetime
    direction: str
    name: str  # empty where nobody is known
    code: str  # the end of what was read, where nobody is known
    phone: str
    flag: str
    flag_sentence: str
    outcome_sentence: str
    settlement: str | None
    settled_at: datetime | None
    settled_by: str
    note: str


def flagged(session_id: str, *, settled: bool = False, named: Callable[[str], str] = str) -> list[Flagged]:
    """Flagged scans of a session: those to be settled, oldest first, or those that were, newest first.

    `named` says how their reader sees a name.
    """
    settler = Person.__table__.alias("settler")
    state: ColumnElement[bool] = Scan.settled_at.is_not(None) if settled else Scan.settled_at.is_(None)
    order = (Scan.settled_at.desc(), Scan.id) if settled else (Scan.at, Scan.id)
    rows = session().execute(
        select(Scan, Person.name, Device.name.label("phone"), settler.c.name.label("settler"))
        .outerjoin(Signup, Signup.id == Scan.signup_id)
        .outerjoin(Person, Person.id == Signup.person_id)
        .outerjoin(Device, Device.id == Scan.device)
        .outerjoin(settler, settler.c.id == Scan.settled_by)
        .where(Scan.session_id == session_id, Scan.flag.is_not(None), Scan.rehearsal.is_(False), state)
        .order_by(*order)
        .limit(SETTLED if settled else SHOWN)
    )
    return [_in_words(row, named) for row in rows]


def _in_words(row: Row[*tuple[object, ...]], named: Callable[[str], str]) -> Flagged:
    scan: Scan = row.Scan
    name = row.name or (scan.code.partition(" ")[2] if scan.kind == ScanKind.WALK_IN else "")
    return Flagged(
        id=scan.id,
        at=scan.at,
        direction=scan.direction,
        name=named(str(name)) if name else "",
        code="" if name else scan.code[-8:],
        phone=row.phone or "",
        flag=scan.flag or "",
        flag_sentence=FLAG_SENTENCES[Flag(str(scan.flag))],
        outcome_sentence=sentence_of({**scan.answer, "outcome": scan.outcome}),
        settlement=Settlement(scan.settlement) if scan.settlement else None,
        settled_at=scan.settled_at,
        settled_by=row.settler or "",
        note=scan.settle_note or "",
    )


def scans_open(organisations: Sequence[str] | None) -> tuple[int, datetime | None]:
    """How many scans of these organisations' sessions (None: of all) are to be looked at, and since when."""
    wanted = (
        select(func.count(), func.min(Scan.received_at))
        .select_from(Scan)
        .where(Scan.flag.is_not(None), Scan.rehearsal.is_(False), Scan.settled_at.is_(None))
    )
    if organisations is not None:
        wanted = wanted.join(EventSession, EventSession.id == Scan.session_id)
        wanted = wanted.join(Event, Event.id == EventSession.event_id)
        wanted = wanted.where(Event.organisation_id.in_(organisations))
    number, since = session().execute(wanted).one()
    return number, since


@dataclass(frozen=True)
class ToReview:
    """A session with scans to be settled."""

    session: EventSession
    open: int

    @property
    def id(self) -> str:
        """Of the session."""
        return self.session.id


_OPEN = (
    select(Scan.session_id, func.count().label("open"))
    .where(Scan.flag.is_not(None), Scan.rehearsal.is_(False), Scan.settled_at.is_(None))
    .group_by(Scan.session_id)
    .subquery()
)
NUMBER = _OPEN.c.open


def sessions_to_review(organisations: Sequence[str] | None) -> Query:
    """Sessions of these organisations (None: all) with scans to be settled, oldest first."""
    wanted: Any = (
        select(EventSession, NUMBER)
        .join(_OPEN, _OPEN.c.session_id == EventSession.id)
        .join(Event, Event.id == EventSession.event_id)
        .join(Venue, Venue.id == EventSession.venue_id)
    )
    if organisations is not None:
        wanted = wanted.where(Event.organisation_id.in_(organisations))
    usual = (EventSession.starts_at, EventSession.id)
    return Query(wanted, EventSession.id, usual, lambda rows: [ToReview(*row) for row in rows])


@dataclass(frozen=True)
class Gap:
    """Links of a phone that have not reached us."""

    phone: str
    ranges: Sequence[tuple[int, int]]  # first and last number of each hole
    last_seen_at: datetime | None

    @property
    def missing(self) -> int:
        """How many."""
        return sum(last - first + 1 for first, last in self.ranges)

    @property
    def numbers(self) -> str:
        """Which, as people write it: 3、12–14."""
        return "、".join(f"{first}–{last}" if last > first else str(first) for first, last in self.ranges)


def gaps_of(session_id: str) -> list[Gap]:
    """What is missing of the chains of phones that scanned for this session."""
    chains = select(Scan.chain_id).where(Scan.session_id == session_id, Scan.chain_id.is_not(None)).distinct()
    counters: defaultdict[str, list[int]] = defaultdict(list)
    rows = session().execute(
        select(ScanChain.device_id, ScanChain.id, Scan.counter)
        .join(Scan, Scan.chain_id == ScanChain.id)
        .where(ScanChain.id.in_(chains), Scan.counter.is_not(None))
        .order_by(ScanChain.id, Scan.counter)
    )
    device_of: dict[str, str] = {}
    for device_id, chain_id, counter in rows:
        device_of[chain_id] = device_id
        counters[chain_id].append(int(counter or 0))
    holes: defaultdict[str, list[tuple[int, int]]] = defaultdict(list)
    for chain_id, numbers in counters.items():
        holes[device_of[chain_id]] += gaps(numbers)
    incomplete = [device_id for device_id, found in holes.items() if found]
    devices = session().scalars(
        select(Device).where(Device.id.in_(incomplete)).order_by(Device.name, Device.id)
    )
    return [Gap(one.name, holes[one.id], one.last_seen_at) for one in devices]
