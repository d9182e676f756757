"""Reads of attendance: figures of tasks, and who is at a session."""

from webapp.attendance.queries.figures import (
    DIMENSIONS,
    Figure,
    counted_sessions,
    ledger_as_of,
    progress,
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
    "counted_sessions",
    "headcounts",
    "ledger_as_of",
    "progress",
    "roster",
    "session_counts",
    "shifts_served",
    "spoken",
    "task_breakdown",
    "totals_differ",
]
