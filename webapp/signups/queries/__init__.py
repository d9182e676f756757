"""Reads: sign-ups of a person, of a session, the place on a waitlist, the pass of a sign-up."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, Select, and_, bindparam, exists, func, or_, select
from sqlalchemy.orm import aliased, contains_eager

from webapp.core import tokens
from webapp.core.clock import Period
from webapp.core.db import session, up_to_date
from webapp.core.errors import NotFound
from webapp.events.domain import PUBLIC_STATUSES, PositionKind
from webapp.events.models import EventSession, Position
from webapp.organisations import queries as organisations
from webapp.organisations.domain import Permission
from webapp.people.domain import mask_phone, show_phone
from webapp.people.models import Guardianship, Person
from webapp.signups import domain
from webapp.signups.domain import LIVING, SetTimes, SignupStatus, window_open
from webapp.signups.models import Signup
from webapp.signups.queries.centres import is_of_centre
from webapp.signups.queries.companions import together
from webapp.signups.queries.passes import PassReading, pass_address, pass_code, read_code, read_pass
from webapp.volunteers.domain import AgeBand

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
    "waiting_order",
    "waitlist_place",
    "waitlist_places",
]

# --- at the door -------------------------------------------------------------------------------------------------

# A minor without a guardian's standing consent is judged again at the door (PIPL art. 31).
MINOR_CLEARED = or_(
    Signup.age_band.is_(None),
    Signup.age_band == AgeBand.ADULT.value,
    exists().where(Guardianship.person_id == Signup.person_id, Guardianship.withdrawn_at.is_(None)),
)


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


# --- waitlists ---------------------------------------------------------------------------------------------------


def waiting_order() -> tuple[ColumnElement[int], ColumnElement[datetime | None], ColumnElement[str]]:
    """The order in which people move up."""
    return Signup.priority.desc(), Signup.waitlisted_at.asc(), Signup.id.asc()


def _places() -> Select[str, int]:
    own, ahead = aliased(Signup), aliased(Signup)
    is_ahead = or_(
        ahead.priority > own.priority,
        and_(ahead.priority == own.priority, ahead.waitlisted_at < own.waitlisted_at),
        and_(ahead.priority == own.priority, ahead.waitlisted_at == own.waitlisted_at, ahead.id < own.id),
    )
    return (
        select(own.id, func.count(ahead.id) + 1)
        .outerjoin(
            ahead,
            and_(ahead.position_id == own.position_id, ahead.status == SignupStatus.WAITLISTED, is_ahead),
        )
        .where(own.id.in_(bindparam("ids", expanding=True)), own.status == SignupStatus.WAITLISTED)
        .group_by(own.id)
        .order_by(own.id)
    )


_PLACES = _places()  # built once: in a rush it stands behind most sign-ups


def waitlist_places(signups: Iterable[Signup]) -> dict[str, int]:
    """Sign-up id → place on its waitlist, 1 is next; only those who wait are in it. One statement."""
    ids = [signup.id for signup in signups if signup.status == SignupStatus.WAITLISTED]
    if not ids:
        return {}
    return {signup_id: int(place) for signup_id, place in up_to_date().execute(_PLACES, {"ids": ids})}


def waitlist_place(signup: Signup) -> int | None:
    """The place on the waitlist, 1 is next; None for someone who does not wait."""
    return waitlist_places([signup]).get(signup.id)


def count_waiting(position_id: str) -> int:
    """How many wait for a position."""
    counted = select(func.count()).where(
        Signup.position_id == position_id, Signup.status == SignupStatus.WAITLISTED
    )
    return int(session().scalar(counted) or 0)


def signups_of(person_id: str, *, ending_after: datetime | None = None) -> list[Signup]:
    """The person's sign-ups with session, event and venue, by start; `ending_after` leaves out what is over."""
    wanted = with_session().where(Signup.person_id == person_id)
    if ending_after is not None:
        wanted = wanted.where(EventSession.ends_at > ending_after)
    return list(session().scalars(wanted.order_by(EventSession.starts_at, Signup.created_at, Signup.id)))


def past_signups_of(person_id: str, *, ended_by: datetime, limit: int = 50) -> list[Signup]:
    """The person's sign-ups whose session is over, latest first."""
    wanted = with_session().where(Signup.person_id == person_id, EventSession.ends_at <= ended_by)
    latest = wanted.order_by(EventSession.starts_at.desc(), Signup.id.desc()).limit(limit)
    return list(session().scalars(latest))


@dataclass(frozen=True)
class RosterLine:
    """One sign-up as the organiser sees it. Lists show the telephone's masked form until it is asked for."""

    signup_id: str
    person_id: str
    name: str
    phone: str | None
    position_id: str
    position: str
    kind: str
    status: str
    short_code: str
    source: str
    created_at: datetime
    place: int | None  # on the waitlist
    along_with: str = ""  # whom they came along with; they stand below

    @property
    def masked_phone(self) -> str:
        """138****5678."""
        return mask_phone(self.phone)

    @property
    def shown_phone(self) -> str:
        """13812345678, once it was asked for."""
        return show_phone(self.phone)


def roster(session_id: str, also: Collection[str] = ()) -> list[RosterLine]:
    """Living sign-ups of a session: by position, those with a place in the order they came, then the waitlist.

    `also` names sign-ups that are listed whatever became of them.
    """
    rows = session().execute(
        select(
            Signup.id.label("signup_id"),
            Signup.person_id,
            Person.name,
            Person.phone,
            Signup.position_id,
            Position.name.label("position"),
            Position.kind,
            Signup.status,
            Signup.short_code,
            Signup.source,
            Signup.created_at,
        )
        .join(Person, Person.id == Signup.person_id)
        .join(Position, Position.id == Signup.position_id)
        .where(Signup.session_id == session_id, or_(Signup.status.in_(LIVING), Signup.id.in_(also)))
        .order_by(Position.rank, Position.id, Signup.status == SignupStatus.WAITLISTED, *waiting_order())
    )
    lines: list[RosterLine] = []
    waiting: dict[str, int] = {}
    for row in rows:
        place = None
        if row.status == SignupStatus.WAITLISTED:
            place = waiting[row.position_id] = waiting.get(row.position_id, 0) + 1
        lines.append(RosterLine(**row._asdict(), place=place))
    return together(lines, session_id, lambda line: line.signup_id)
