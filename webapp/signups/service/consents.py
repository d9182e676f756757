"""A guardian agrees, agrees anew, or no longer agrees; what hangs on it follows in the same transaction."""

from collections import Counter
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Select, or_, select, update

from webapp.core import audit, clock
from webapp.core.db import lock_row, session
from webapp.core.spelling import name_key
from webapp.events.domain import PositionKind
from webapp.events.models import Event, EventSession, Position
from webapp.people.domain import Withdrawn
from webapp.people.models import Guardianship, Person
from webapp.people.queries import last_guardianship, standing_guardianship
from webapp.people.service.guardians import Guardian, record_guardian, settle_age, withdraw_guardian
from webapp.signups.domain import GUARDIAN_WITHDREW, HOLDS_PLACE, LIVING
from webapp.signups.domain.giving import ConsentWithdrawn, GuardianIsMinor
from webapp.signups.models import CourseSignup, Signup
from webapp.signups.queries.ages import known_age_of
from webapp.signups.service import guardian_notices
from webapp.signups.service.inside import came, lock_sessions
from webapp.signups.service.places import fill, lock_positions, mark_cancelled, release, waited_elsewhere
from webapp.volunteers.domain import AgeBand, needs_guardian, youngest_band


def agree(person_id: str, guardian: Guardian, *, method: str, recorded_by: str | None = None) -> str:
    """Keep a guardian's consent and send them their link; the id of the consent.

    On the web (`method`) someone other than the guardian may be writing: what a guardian took back, they do not give
    again. Raises BadName, GuardianIsChild, GuardianIsMinor, ConsentWithdrawn.
    """
    standing = standing_guardianship(person_id)
    if method == "web" and standing is None:
        last = last_guardianship(person_id)
        if last is not None and last.withdrawn_how in {Withdrawn.LINK, Withdrawn.STAFF}:
            raise ConsentWithdrawn
    _require_grown(guardian)
    made = record_guardian(person_id, guardian, method=method, recorded_by=recorded_by)
    if standing is None or standing.id != made:
        guardian_notices.agreed(made)
    return made


def _require_grown(guardian: Guardian) -> None:
    """Whom we know to be a minor cannot agree for one."""
    wanted = select(Person.id).where(
        Person.phone == guardian.phone, Person.name_key == name_key(guardian.name)
    )
    person_id = session().scalar(wanted)
    age = known_age_of(person_id) if person_id else None
    if age is not None and needs_guardian(youngest_band(age)):
        raise GuardianIsMinor


def renew(found: Guardianship, *, band: str | None = None) -> str:
    """The guardian behind a link agrees to what is planned now, perhaps saying how old the child is."""
    person_id = found.person_id
    if band:
        settle_age(person_id, band, by=None)
        follow_age(person_id)
    guardian = Guardian(found.guardian_name, found.guardian_phone)
    made = record_guardian(person_id, guardian, method="link", since=clock.now())
    audit.record("guardian.renew", "person", person_id, by=None)
    return made


@dataclass(frozen=True)
class Ended:
    """What a withdrawal ended: sign-ups cancelled, and those whose child is there, or was."""

    cancelled: list[str]
    there: list[str]


def withdraw(person_id: str, *, by: str | None, how: Withdrawn, reason: str = "") -> Ended:
    """The guardian no longer agrees: what is to come is cancelled, places go to those who wait, all are told.

    No time is too late for a guardian. Who is inside stays on the lists, marked as lacking consent, and the
    organisers are told at once. Raises NotFound where no consent stood.
    """
    _lock_courses(person_id)
    before = session().execute(_coming(person_id)).all()
    is_volunteer = any(row.kind == PositionKind.VOLUNTEER for row in before)
    positions = {row.position_id for row in before}
    positions.update(waited_elsewhere([person_id]) if is_volunteer else ())
    lock_sessions(row.id for row in before)
    lock_positions(positions)
    withdraw_guardian(person_id, by=by, reason=reason, how=how)
    rows = session().execute(_coming(person_id)).all()  # as they are now that nobody changes them
    there = came(row.id for row in rows)
    gone = [row for row in rows if row.id not in there]
    mark_cancelled([row.id for row in gone], GUARDIAN_WITHDREW)
    for position_id, count in Counter(row.position_id for row in gone if row.status in HOLDS_PLACE).items():
        release(position_id, count)
    _end_courses([row.course_id for row in gone if row.course_id])
    for row in gone:
        audit.record("signup.cancel", "signup", row.id, by=by, reason=GUARDIAN_WITHDREW)
    fill(sorted(positions))
    ended = Ended([row.id for row in gone], sorted(there))
    guardian_notices.withdrawn(ended.cancelled, ended.there, clock.now())
    return ended


def _coming(person_id: str) -> Select[*tuple[Any, ...]]:
    """Living sign-ups of a minor whose session is not over."""
    return (
        select(Signup.id, Signup.position_id, Signup.status, Signup.course_id, Position.kind)
        .join(Position, Position.id == Signup.position_id)
        .join(EventSession, EventSession.id == Signup.session_id)
        .where(
            Signup.person_id == person_id,
            Signup.status.in_(LIVING),
            Signup.age_band.is_not(None),
            Signup.age_band != AgeBand.ADULT,
            EventSession.ends_at > clock.now(),
        )
        .order_by(Signup.id)
    )


def _lock_courses(person_id: str) -> None:
    """Who changes who is in a course holds its event, and events come before sessions and positions."""
    living = (CourseSignup.person_id == person_id, CourseSignup.cancelled_at.is_(None))
    for event_id in session().scalars(select(CourseSignup.event_id).where(*living).distinct()).all():
        lock_row(Event, event_id)


def _end_courses(course_ids: list[str]) -> None:
    session().execute(
        update(CourseSignup)
        .where(CourseSignup.id.in_(sorted(set(course_ids))), CourseSignup.cancelled_at.is_(None))
        .values(cancelled_at=clock.now())
        .execution_options(synchronize_session=False)
    )


def follow_age(person_id: str) -> None:
    """Another word on someone's age counts for what they have signed up for already: lists and doors go by it."""
    age = known_age_of(person_id)
    if age is None:
        return
    band = youngest_band(age).value
    is_other = Signup.age_band != band
    if needs_guardian(band):
        is_other = or_(Signup.age_band.is_(None), is_other)
    session().execute(
        update(Signup)
        .where(
            Signup.person_id == person_id,
            Signup.status.in_(LIVING),
            Signup.session_id.in_(select(EventSession.id).where(EventSession.ends_at > clock.now())),
            is_other,
        )
        .values(age_band=band, age_said=False)
        .execution_options(synchronize_session=False)
    )
    session().expire_all()
