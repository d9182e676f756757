"""Reads of recognition."""

from webapp.recognition.queries.hours import (
    TeamTotals,
    Totals,
    YearHours,
    final_records,
    hours_by_year,
    team_totals,
    teams_totals,
    totals_of,
)

__all__ = [
    "TeamTotals",
    "Totals",
    "YearHours",
    "final_records",
    "hours_by_year",
    "team_totals",
    "teams_totals",
    "totals_of",
]
