"""What stands in a feed."""

from collections.abc import Callable
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, func, or_, select

from webapp.calendars import domain
from webapp.calendars.domain import Calendar, Entry, Scope, State
from webapp.calendars.domain.words import ZH, Words, describe, sentences_of, title_of
from webapp.calendars.models import Subscription
from webapp.core import clock
from webapp.core.clock import Period
from webapp.core.db import get_row, session
from webapp.core.errors import NotFound
from webapp.events.domain import LONGEST_SESSION, PUBLIC_STATUSES, Dates, EventStatus
from webapp.events.models import Event, EventSession, EventTask, Position
from webapp.organisations.models import Organisation
from webapp.organisations.queries import get_organisation
from webapp.plan.models import EventType
from webapp.plan.queries import get_task
from webapp.resources.models import Booking, Resource
from webapp.signups.domain import LIVING
from webapp.signups.models import Signup
from webapp.venues.models import District, Venue

CANCELLED = or_(EventSession.cancelled_at.is_not(None), Event.status == EventStatus.CANCELLED)
# Columns instead of rows of the mapper: a feed of hundreds is read whenever anything in the database has changed.
COLUMNS = (
    EventSession.id, EventSession.uid, EventSession.sequence, EventSession.starts_at, EventSession.ends_at,
    EventSession.created_at, EventSession.updated_at, EventSession.cancelled_at,
    EventSession.title.label("session_title"), EventSession.event_id, Event.title, Event.summary, Event.bring,
    Event.status, Event.cancelled_at.label("event_cancelled_at"), Event.postponed_at,
    Event.cancel_reason.label("event_reason"), EventSession.cancel_reason, EventType.label,
    Organisation.name.label("organiser"), Venue.name.label("venue"), Venue.kind.label("venue_kind"), Venue.address,
    Venue.latitude, Venue.longitude, District.name.label("district"),
)  # fmt: skip


def with_details(wanted: Select[*tuple[Any, ...]]) -> Select[*tuple[Any, ...]]:
    """Sessions with all that COLUMNS names, soonest first."""
    return (
        wanted.join(Event, Event.id == EventSession.event_id)
        .join(EventType, EventType.slug == Event.type_slug)
        .join(Organisation, Organisation.id == Event.organisation_id)
        .join(Venue, Venue.id == EventSession.venue_id)
        .join(District, District.code == Venue.district_code)
        .order_by(EventSession.starts_at, EventSession.id)
    )


def in_window(ended: ColumnElement[bool]) -> ColumnElement[bool]:
    """Not over too long ago; what has `ended` early stays longer. The first part lets the index on starts_at help."""
    window = domain.window_on(clock.today())
    return and_(
        EventSession.starts_at >= window.cancelled_from - LONGEST_SESSION,
        or_(
            EventSession.ends_at >= window.living_from,
            and_(ended, EventSession.ends_at >= window.cancelled_from),
        ),
    )


def calendar_of(scope: Scope) -> Calendar:
    """Everything a feed says, of every kind but "mix" and "resource"; raises NotFound."""
    if scope.kind == "over":
        found = get_row(Subscription, scope.id)
        entries: tuple[Entry, ...] = (domain.last_entry(found.id, found.revoked_at or clock.now()),)
        return Calendar("科普行：已停用", domain.SubscriptionRevoked.sentence, entries)
    if scope.kind == "person":
        name = "科普行：我的班次"
        entries = shifts_of(scope.id)
    else:
        label, condition = _CONDITIONS[scope.kind](scope)
        name = f"{label}：科普活动" if label else "科普行：全部科普活动"
        entries = sessions_of(scope, condition)
    return Calendar(name, ZH.follows, entries)


def name_of(scope: Scope) -> str:
    """What a feed is called on pages; raises NotFound."""
    if scope.kind == "mix":
        return get_row(Subscription, scope.id).name
    return "" if scope.kind == "person" else _CONDITIONS[scope.kind](scope)[0]


