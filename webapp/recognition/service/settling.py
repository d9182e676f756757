"""After a session: a record for every volunteer who had promised to serve; again when what is known changes."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from sqlalchemy import ColumnElement, func, or_, select

from webapp.attendance.domain import LATE, Grade
from webapp.attendance.models import Attendance, Scan
from webapp.core import clock
from webapp.core.db import lock_row, session
from webapp.core.errors import N_
from webapp.events.domain import COUNTING_STATUSES, PositionKind
from webapp.events.models import Event, EventSession, Position
from webapp.recognition import queries
from webapp.recognition.domain import RecordSource, RecordStatus, Turnout
from webapp.recognition.domain.counting import LONGEST_STAY, Rule, minutes_served, turnout_of
from webapp.recognition.models import ServiceRecord
from webapp.recognition.service import writing
from webapp.recognition.service.writing import Figures, period_of
from webapp.signups.domain import SignupStatus
from webapp.signups.models import Signup

# Kept as the reason of a record that no longer fits what the door knows.
CHANGED_AT_THE_DOOR = N_("签到签退有变动，按新的记录重算")
NOT_HELD = N_("场次没有举办，或这个报名已不在")


@dataclass
class Promise:
    """A volunteer's place, and what the door knows of them."""

    signup_id: str
    person_id: str
    team_id: str | None
    grade: str | None = None
    in_at: datetime | None = None
    out_at: datetime | None = None
    heard_at: list[datetime] = field(default_factory=list)  # when the door's facts reached us

    def figures(self, held: EventSession, rule: Rule) -> Figures:
        """What the record says by the rule alone."""
        if self.in_at is None:
            return Figures(Turnout.UNKNOWN, RecordSource.ABSENT, RecordStatus.TO_CONFIRM)
        source = RecordSource.ROSTER if self.grade == Grade.ROSTER else RecordSource.SCAN
        if self.out_at is None or self.out_at - self.in_at > LONGEST_STAY:
            return Figures(Turnout.UNKNOWN, source, RecordStatus.TO_CONFIRM, self.in_at, self.out_at)
        period = period_of(held)
        return Figures(
            turnout_of(self.in_at, self.out_at, period=period, rule=rule),
            source,
            RecordStatus.NOTICED,
            self.in_at,
            self.out_at,
            minutes_served(self.in_at, self.out_at, period=period, rule=rule),
        )


def settle_session(session_id: str) -> list[str]:
    """Make or renew the records of a session that ended two hours ago; ids of those written or changed.

    Doing it again changes nothing. A record the door's facts no longer bear out is voided and another takes its
    place, with a notice of its own, also when it was final. Two processes wait for each other at the session's
    row; behind it stands the unique index of one standing record per sign-up.
    """
    held = lock_row(EventSession, session_id)
    if clock.now() < held.ends_at + LATE:
        return []
    promises = _promises(held)
    standing = {row.signup_id: row for row in _standing(session_id)}
    has_added = set(session().scalars(select(ServiceRecord.signup_id).where(*added_to(session_id))))
    rule = queries.current_rule()
    made: list[ServiceRecord] = []
    for signup_id, record in standing.items():
        if signup_id not in promises:
            writing.void(record, by=None, reason=NOT_HELD)
    for promise in promises.values():
        old = standing.get(promise.signup_id)
        if old is None:
            if promise.in_at is None and promise.signup_id in has_added:
                continue  # two people put their names to it that they were there
            made.append(_new(held, promise, rule))
        elif _is_outdated(old, promise, held):
            figures = promise.figures(held, writing.rule_for(old))
            made.append(writing.replace(old, figures, by=None, reason=CHANGED_AT_THE_DOOR))
    writing.tell(made, held.ends_at)
    return [one.id for one in made]


def _standing(session_id: str) -> list[ServiceRecord]:
    wanted = select(ServiceRecord).where(
        ServiceRecord.session_id == session_id,
        ServiceRecord.status != RecordStatus.VOID,
        ServiceRecord.source != RecordSource.ADDED,
    )
    return list(session().scalars(wanted.execution_options(populate_existing=True)))


def added_to(session_id: str) -> list[ColumnElement[bool]]:
    """Time added by hand at a session, that counts or is in its notice."""
    return [
        ServiceRecord.session_id == session_id,
        ServiceRecord.source == RecordSource.ADDED,
        ServiceRecord.status.in_(queries.HELD),
    ]


def was_expected() -> ColumnElement[bool]:
    """A place was theirs in a session that was to be held; who came counts in any case."""
    return (
        EventSession.cancelled_at.is_(None)
        & Event.status.in_(COUNTING_STATUSES)
        & (Signup.status == SignupStatus.CONFIRMED)
    )


def _promises(held: EventSession) -> Mapping[str, Promise]:
    """Who had a place or came, by sign-up."""
    rows = session().execute(
        select(Signup.id, Signup.person_id, Signup.team_id, Attendance, Scan.received_at)
        .join(Position, Position.id == Signup.position_id)
        .join(EventSession, EventSession.id == Signup.session_id)
        .join(Event, Event.id == EventSession.event_id)
        .outerjoin(Attendance, (Attendance.signup_id == Signup.id) & Attendance.annulled_at.is_(None))
        .outerjoin(Scan, Scan.id == Attendance.out_scan_id)
        .where(
            Signup.session_id == held.id,
            Position.kind == PositionKind.VOLUNTEER,
            or_(was_expected(), Attendance.id.is_not(None)),
        )
        .order_by(Signup.id)
    )
    found = {}
    for signup_id, person_id, team_id, came, left_at in rows:
        promise = found[signup_id] = Promise(signup_id, person_id, team_id)
        if came is not None:
            promise.grade, promise.in_at, promise.out_at = came.grade, came.in_at, came.out_at
            promise.heard_at = [at for at in (came.created_at, left_at) if at]
    for signup_id, at in _taken_back(held.id):
        if signup_id in found:
            found[signup_id].heard_at.append(at)
    return found


def _taken_back(session_id: str) -> list[tuple[str, datetime]]:
    """When the door took back that someone came, or that they left."""
    came = select(Attendance.signup_id, func.max(Attendance.annulled_at)).where(
        Attendance.session_id == session_id, Attendance.annulled_at.is_not(None)
    )
    said = select(Scan.signup_id, func.max(Scan.annulled_at)).where(
        Scan.session_id == session_id,
        Scan.valid,
        Scan.signup_id.is_not(None),
        Scan.annulled_at.is_not(None),
    )
    both = came.group_by(Attendance.signup_id).union_all(said.group_by(Scan.signup_id))
    return [(signup_id, at) for signup_id, at in session().execute(both) if at is not None]


def _is_outdated(record: ServiceRecord, promise: Promise, held: EventSession) -> bool:
    """A person's word stands until the door says something new; the rule's own figures follow the door."""
    if record.confirmed_by is not None and record.confirmed_at is not None:
        return any(at > record.confirmed_at for at in promise.heard_at)
    figures = promise.figures(held, writing.rule_for(record))
    return (record.in_at, record.out_at, record.minutes) != (figures.in_at, figures.out_at, figures.minutes)


def _new(held: EventSession, promise: Promise, rule: Rule) -> ServiceRecord:
    made = ServiceRecord(
        person_id=promise.person_id,
        organisation_id=held.event.organisation_id,
        session_id=held.id,
        signup_id=promise.signup_id,
        team_id=promise.team_id,
        rule_version=rule.version,
        served_on=clock.local_date(held.starts_at),
    )
    session().add(made)
    writing.apply(made, promise.figures(held, rule), by=None)
    return made
