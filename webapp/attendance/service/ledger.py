"""The ledger: what facts count, for which tasks.

`place_of` and `facts_of` are the one statement of what counts. Check-ins and head-counts write the rows of their
own fact here; `recount.py` writes what is missing or too much after anything else changed, and compares.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import bindparam, func, or_, select

from webapp.attendance.domain import RULE_VERSION, Grade, Metric
from webapp.attendance.domain.counting import Counted, Counting, Days
from webapp.attendance.models import Attendance, HeadCount, LedgerEntry
from webapp.core import clock
from webapp.core.db import new_id, on_conflict_do_nothing, session, up_to_date
from webapp.events.domain import COUNTING_STATUSES, PositionKind, periods
from webapp.events.models import Event, EventSession, EventTask, Position
from webapp.plan.models import Plan, PlanTask
from webapp.signups.models import Signup
from webapp.venues.models import Venue

VOLUNTEERS = "志愿者"
EVERYONE = "公众"


@dataclass(frozen=True)
class Fact:
    """One thing that happened at a session, before it is multiplied by the tasks it serves."""

    source_id: str
    metric: Metric
    grade: Grade
    quantity: int
    audience: str
    day: date | None = None  # on which someone came; None: the session itself


@dataclass(frozen=True)
class Place:
    """When, where and for whom a session happened, and the tasks it may count for."""

    session_id: str
    days: Days
    district_code: str
    organisation_id: str
    audience: str
    tasks: tuple[Counting, ...]

    def counted(self, fact: Fact) -> list[Counted]:
        """For which tasks a fact counts, on which day, and which row stands for it in section, plan and city."""
        if fact.day is None:
            return self.days.of_session(self.tasks)
        return self.days.of_people(self.tasks, fact.day)


def place_of(session_id: str) -> Place | None:
    """Where a session's facts count, or None when they count for nothing.

    Promise 4: sessions of published (or closed) events linked to the task, on days inside the plan's period.
    """
    return place_from(up_to_date().execute(PLACE, {"session_id": session_id}).all())


# Built once: it stands behind every check-in.
PLACE: Any = (
    select(
        EventSession.id.label("session_id"),
        EventSession.starts_at,
        EventSession.ends_at,
        Venue.district_code,
        Event.organisation_id,
        Event.audiences,
        PlanTask.id.label("task_id"),
        PlanTask.section_id,
        PlanTask.plan_id,
        Plan.starts_on,
        Plan.ends_on,
        # The highest, not how many: a plan made while the table was small finds it by the same index for ever.
        select(func.coalesce(func.max(LedgerEntry.step) + 1, 0))
        .where(
            LedgerEntry.session_id == EventSession.id,
            LedgerEntry.task_id == PlanTask.id,
            LedgerEntry.source_id == EventSession.id,
            LedgerEntry.metric == Metric.SESSIONS,
            LedgerEntry.rule_version == RULE_VERSION,
        )
        .correlate(EventSession, PlanTask)
        .scalar_subquery()
        .label("steps"),
    )
    .join(Event, Event.id == EventSession.event_id)
    .join(Venue, Venue.id == EventSession.venue_id)
    .join(EventTask, EventTask.event_id == Event.id)
    .join(PlanTask, PlanTask.id == EventTask.task_id)
    .join(Plan, Plan.id == PlanTask.plan_id)
    .where(
        EventSession.id == bindparam("session_id"),
        or_(
            *(Event.status == status for status in COUNTING_STATUSES)
        ),  # in_() is written out at each execution
        EventSession.cancelled_at.is_(None),
    )
    .order_by(PlanTask.id)
)


def place_from(rows: Sequence[Any]) -> Place | None:
    """What `PLACE` found, as `place_of` gives it."""
    if not rows:
        return None
    first = rows[0]
    place = Place(
        first.session_id,
        days_of(first.starts_at, first.ends_at),
        first.district_code,
        first.organisation_id,
        audience_of(first.audiences),
        tuple(
            Counting(row.task_id, row.section_id, row.plan_id, row.starts_on, row.ends_on, row.steps)
            for row in rows
        ),
    )
    return place if place.counted(held(place.session_id)) else None


def days_of(starts_at: datetime, ends_at: datetime) -> Days:
    """The days of a session, as attendance counts them."""
    return Days(*periods.days_of(starts_at, ends_at))


def audience_of(audiences: Sequence[str]) -> str:
    """Whom an event is counted under: the first group it is for."""
    return audiences[0] if audiences else EVERYONE


def held(session_id: str) -> Fact:
    """The fact that a session took place."""
    return Fact(session_id, Metric.SESSIONS, Grade.HELD, 1, "")


def attendance_fact(attendance_id: str, kind: str, *, grade: str, audience: str, in_at: datetime) -> Fact:
    """The fact that one person came, on the day they came."""
    day = clock.local_date(in_at)
    if kind == PositionKind.VOLUNTEER:
        return Fact(attendance_id, Metric.VOLUNTEERS, Grade(grade), 1, VOLUNTEERS, day)
    return Fact(attendance_id, Metric.VISITS, Grade(grade), 1, audience, day)


def headcount_fact(headcount: HeadCount) -> Fact:
    """The fact that people were counted."""
    return Fact(
        headcount.id,
        Metric.VISITS,
        Grade.HEADCOUNT,
        headcount.count,
        headcount.audience,
        headcount.counted_on,
    )


def row_of(place: Place, counted: Counted, fact: Fact, *, step: int) -> dict[str, Any]:
    """The ledger row of a fact for one task."""
    return {
        "id": new_id(),
        "task_id": counted.task.task_id,
        "session_id": place.session_id,
        "source_id": fact.source_id,
        "metric": fact.metric,
        "grade": fact.grade,
        "reach": counted.reach,
        "quantity": fact.quantity,
        "occurred_on": counted.day,
        "district_code": place.district_code,
        "organisation_id": place.organisation_id,
        "audience": fact.audience or place.audience,
        "rule_version": RULE_VERSION,
        "step": step,
        "created_at": clock.now(),
    }


def count_new_fact(session_id: str, fact: Fact) -> None:
    """Write the rows of a fact that has just been made, and 场次 if it is the session's first.

    The caller holds at least a shared lock on the session, so nothing is being reversed meanwhile. Another process may
    be writing the same row of 场次: then one is enough.
    """
    rows = rows_of_new_fact(place_of(session_id), fact)
    if rows:
        session().connection().execute(on_conflict_do_nothing(LedgerEntry), rows)


def rows_of_new_fact(place: Place | None, fact: Fact) -> list[dict[str, Any]]:
    """The rows `count_new_fact` writes; none where the session counts for nothing."""
    if place is None:
        return []
    rows = [row_of(place, one, fact, step=0) for one in place.counted(fact)]
    session_itself = held(place.session_id)
    begun = [one for one in place.counted(session_itself) if one.task.steps % 2 == 0]
    return rows + [row_of(place, one, session_itself, step=one.task.steps) for one in begun]


def facts_of(session_id: str, audience: str) -> list[Fact]:
    """Every fact that stands at a session, 场次 included."""
    attended = session().execute(
        select(Attendance.id, Attendance.grade, Attendance.in_at, Position.kind)
        .join(Signup, Signup.id == Attendance.signup_id)
        .join(Position, Position.id == Signup.position_id)
        .where(Attendance.session_id == session_id, Attendance.annulled_at.is_(None))
    )
    facts = [
        attendance_fact(row.id, row.kind, grade=row.grade, audience=audience, in_at=row.in_at)
        for row in attended
    ]
    counted = session().scalars(
        select(HeadCount).where(HeadCount.session_id == session_id, HeadCount.annulled_at.is_(None))
    )
    facts += [headcount_fact(row) for row in counted]
    return [*facts, held(session_id)] if facts else []