def last_change(scope: Scope) -> datetime:
    """No feed of this scope differed after this moment, whole seconds aside.

    Taken over everything that can take an entry in or out, not over the entries: one that left would take its
    date along. Midnight counts, because the window moves then.
    """
    if scope.kind == "over":
        return get_row(Subscription, scope.id).revoked_at or clock.now()
    wanted: list[Select[Any]] = [
        select(func.max(EventSession.updated_at)),
        select(func.max(Venue.updated_at)),
    ]
    if scope.kind == "mix":
        wanted.append(select(func.max(Signup.updated_at)))
        wanted.append(select(Subscription.chosen_at).where(Subscription.id == scope.id))
    if scope.kind in {"task", "mix"}:
        wanted.append(select(func.max(Event.updated_at)))
    if scope.kind == "resource":
        own = Booking.resource_id == scope.id
        wanted += [
            select(func.max(Booking.created_at)).where(own),
            select(func.max(Booking.released_at)).where(own),
        ]
        wanted.append(select(Resource.updated_at).where(Resource.id == scope.id))
    if scope.kind == "person":
        wanted.append(select(func.max(Signup.updated_at)).where(Signup.person_id == scope.id))
    found = [moment for one in wanted if (moment := session().scalar(one))]
    return max([clock.start_of_day(clock.today()), *found])


# --- feeds for everyone -----------------------------------------------------------------------------------------

Condition = tuple[str, ColumnElement[bool] | None]


def _event(scope: Scope) -> Condition:
    event = get_row(Event, scope.id)
    if event.status not in PUBLIC_STATUSES:
        raise NotFound
    return event.title, EventSession.event_id == event.id


def _district(scope: Scope) -> Condition:
    name = get_row(District, scope.id).name
    return name, or_(Venue.district_code == scope.id, Venue.township_code == scope.id)


def _organisation(scope: Scope) -> Condition:
    """What it organises, and what comes to its venues."""
    name = get_organisation(scope.id).name
    return name, or_(Event.organisation_id == scope.id, Venue.organisation_id == scope.id)


def _task(scope: Scope) -> Condition:
    task = get_task(scope.id, scope.plan)
    serving = select(EventTask.event_id).where(EventTask.task_id == task.id)
    return f"{task.code} {task.title}", EventSession.event_id.in_(serving)


_CONDITIONS: dict[str, Callable[[Scope], Condition]] = {
    "all": lambda _scope: ("", None),
    "venue": lambda scope: (get_row(Venue, scope.id).name, EventSession.venue_id == scope.id),
    "district": _district,
    "organisation": _organisation,
    "type": lambda scope: (get_row(EventType, scope.id).label, Event.type_slug == scope.id),
    "task": _task,
    "event": _event,
}


def sessions_of(
    scope: Scope,
    condition: ColumnElement[bool] | None,
    words: Words = ZH,
    *,
    most: int | None = None,
) -> tuple[Entry, ...]:
    """Public sessions in the feed's window; where there are more than `most` (ENTRIES_MAX), the last entry says so."""
    most = most or domain.ENTRIES_MAX
    wanted = with_details(select(*COLUMNS).select_from(EventSession)).where(Event.status.in_(PUBLIC_STATUSES))
    if condition is not None:
        wanted = wanted.where(condition)
    if scope.kind != "event":  # one event's sessions are few, and its page offers them whenever they were
        wanted = wanted.where(in_window(CANCELLED))
    rows = session().execute(wanted.limit(most + 1)).all()
    if len(rows) <= most:
        return tuple(_entry(row, words) for row in rows)
    count = session().scalar(select(func.count()).select_from(wanted.order_by(None).subquery())) or 0
    kept, first_left_out = rows[: most - 1], rows[most - 1]
    note = domain.cut_note(scope, _entry(first_left_out), count - len(kept))
    return (*(_entry(row, words) for row in kept), note)


def entries_between(scope: Scope, start: datetime, end: datetime, *, most: int) -> tuple[Entry, ...]:
    """What a feed for everyone has in a span of time, long ago or far ahead, soonest first; raises NotFound."""
    condition = _CONDITIONS[scope.kind](scope)[1]
    wanted = with_details(select(*COLUMNS).select_from(EventSession)).where(
        Event.status.in_(PUBLIC_STATUSES),
        EventSession.starts_at >= start - LONGEST_SESSION,
        EventSession.starts_at < end,
        EventSession.ends_at > start,
    )
    if condition is not None:
        wanted = wanted.where(condition)
    return tuple(_entry(row) for row in session().execute(wanted.limit(most)))


