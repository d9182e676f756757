"""Reads: sign-ups of a person, of a session, the place on a waitlist, the pass of a sign-up."""

from datetime import datetime

from sqlalchemy import Select, or_, select
from sqlalchemy.orm import contains_eager

from webapp.core import tokens
from webapp.core.clock import Period
from webapp.core.db import session
from webapp.core.errors import NotFound
from webapp.events.domain import PUBLIC_STATUSES, PositionKind
from webapp.events.models import Event, EventSession, Position
from webapp.organisations import queries as organisations
from webapp.organisations.domain import Permission
from webapp.signups import domain
from webapp.signups.domain import LIVING, SetTimes, window_open
from webapp.signups.models import Signup
from webapp.signups.queries.centres import is_of_centre
from webapp.signups.queries.cleared import MINOR_CLEARED
from webapp.signups.queries.passes import PassReading, pass_address, pass_code, read_code, read_pass
from webapp.signups.queries.rosters import RosterLine, roster
from webapp.signups.queries.standing import PUT_OFF
from webapp.signups.queries.waitlists import count_waiting, waiting_order, waitlist_place, waitlist_places

__all__ = [
    "MINOR_CLEARED",
    "PassReading",
    "RosterLine",
    "count_waiting",
    "find_by_short_code",
    "get_for_guest",
    "get_own",
    "get_position",
    "get_signup_for",
    "get_with_session",
    "guest_token",
    "is_managed_by",
    "is_open",
    "living_signup",
    "pass_address",
    "pass_code",
    "past_signups_of",
    "read_code",
    "read_pass",
    "roster",
    "signups_of",
    "title_of",
    "waiting_order",
    "waitlist_place",
    "waitlist_places",
]

# --- at the door -------------------------------------------------------------------------------------------------


def find_by_short_code(session_id: str, text: str) -> str | None:
    """Id of the session's sign-up with this short code, as typed."""
    code = domain.read_short_code(text)
    if code is None:
        return None
    return session().scalar(
        select(Signup.id).where(Signup.session_id == session_id, Signup.short_code == code)
    )


def guest_token(signup_id: str) -> str:
    """What the link of someone without an account carries: it opens this sign-up and nothing else."""
    return tokens.sign(domain.GUEST_LINK_PURPOSE, signup_id)


def get_for_guest(token: str) -> Signup:
    """The sign-up a guest's link opens; raises NotFound."""
    return get_with_session(str(tokens.unsign(domain.GUEST_LINK_PURPOSE, token)))


# --- one sign-up -------------------------------------------------------------------------------------------------


def with_session() -> Select[Signup]:
    """Sign-ups with position, session, event, venue and person, in one statement."""
    return (
        select(Signup)
        .join(Signup.position)
        .join(Position.session)
        .join(EventSession.event)
        .join(Signup.person)
        .options(
            contains_eager(Signup.position)
            .contains_eager(Position.session)
            .contains_eager(EventSession.event),
            contains_eager(Signup.person),
        )
    )


def get_with_session(signup_id: str) -> Signup:
    """A sign-up with its position, session (`signup.position.session`), event, venue and person; raises NotFound."""
    found = session().scalar(
        with_session().where(Signup.id == signup_id).execution_options(populate_existing=True)
    )
    if found is None:
        raise NotFound
    return found


def get_signup_for(person_id: str, signup_id: str) -> Signup:
    """A sign-up this person may see: their own, one of an event they manage, one they or their centre made.

    Raises NotFound for every other, so that ids say nothing.
    """
    found = get_with_session(signup_id)
    made = person_id in {found.person_id, found.created_by} or is_of_centre(found.centre_id, person_id)
    if made or is_managed_by(found, person_id):
        return found
    raise NotFound


def get_own(person_id: str, signup_id: str) -> Signup:
    """The person's own sign-up; raises NotFound."""
    found = get_with_session(signup_id)
    if found.person_id != person_id:
        raise NotFound
    return found


def is_managed_by(signup: Signup, person_id: str) -> bool:
    """Whether the person manages the events of the organisation whose event this is."""
    organisation_id = signup.position.session.event.organisation_id
    return organisations.may(person_id, Permission.MANAGE_EVENTS, organisation_id)


def get_position(position_id: str) -> Position:
    """A position of a published event with its session, event and venue; raises NotFound, also for drafts."""
    found = session().scalar(
        select(Position).where(Position.id == position_id).execution_options(populate_existing=True)
    )
    if found is None or found.session.event.status not in PUBLIC_STATUSES:
        raise NotFound
    return found


def living_signup(position_id: str, person_id: str) -> Signup | None:
    """The person's living sign-up for this position."""
    return session().scalar(
        with_session().where(
            Signup.position_id == position_id, Signup.person_id == person_id, Signup.status.in_(LIVING)
        )
    )


def is_open(position: Position, now: datetime) -> bool:
    """Whether one may sign up for it, were there a place; its session and event are loaded."""
    held = position.session
    return window_open(
        event_status=held.event.status,
        session_cancelled=held.cancelled_at is not None,
        period=Period(held.starts_at, held.ends_at),
        is_volunteer=position.kind == PositionKind.VOLUNTEER,
        now=now,
        times=SetTimes(position.opens_at, position.closes_at),
    )


# --- lists -------------------------------------------------------------------------------------------------------


def signups_of(person_id: str, *, ending_after: datetime | None = None) -> list[Signup]:
    """The person's sign-ups with session, event and venue, by start; `ending_after` leaves out what is over.

    What was put off is still to come, whatever its old date.
    """
    wanted = with_session().where(Signup.person_id == person_id)
    if ending_after is not None:
        wanted = wanted.where(or_(EventSession.ends_at > ending_after, PUT_OFF))
    return list(session().scalars(wanted.order_by(EventSession.starts_at, Signup.created_at, Signup.id)))


def past_signups_of(person_id: str, *, ended_by: datetime, limit: int = 50) -> list[Signup]:
    """The person's sign-ups whose session is over, latest first."""
    wanted = with_session().where(Signup.person_id == person_id, EventSession.ends_at <= ended_by, ~PUT_OFF)
    latest = wanted.order_by(EventSession.starts_at.desc(), Signup.id.desc()).limit(limit)
    return list(session().scalars(latest))


def title_of(signup: Signup) -> dict[str, str]:
    """The event's title, to fill a sentence about the sign-up."""
    wanted = select(Event.title).join(EventSession).where(EventSession.id == signup.session_id)
    return {"title": session().scalars(wanted).one()}
