"""Reads of a centre's people: whom its staff signed up, by person and by event, and what is to be known before
signing the same people up again.

A sign-up is a centre's when it was made by its staff for it (`centre_id`): a colleague who follows sees it too.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, and_, func, select
from sqlalchemy.orm import aliased, contains_eager

from webapp.core import clock
from webapp.core.db import session
from webapp.events.models import Event, EventSession, Position
from webapp.organisations.domain import Permission
from webapp.organisations.models import Membership, Organisation
from webapp.people.models import Guardianship, Person
from webapp.signups.domain import HOLDS_PLACE, LIVING, SignupStatus
from webapp.signups.models import Signup
from webapp.signups.queries.ages import known_ages
from webapp.signups.queries.finding import Sought
from webapp.venues.models import Venue
from webapp.volunteers.domain import band_of_today, needs_guardian

PAGE = 50
AT_MOST = 200  # ticked at once; a list pasted may be longer
_LIVING_ONES = func.count(Signup.id).filter(Signup.status.in_(LIVING)).label("times")


@dataclass(frozen=True)
class Elder:
    """Someone the centre signed up before."""

    person_id: str
    name: str
    phone: str | None
    times: int  # living sign-ups by the centre
    last_at: datetime  # when the centre last signed them up
    last_event: str
    age_band: str | None


@dataclass(frozen=True)
class Occasion:
    """A session for which the centre signed people up."""

    session: EventSession
    confirmed: int
    waiting: int


def centres_of(person_id: str) -> list[Organisation]:
    """Organisations for which the person signs others up by a membership of their own, by name."""
    rows = session().execute(
        select(Organisation, Membership.permissions)
        .join(Membership, Membership.organisation_id == Organisation.id)
        .where(Membership.person_id == person_id)
        .order_by(Organisation.name, Organisation.id)
    )
    return [row[0] for row in rows if Permission.SIGN_UP_OTHERS in row.permissions]


def is_of_centre(centre_id: str | None, person_id: str) -> bool:
    """Whether the person signs others up for this centre."""
    return centre_id is not None and centre_id in {one.id for one in centres_of(person_id)}


def centre_for(person_id: str, position_id: str) -> str | None:
    """For which centre someone signs up: their only one; of several the one the event comes to, else the first."""
    centres = [one.id for one in centres_of(person_id)]
    if len(centres) < 2:
        return centres[0] if centres else None
    host = session().scalar(
        select(Venue.organisation_id)
        .join(EventSession, EventSession.venue_id == Venue.id)
        .join(Position, Position.session_id == EventSession.id)
        .where(Position.id == position_id)
    )
    return host if host in centres else centres[0]


def _theirs(centres: Collection[str]) -> list[ColumnElement[bool]]:
    """Sign-ups of these centres for people who are still known: nobody who left, or was forgotten."""
    return [Signup.centre_id.in_(centres), Person.closed_at.is_(None)]


def list_elders(
    centres: Collection[str], *, q: str = "", page: int = 1, size: int = PAGE
) -> tuple[list[Elder], int]:
    """One page of them, whom the centre signed up last first; and how many there are.

    Found as at a door: by part of the name, its first letters in pinyin, the last digits of the telephone. A centre
    knows some hundreds, so they are looked through.
    """
    last = func.max(Signup.id).label("last")  # ids sort by birth
    found = (
        select(Person.name, Person.phone, last, _LIVING_ONES)
        .join(Signup, Signup.person_id == Person.id)
        .where(*_theirs(centres))
        .group_by(Person.id, Person.name, Person.phone)
        .order_by(last.desc())
    )
    sought = Sought(q)
    rows = [
        (row.last, row.times)
        for row in session().execute(found)
        if not sought or sought.finds(name=row.name, phone=row.phone, short_code="")
    ]
    return _elders(rows[(page - 1) * size : page * size]), len(rows)


def elders_by_id(centres: Collection[str], person_ids: Sequence[str]) -> list[Elder]:
    """Those of these that the centre signed up before, in the order given."""
    found = (
        select(func.max(Signup.id).label("last"), _LIVING_ONES)
        .join(Person, Person.id == Signup.person_id)
        .where(*_theirs(centres), Signup.person_id.in_(person_ids))
        .group_by(Signup.person_id)
    )
    known = {
        one.person_id: one for one in _elders([(row.last, row.times) for row in session().execute(found)])
    }
    return [known[one] for one in dict.fromkeys(person_ids) if one in known]


def _elders(last: Sequence[tuple[str, int]]) -> list[Elder]:
    times = dict(last)
    rows = session().execute(
        select(
            Signup.id,
            Signup.person_id,
            Signup.created_at,
            Signup.age_band,
            Person.name,
            Person.phone,
            Event.title,
        )
        .join(Person, Person.id == Signup.person_id)
        .join(EventSession, EventSession.id == Signup.session_id)
        .join(Event, Event.id == EventSession.event_id)
        .where(Signup.id.in_(times))
        .order_by(Signup.id.desc())
    )
    return [
        Elder(row.person_id, row.name, row.phone, times[row.id], row.created_at, row.title, row.age_band)
        for row in rows
    ]


def list_occasions(centres: Collection[str], *, page: int = 1) -> tuple[list[Occasion], int]:
    """One page of the sessions, those to come first, soonest first, then those over, latest first; how many in all."""
    holds = func.count(Signup.id).filter(Signup.status.in_(HOLDS_PLACE)).label("confirmed")
    living = func.count(Signup.id).filter(Signup.status.in_(LIVING)).label("living")
    found = (
        select(Signup.session_id, holds, living)
        .join(Person, Person.id == Signup.person_id)
        .where(*_theirs(centres))
        .group_by(Signup.session_id)
    )
    counted = {row.session_id: row for row in session().execute(found)}
    now = clock.now()
    rows = session().execute(
        select(EventSession.id, EventSession.starts_at, EventSession.ends_at).where(
            EventSession.id.in_(counted)
        )
    )
    placed = sorted(
        rows, key=lambda row: (row.ends_at <= now, abs((row.starts_at - now).total_seconds()), row.id)
    )
    ids = [row.id for row in placed[(page - 1) * PAGE : page * PAGE]]
    held = {one.id: one for one in session().scalars(select(EventSession).where(EventSession.id.in_(ids)))}
    lines = [(held[one], counted[one]) for one in ids if one in held]
    return [Occasion(one, row.confirmed, row.living - row.confirmed) for one, row in lines], len(placed)


def people_of(centre_id: str, session_id: str) -> list[str]:
    """Ids of those the centre signed up for a session."""
    wanted = select(Signup.person_id).join(Person, Person.id == Signup.person_id).where(*_theirs([centre_id]))
    return list(
        dict.fromkeys(session().scalars(wanted.where(Signup.session_id == session_id).order_by(Signup.id)))
    )


def signups_by_centres(
    centres: Collection[str], *, session_id: str | None = None, person_id: str | None = None
) -> list[Signup]:
    """What these centres made for one session or for one person, with person, session and event; newest first."""
    wanted = (
        select(Signup)
        .join(Signup.position)
        .join(Position.session)
        .join(EventSession.event)
        .join(Signup.person)
        .where(*_theirs(centres))
        .options(
            contains_eager(Signup.position)
            .contains_eager(Position.session)
            .contains_eager(EventSession.event),
            contains_eager(Signup.person),
        )
        .order_by(Signup.id.desc())
    )
    if session_id is not None:
        wanted = wanted.where(Signup.session_id == session_id)
    if person_id is not None:
        wanted = wanted.where(Signup.person_id == person_id)
    return list(session().scalars(wanted))


# --- before signing the same people up again ----------------------------------------------------------------------


@dataclass(frozen=True)
class Standing:
    """What is to be known of someone before they are signed up: each as a fact, nothing decided."""

    is_in: bool  # has a living sign-up for this position
    is_busy: bool  # signed up for something else at that time
    overlaps: str  # its title where the centre signed them up for it; where else people go is theirs to tell
    needs_guardian: bool  # a minor, and no guardian's consent stands
    guardian: tuple[str, str] | None  # name and telephone of the consent that stands


def standings(
    position: Position, elders: Sequence[Elder], centres: Collection[str] = ()
) -> dict[str, Standing]:
    """By person, as these centres may see it. Six statements however many they are."""
    ids = [one.person_id for one in elders]
    current = session()
    signed = current.scalars(
        select(Signup.person_id).where(
            Signup.position_id == position.id, Signup.person_id.in_(ids), Signup.status.in_(LIVING)
        )
    ).all()
    guardians, ages = _guardians(ids), known_ages(ids)
    other = aliased(EventSession)
    at_once = current.execute(
        select(Signup.person_id, Signup.centre_id, Event.title)
        .join(other, other.id == Signup.session_id)
        .join(Event, Event.id == other.event_id)
        .where(
            Signup.person_id.in_(ids),
            Signup.status.in_(LIVING),
            Signup.session_id != position.session_id,
            and_(other.starts_at < position.session.ends_at, other.ends_at > position.session.starts_at),
            other.cancelled_at.is_(None),
        )
        .order_by(other.starts_at.desc(), Signup.id)
    )
    busy = {row.person_id: row.title if row.centre_id in centres else "" for row in at_once}
    return {
        one.person_id: Standing(
            one.person_id in signed,
            one.person_id in busy,
            busy.get(one.person_id, ""),
            needs_guardian(band_of_today(ages.get(one.person_id), None)) and one.person_id not in guardians,
            guardians.get(one.person_id),
        )
        for one in elders
    }


def _guardians(person_ids: Collection[str]) -> dict[str, tuple[str, str]]:
    rows = session().execute(
        select(Guardianship.person_id, Guardianship.guardian_name, Guardianship.guardian_phone)
        .where(Guardianship.person_id.in_(person_ids), Guardianship.withdrawn_at.is_(None))
        .order_by(Guardianship.given_at, Guardianship.id)
    )
    return {row.person_id: (row.guardian_name, row.guardian_phone) for row in rows}


@dataclass(frozen=True)
class Room:
    """What so many newcomers would find at a position now."""

    free: int  # places nobody waits for
    waitlist: bool
    needs_approval: bool

    def waiting(self, count: int) -> int:
        """How many of so many would wait; more than may where no waitlist is kept."""
        return max(0, count - self.free)

    def is_short(self, count: int) -> bool:
        """Whether so many cannot be signed up at all."""
        return not self.needs_approval and not self.waitlist and count > self.free


def room_at(position: Position) -> Room:
    """Places now; whoever waits goes first."""
    waits = session().scalar(
        select(Signup.id)
        .where(Signup.position_id == position.id, Signup.status == SignupStatus.WAITLISTED)
        .limit(1)
    )
    free = 0 if waits else max(0, position.capacity - position.taken)
    return Room(free, position.waitlist, position.needs_approval)
