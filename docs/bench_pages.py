"""Public pages: list and event signed out, to a constant; a task's page after a thousand and a million check-ins.

How to repeat, on a machine that does nothing else (a PostgreSQL of its own, gone afterwards):

    .venv/bin/python docs/bench_pages.py

The list and the event are those of the demonstration. The million is written by SQL, the way the product's own tables
hold it, and compared with the recount that `ledger verify` makes; in either database 500 rows wait to be folded.
"""

import re
import sys
import urllib.request
from datetime import timedelta
from functools import partial
from pathlib import Path

ROOT = Path(__file__).parents[1]
sys.path.insert(0, str(ROOT))

from docs.bench_place import (  # noqa: E402  (the path must be known first)
    Question,
    a_cluster,
    an_installation,
    floor_server,
    get_rate,
    serving,
)
from docs.bench_rows import in_turns, note_most, note_ratio, run  # noqa: E402
from tests.factories.calendars import City  # noqa: E402
from tests.support.postgres import Cluster  # noqa: E402
from webapp.attendance import queries  # noqa: E402
from webapp.attendance.service import recount  # noqa: E402
from webapp.core import clock  # noqa: E402

PACKED = {"Accept-Encoding": "gzip"}
ROUNDS, A_ROUND = 7, 120
EVENTS, SESSIONS = 10, 500
FEW, MANY = 2, 2000  # check-ins at each session

# In this order; {each} is how many came to every session, the first of whom the fold job has not seen yet. Ids tell
# what a row belongs to, so no foreign key is looked up (a million times each); the recount finds what does not fit.
FILL = """
SET session_replication_role = replica;
INSERT INTO event_session (id, event_id, title, venue_id, starts_at, ends_at, uid, sequence, created_at, updated_at)
    SELECT lpad(row_number() OVER (ORDER BY id, n)::text, 18, '0'), event_id, '', venue_id,
           starts_at - n * interval '5 days', ends_at - n * interval '5 days', n || '-' || uid, 0, now(), now()
    FROM event_session, generate_series(1, {more}) n;
DELETE FROM position;
INSERT INTO position (id, session_id, name, kind, capacity, taken, waitlist, rank)
    SELECT id, id, '观众', 'audience', {each}, {each}, false, 0 FROM event_session;
CREATE TABLE held AS
    SELECT row_number() OVER (ORDER BY session.id) AS n, session.id, position.id AS position_id, session.starts_at,
           event.organisation_id, venue.district_code, event.audiences ->> 0 AS audience, task.task_id
    FROM event_session session JOIN event ON event.id = session.event_id JOIN venue ON venue.id = session.venue_id
         JOIN event_task task ON task.event_id = event.id JOIN position ON position.session_id = session.id;
INSERT INTO person (id, name, phone, created_at, updated_at)
    SELECT 'p' || lpad(m::text, 17, '0'), '示例观众', '+86139' || lpad(m::text, 8, '0'), now(), now()
    FROM generate_series(1, {each}) m;
CREATE TABLE came AS
    SELECT lpad(held.n::text, 8, '0') || lpad(m::text, 8, '0') AS key, m, held.*
    FROM held, generate_series(1, {each}) m;
INSERT INTO signup (id, position_id, session_id, person_id, status, source, created_at, updated_at, confirmed_at,
                    priority, pass_serial, short_code)
    SELECT 's-' || key, position_id, id, 'p' || lpad(m::text, 17, '0'), 'confirmed', 'guest', now(), now(), now(), 0, 1,
           lpad(m::text, 6, '0') FROM came;
INSERT INTO scan (id, session_id, signup_id, device, nonce, kind, direction, method, code, outcome, valid, answer,
                  scanned_at, at, received_at, by_person_id, offline, rehearsal)
    SELECT 'c-' || key, id, 's-' || key, 'door', key, 'pass', 'in', 'camera', '', 'accepted', true, '{{}}', starts_at,
           starts_at, starts_at, 'p' || lpad('1', 17, '0'), false, false FROM came;
INSERT INTO attendance (id, signup_id, person_id, session_id, grade, in_at, in_scan_id, created_at, entered_late)
    SELECT 'a-' || key, 's-' || key, 'p' || lpad(m::text, 17, '0'), id, 'scan', starts_at, 'c-' || key, starts_at,
           false FROM came;
INSERT INTO ledger_entry (id, task_id, session_id, source_id, metric, grade, quantity, occurred_on, district_code,
                          organisation_id, audience, rule_version, step, created_at, folded_at,
                          reach)
    SELECT 'l-' || key, task_id, id, 'a-' || key, 'visits', 'scan', 1, (starts_at AT TIME ZONE 'Asia/Shanghai')::date,
           district_code, organisation_id, audience, 1, 0, starts_at, CASE WHEN m > 1 THEN now() END, 3
    FROM came
    UNION ALL
    SELECT 'h-' || lpad(n::text, 16, '0'), task_id, id, id, 'sessions', 'held', 1,
           (starts_at AT TIME ZONE 'Asia/Shanghai')::date, district_code, organisation_id, audience, 1, 0, starts_at,
           now(), 3
    FROM held;
INSERT INTO ledger_total (task_id, reach, metric, grade, month, district_code, organisation_id, audience, quantity)
    SELECT task_id, reach, metric, grade, to_char(occurred_on, 'YYYY-MM'), district_code, organisation_id, audience,
           sum(quantity)
    FROM ledger_entry WHERE folded_at IS NOT NULL GROUP BY 1, 2, 3, 4, 5, 6, 7, 8;
DROP TABLE came, held
"""


