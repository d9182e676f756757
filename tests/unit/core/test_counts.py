"""Counters of rate limits."""

from concurrent.futures import ThreadPoolExecutor

import pytest
from limits import parse
from limits.storage import storage_from_string
from limits.strategies import FixedWindowRateLimiter

from webapp.core import counts as module
from webapp.core.counts import Counts


class Hands:
    """A clock that stands still until it is moved."""

    def __init__(self) -> None:
        self.seconds = 1_795_600_000.0

    def __call__(self) -> float:
        return self.seconds


@pytest.fixture
def hands(monkeypatch: pytest.MonkeyPatch) -> Hands:
    made = Hands()
    monkeypatch.setattr(module, "_now", made)
    return made


def test_the_library_finds_them_by_their_scheme() -> None:
    assert isinstance(storage_from_string("process://"), Counts)


def test_a_window_ends_and_another_begins(hands: Hands) -> None:
    limiter, limit = FixedWindowRateLimiter(Counts()), parse("2 per minute")
    assert [limiter.hit(limit, "one") for _ in range(3)] == [True, True, False]
    assert not limiter.test(limit, "one")
    assert limiter.hit(limit, "another")
    assert limiter.get_window_stats(limit, "one").reset_time == hands.seconds + 60
    hands.seconds += 59
    assert not limiter.hit(limit, "one")
    hands.seconds += 1
    assert limiter.test(limit, "one")
    assert limiter.hit(limit, "one")


def test_no_count_is_lost_between_threads() -> None:
    counts = Counts()
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(lambda _: counts.incr("one", 60), range(2000)))
    assert counts.get("one") == 2000


def test_what_is_over_is_forgotten(hands: Hands) -> None:
    counts = Counts()
    for number in range(100):
        counts.incr(str(number), 60)
    hands.seconds += 120
    counts.incr("new", 60)
    assert counts.reset() == 1
    assert counts.get("new") == 0


def test_one_is_forgotten_when_it_is_asked_for() -> None:
    counts = Counts()
    counts.incr("one", 60)
    counts.incr("two", 60)
    counts.clear("one")
    assert (counts.get("one"), counts.get("two")) == (0, 1)
    assert counts.check()
