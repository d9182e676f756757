"""How old someone is: words of different times, taken together."""

from datetime import date

import pytest

from webapp.volunteers.domain import (
    Age,
    Company,
    Fits,
    Mark,
    Said,
    band_now,
    band_of_today,
    company_for,
    compare,
    known_age,
    mark_of,
)

TODAY = date(2026, 11, 28)


@pytest.mark.parametrize(
    ("words", "age"),
    [
        ([], None),
        ([("adult", TODAY)], Age(18)),
        ([("adult", date(2016, 1, 1))], Age(28)),
        ([("14_15", TODAY)], Age(14, 15)),
        ([("14_15", date(2024, 11, 28))], Age(16, 17)),  # two years ago to the day
        ([("14_15", date(2024, 11, 27))], Age(16, 18)),  # and a day more: some had a birthday since
        ([("16_17", date(2024, 11, 28))], Age(18, 19)),
        ([("under_14", date(2023, 6, 1))], Age(3, 17)),
        # the first and the last time the same was said
        ([("14_15", date(2025, 12, 1)), ("14_15", TODAY)], Age(14, 15)),
        ([("14_15", date(2025, 11, 28)), ("14_15", TODAY)], Age(15, 15)),
        # they cannot all be true: the younger
        ([("adult", TODAY), ("14_15", TODAY)], Age(14, 15)),
        ([("under_10", date(2026, 1, 1)), ("16_17", TODAY)], Age(0, 10)),
        ([("under_10", date(2028, 1, 1))], Age(0, 9)),  # said "tomorrow" by a clock that went wrong
    ],
)
def test_what_was_said_ages(words: list[tuple[str, date]], age: Age | None) -> None:
    assert known_age([Said(*one) for one in words], TODAY) == age


# known, said now → how it fits, the band to go by
TABLE = [
    (None, None, None, None),
    (None, "14_15", Fits.AGREES, "14_15"),
    (None, "adult", Fits.AGREES, "adult"),
    (Age(14, 15), None, None, "14_15"),
    (Age(18), None, None, "adult"),
    (Age(17, 19), None, None, "16_17"),  # perhaps of age: not by saying nothing
    (Age(17, 19), "adult", Fits.AGREES, "adult"),
    (Age(14, 15), "14_15", Fits.AGREES, "14_15"),
    (Age(14, 15), "adult", Fits.OLDER, "14_15"),
    (Age(14, 15), "16_17", Fits.OLDER, "14_15"),
    (Age(14, 15), "under_10", Fits.YOUNGER, "under_10"),
    (Age(18), "16_17", Fits.YOUNGER, "16_17"),
    (Age(0, 13), None, None, "under_10"),
    (Age(0, 13), "10_13", Fits.AGREES, "10_13"),
    (Age(10, 13), "under_14", Fits.AGREES, "10_13"),
    (Age(0, 13), "under_14", Fits.AGREES, "under_14"),
]


@pytest.mark.parametrize(("known", "said", "fits", "band"), TABLE)
def test_known_and_said(known: Age | None, said: str | None, fits: Fits | None, band: str | None) -> None:
    assert band_of_today(known, said) == band
    if said is not None:
        assert compare(known, said) == fits


@pytest.mark.parametrize(
    ("band", "company", "mark"),
    [
        (None, Company.FREE, None),
        ("adult", Company.FREE, None),
        ("16_17", Company.FREE, Mark.UNDER_18),
        ("14_15", Company.FREE, Mark.UNDER_18),
        ("10_13", Company.ASKED, Mark.UNDER_14),
        ("under_14", Company.NEEDED, Mark.UNDER_14),
        ("under_10", Company.NEEDED, Mark.UNDER_10),
    ],
)
def test_who_comes_along_and_what_lists_show(band: str | None, company: Company, mark: Mark | None) -> None:
    assert (company_for(band), mark_of(band)) == (company, mark)


def test_a_band_of_long_ago() -> None:
    assert band_now("adult", date(2020, 1, 1), TODAY) == "adult"
    assert band_now("16_17", date(2024, 11, 28), TODAY) == "adult"
    assert band_now("16_17", None, TODAY) is None and band_now(None, TODAY, TODAY) is None
