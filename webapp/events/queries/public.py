"""What anyone may find: the list with its filters and words, and one event.

The list shows each event once, by its next session that fits the filter; after those still to come follow those
over, the latest first. A page costs the same number of statements whatever it holds.
"""

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from itertools import groupby
from typing import Generic, TypeVar

from sqlalchemy import ColumnElement, Select, Text, and_, cast, func, or_, select
from sqlalchemy.orm import aliased

from webapp.core import clock
from webapp.core.db import is_id, session
from webapp.core.errors import BadCursor
from webapp.events.domain import LONGEST_SESSION, PUBLIC_STATUSES
from webapp.events.models import Event, EventSession, EventTask
from webapp.events.queries.seats import Seats, seats_of
from webapp.plan.models import Plan, PlanTask
from webapp.venues.models import Venue

PAGE = 20
_FIRST_DAY, _LAST_DAY = date(1970, 1, 1), date(2200, 1, 1)
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
MICROSECOND = timedelta(microseconds=1)
Item = TypeVar("Item")


@dataclass(frozen=True)
class EventFilter:
    """What to look for; empty values do not restrict. Days are the city's, both included."""

    q: str = ""
    from_: date | None = None
    to: date | None = None
    district: str = ""  # county or township code
    venue: str = ""
    type: str = ""
    audience: str = ""
    task: str = ""  # task code
    organisation: str = ""
    plan: str = ""  # plan code: narrows `task`, whose code stands in every plan
    host: str = ""  # organisation whose venues it comes to
    coming_only: bool = False


@dataclass(frozen=True)
class EventItem:
    """An event on a list, by one of its sessions."""

    event: Event
    session: EventSession
    sessions: int  # how many of its sessions to come fit
    over: bool
    seats: Sequence[Seats] = ()
    nearly: bool = False  # found by some of the words only

    @property
    def free(self) -> int | None:
        """Places left for the audience, or for volunteers where no audience is asked for; None without places."""
        return self._first.free if self._first else None

    @property
    def waitlist(self) -> bool:
        """Whether one may wait for such a place."""
        return self._first.waitlist if self._first else False

    @property
    def _first(self) -> Seats | None:
        return next(iter(self.seats), None)


@dataclass(frozen=True)
class Page(Generic[Item]):
    """A part of a list, and the cursors of the parts around it."""

    items: Sequence[Item]
    next: str | None = None
    prev: str | None = None


@dataclass(frozen=True)
class Key:
    """Where an event stands in the list."""

    over: bool
    at: datetime
    event_id: str
    session_id: str = ""

    @property
    def nearly(self) -> bool:
        """Whether only some of the words are there."""
        return False

    def cursor(self, *, back: bool) -> str:
        """What an address carries to go on from here, or back."""
        return f"{'b' if back else 'n'}{int(self.over)}.{(self.at - EPOCH) // MICROSECOND}.{self.event_id}"


def _read_cursor(text: str | None) -> tuple[Key | None, bool]:
    """(key, whether the page before it is wanted); none is the first page, a broken one raises BadCursor."""
    if not text:
        return None, False
    parts = text.split(".")
    if len(parts) != 3 or parts[0] not in {"n0", "n1", "b0", "b1"} or not is_id(parts[2]):
        raise BadCursor
    if not parts[1].isascii() or not parts[1].isdigit() or len(parts[1]) > 16:
        raise BadCursor
    return Key(parts[0][1] == "1", EPOCH + int(parts[1]) * MICROSECOND, parts[2]), parts[0][0] == "b"


def list_by_time(wanted: EventFilter, *, cursor: str | None = None, limit: int = PAGE) -> Page[EventItem]:
    """One page of what everyone may see; those to come first, soonest first, then those over, latest first."""
    now = clock.now()
    at, back = _read_cursor(cursor)
    stages = (False,) if wanted.coming_only else (False, True)
    keys: list[Key] = []
    for over in reversed(stages) if back else stages:
        if at is None or over == at.over or over != back:
            edge = at if at is not None and over == at.over else None
            statement = half(wanted, now, over=over, edge=edge, back=back)
            rows = session().execute(statement.limit(limit + 1 - len(keys)))
            keys += [Key(over, row.starts_at, row.event_id, row.id) for row in rows]
        if len(keys) > limit:
            break
    more, keys = len(keys) > limit, keys[:limit]
    if back:
        keys.reverse()
    if not keys:
        return Page(())
    has_next, has_prev = (True, more) if back else (more, at is not None)
    return Page(
        items_of(wanted, keys, now),
        next=keys[-1].cursor(back=False) if has_next else None,
        prev=keys[0].cursor(back=True) if has_prev else None,
    )


def by_day(items: Iterable[EventItem]) -> list[tuple[date, list[EventItem]]]:
    """Items that stand together under their day; what runs already stands under today."""
    today = clock.today()

    def day(item: EventItem) -> date:
        begins = clock.local_date(item.session.starts_at)
        return begins if item.over else max(begins, today)

    return [(one, list(some)) for one, some in groupby(items, day)]


