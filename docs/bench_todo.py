"""待办 at city size: every source has rows, among a year's sign-ups, hours, messages and audit, on both databases.

How to repeat, on a machine that does nothing else (databases of its own, gone afterwards):

    .venv/bin/python docs/bench_todo.py

The floor is the same page where no source is asked: signed in, let in, drawn with nothing on it.
"""

import statistics
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextvars import Context
from datetime import timedelta
from functools import partial
from pathlib import Path
from typing import Any
from unittest.mock import patch

from flask.testing import FlaskClient
from sqlalchemy import insert, text

ROOT = Path(__file__).parents[1]
sys.path.insert(0, str(ROOT))

from docs.bench_jump import EVENTS, UNITS, _events, _person, signed_in  # noqa: E402  (the path must be known first)
from docs.bench_place import a_cluster, an_installation  # noqa: E402
from docs.bench_rows import in_turns, note_most, run  # noqa: E402
from tests.factories.events import a_type, a_venue, an_organisation, staff  # noqa: E402
from tests.integration.pages.test_todo_sources import CASES  # noqa: E402
from webapp.core import clock, todo  # noqa: E402
from webapp.core.audit import AuditEntry  # noqa: E402
from webapp.core.db import new_id, session, transaction  # noqa: E402
from webapp.core.outbox import OutboxMessage  # noqa: E402
from webapp.events.models import Event  # noqa: E402
from webapp.organisations.domain import Permission  # noqa: E402
from webapp.organisations.models import Organisation  # noqa: E402
from webapp.people.models import Account, Person  # noqa: E402
from webapp.recognition.models import ServiceRecord  # noqa: E402
from webapp.recognition.queries import current_rule  # noqa: E402
from webapp.signups.models import Signup  # noqa: E402

PEOPLE, SIGNUPS, HOURS, MESSAGES, ENTRIES, AT_ONCE = 30_000, 300_000, 30_000, 100_000, 300_000, 10_000
EACH = 8  # rows of each source that can have several
ALONE = {
    "plan_to_follow",
    "events_to_take_along",
    "years_to_announce",
    "clock_to_check",
    "erasures_to_note",
}  # one at most
MANY = 3_000
ROUNDS, A_ROUND = 7, 5


def fill() -> tuple[Account, Account]:
    """The city, and what waits in it. The office, and an organiser."""
    units = [an_organisation(f"示例单位{number}") for number in range(UNITS)]
    office = staff(an_organisation("市科协", kind="office"), Permission.GOVERN)
    organiser = staff(units[0], Permission.MANAGE_EVENTS, name="周馆长")
    seats = _events([one.id for one in units], a_venue("示例会堂").id, a_type().slug)
    rule = current_rule().version
    people = [_person(number) for number in range(PEOPLE)]
    with transaction() as current:
        current.execute(insert(Person), people)
    _insert(Signup, (_signup(number, people, seats) for number in range(SIGNUPS)), SIGNUPS)
    _insert(ServiceRecord, (_record(number, people, seats, units, rule) for number in range(HOURS)), HOURS)
    _insert(OutboxMessage, (_message(number) for number in range(MESSAGES)), MESSAGES)
    _insert(AuditEntry, (_entry(number, people, units) for number in range(ENTRIES)), ENTRIES)
    for name, case in CASES.items():
        for _number in range(1 if name in ALONE else EACH):
            case.make(session().get_one(Organisation, units[0].id))
    return office, organiser


def _insert(model: Any, rows: Iterator[dict[str, Any]], number: int) -> None:
    for _first in range(0, number, AT_ONCE):
        with transaction() as current:
            current.execute(insert(model), [next(rows) for _ in range(AT_ONCE)])


