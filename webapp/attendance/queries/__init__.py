"""Reads of attendance: figures of tasks, and who is at a session."""

from webapp.attendance.queries.figures import (
    DIMENSIONS,
    Figure,
    city_breakdown,
    counted_sessions,
    ledger_as_of,
    plan_breakdown,
    plan_progress,
    progress,
    section_progress,
    task_breakdown,
    totals_differ,
)
from webapp.attendance.queries.sessions import (
    RosterRow,
    SessionCounts,
    ShiftServed,
    attendance_of,
    headcounts,
    roster,
    session_counts,
    shifts_served,
    spoken,
)

__all__ = [
    "DIMENSIONS",
    "Figure",
    "RosterRow",
    "SessionCounts",
    "ShiftServed",
    "attendance_of",
    "city_breakdown",
    "counted_sessions",
    "headcounts",
    "ledger_as_of",
    "plan_breakdown",
    "plan_progress",
    "progress",
    "roster",
    "section_progress",
    "session_counts",
    "shifts_served",
    "spoken",
    "task_breakdown",
    "totals_differ",
]
