"""Whom an organiser may call for a shift that lacks people, and why not the others. A constant number of statements."""

from collections import Counter
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from sqlalchemy import Row, func, or_, select

from webapp.core import clock, options
from webapp.core.clock import Period
from webapp.core.db import session
from webapp.core.errors import N_
from webapp.events.domain import PositionKind
from webapp.events.models import Event, EventSession, Position
from webapp.people.domain import mask_name
from webapp.people.models import Account, Person
from webapp.signups.domain import LIVING, SignupStatus
from webapp.signups.domain.fitting import (
    Because,
    Candidate,
    NotCalled,
    Wishes,
    not_called,
    reasons,
    score,
)
from webapp.signups.models import Called, CallOut, Signup
from webapp.signups.queries.fitting import NOTHING_ASKED, busy_between, served_organisations, shift_of
from webapp.volunteers import queries as volunteers
from webapp.volunteers.domain import MemberState, first_lack
from webapp.volunteers.models import Team, TeamMembership, Volunteer

WEEK = timedelta(days=7)
KNOWN_MOST = 2000  # people looked at for one call
CALLS_A_WEEK = options.whole_number(
    "calls.a_week",
    2,
    label=N_("同一位志愿者 7 天里最多被请几次"),
    hint=N_("临时缺人时向志愿者发出的邀请，各单位合起来算。"),
    high=50,
)
CALL_AT_MOST = options.whole_number(
    "calls.at_most",
    30,
    label=N_("一次最多请几位志愿者"),
    hint=N_("临时缺人时，一次邀请最多发给多少人。"),
    low=1,
    high=500,
)


@dataclass(frozen=True)
class Fitting:
    """Someone who fits, is free and may be called."""

    person_id: str
    name: str  # masked where they have not yet had to do with the organisation
    because: tuple[Because, ...]


@dataclass(frozen=True)
class CallList:
    """Whom to call, the most fitting first, and how many are left out for which reason."""

    people: Sequence[Fitting]
    left_out: dict[NotCalled, int]


def call_list(position: Position) -> CallList:
    """Everyone the organiser may ask at all: who serves or served for them, their teams' members, who said yes to all.

    Only people with an account: they are the ones who can take a shift.
    """
    held = position.session
    known = _known(held.event.organisation_id)
    ids = [row.id for row in known]
    asked = volunteers.requirements_of([position.id]).get(position.id, NOTHING_ASKED)
    has = volunteers.qualifications_of(ids, on=clock.local_date(held.starts_at))
    signed_up, busy = _signed_up(position.id), busy_between(Period(held.starts_at, held.ends_at), ids)
    before, lately = called_for(position.id), calls_lately(ids)
    served = served_organisations(ids, organisation_id=held.event.organisation_id)
    shift, most = shift_of(position, asked.skills), CALLS_A_WEEK.get()
    people, left_out = [], Counter[NotCalled]()
    for row in known:
        candidate = Candidate(
            takes_calls=row.takes_calls is not False,
            is_signed_up=row.id in signed_up,
            called_for_this=row.id in before,
            calls_lately=lately.get(row.id, 0),
            is_busy=row.id in busy,
            lacks=first_lack(asked, has[row.id]) is not None,
        )
        against = not_called(candidate, most=most)
        if against is not None:
            left_out[against] += 1
            continue
        wishes = Wishes(
            districts=frozenset(row.districts or ()),
            times=frozenset(row.times or ()),
            skills=has[row.id].skills,
            served=frozenset(served.get(row.id, ())),
        )
        name = row.name if row.is_known else mask_name(row.name)
        people.append(Fitting(row.id, name, reasons(shift, wishes)))
    people.sort(key=lambda one: (-score(one.because), lately.get(one.person_id, 0), one.person_id))
    return CallList(people, dict(left_out))


_ABOUT = (Person.id, Person.name, Volunteer.takes_calls, Volunteer.districts, Volunteer.times)


def _known(organisation_id: str) -> Sequence[Row[*tuple[Any, ...]]]:
    serving = (
        select(Signup.person_id)
        .join(Position, Position.id == Signup.position_id)
        .join(EventSession, EventSession.id == Signup.session_id)
        .join(Event, Event.id == EventSession.event_id)
        .where(
            Event.organisation_id == organisation_id,
            Position.kind == PositionKind.VOLUNTEER,
            Signup.status == SignupStatus.CONFIRMED,
        )
    )
    members = (
        select(TeamMembership.person_id)
        .join(Team, Team.id == TeamMembership.team_id)
        .where(
            Team.organisation_id == organisation_id,
            Team.closed_at.is_(None),
            TeamMembership.state == MemberState.MEMBER,
        )
    )
    is_known = or_(Person.id.in_(serving), Person.id.in_(members))
    wanted = (
        select(*_ABOUT, is_known.label("is_known"))
        .join(Account, Account.person_id == Person.id)
        .outerjoin(Volunteer, Volunteer.person_id == Person.id)
        .where(
            Person.closed_at.is_(None),
            Account.disabled_at.is_(None),
            or_(is_known, Volunteer.takes_calls.is_(True)),
        )
        .order_by(Person.id.in_(serving).desc(), Person.id)
        .limit(KNOWN_MOST)
    )
    return session().execute(wanted).all()


def _signed_up(position_id: str) -> set[str]:
    wanted = select(Signup.person_id).where(Signup.position_id == position_id, Signup.status.in_(LIVING))
    return set(session().scalars(wanted))


def called_for(position_id: str) -> set[str]:
    """Who was called for this position before."""
    wanted = select(Called.person_id).join(CallOut, CallOut.id == Called.call_out_id)
    return set(session().scalars(wanted.where(CallOut.position_id == position_id)))


def calls_lately(person_ids: Collection[str]) -> dict[str, int]:
    """How often each of these people was called in the last seven days; those not called are absent."""
    counted = (
        select(Called.person_id, func.count())
        .where(Called.person_id.in_(person_ids), Called.called_at > clock.now() - WEEK)
        .group_by(Called.person_id)
    )
    return {row[0]: row[1] for row in session().execute(counted)}


@dataclass(frozen=True)
class PastCall:
    """A call made before, for the organiser."""

    call_out: CallOut
    people: int


def calls_of(position_id: str) -> list[PastCall]:
    """Calls made for this position, newest first."""
    rows = session().execute(
        select(CallOut, func.count(Called.id))
        .outerjoin(Called, Called.call_out_id == CallOut.id)
        .where(CallOut.position_id == position_id)
        .group_by(CallOut.id)
        .order_by(CallOut.made_at.desc(), CallOut.id.desc())
    )
    return [PastCall(row[0], row[1]) for row in rows]