def details_of(row: Any, lines: list[str], words: Words) -> dict[str, Any]:
    """What session and shift have in common."""
    located = row.latitude is not None and row.longitude is not None
    return {
        "starts_at": row.starts_at,
        "ends_at": row.ends_at,
        "place": domain.place_of(row.venue, row.address, row.district, online=row.venue_kind == "online"),
        "description": describe(
            lines, summary=row.summary, bring=row.bring, organiser=row.organiser, words=words
        ),
        "path": f"/events/{row.event_id}",
        "category": row.label,
        "position": (row.latitude, row.longitude) if located else None,
    }


def state_of(row: Any) -> State:
    """State of a session read with COLUMNS."""
    dates = Dates(
        event_status=row.status,
        session_cancelled=row.cancelled_at is not None,
        period=Period(row.starts_at, row.ends_at),
        off_at=row.postponed_at or row.event_cancelled_at,
    )
    return domain.state_of_session(dates)


def _why(row: Any) -> str | None:
    """Why the session, or the whole event, was cancelled."""
    reason: str | None = row.cancel_reason or row.event_reason
    return reason


def _entry(row: Any, words: Words = ZH) -> Entry:
    state = state_of(row)
    look = domain.LOOKS[state]
    return Entry(
        uid=row.uid,
        sequence=row.sequence,
        created_at=row.created_at,
        changed_at=row.updated_at,
        title=title_of(row.title, row.session_title, state=state, words=words),
        status=look.status,
        opaque=look.opaque,
        **details_of(row, sentences_of(state, reason=_why(row), words=words), words),
    )


# --- a person's shifts ------------------------------------------------------------------------------------------

_SHIFT_COLUMNS = (
    Signup.id.label("signup_id"), Signup.position_id, Signup.status.label("signup_status"),
    Signup.created_at.label("signed_up_at"), Signup.waitlisted_at, Signup.confirmed_at,
    Signup.cancelled_at.label("signup_cancelled_at"), Signup.updated_at.label("signup_changed_at"), Signup.rounds,
    func.coalesce(Signup.cancel_reason, Signup.decline_reason).label("signup_reason"), Position.name.label("position"),
)  # fmt: skip


def _of_signups() -> Select[*tuple[Any, ...]]:
    return with_details(
        select(*COLUMNS, *_SHIFT_COLUMNS)
        .select_from(Signup)
        .join(Position, Position.id == Signup.position_id)
        .join(EventSession, EventSession.id == Signup.session_id)
    )


def entry_of_signup(signup_id: str) -> Entry | None:
    """One sign-up as its person's own feed shows it now; None when there is none of this id."""
    row = session().execute(_of_signups().where(Signup.id == signup_id)).one_or_none()
    return None if row is None else _shift(row)


def shifts_of(person_id: str, words: Words = ZH) -> tuple[Entry, ...]:
    """A person's own entries in the window."""
    living = Signup.status.in_(LIVING)
    wanted = _of_signups().where(Signup.person_id == person_id, in_window(or_(~living, CANCELLED)))
    rows = session().execute(wanted.order_by(Signup.created_at, Signup.id)).all()
    newest = {row.position_id: row for row in rows}  # who cancelled and came back sees the new promise only
    return tuple(_shift(row, words) for row in newest.values())[: domain.ENTRIES_MAX]


def _shift(row: Any, words: Words = ZH) -> Entry:
    state = domain.state_of_shift(state_of(row), row.signup_status)
    look = domain.PERSONAL_LOOKS[state]
    moments = [row.updated_at, row.signed_up_at, row.waitlisted_at, row.confirmed_at, row.signup_cancelled_at]
    if row.signup_status in domain.NO_MOMENT_OF_THEIR_OWN:
        moments.append(row.signup_changed_at)
    title = title_of(row.title, row.session_title, state=state, signup_status=row.signup_status, words=words)
    return Entry(
        uid=domain.shift_uid(row.signup_id, row.uid),
        sequence=domain.shift_sequence(row.sequence, row.signup_status, rounds=row.rounds),
        created_at=row.signed_up_at,
        changed_at=max(filter(None, moments)),
        title=title + words.position.format(row.position),
        status=look.status,
        opaque=look.opaque,
        is_waiting=state is State.WAITING,
        **details_of(row, _sentences(row, state, words), words),
    )


def _sentences(row: Any, state: State, words: Words) -> list[str]:
    """Its reason is the session's own, else that of the sign-up, which may be one of our own sentences."""
    reason = _why(row) if state_of(row) is State.CANCELLED else row.signup_reason
    return sentences_of(state, row.signup_status, reason=reason, words=words)
