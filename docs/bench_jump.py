"""搜索 at city size: 300,000 people with what they are found by, 3,000 events, on SQLite and on PostgreSQL.

How to repeat, on a machine that does nothing else (databases of its own, gone afterwards):

    .venv/bin/python docs/bench_jump.py

The floor is the same address asked for nothing: signed in, counted and let in, but nothing looked for.
"""

import statistics
import sys
import time
from contextvars import Context
from datetime import timedelta
from functools import partial
from pathlib import Path
from typing import Any

from flask import current_app
from flask.testing import FlaskClient
from sqlalchemy import insert, text

ROOT = Path(__file__).parents[1]
sys.path.insert(0, str(ROOT))

from docs.bench_place import a_cluster, an_installation  # noqa: E402  (the path must be known first)
from docs.bench_rows import in_turns, note_most, run  # noqa: E402
from tests.factories.events import a_type, a_venue, an_organisation, staff  # noqa: E402
from webapp.core import clock  # noqa: E402
from webapp.core.db import new_id, session, transaction  # noqa: E402
from webapp.core.spelling import name_key  # noqa: E402
from webapp.events.models import Event, EventSession, Position  # noqa: E402
from webapp.events.service.finding import rebuild_search  # noqa: E402
from webapp.organisations.domain import Permission  # noqa: E402
from webapp.organisations.models import Organisation  # noqa: E402
from webapp.people.models import Account, Person  # noqa: E402
from webapp.people.service.persons import keep_words  # noqa: E402
from webapp.signups.models import Signup  # noqa: E402

PEOPLE, EVENTS, UNITS, AT_ONCE = 300_000, 3_000, 20, 10_000
ROUNDS, A_ROUND = 7, 5
FAMILY = "王李张刘陈杨赵黄周吴徐孙胡朱高林何郭马罗单仇"
GIVEN = "伟芳娜敏静丽强磊军洋勇艳杰娟涛明超秀霞平刚桂英华玉兰红文建国志梅春生海燕"
TITLES = ("高血压", "防电信诈骗", "航天", "种子", "垃圾分类", "急救", "天文", "用药", "地震", "编程")
# A common name, pinyin, first letters, a letter, the end of a phone, two words, an event, a code, what nobody has.
TYPED = (
    "王伟",
    "wang",
    "zhangli",
    "zw",
    "w",
    "5678",
    "张 56",
    "种子",
    "fangdian",
    "K7M4XQ",
    "无此人",
    "2026",
)


def fill() -> tuple[Account, Account]:
    """The city: everyone has signed up once; events from half a year ago to half a year ahead. Office, organiser."""
    units = [an_organisation(f"示例单位{number}").id for number in range(UNITS)]
    venue, kind, now = a_venue("示例会堂").id, a_type().slug, clock.now()
    who = staff(an_organisation(), Permission.GOVERN), _staff_of(units[0])
    seats = _events(units, venue, kind)
    for first in range(0, PEOPLE, AT_ONCE):
        made = [_person(number) for number in range(first, first + AT_ONCE)]
        with transaction() as current:
            current.execute(insert(Person), made)
            keep_words(one["id"] for one in made)
            current.execute(
                insert(Signup),
                [
                    {"position_id": seats[number % EVENTS][0], "session_id": seats[number % EVENTS][1]}
                    | {"person_id": one["id"], "status": "confirmed", "source": "guest", "confirmed_at": now}
                    | {"id": new_id(), "short_code": f"{number:06X}"}
                    for number, one in enumerate(made, first)
                ],
            )
    return who


def _staff_of(unit: str) -> Account:
    return staff(session().get_one(Organisation, unit), Permission.MANAGE_EVENTS, name="周馆长")


def _events(units: list[str], venue: str, kind: str) -> list[tuple[str, str]]:
    now = clock.now()
    events, held, seats = list[Any](), list[Any](), list[Any]()
    for number in range(EVENTS):
        event, one, seat = new_id(), new_id(), new_id()
        starts = now + timedelta(hours=(number - EVENTS // 2) * 3)
        events.append(
            {"id": event, "organisation_id": units[number % UNITS], "type_slug": kind, "status": "published"}
            | {"title": f"{TITLES[number % len(TITLES)]}讲座（第{number}讲）", "published_at": now}
        )
        held.append(
            {"id": one, "event_id": event, "venue_id": venue, "starts_at": starts, "uid": one}
            | {"ends_at": starts + timedelta(hours=2)}
        )
        seats.append({"id": seat, "session_id": one, "name": "观众", "kind": "audience", "capacity": 200})
    with transaction() as current:
        for model, rows in ((Event, events), (EventSession, held), (Position, seats)):
            current.execute(insert(model), rows)
    after: str | None = ""
    while after is not None:
        with transaction():
            after = rebuild_search(after)
    return [(seat["id"], seat["session_id"]) for seat in seats]


def _person(number: int) -> dict[str, Any]:
    own, size = number // len(FAMILY), len(GIVEN)
    name = (
        FAMILY[number % len(FAMILY)] + GIVEN[own % size] + (GIVEN[own // size % size] if number % 3 else "")
    )
    return {"id": new_id(), "name": name, "name_key": name_key(name), "phone": f"+86139{number:08d}"}


def signed_in(account: Account) -> FlaskClient:
    """A client that goes on as this account."""
    client = current_app.test_client()
    with client.session_transaction() as kept:
        kept["_user_id"], kept["_fresh"] = account.get_id(), True
    return client


def asked(client: FlaskClient, typed: str) -> float:
    """Answers a second, the median of some."""
    took = []
    for _round in range(A_ROUND):
        began = time.perf_counter()
        # In a context of its own, as a server has it: else the first one's person would be remembered.
        answer = Context().run(client.get, "/manage/jump.json", query_string={"q": typed})
        took.append(time.perf_counter() - began)
        assert answer.status_code == 200, answer.status_code
    return 1 / statistics.median(took)


def measure(where: str) -> None:
    """Every question by both; the slowest is what counts."""
    accounts = fill()
    session().execute(text("ANALYZE"))  # as the database's own keeper does in time; autovacuum is off here
    session().commit()
    for who, account in zip(("the office", "an organiser"), accounts, strict=True):
        client, slowest = signed_in(account), (0.0, "", 0.0)
        for typed in TYPED:
            turns = in_turns(partial(asked, client, ""), partial(asked, client, typed), rounds=ROUNDS)
            took = 1000 / turns.rates[0]
            print(f"  {where}, {who}: {typed}: {took:.0f} ms, ratio {turns.ratio:.2f}", flush=True)
            slowest = max(slowest, (took, typed, turns.ratio))
        took, typed, ratio = slowest
        said = f"{took:.0f} ms for “{typed}”, the slowest of {len(TYPED)}; ratio {ratio:.2f} to nothing looked for"
        what = f"搜索 among {PEOPLE:,} people and {EVENTS:,} events, {who}, {where}"
        note_most(what, took, 100, unit="ms", measured=said)


def main() -> None:
    """Both databases."""
    with an_installation(None, "jump", limit_code_guess="1000000 per minute"):
        measure("SQLite")
    with (
        a_cluster(durable=False) as cluster,
        an_installation(cluster, "jump", limit_code_guess="1000000 per minute"),
    ):
        measure("PostgreSQL")


if __name__ == "__main__":
    run(main)
