"""Feeds in figures: a 304 and a 200 against constants, building a thousand entries, what five thousand readers cost.

How to repeat, on a machine that does nothing else:

    .venv/bin/python docs/bench_feeds.py

The constants are served by the same gunicorn settings, in turns with the product, to the same clients. Ratios count.
"""

import http.client
import os
import statistics
import sys
import time
import tracemalloc
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from datetime import timedelta
from pathlib import Path

from flask import current_app

ROOT = Path(__file__).parents[1]
sys.path.insert(0, str(ROOT))

from docs.bench_doors import CLIENTS, a_place, floor_server  # noqa: E402  (the path must be known first)
from tests.factories.calendars import City  # noqa: E402
from tests.support.server import LiveServer, free_port  # noqa: E402
from webapp.calendars import ics, queries, service  # noqa: E402
from webapp.calendars.domain import Scope  # noqa: E402
from webapp.core import clock  # noqa: E402
from webapp.core.config import Settings  # noqa: E402
from webapp.core.db import session, transaction  # noqa: E402
from webapp.people.models import Person  # noqa: E402

ROUNDS, A_ROUND = 5, 1600
READERS, PER_HOUR = 5000, 3600


@dataclass(frozen=True)
class Question:
    """What is asked over and over."""

    port: int
    path: str
    headers: dict[str, str]
    status: int


