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
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

from flask import current_app

ROOT = Path(__file__).parents[1]
sys.path.insert(0, str(ROOT))

from docs.bench_place import (  # noqa: E402  (the path must be known first)
    Question,
    a_place,
    family,
    floor_server,
    get_rate,
    serving,
)
from docs.bench_rows import Row, in_turns, note, note_most, note_ratio, run  # noqa: E402
from tests.factories.calendars import City  # noqa: E402
from webapp.calendars import ics, queries, service  # noqa: E402
from webapp.calendars.domain import Scope  # noqa: E402
from webapp.core import clock  # noqa: E402
from webapp.core.config import Settings  # noqa: E402
from webapp.core.db import session, transaction  # noqa: E402
from webapp.people.models import Person  # noqa: E402

ROUNDS = 5
READERS, PER_HOUR = 5000, 3600


def server_ticks() -> int:
    """Processor time of what this process started: servers, ours and the floor's, and PostgreSQL; one is idle."""
    found = 0
    for pid in family(os.getpid())[1:]:
        try:
            fields = Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()
            found += int(fields[11]) + int(fields[12])
        except OSError:
            continue
    return found


def compare(name: str, ours: Question, floor: Question, *, least: float) -> float:
    """Note the median ratio; gives milliseconds of processor of one of ours."""
    costs = []

    def measured() -> float:
        used = server_ticks()
        found = get_rate(ours)
        costs.append((server_ticks() - used) * 1000 / os.sysconf("SC_CLK_TCK") / ours.times)
        return found

    turns = in_turns(lambda: get_rate(floor), measured, rounds=ROUNDS)
    note_ratio(name, turns, least=least)
    cost = statistics.median(costs[1:])
    print(f"    {cost:.2f} ms of processor each")
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
    cost = statistics.median(taken) * 1000
    note_most(
        f"building a feed of {count:,} entries with nothing kept",
        cost,
        250,
        unit="ms",
        measured=f"median {cost:.0f} ms",
    )


def memory(ask: Callable[[], object]) -> None:
    """What one request for it takes at its height."""
    ics._event.cache_clear()  # noqa: SLF001  (nothing may be kept)
    ics._line.cache_clear()  # noqa: SLF001  (nothing may be kept)
    tracemalloc.start()
    ask()
    taken = tracemalloc.get_traced_memory()[1] / 2**20
    note_most("memory of such a request at its height", taken, 20, unit="MB", measured=f"{taken:.1f} MB")
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
    with serving(settings, folder) as server:
        port, packed = server.settings.port, {"Accept-Encoding": "gzip"}
        tag, body = tag_of(port, "/calendar/all.ics", **packed)
        (folder / "feed").write_bytes(body)
        with floor_server(settings, folder, FLOOR_BYTES=str(folder / "feed")) as floor:
            constant, same = Question(floor, "/", {}), Question(floor, "/bytes", {})
            public = Question(port, "/calendar/all.ics", packed)
            known = replace(public, headers=packed | {"If-None-Match": tag}, status=304)
            compare("304 of a public feed, to a constant route", known, constant, least=0.75)
            compare("200 of the same, 500 entries, to its bytes as a constant", public, same, least=0.5)
            own = replace(public, path=path)
            tag, _ = tag_of(port, path, **packed)
            known = replace(own, headers=packed | {"If-None-Match": tag}, status=304)
            unchanged = compare(
                "304 of a subscription, counted and noted, to the constant", known, constant, least=0.75
            )
            whole = compare("200 of the same, to the bytes", own, same, least=0.5)
    costs = {
        "while nothing changes": unchanged,
        "if all are sent again": whole,
        "if somebody wrote something before every fetch": after_commits(path),
    }
    shares = {name: READERS / PER_HOUR * cost / 10 for name, cost in costs.items()}
    said = "; ".join(f"{share:.2g} % {name}" for name, share in shares.items())
    what = f"{READERS:,} subscriptions of 500 entries fetched hourly, of one core"
    note(Row(what, said, "≤ 5 %", max(shares.values()) <= 5))


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
    run(main)
