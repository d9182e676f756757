"""How sign-ups stand now, read for pages: of rows that are loaded, and of rows of a list."""

from collections.abc import Iterable
from typing import Any

from sqlalchemy import Row, and_, or_, select

from webapp.core import clock
from webapp.core.clock import Period
from webapp.core.db import session
from webapp.events.domain import Dates, EventStatus
from webapp.events.models import Event, EventSession
from webapp.signups.domain.standing import Promise, Standing, standing, state_of
from webapp.signups.models import Signup
from webapp.signups.queries.cleared import MINOR_CLEARED
from webapp.signups.queries.waitlists import waitlist_places
from webapp.volunteers.domain import AgeBand

# What a list asks for beside its own columns; event and session are joined.
STANDING_COLUMNS = (
    Signup.status,
    Signup.offer_expires_at,
    Signup.offer_told_at,
    Event.status.label("event_status"),
    Event.cancelled_at.label("event_cancelled_at"),
    Event.postponed_at,
    EventSession.cancelled_at.label("session_cancelled_at"),
    EventSession.starts_at,
    EventSession.ends_at,
    MINOR_CLEARED.label("is_cleared"),
)

# Of a session that its event's postponement left without a date; session and event are joined.
PUT_OFF = and_(
    Event.status == EventStatus.POSTPONED,
    EventSession.cancelled_at.is_(None),
    or_(Event.postponed_at.is_(None), EventSession.ends_at > Event.postponed_at),
)


def promise_of_row(row: Row[*tuple[Any, ...]]) -> Promise:
    """A row read with STANDING_COLUMNS as the rule sees it."""
    dates = Dates(
        event_status=row.event_status,
        session_cancelled=row.session_cancelled_at is not None,
        period=Period(row.starts_at, row.ends_at),
        off_at=row.postponed_at or row.event_cancelled_at,
    )
    is_told = row.offer_told_at is not None
    return Promise(row.status, dates, row.offer_expires_at, bool(row.is_cleared), is_told)


def state_of_row(row: Row[*tuple[Any, ...]]) -> str:
    """The state of a row of a list."""
    return state_of(promise_of_row(row), clock.now()).value


def standings_of(signups: Iterable[Signup]) -> dict[str, Standing]:
    """Sign-up id → how it stands; position, session and event are loaded. At most two statements."""
    found = list(signups)
    places, uncleared, now = waitlist_places(found), _uncleared(found), clock.now()
    return {
        one.id: standing(_promise(one, is_cleared=one.id not in uncleared), now, place=places.get(one.id))
        for one in found
    }


def standing_of(signup: Signup) -> Standing:
    """How one sign-up stands; its position, session and event are loaded."""
    return standings_of([signup])[signup.id]


def states_of(signup_ids: Iterable[str]) -> dict[str, str]:
    """Sign-up id → its state, in one statement."""
    rows = session().execute(
        select(Signup.id, *STANDING_COLUMNS)
        .join(EventSession, EventSession.id == Signup.session_id)
        .join(Event, Event.id == EventSession.event_id)
        .where(Signup.id.in_(list(signup_ids)))
    )
    return {row.id: state_of_row(row) for row in rows}


def _promise(signup: Signup, *, is_cleared: bool) -> Promise:
    dates, is_told = signup.position.session.dates, signup.offer_told_at is not None
    return Promise(signup.status, dates, signup.offer_expires_at, is_cleared, is_told)


def _uncleared(signups: list[Signup]) -> set[str]:
    """Those of minors without a guardian's standing consent; nothing is asked where all are grown up."""
    minors = [one.id for one in signups if one.age_band not in {None, AgeBand.ADULT.value}]
    if not minors:
        return set()
    return set(session().scalars(select(Signup.id).where(Signup.id.in_(minors), ~MINOR_CLEARED)))
