"""The rush when sign-up opens: 500 people, 100 places, 16 clients; and what a server process takes afterwards.

How to repeat, on a machine that does nothing else (a PostgreSQL of its own with fsync on, gone afterwards):

    .venv/bin/python docs/bench_rush.py

Each round has a new position. The floor is a bare route with the bare conditional UPDATE and the INSERT in one
transaction: it asks neither who it is nor whether they may. Both must end with exactly 100 who have a place.
"""

import sys
from datetime import timedelta
from pathlib import Path

from sqlalchemy import func, select

ROOT = Path(__file__).parents[1]
sys.path.insert(0, str(ROOT))

from docs.bench_place import (  # noqa: E402  (the path must be known first)
    a_place,
    family,
    floor_server,
    rate,
    request,
    serving,
)
from docs.bench_rows import Row, in_turns, note, note_most, note_ratio, run  # noqa: E402
from tests.factories.attendance import Scene, make_scene  # noqa: E402
from tests.factories.calendars import make_person  # noqa: E402
from webapp.core.config import Settings  # noqa: E402
from webapp.core.db import new_id, session, transaction  # noqa: E402
from webapp.events.models import EventSession, Position  # noqa: E402
from webapp.people import service as people  # noqa: E402
from webapp.signups.models import Signup  # noqa: E402

PEOPLE, PLACES, CLIENTS = 500, 100, 16
ROUNDS, WARM_UP = 5, 1

Tokens = dict[str, str]  # person → token


def make_tokens() -> Tokens:
    """People with an account and a token."""
    ids = [make_person().person_id for _ in range(PEOPLE)]
    with transaction():
        return {person: people.create_token(person, "rush") for person in ids}


def make_position(scene: Scene) -> tuple[str, str]:
    """Places for an audience, with a waitlist, in a session of its own day: nobody is in two places at once."""
    made, held = new_id(), new_id()
    with transaction() as database:
        like = database.get_one(EventSession, scene.session)
        last = database.scalars(select(func.max(EventSession.starts_at))).one() + timedelta(days=1)
        database.add(
            EventSession(
                id=held,
                event_id=like.event_id,
                venue_id=like.venue_id,
                title="",
                starts_at=last,
                ends_at=last + timedelta(hours=1),
                uid=held,
            )
        )
        database.add(Position(id=made, session_id=held, name=made, kind="audience", capacity=PLACES))
    return made, held


def outcome(positions: list[str]) -> Row:
    """Whether each has exactly as many people as places, and everyone else waits."""
    session().rollback()
    found = session().execute(
        select(Signup.position_id, Signup.status, func.count())
        .where(Signup.position_id.in_(positions))
        .group_by(Signup.position_id, Signup.status)
    )
    counts = {(position, status): count for position, status, count in found}
    taken = session().scalars(select(Position.taken).where(Position.id.in_(positions))).all()
    confirmed = sorted({counts.get((one, "confirmed"), 0) for one in positions})
    waiting = sorted({counts.get((one, "waitlisted"), 0) for one in positions})
    is_exact = confirmed == [PLACES] == sorted(set(taken)) and waiting == [PEOPLE - PLACES]
    said = f"{_either(confirmed)} confirmed and {_either(waiting)} waiting in each of {len(positions)} rushes"
    return Row(f"{PEOPLE} people for {PLACES} places: who has one", said, f"exactly {PLACES}", is_exact)


def _either(numbers: list[int]) -> str:
    return " or ".join(str(one) for one in numbers)


def rush(scene: Scene, settings: Settings, folder: Path) -> None:
    """The product and the floor in turns."""
    tokens, opened = make_tokens(), list[str]()

    def ours() -> float:
        opened.append(make_position(scene)[0])
        port, path = server.settings.port, f"/api/v1/positions/{opened[-1]}/signups"
        asked = [request(port, path, {"Authorization": f"Bearer {one}"}, {}) for one in tokens.values()]
        return rate(port, asked, status=201, clients=CLIENTS)

    def bare() -> float:
        given = dict(zip(("position", "session"), make_position(scene), strict=True))
        asked = [request(floor, "/signups", {}, given | {"person": one}) for one in tokens]
        return rate(floor, asked, status=201, clients=CLIENTS)

    with serving(settings, folder) as server:
        with floor_server(settings, folder) as floor:
            turns = in_turns(bare, ours, rounds=ROUNDS, warm_up=WARM_UP)
        what = f"{PEOPLE} people sign up for {PLACES} places, {CLIENTS} clients, to a bare conditional update"
        note_ratio(what, turns, least=0.5)
        note(outcome(opened))
        assert server.process
        memory(server.process.pid)


def memory(gunicorn: int) -> None:
    """What the largest of the processes that answer holds."""
    held = [_megabytes(pid) for pid in family(gunicorn)[1:]]
    if not held:
        note(Row("memory of one server process after the rush", "cannot be measured here: there is no /proc"))
        return
    whole, own = max(held)
    said = f"{whole:.0f} MB resident ({own:.0f} MB counting what is shared only in part)"
    note_most("memory of one server process after the rush", whole, 200, unit="MB", measured=said)


def _megabytes(pid: int) -> tuple[float, float]:
    """RSS and PSS."""
    lines = Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines()
    found = {line.split()[0]: int(line.split()[1]) / 1024 for line in lines[1:]}
    return found["Rss:"], found["Pss:"]


def main() -> None:
    """Make a place, measure, throw it away."""
    with a_place() as (settings, folder):
        rush(make_scene(), settings, folder)


if __name__ == "__main__":
    run(main)