def half(
    wanted: EventFilter, now: datetime, *, over: bool, edge: Key | None, back: bool
) -> Select[str, datetime, str]:
    """The sessions by which the events of one half stand on the list, from the edge on (or back from it).

    An event stands there by the first of its sessions to come, or by the last of those over: that no other fits
    better is asked of each row, so that the index on starts_at gives the rows in order and a page ends early.
    """
    other = aliased(EventSession)
    first, last = (other, EventSession) if not over else (EventSession, other)
    better = or_(
        first.starts_at < last.starts_at, and_(first.starts_at == last.starts_at, first.id < last.id)
    )
    if over:
        better = or_(better, other.ends_at > now)
    rivals = select(other.id).where(other.event_id == EventSession.event_id, better)
    found = (
        select(EventSession.id, EventSession.starts_at, EventSession.event_id)
        .join(Event, Event.id == EventSession.event_id)
        .where(
            *_session_rules(wanted, EventSession, now=now, over=over),
            *_event_rules(wanted),
            ~rivals.where(*_session_rules(wanted, other, now=now, over=None if over else False)).exists(),
        )
    )
    later = over == back  # whether the rows asked for lie later in time than the edge
    at, event_id = EventSession.starts_at, EventSession.event_id
    if edge is not None:
        beyond = at > edge.at if later else at < edge.at
        beside = event_id < edge.event_id if back else event_id > edge.event_id
        # The first says nothing new; it lets the index begin at the edge.
        found = found.where(at >= edge.at if later else at <= edge.at)
        found = found.where(or_(beyond, and_(at == edge.at, beside)))
    return found.order_by(at.asc() if later else at.desc(), event_id.desc() if back else event_id.asc())


def _session_rules(
    wanted: EventFilter, one: type[EventSession], *, now: datetime, over: bool | None
) -> list[ColumnElement[bool]]:
    """What a session must be; `over` None: over or not."""
    rules: list[ColumnElement[bool]] = [one.cancelled_at.is_(None)]
    if over is False:
        # The second says nothing new, since no session is longer; it lets the index on starts_at be used.
        rules += [one.ends_at > now, one.starts_at > now - LONGEST_SESSION]
    elif over:
        rules += [one.ends_at <= now, one.starts_at < now]
    if wanted.from_:
        begin = clock.start_of_day(max(_FIRST_DAY, min(wanted.from_, _LAST_DAY)))
        rules += [one.ends_at > begin, one.starts_at > begin - LONGEST_SESSION]
    if wanted.to:
        last = max(_FIRST_DAY, min(wanted.to, _LAST_DAY))
        rules.append(one.starts_at < clock.start_of_day(last + timedelta(days=1)))
    if wanted.venue:
        rules.append(one.venue_id == wanted.venue)
    if wanted.host:
        rules.append(one.venue_id.in_(select(Venue.id).where(Venue.organisation_id == wanted.host)))
    if wanted.district:
        there = or_(Venue.district_code == wanted.district, Venue.township_code == wanted.district)
        rules.append(one.venue_id.in_(select(Venue.id).where(there)))
    return rules


def _event_rules(wanted: EventFilter) -> list[ColumnElement[bool]]:
    rules: list[ColumnElement[bool]] = [Event.status.in_(sorted(PUBLIC_STATUSES))]
    if wanted.type:
        rules.append(Event.type_slug == wanted.type)
    if wanted.organisation:
        rules.append(Event.organisation_id == wanted.organisation)
    if wanted.audience:
        rules.append(is_for(wanted.audience))
    if wanted.task:
        serving = select(EventTask.event_id).join(PlanTask, PlanTask.id == EventTask.task_id)
        serving = serving.where(PlanTask.code == wanted.task)
        if wanted.plan:
            serving = serving.join(Plan, Plan.id == PlanTask.plan_id).where(Plan.code == wanted.plan)
        rules.append(Event.id.in_(serving))
    return rules


def is_for(audience: str) -> ColumnElement[bool]:
    """Whether an event is meant for this audience group."""
    # The column holds JSON as written by json.dumps; the quotes keep 农民 from finding 农民工.
    return cast(Event.audiences, Text).contains(json.dumps(audience), autoescape=True)


def task_named(code: str) -> str | None:
    """How tasks of this code are called, in the newest plan that has one."""
    return session().scalar(
        select(PlanTask.title)
        .join(Plan, Plan.id == PlanTask.plan_id)
        .where(PlanTask.code == code)
        .order_by(Plan.starts_on.desc(), Plan.code)
        .limit(1)
    )


def items_of(wanted: EventFilter, keys: Sequence[Key], now: datetime) -> list[EventItem]:
    """What the list shows of these, in their order."""
    rows = session().scalars(
        select(EventSession).where(EventSession.id.in_([key.session_id for key in keys]))
    )
    shown = {row.id: row for row in rows}
    counted = session().execute(
        select(EventSession.event_id, func.count().label("number"))
        .where(
            EventSession.event_id.in_([key.event_id for key in keys if not key.over]),
            *_session_rules(wanted, EventSession, now=now, over=False),
        )
        .group_by(EventSession.event_id)
    )
    fitting = {row.event_id: row.number for row in counted}
    seats = seats_of(list(shown))
    return [
        EventItem(row.event, row, fitting.get(row.event_id, 1), key.over, seats.get(row.id, ()), key.nearly)
        for key in keys
        for row in [shown.get(key.session_id)]
        if row is not None  # it was taken away between two statements
    ]
