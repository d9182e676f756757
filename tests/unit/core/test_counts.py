"""Counters of rate limits."""

from concurrent.futures import ThreadPoolExecutor

from limits import parse
from limits.storage import storage_from_string
from limits.strategies import FixedWindowRateLimiter

from tests.support.time import TestClock
from webapp.core.counts import Counts


def test_the_library_finds_them_by_their_scheme() -> None:
    assert isinstance(storage_from_string("process://"), Counts)


def test_a_window_ends_and_another_begins(clock: TestClock) -> None:
    limiter, limit = FixedWindowRateLimiter(Counts()), parse("2 per minute")
    assert [limiter.hit(limit, "one") for _ in range(3)] == [True, True, False]
    assert not limiter.test(limit, "one")
    assert limiter.hit(limit, "another")
    assert limiter.get_window_stats(limit, "one").reset_time == clock.now.timestamp() + 60
    clock.advance(seconds=59)
    assert not limiter.hit(limit, "one")
    clock.advance(seconds=1)
    assert limiter.test(limit, "one")
    assert limiter.hit(limit, "one")


def test_no_count_is_lost_between_threads() -> None:
    counts = Counts()
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(lambda _: counts.incr("one", 60), range(2000)))
    assert counts.get("one") == 2000


def test_what_is_over_is_forgotten(clock: TestClock) -> None:
    counts = Counts()
    for number in range(100):
        counts.incr(str(number), 60)
    clock.advance(minutes=2)
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