def rate(question: Question) -> tuple[float, float]:
    """Answers a second from eight clients that keep their connection, and milliseconds of processor for each."""

    def client(number: int) -> None:
        connection = http.client.HTTPConnection("127.0.0.1", question.port, timeout=30)
        for _ in range(A_ROUND // CLIENTS):
            connection.request("GET", question.path, headers=question.headers)
            answer = connection.getresponse()
            answer.read()
            assert answer.status == question.status, (number, answer.status)
        connection.close()

    began, used = time.perf_counter(), server_ticks()
    with ThreadPoolExecutor(CLIENTS) as pool:
        list(pool.map(client, range(CLIENTS)))
    taken = time.perf_counter() - began
    return A_ROUND / taken, (server_ticks() - used) * 1000 / os.sysconf("SC_CLK_TCK") / A_ROUND


def server_ticks() -> int:
    """Processor time of every gunicorn and PostgreSQL process, ours and the floor's; one of them is idle."""
    found = 0
    for one in Path("/proc").glob("[0-9]*"):
        try:
            words = (one / "cmdline").read_bytes()
            if b"gunicorn" in words or b"postgres" in words:
                fields = (one / "stat").read_text().rsplit(")", 1)[1].split()
                found += int(fields[11]) + int(fields[12])
        except OSError:
            continue
    return found


def compare(name: str, ours: Question, floor: Question, *, wanted: float) -> float:
    """Print the median ratio; gives milliseconds of processor of one of ours."""
    for question in (floor, ours):
        rate(question)  # warm
    ratios, costs = [], []
    for _ in range(ROUNDS):
        low, _cost = rate(floor)
        high, cost = rate(ours)
        ratios.append(high / low)
        costs.append(cost)
    cost = statistics.median(costs)
    print(
        f"{name}: ratio {statistics.median(ratios):.2f} ({min(ratios):.2f}–{max(ratios):.2f}, wanted {wanted}),"
    )
    print(f"    {high:.0f}/s against {low:.0f}/s in the last round, {cost:.2f} ms of processor each")
    return cost


def tag_of(port: int, path: str, **headers: str) -> tuple[str, bytes]:
    """ETag and body of a feed."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
    connection.request("GET", path, headers=headers)
    answer = connection.getresponse()
    return answer.headers["ETag"], answer.read()


def build_cold(base: str) -> None:
    """A thousand entries, nothing kept."""
    taken = []
    for _ in range(7):
        ics._event.cache_clear()  # noqa: SLF001  (nothing may be kept)
        ics._line.cache_clear()  # noqa: SLF001  (nothing may be kept)
        session().rollback()
        began = time.perf_counter()
        body = ics.build(queries.calendar_of(Scope("all")), base_url=base)
        taken.append(time.perf_counter() - began)
    count = body.count(b"BEGIN:VEVENT")
    print(f"building {count} entries cold: median {statistics.median(taken) * 1000:.0f} ms (wanted 250)")


def memory(ask: Callable[[], object]) -> None:
    """What one request for it takes at its height."""
    ics._event.cache_clear()  # noqa: SLF001  (nothing may be kept)
    ics._line.cache_clear()  # noqa: SLF001  (nothing may be kept)
    tracemalloc.start()
    ask()
    print(
        f"memory of such a request at its height: {tracemalloc.get_traced_memory()[1] / 2**20:.1f} MB (wanted 20)"
    )
    tracemalloc.stop()


def main() -> None:
    """Make a place, measure, throw it away."""
    with a_place(limit_calendar="1000000 per minute") as (settings, folder):
        city = City()
        city.add_many(500)
        with transaction() as database:
            person = Person(name="示例", phone="+8613900000000")
            database.add(person)
            database.flush()
            made = service.create_subscription(Scope("organisation", city.centre), "前台", by=person.id)
            path = f"/calendar/s/{queries.token_of(made)}.ics"
        feeds(settings, folder, path)
        for number in range(501):
            city.add(clock.now() + timedelta(hours=number))
        build_cold("https://kepu.example.cn")
        client = current_app.test_client()
        memory(lambda: client.get("/calendar/all.ics"))


def feeds(settings: Settings, folder: Path, path: str) -> None:
    """304s and 200s over the wire."""
    server = LiveServer(replace(settings, port=free_port()), folder / "server.log")
    server.start()
    port = server.settings.port
    packed = {"Accept-Encoding": "gzip"}
    _, body = tag_of(port, "/calendar/all.ics", **packed)
    (folder / "feed").write_bytes(body)
    with floor_server(settings, folder, FLOOR_BYTES=str(folder / "feed")) as floor:
        constant, same = Question(floor, "/", {}, 200), Question(floor, "/bytes", {}, 200)
        tag, _ = tag_of(port, "/calendar/all.ics", **packed)
        known = packed | {"If-None-Match": tag}
        compare(
            "304 of a public feed", Question(port, "/calendar/all.ics", known, 304), constant, wanted=0.75
        )
        compare(
            "200 of 500 entries, unchanged",
            Question(port, "/calendar/all.ics", packed, 200),
            same,
            wanted=0.5,
        )
        tag, _ = tag_of(port, path, **packed)
        known = packed | {"If-None-Match": tag}
        not_modified = compare(
            "304 of a subscription", Question(port, path, known, 304), constant, wanted=0.75
        )
        whole = compare("200 of a subscription", Question(port, path, packed, 200), same, wanted=0.5)
    server.stop()
    costs = (("304", not_modified), ("200", whole), ("after a commit elsewhere", after_commits(path)))
    for name, cost in costs:
        share = READERS / PER_HOUR * cost / 1000
        print(
            f"{READERS} subscriptions fetched hourly, all answered {name}: {share:.2%} of a core (wanted 5 %)"
        )


def after_commits(path: str) -> float:
    """Milliseconds for a fetch when somebody wrote something since the last one, so that nothing may be repeated."""
    client, taken = current_app.test_client(), []
    for number in range(40):
        with transaction() as database:
            database.add(Person(name="示例", phone=f"+86137{number:08}"))
        began = time.perf_counter()
        client.get(path, headers={"Accept-Encoding": "gzip"}).close()
        taken.append((time.perf_counter() - began) * 1000)
    cost = statistics.median(taken)
    print(f"a fetch of 500 entries after a commit elsewhere: {cost:.0f} ms")
    return cost


if __name__ == "__main__":
    main()