def public_pages(cluster: Cluster) -> None:
    """What a visitor opens first."""
    with (
        an_installation(cluster, "demonstration", demo=True) as (settings, folder),
        serving(settings, folder) as server,
        floor_server(settings, folder) as floor,
    ):
        with urllib.request.urlopen(f"{server.url}/events/", timeout=30) as answer:
            found = re.search(r'href="(/events/[0-9a-z]{18})"', answer.read().decode())
        assert found, "the list shows no event"
        for name, path in (("the list of events", "/events/"), ("the page of an event", found[1])):
            page = Question(server.settings.port, path, PACKED, times=A_ROUND)
            constant = Question(floor, "/", {})
            turns = in_turns(partial(get_rate, constant), partial(get_rate, page), rounds=ROUNDS)
            note_ratio(f"{name}, signed out, to a constant route", turns, least=0.35)


def fill(cluster: Cluster, name: str, *, each: int) -> None:
    """A year of sessions for one task, and as many check-ins at each; what a page reads from them is verified."""
    city = City()
    for number in range(EVENTS):
        starts_at = clock.now() - timedelta(hours=number)
        city.add(starts_at, tasks=[city.task], audiences=["老年人" if number % 2 else "青少年"])
    cluster.execute(FILL.format(each=each, more=SESSIONS // EVENTS - 1), database=name)
    cluster.execute("VACUUM ANALYZE", database=name)  # autovacuum is off
    some = list(queries.counted_sessions())[:: max(1, each // 20)]
    wrong = [one for held in some for one in recount.differences(held)] + queries.totals_differ()
    assert not wrong, wrong[:3]


def task_page(cluster: Cluster) -> None:
    """The same page of two cities that differ only in how many came."""
    with an_installation(cluster, "few") as (little, little_folder):
        fill(cluster, "few", each=FEW)
        with an_installation(cluster, "many") as (large, large_folder):
            fill(cluster, "many", each=MANY)
            with serving(little, little_folder) as few, serving(large, large_folder) as many:
                asked = [
                    Question(one.settings.port, "/plan/tasks/A4-2", PACKED, times=A_ROUND)
                    for one in (few, many)
                ]
                turns = in_turns(partial(get_rate, asked[0]), partial(get_rate, asked[1]), rounds=ROUNDS)
    times = 1 / turns.ratio
    what = f"the page of a task, {SESSIONS * MANY:,} check-ins to {SESSIONS * FEW:,}"
    large, little = turns.rates
    said = f"{times:.2f} times as long ({large:,.0f}/s to {little:,.0f}/s)"
    note_most(what, times, 1.5, unit="times", measured=said)


def main() -> None:
    """Make places, measure, throw them away. Nothing here is about how long a disk takes."""
    with a_cluster(durable=False) as cluster:
        public_pages(cluster)
        task_page(cluster)


if __name__ == "__main__":
    run(main)
