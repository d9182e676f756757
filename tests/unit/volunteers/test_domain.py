"""Truth tables: who meets what a position asks for, how long things hold, what may be entered."""

from datetime import date

import pytest

from webapp.core.errors import Refusal
from webapp.volunteers import domain
from webapp.volunteers.domain import AgeBand, Lacks, ProfileDraft, Qualifications, Requirements, SkillClaim

ONE, TWO = frozenset({"one"}), frozenset({"one", "two"})
DAY = date(2026, 11, 28)


@pytest.mark.parametrize(
    ("wanted", "has", "lack"),
    [
        (Requirements(), Qualifications(), None),
        (Requirements(min_age=14), Qualifications(), Lacks.AGE),
        (Requirements(min_age=14), Qualifications(age_band=AgeBand.UNDER_14), Lacks.AGE),
        (Requirements(min_age=14), Qualifications(age_band=AgeBand.FROM_14), None),
        (Requirements(min_age=16), Qualifications(age_band=AgeBand.FROM_14), Lacks.AGE),
        (Requirements(min_age=18), Qualifications(age_band=AgeBand.FROM_16), Lacks.AGE),
        (Requirements(min_age=18), Qualifications(age_band=AgeBand.ADULT), None),
        (Requirements(teams=TWO), Qualifications(), Lacks.TEAM),
        (Requirements(teams=TWO), Qualifications(teams=ONE), None),
        (Requirements(skills=TWO), Qualifications(skills=ONE), Lacks.SKILL),
        (Requirements(skills=ONE), Qualifications(skills=TWO), None),
        (Requirements(courses=ONE), Qualifications(), Lacks.TRAINING),
        (Requirements(courses=ONE), Qualifications(courses=TWO), None),
        # The first rule that is not met is the one that is said: age, team, skill, training.
        (Requirements(ONE, ONE, ONE, 18), Qualifications(), Lacks.AGE),
        (Requirements(ONE, ONE, ONE), Qualifications(), Lacks.TEAM),
        (Requirements(ONE, ONE), Qualifications(), Lacks.SKILL),
    ],
)
def test_the_first_lack(wanted: Requirements, has: Qualifications, lack: Lacks | None) -> None:
    assert domain.first_lack(wanted, has) == lack


@pytest.mark.parametrize(
    ("held_on", "months", "until"),
    [
        (date(2026, 1, 31), 1, date(2026, 2, 28)),
        (date(2023, 1, 31), 13, date(2024, 2, 29)),
        (date(2026, 12, 15), 1, date(2027, 1, 15)),
        (date(2026, 3, 1), 24, date(2028, 3, 1)),
        (date(2026, 3, 1), None, None),
    ],
)
def test_how_long_a_training_holds(held_on: date, months: int | None, until: date | None) -> None:
    assert domain.valid_until(held_on, months) == until


def test_the_last_day_counts_and_the_warning_comes_sixty_days_before() -> None:
    assert domain.still_valid(DAY, DAY)
    assert domain.still_valid(None, DAY)
    assert not domain.still_valid(date(2026, 11, 27), DAY)
    assert domain.runs_out_soon(date(2027, 1, 27), DAY)
    assert not domain.runs_out_soon(date(2027, 1, 28), DAY)
    assert domain.runs_out_soon(date(2020, 1, 1), DAY)
    assert not domain.runs_out_soon(None, DAY)


@pytest.mark.parametrize(
    ("band", "needs"),
    [
        (None, False),
        ("under_10", True),
        ("10_13", True),
        ("under_14", True),
        ("14_15", True),
        ("16_17", True),
        ("adult", False),
    ],
)
def test_who_needs_a_guardian(band: str | None, needs: bool) -> None:
    assert domain.needs_guardian(band) is needs


@pytest.mark.parametrize(("hour", "part"), [(8, "am"), (11, "am"), (12, "pm"), (16, "pm"), (17, "eve")])
def test_parts_of_the_day(hour: int, part: str) -> None:
    assert domain.part_of_day(hour) == part


def test_a_profile_is_kept_in_one_form() -> None:
    draft = ProfileDraft(
        number=" 2308 0000-1a ",
        districts=["2", "1"],
        times=["7-eve", "1-am"],
        languages=["手语", "俄语"],
        skills=[SkillClaim("s", " 证 "), SkillClaim("s", "后说的算")],
    )
    kept = domain.check_profile(draft, districts=["1", "2", "3"])
    assert kept.number == "23080000-1A"
    assert (kept.districts, kept.times) == (["1", "2"], ["1-am", "7-eve"])
    assert kept.languages == ["俄语", "手语"]
    assert kept.skills == [SkillClaim("s", "后说的算")]
    assert domain.check_profile(ProfileDraft(number=" "), districts=[]).number is None


@pytest.mark.parametrize(
    ("values", "code", "field"),
    [
        ({"age_band": "old"}, "not_on_the_list", "age_band"),
        ({"number": "编号"}, "bad_number", "number"),
        ({"number": "1" * 31}, "bad_number", "number"),
        ({"districts": ["9"]}, "not_on_the_list", "districts"),
        ({"times": ["8-am"]}, "not_on_the_list", "times"),
        ({"languages": ["克林贡语"]}, "not_on_the_list", "languages"),
        ({"note": "字" * 301}, "text_too_long", "note"),
        ({"skills": [SkillClaim("s", "字" * 61)]}, "text_too_long", "certificate"),
    ],
)
def test_what_a_profile_may_not_say(values: dict[str, object], code: str, field: str) -> None:
    with pytest.raises(Refusal) as refused:
        domain.check_profile(ProfileDraft(**values), districts=["1"])  # type: ignore[arg-type]
    assert (refused.value.code, refused.value.at_field) == (code, field)


@pytest.mark.parametrize(
    ("minutes", "held_on", "code"),
    [(0, DAY, "bad_hours"), (60_001, DAY, "bad_hours"), (60, date(2026, 11, 29), "not_yet_held")],
)
def test_what_a_training_may_not_be(minutes: int, held_on: date, code: str) -> None:
    with pytest.raises(Refusal) as refused:
        domain.check_training(domain.TrainingDraft("c", "o", held_on, minutes), today=DAY)
    assert refused.value.code == code
