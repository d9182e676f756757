"""Thresholds of a commendation list: met, missed by how much, and what never counts."""

from datetime import date

import pytest

from webapp.recognition.domain.commendations import (
    DEFAULTS,
    BadList,
    Evidence,
    ListDraft,
    ListKind,
    Measure,
    check_list,
    nearness,
    shortfalls,
)

TEAM, PERSON = DEFAULTS[ListKind.TEAM], DEFAULTS[ListKind.VOLUNTEER]


@pytest.mark.parametrize(
    ("evidence", "missing"),
    [
        (Evidence(10, 1200), {}),
        (Evidence(9, 1200), {Measure.ACTIVITIES: 1}),
        (Evidence(10, 1170), {Measure.HOURS: 0.5}),
        (Evidence(10, 0, added_minutes=6000), {Measure.HOURS: 20}),  # added by hand never meets a threshold
    ],
)
def test_volunteers(evidence: Evidence, missing: dict[Measure, float]) -> None:
    assert shortfalls(evidence, PERSON) == missing
    assert (nearness(evidence, PERSON) == 1) == (not missing)


def test_teams_are_measured_by_head_too() -> None:
    assert shortfalls(Evidence(50, 6000, members=20), TEAM) == {}
    assert set(shortfalls(Evidence(50, 6000, members=21), TEAM)) == {Measure.HOURS_EACH}
    assert set(shortfalls(Evidence(0, 0, members=0), TEAM)) == set(TEAM)


def test_a_list_needs_a_title_and_days_in_order() -> None:
    first, last = date(2026, 1, 1), date(2026, 12, 31)
    check_list(ListDraft("年度", ListKind.TEAM, first, last, TEAM))
    for title, end in ((" ", last), ("年度", date(2025, 1, 1)), ("年" * 81, last)):
        with pytest.raises(BadList):
            check_list(ListDraft(title, ListKind.TEAM, first, end, TEAM))
