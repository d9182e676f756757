"""The door in figures: one check-in against its floor, a batch of 500, what a phone keeps of 6,000 people.

How to repeat, on a machine that does nothing else (a PostgreSQL of its own with fsync on, gone afterwards):

    .venv/bin/python docs/bench_doors.py

The floor is a bare Flask route with one hand-written SQL transaction that leaves the same rows behind; it is served by
the same gunicorn settings from the same database, in turns with the product, by the same clients. The ratio is what
counts.
"""

import http.client
import json
import sys
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path

ROOT = Path(__file__).parents[1]
sys.path.insert(0, str(ROOT))

from docs.bench_place import a_place, floor_server, rate, request, serving  # noqa: E402  (the path must be known first)
from docs.bench_rows import in_turns, note_most, note_ratio, run  # noqa: E402
from tests.factories.attendance import Scene, make_scene  # noqa: E402
from webapp.core import clock  # noqa: E402
from webapp.core.config import Settings  # noqa: E402
from webapp.core.db import new_id, transaction  # noqa: E402
from webapp.people import service as people  # noqa: E402
from webapp.people.models import Person  # noqa: E402
from webapp.signups.models import Signup  # noqa: E402
from webapp.signups.queries import pass_code  # noqa: E402

ROUNDS = 9
WARM_UP = 2
A_ROUND = 250
CROWD = 2 * (ROUNDS + WARM_UP) * A_ROUND + 500

Pass = tuple[str, str]  # sign-up and code
Ask = Callable[..., tuple[float, int]]  # path and body → seconds and bytes


def make_crowd(scene: Scene) -> list[Pass]:
    """Sign-ups and pass codes of a crowd, written without the services: signing up is not measured here."""
    with transaction() as database:
        made = []
        for number in range(CROWD):
            person = Person(name="示例观众", phone=f"+86138{number:08d}")
            database.add(person)
            database.flush()
            signup = Signup(
                position_id=scene.seats,
                session_id=scene.session,
                person_id=person.id,
                status="confirmed",
                source="guest",
                short_code=f"{number:06d}",
            )
            database.add(signup)
            made.append(signup)
        database.flush()
        return [(signup.id, pass_code(signup)) for signup in made]


def check_ins(scene: Scene, codes: list[Pass], settings: Settings, folder: Path, token: str) -> None:
    """The product and the floor in turns; then what else phones ask for."""

    def own(shown: Pass) -> bytes:
        body = {"code": shown[1], "session": scene.session, "nonce": new_id(), "device": "door"}
        return request(server.settings.port, "/api/v1/checkins", bearer, body)

    def bare(shown: Pass) -> bytes:
        body = {"signup": shown[0], "session": scene.session, "by": scene.scanner, "task": scene.tasks[0]}
        return request(floor_port, "/checkins", {}, body)

    bearer = {"Authorization": f"Bearer {token}"}
    with serving(settings, folder) as server:
        with floor_server(settings, folder) as floor_port:
            turns = in_turns(
                lambda: rate(floor_port, [bare(one) for one in some(codes)], status=201),
                lambda: rate(server.settings.port, [own(one) for one in some(codes)], status=201),
                rounds=ROUNDS,
                warm_up=WARM_UP,
            )
        note_ratio("one check-in by HTTP, 8 clients, to a bare route with one transaction", turns, least=0.5)
        ask = partial(fetch, server.settings.port, token)
        batch(scene, codes, ask)
        pack(scene, ask)


def some(codes: list[Pass]) -> list[Pass]:
    """Those of one round; nobody comes twice."""
    return [codes.pop() for _ in range(A_ROUND)]


def fetch(port: int, token: str, path: str, body: object = None) -> tuple[float, int]:
    """Seconds and bytes of one answer."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
    headers = {
        "Authorization": f"Bearer {token}",
        "Accept-Encoding": "gzip",
        "Content-Type": "application/json",
    }
    began = time.perf_counter()
    connection.request("POST" if body else "GET", path, json.dumps(body) if body else None, headers)
    answer = connection.getresponse()
    size = len(answer.read())
    taken = time.perf_counter() - began
    assert answer.status == 200, answer.status
    connection.close()
    return taken, size


def batch(scene: Scene, codes: list[Pass], ask: Ask) -> None:
    """500 scans made without network, handed in at once; and the same a second time."""
    now = clock.now().isoformat()
    items = [
        {"code": codes.pop()[1], "session": scene.session, "nonce": new_id(), "scanned_at": now}
        for _ in range(500)
    ]
    for name in ("500 scans handed in at once", "the same 500 again"):
        taken, _ = ask("/api/v1/checkins/batch", {"device": "village", "items": items})
        note_most(name, taken, 2, unit="s")


def pack(scene: Scene, ask: Ask) -> None:
    """What a phone keeps to judge by itself, of everyone there is; the slowest of three."""
    found = [ask(f"/api/v1/sessions/{scene.session}/pack") for _ in range(3)]
    note_most(f"what a phone keeps of {CROWD:,} people", max(taken for taken, _ in found), 1, unit="s")
    size = found[-1][1] / 1024
    note_most(
        "its size, compressed (everyone of one name)", size, 300, unit="KiB", measured=f"{size:.0f} KiB"
    )


def main() -> None:
    """Make a place, measure, throw it away."""
    with a_place(limit_api="1000000 per minute") as (settings, folder):
        scene = make_scene()
        codes = make_crowd(scene)
        with transaction():
            token = people.create_token(scene.scanner, "bench")
        check_ins(scene, codes, settings, folder, token)


if __name__ == "__main__":
    run(main)