def _signup(
    number: int, people: Sequence[dict[str, Any]], seats: Sequence[tuple[str, str]]
) -> dict[str, Any]:
    position, held = seats[number % EVENTS]
    # Of each event a hundred people, a hundred and one apart: nobody is on one list twice.
    person = people[(number % EVENTS + number // EVENTS * 101) % PEOPLE]["id"]
    values = {"position_id": position, "session_id": held, "person_id": person}
    more = {
        "status": "confirmed",
        "source": "guest",
        "confirmed_at": clock.now(),
        "short_code": f"{number:06X}",
    }
    return {"id": new_id(), **values, **more}


def _record(
    number: int,
    people: Sequence[dict[str, Any]],
    seats: Sequence[tuple[str, str]],
    units: Sequence[Organisation],
    rule: int,
) -> dict[str, Any]:
    today, now = clock.today(), clock.now()
    of = {"session_id": seats[number % EVENTS][1], "organisation_id": units[number % UNITS].id}
    times = {"in_at": now - timedelta(hours=2), "out_at": now, "served_on": today, "final_at": now}
    shown = {"notice_from": today, "notice_until": today, "status": "final", "source": "scan"}
    return {
        "id": new_id(),
        "person_id": people[number % PEOPLE]["id"],
        "turnout": "as_planned",
        "minutes": 120,
        "added_minutes": 0,
        "rule_version": rule,
        **of,
        **times,
        **shown,
    }


def _message(number: int) -> dict[str, Any]:
    return {
        "id": new_id(),
        "channel": "mail",
        "recipient": f"a{number}@example.test",
        "subject": "提醒",
        "body": "明天上午九点。",
        "dedupe_key": f"bench:{number}",
        "state": "sent",
        "due_at": clock.now(),
    }


def _entry(number: int, people: Sequence[dict[str, Any]], units: Sequence[Organisation]) -> dict[str, Any]:
    rare = number % 1000 == 0  # somebody's rights were set
    details = {"before": ["scan"], "after": ["scan"]} if rare else {}
    subject = (
        ("organisation", units[number % UNITS].id) if rare else ("signup", people[number % PEOPLE]["id"])
    )
    action = "membership.set" if rare else "signup.create"
    return {
        "id": new_id(),
        "action": action,
        "subject_type": subject[0],
        "subject_id": subject[1],
        "details": details,
        "at": clock.now() - timedelta(minutes=number),
    }


def _drafts(unit: str) -> None:
    """So many more that there are thousands of rows."""
    made = {"organisation_id": unit, "type_slug": a_type().slug, "status": "draft"}
    with transaction() as current:
        rows = [{"id": new_id(), "title": f"讲座草稿{number}", **made} for number in range(MANY)]
        current.execute(insert(Event), rows)


def asked(client: FlaskClient, found: Callable[[todo.Viewer], list[todo.Todo]]) -> float:
    """Answers a second, the median of some."""
    took = []
    for _round in range(A_ROUND):
        began = time.perf_counter()
        with patch.object(todo, "collect", found):
            answer = Context().run(client.get, "/manage/todo")  # a context of its own, as in a server
        took.append(time.perf_counter() - began)
        assert answer.status_code == 200, answer.status_code
    return 1 / statistics.median(took)


def measure(where: str) -> None:
    """The page of the office and of an organiser, then with thousands of rows."""
    office, organiser = fill()
    _measure(where, "the office", office)
    _measure(where, "an organiser", organiser)
    _drafts(todo_unit(organiser))
    _measure(where, "an organiser", organiser)


def todo_unit(account: Account) -> str:
    """The organisation somebody works for."""
    found = session().execute(
        text("SELECT organisation_id FROM membership WHERE person_id = :who"), {"who": account.person_id}
    )
    return str(found.scalar_one())


def _measure(where: str, who: str, account: Account) -> None:
    session().execute(text("ANALYZE"))  # as the database's own keeper does in time; autovacuum is off here
    session().commit()
    client = signed_in(account)
    number = Context().run(client.get, "/manage/todo/count.json").get_json()["count"]
    turns = in_turns(
        partial(asked, client, lambda _viewer: []), partial(asked, client, todo.collect), rounds=ROUNDS
    )
    took, floor = (1000 / rate for rate in turns.rates)
    said = f"{took:.0f} ms, ratio {turns.ratio:.2f} to the page with nothing asked ({floor:.0f} ms)"
    said += f"; {_own(client):.0f} ms of our processor"
    what = f"待办 of {len(todo.sources())} sources, {number:,} rows, {SIGNUPS:,} sign-ups, {who}, {where}"
    note_most(what, took, 150, unit="ms", measured=said)


def _own(client: FlaskClient) -> float:
    """Milliseconds of this process for a page, the least of some: what is left where the machine has other work."""
    took = []
    for _round in range(A_ROUND):
        began = time.process_time()
        Context().run(client.get, "/manage/todo")
        took.append(time.process_time() - began)
    return min(took) * 1000


def main() -> None:
    """Both databases."""
    with an_installation(None, "todo"):
        measure("SQLite")
    with a_cluster(durable=False) as cluster, an_installation(cluster, "todo"):
        measure("PostgreSQL")


if __name__ == "__main__":
    run(main)
