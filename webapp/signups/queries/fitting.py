"""Open shifts that suit a volunteer. A constant number of statements, however many there are."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import timedelta

from sqlalchemy import or_, select

from webapp.core import clock
from webapp.core.clock import Period
from webapp.core.db import session
from webapp.events.domain import EventStatus, PositionKind
from webapp.events.models import Event, EventSession, Position
from webapp.signups.domain import HOLDS_PLACE, LIVING, SignupStatus
from webapp.signups.domain.fitting import Because, Shift, Wishes, reasons, score
from webapp.signups.models import Signup
from webapp.volunteers import queries as volunteers
from webapp.volunteers.domain import MemberState, Requirements, first_lack
from webapp.volunteers.models import Team, TeamMembership, TeamRequest

AHEAD = timedelta(days=60)
LOOKED_AT, SHOWN = 300, 30
NOTHING_ASKED = Requirements()


@dataclass(frozen=True)
class Suggestion:
    """An open shift that someone could take, and why it suits them."""

    position: Position  # session, event and venue come along
    because: tuple[Because, ...]

    @property
    def free(self) -> int:
        """Places left."""
        return self.position.capacity - self.position.taken


def shifts_for(person_id: str) -> list[Suggestion]:
    """What the person can take, what suits best first, then by start: free, open, no clash, requirements met."""
    positions = _open_positions()
    own = _own_shifts(person_id)
    asked = volunteers.requirements_of([one.id for one in positions])
    has = volunteers.qualifications_of([person_id], on=clock.today())[person_id]
    wishes = _wishes(person_id, has.skills)
    found = []
    for position in positions:
        wanted, held = asked.get(position.id, NOTHING_ASKED), position.session
        period = Period(held.starts_at, held.ends_at)
        if first_lack(wanted, has) or any(period.overlaps(other) for other in own.periods):
            continue
        if position.id not in own.positions:
            found.append(Suggestion(position, reasons(shift_of(position, wanted.skills), wishes)))
    found.sort(key=lambda one: (-score(one.because), one.position.session.starts_at, one.position.id))
    return found[:SHOWN]


def shift_of(position: Position, skills: frozenset[str]) -> Shift:
    """What is compared of a position."""
    held = position.session
    return Shift(
        starts_at=held.starts_at,
        district=held.venue.district_code,
        session_id=held.id,
        organisation_id=held.event.organisation_id,
        skills=skills,
    )


def _open_positions() -> list[Position]:
    now = clock.now()
    return list(
        session().scalars(
            select(Position)
            .join(EventSession, EventSession.id == Position.session_id)
            .join(Event, Event.id == EventSession.event_id)
            .where(
                Position.kind == PositionKind.VOLUNTEER,
                Position.taken < Position.capacity,
                or_(Position.opens_at.is_(None), Position.opens_at <= now),
                or_(Position.closes_at.is_(None), Position.closes_at > now),
                Event.status == EventStatus.PUBLISHED,
                EventSession.cancelled_at.is_(None),
                EventSession.starts_at > now,
                EventSession.starts_at < now + AHEAD,
            )
            .order_by(EventSession.starts_at, Position.id)
            .limit(LOOKED_AT)
        )
    )


@dataclass(frozen=True)
class _Own:
    positions: frozenset[str]  # with a living sign-up
    periods: tuple[Period, ...]  # of shifts held


def _own_shifts(person_id: str) -> _Own:
    rows = (
        session()
        .execute(
            select(
                Signup.position_id, Signup.status, Position.kind, EventSession.starts_at, EventSession.ends_at
            )
            .join(Position, Position.id == Signup.position_id)
            .join(EventSession, EventSession.id == Signup.session_id)
            .where(
                Signup.person_id == person_id, Signup.status.in_(LIVING), EventSession.ends_at > clock.now()
            )
        )
        .all()
    )
    return _Own(
        frozenset(row.position_id for row in rows),
        tuple(
            Period(row.starts_at, row.ends_at)
            for row in rows
            if row.kind == PositionKind.VOLUNTEER and row.status in HOLDS_PLACE
        ),
    )


def _wishes(person_id: str, skills: frozenset[str]) -> Wishes:
    profile = volunteers.get_profile(person_id)
    return Wishes(
        districts=frozenset(profile.districts if profile else ()),
        times=frozenset(profile.times if profile else ()),
        skills=skills,
        served=frozenset(served_organisations([person_id]).get(person_id, ())),
        asked_sessions=frozenset(_asked_sessions(person_id)),
    )


def _asked_sessions(person_id: str) -> list[str]:
    """Sessions for which a team of theirs is asked and has not answered."""
    mine = select(TeamMembership.team_id).where(
        TeamMembership.person_id == person_id, TeamMembership.state == MemberState.MEMBER
    )
    wanted = select(TeamRequest.session_id).join(Team, Team.id == TeamRequest.team_id)
    wanted = wanted.where(
        TeamRequest.state == "asked",
        Team.closed_at.is_(None),
        or_(Team.id.in_(mine), Team.leader_id == person_id),
    )
    return list(session().scalars(wanted))


def served_organisations(
    person_ids: Collection[str], *, organisation_id: str | None = None
) -> dict[str, set[str]]:
    """For each person the organisations whose shifts they hold or held; others are absent."""
    wanted = (
        select(Signup.person_id, Event.organisation_id)
        .join(Position, Position.id == Signup.position_id)
        .join(EventSession, EventSession.id == Signup.session_id)
        .join(Event, Event.id == EventSession.event_id)
        .where(
            Signup.person_id.in_(person_ids),
            Signup.status == SignupStatus.CONFIRMED,
            Position.kind == PositionKind.VOLUNTEER,
        )
        .distinct()
    )
    if organisation_id is not None:
        wanted = wanted.where(Event.organisation_id == organisation_id)
    found: dict[str, set[str]] = {}
    for row in session().execute(wanted):
        found.setdefault(row.person_id, set()).add(row.organisation_id)
    return found


def busy_between(period: Period, person_ids: Collection[str]) -> set[str]:
    """Which of these people hold a shift that overlaps the period."""
    return set(
        session().scalars(
            select(Signup.person_id)
            .join(Position, Position.id == Signup.position_id)
            .join(EventSession, EventSession.id == Signup.session_id)
            .where(
                Signup.person_id.in_(person_ids),
                Signup.status.in_(HOLDS_PLACE),
                Position.kind == PositionKind.VOLUNTEER,
                EventSession.starts_at < period.end,
                EventSession.ends_at > period.start,
            )
        )
    )
