"""Truth tables: why a shift suits someone, why someone is not called, how many will come."""

from datetime import UTC, datetime

import pytest

from webapp.signups.domain.fitting import (
    Because,
    Candidate,
    NotCalled,
    Shift,
    Wishes,
    not_called,
    reasons,
    score,
    slot_of,
)
from webapp.signups.domain.turnout import Basis, Past, expect, need_of, shrunk

SATURDAY = datetime(2026, 11, 28, 1, tzinfo=UTC)  # 9:00 in the city
SHIFT = Shift(SATURDAY, "230803", "s1", "o1", frozenset({"first aid"}))


@pytest.mark.parametrize(
    ("wishes", "expected"),
    [
        (Wishes(), ()),
        (Wishes(districts=frozenset({"230803"})), (Because.DISTRICT,)),
        (Wishes(districts=frozenset({"230804"})), ()),
        (Wishes(times=frozenset({"6-am"})), (Because.TIME,)),
        (Wishes(times=frozenset({"6-pm", "5-am"})), ()),
        (Wishes(skills=frozenset({"first aid", "driving"})), (Because.SKILL,)),
        (Wishes(skills=frozenset({"driving"})), ()),
        (
            Wishes(asked_sessions=frozenset({"s1"}), served=frozenset({"o1"})),
            (Because.TEAM_ASKED, Because.SERVED),
        ),
    ],
)
def test_why_a_shift_suits_someone(wishes: Wishes, expected: tuple[Because, ...]) -> None:
    assert reasons(SHIFT, wishes) == expected


def test_the_part_of_the_day_is_the_citys_and_the_teams_request_weighs_most() -> None:
    assert slot_of(SATURDAY) == "6-am"
    assert slot_of(datetime(2026, 11, 28, 17, tzinfo=UTC)) == "7-am"  # one in the night, on Sunday
    assert score((Because.TEAM_ASKED,)) > score((Because.SKILL, Because.DISTRICT))


@pytest.mark.parametrize(
    ("candidate", "expected"),
    [
        (Candidate(), None),
        (Candidate(calls_lately=1), None),
        (Candidate(calls_lately=2), NotCalled.CALLED_ENOUGH),
        (Candidate(takes_calls=False, is_busy=True), NotCalled.UNWILLING),
        (Candidate(is_signed_up=True, is_busy=True), NotCalled.SIGNED_UP),
        (Candidate(called_for_this=True), NotCalled.CALLED_BEFORE),
        (Candidate(is_busy=True, lacks=True), NotCalled.BUSY),
        (Candidate(lacks=True), NotCalled.LACKS),
    ],
)
def test_why_someone_is_not_called(candidate: Candidate, expected: NotCalled | None) -> None:
    assert not_called(candidate, most=2) == expected


@pytest.mark.parametrize(
    ("own", "organisation", "city", "rate", "basis"),
    [
        (Past(), Past(), Past(), 0.8, Basis.NOTHING),
        (Past(), Past(), Past(10, 10), 0.9, Basis.CITY),
        (Past(), Past(10, 10), Past(), 0.9, Basis.ORGANISATION),
        (Past(10, 0), Past(), Past(), 0.4, Basis.OWN),
        (Past(3, 3), Past(20, 10), Past(20, 10), 0.641, Basis.ORGANISATION),
        (Past(1000, 500), Past(1000, 500), Past(1000, 500), 0.5, Basis.OWN),
    ],
)
def test_the_rate_leans_on_wider_ones_while_little_is_known(
    own: Past, organisation: Past, city: Past, rate: float, basis: Basis
) -> None:
    found = expect(10, own=own, organisation=organisation, city=city)
    assert found.rate == pytest.approx(rate, abs=0.04)
    assert found.expected == pytest.approx(10 * found.rate)
    assert found.basis == basis


def test_need_and_shrinking() -> None:
    assert (need_of(min_count=3, capacity=8), need_of(min_count=0, capacity=8)) == (3, 8)
    assert shrunk(Past(), 0.7) == pytest.approx(0.7)
    assert shrunk(Past(90, 90), 0.0) == pytest.approx(0.9)
