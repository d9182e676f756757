"""Coming sessions whose expected turn-out of volunteers is below the need."""

from collections import defaultdict
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, exists, func, select
from sqlalchemy.orm import aliased

from webapp.attendance.models import Attendance
from webapp.core import clock
from webapp.core.db import session
from webapp.events.domain import EventStatus, PositionKind
from webapp.events.models import Event, EventSession, Position
from webapp.signups.domain import SignupStatus
from webapp.signups.domain.turnout import Past, Turnout, expect, need_of
from webapp.signups.models import Signup

LOOKED_BACK = timedelta(days=365)
SHOWN = 200


@dataclass(frozen=True)
class Short:
    """A volunteers' position of a coming session, and who is expected to come."""

    position: Position  # session, event and venue come along
    confirmed: int
    need: int
    turnout: Turnout

    @property
    def is_short(self) -> bool:
        """Whether fewer are expected than are needed."""
        return self.turnout.expected < self.need


def short_of_people(organisation_ids: Collection[str] | None, *, until: datetime) -> list[Short]:
    """Positions expected to be short, soonest first; None means all organisations. Four statements."""
    positions = _coming(organisation_ids, until)
    confirmed = _confirmed([one.id for one in positions])
    pasts = _pasts({one.session.event.organisation_id for one in positions})
    city = _city()
    found = []
    for one in positions:
        organisation_id = one.session.event.organisation_id
        own, whole = pasts[organisation_id, one.name], pasts[organisation_id, None]
        count = confirmed.get(one.id, 0)
        turnout = expect(count, own=own, organisation=whole, city=city)
        found.append(Short(one, count, need_of(min_count=one.min_count, capacity=one.capacity), turnout))
    return [one for one in found if one.is_short]


def _coming(organisation_ids: Collection[str] | None, until: datetime) -> list[Position]:
    wanted = (
        select(Position)
        .join(EventSession, EventSession.id == Position.session_id)
        .join(Event, Event.id == EventSession.event_id)
        .where(
            Position.kind == PositionKind.VOLUNTEER,
            Event.status == EventStatus.PUBLISHED,
            EventSession.cancelled_at.is_(None),
            EventSession.starts_at > clock.now(),
            EventSession.starts_at < until,
        )
        .order_by(EventSession.starts_at, Position.rank, Position.id)
        .limit(SHOWN)
    )
    if organisation_ids is not None:
        wanted = wanted.where(Event.organisation_id.in_(organisation_ids))
    return list(session().scalars(wanted))


def _confirmed(position_ids: Collection[str]) -> dict[str, int]:
    counted = (
        select(Signup.position_id, func.count())
        .where(Signup.position_id.in_(position_ids), Signup.status == SignupStatus.CONFIRMED)
        .group_by(Signup.position_id)
    )
    return {row[0]: row[1] for row in session().execute(counted)}


def _ended() -> list[ColumnElement[bool]]:
    """Volunteers' places of sessions of the last year at which anyone was checked in at all.

    Where nobody was, the list was kept on paper and nothing is known of who came.
    """
    now, anyone = clock.now(), aliased(Attendance)
    return [
        Position.kind == PositionKind.VOLUNTEER,
        Signup.status == SignupStatus.CONFIRMED,
        EventSession.ends_at <= now,
        EventSession.ends_at > now - LOOKED_BACK,
        EventSession.cancelled_at.is_(None),
        exists().where(anyone.session_id == EventSession.id, anyone.annulled_at.is_(None)),
    ]


def _pasts(organisation_ids: Collection[str]) -> dict[tuple[str, str | None], Past]:
    """By organisation and name of the position; under None all the organisation's volunteers together."""
    rows = session().execute(
        select(Event.organisation_id, Position.name, func.count(Signup.id), func.count(Attendance.id))
        .select_from(Signup)
        .join(Position, Position.id == Signup.position_id)
        .join(EventSession, EventSession.id == Position.session_id)
        .join(Event, Event.id == EventSession.event_id)
        .outerjoin(Attendance, (Attendance.signup_id == Signup.id) & Attendance.annulled_at.is_(None))
        .where(*_ended(), Event.organisation_id.in_(organisation_ids))
        .group_by(Event.organisation_id, Position.name)
    )
    found: dict[tuple[str, str | None], Past] = defaultdict(Past)
    for organisation_id, name, promised, came in rows:
        found[organisation_id, name] = Past(promised, came)
        whole = found[organisation_id, None]
        found[organisation_id, None] = Past(whole.promised + promised, whole.came + came)
    return found


def pasts_of_people(person_ids: Collection[str]) -> dict[str, Past]:
    """Of their places in the last year, volunteers' or seats, at how many each came; whoever had none is absent."""
    _kind, *ended = _ended()
    rows = session().execute(
        select(Signup.person_id, func.count(Signup.id), func.count(Attendance.id))
        .join(Position, Position.id == Signup.position_id)
        .join(EventSession, EventSession.id == Position.session_id)
        .outerjoin(Attendance, (Attendance.signup_id == Signup.id) & Attendance.annulled_at.is_(None))
        .where(*ended, Signup.person_id.in_(person_ids))
        .group_by(Signup.person_id)
    )
    return {row[0]: Past(row[1], row[2]) for row in rows}


def _city() -> Past:
    row = (
        session()
        .execute(
            select(func.count(Signup.id), func.count(Attendance.id))
            .select_from(Signup)
            .join(Position, Position.id == Signup.position_id)
            .join(EventSession, EventSession.id == Position.session_id)
            .outerjoin(Attendance, (Attendance.signup_id == Signup.id) & Attendance.annulled_at.is_(None))
            .where(*_ended())
        )
        .one()
    )
    return Past(row[0], row[1])
