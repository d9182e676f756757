"""The door in figures: one check-in against its floor, a batch of 500, the pack of 2,000 people.

How to repeat, on a machine that does nothing else (a PostgreSQL of its own with fsync on, gone afterwards):

    .venv/bin/python docs/bench_doors.py

The floor is a bare Flask route with one hand-written SQL transaction that leaves the same rows behind; it is served by
the same gunicorn settings from the same database, in turns with the product, by the same clients. The ratio is what
counts.
"""

import http.client
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

ROOT = Path(__file__).parents[1]
sys.path.insert(0, str(ROOT))

from tests.factories.attendance import Scene, make_scene  # noqa: E402  (the path must be known first)
from tests.support.postgres import Cluster  # noqa: E402
from tests.support.server import LiveServer, free_port  # noqa: E402
from webapp import create_app  # noqa: E402
from webapp.core import clock  # noqa: E402
from webapp.core.config import Settings  # noqa: E402
from webapp.core.db import new_id, session, transaction, upgrade  # noqa: E402
from webapp.core.serve import server_command  # noqa: E402
from webapp.people import service as people  # noqa: E402
from webapp.people.models import Person  # noqa: E402
from webapp.signups.models import Signup  # noqa: E402
from webapp.signups.queries import pass_code  # noqa: E402

CLIENTS = 8
ROUNDS = 9
WARM_UP = 2
A_ROUND = 250
CROWD = 2 * (ROUNDS + WARM_UP) * A_ROUND + 500

Pass = tuple[str, str]  # sign-up and code
Send = Callable[[http.client.HTTPConnection, Pass], int]


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


@contextmanager
def floor_server(settings: Settings, folder: Path, **more: str) -> Iterator[int]:
    """The floor, on the product's own gunicorn settings and with this in its environment; gives its port."""
    port = free_port()
    command = server_command(replace(settings, port=port))
    command[command.index("wsgi:app")] = "docs.bench_floor:app"
    given = {"FLOOR_DATABASE": settings.database_url.replace("+psycopg", "")} | more
    with (folder / "floor.log").open("wb") as log:
        process = subprocess.Popen(command, cwd=ROOT, env=os.environ | given, stdout=log, stderr=log)
    try:
        for _ in range(200):
            try:
                urllib.request.urlopen(f"http://127.0.0.1:{port}/", timeout=5).read()
                break
            except OSError:
                time.sleep(0.1)
        yield port
    finally:
        process.terminate()
        process.wait()


def rate(port: int, codes: list[Pass], send: Send) -> float:
    """Answers a second for these codes, from eight clients that keep their connection."""

    def client(own: list[Pass]) -> None:
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
        for code in own:
            status = send(connection, code)
            assert status == 201, status
        connection.close()

    began = time.perf_counter()
    with ThreadPoolExecutor(CLIENTS) as pool:
        list(pool.map(client, [codes[number::CLIENTS] for number in range(CLIENTS)]))
    return len(codes) / (time.perf_counter() - began)


def poster(path: str, headers: dict[str, str], body: Callable[[Pass], dict[str, object]]) -> Send:
    """Sends one code as JSON and reads the whole answer."""

    def send(connection: http.client.HTTPConnection, shown: Pass) -> int:
        connection.request(
            "POST", path, json.dumps(body(shown)), {"Content-Type": "application/json"} | headers
        )
        answer = connection.getresponse()
        answer.read()
        return answer.status

    return send


def check_ins(scene: Scene, codes: list[Pass], settings: Settings, folder: Path, token: str) -> None:
    """The product and the floor in turns."""
    own = poster(
        "/api/v1/checkins",
        {"Authorization": f"Bearer {token}"},
        lambda shown: {"code": shown[1], "session": scene.session, "nonce": new_id(), "device": "door"},
    )
    bare = poster(
        "/checkins",
        {},
        lambda shown: {
            "signup": shown[0],
            "session": scene.session,
            "by": scene.scanner,
            "task": scene.tasks[0],
        },
    )
    server = LiveServer(replace(settings, port=free_port()), folder / "server.log")
    server.start()
    ratios = []
    with floor_server(settings, folder) as floor_port:
        for _ in range(WARM_UP):  # connections opened, statements prepared
            rate(floor_port, [codes.pop() for _ in range(A_ROUND)], bare)
            rate(server.settings.port, [codes.pop() for _ in range(A_ROUND)], own)
        for _ in range(ROUNDS):
            first = rate(floor_port, [codes.pop() for _ in range(A_ROUND)], bare)
            second = rate(server.settings.port, [codes.pop() for _ in range(A_ROUND)], own)
            ratios.append(second / first)
            print(f"check-in: floor {first:.0f}/s, ours {second:.0f}/s, ratio {second / first:.2f}")
    print(f"check-in: median ratio {statistics.median(ratios):.2f} (wanted 0.50)")
    batch(scene, codes, server, token)
    pack(scene, server, token)
    server.stop()


def fetch(server: LiveServer, path: str, token: str, body: object = None) -> tuple[float, int]:
    """Seconds and bytes of one answer."""
    connection = http.client.HTTPConnection("127.0.0.1", server.settings.port, timeout=60)
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


def batch(scene: Scene, codes: list[Pass], server: LiveServer, token: str) -> None:
    """500 scans made without network, handed in at once; and the same a second time."""
    now = clock.now().isoformat()
    items = [
        {"code": codes.pop()[1], "session": scene.session, "nonce": new_id(), "scanned_at": now}
        for _ in range(500)
    ]
    for name in ("new", "the same again"):
        taken, _ = fetch(server, "/api/v1/checkins/batch", token, {"device": "village", "items": items})
        print(f"batch of 500, {name}: {taken:.2f} s (wanted 2)")


def pack(scene: Scene, server: LiveServer, token: str) -> None:
    """What a phone keeps, of everyone there is."""
    for _ in range(3):
        taken, size = fetch(server, f"/api/v1/sessions/{scene.session}/pack", token)
        print(f"pack of {CROWD}: {taken:.2f} s (wanted 1), {size / 1024:.0f} KiB compressed (wanted 300)")


@contextmanager
def a_place(**limits: str) -> Iterator[tuple[Settings, Path]]:
    """An empty installation on a PostgreSQL of its own with fsync on, its application at hand; gone afterwards."""
    cluster = Cluster(durable=True)
    try:
        with tempfile.TemporaryDirectory() as name:
            cluster.execute("CREATE DATABASE bench")
            settings = Settings(
                database_url=cluster.url("bench"),
                data_dir=Path(name),
                secret_key="of a measurement only, no use elsewhere",
                **limits,  # type: ignore[arg-type]
            )
            app = create_app(settings)
            with app.app_context():
                upgrade(app)
                yield settings, Path(name)
                session().rollback()
    finally:
        cluster.stop()


def main() -> None:
    """Make a place, measure, throw it away."""
    with a_place(limit_api="1000000 per minute") as (settings, folder):
        scene = make_scene()
        codes = make_crowd(scene)
        with transaction():
            token = people.create_token(scene.scanner, "bench")
        check_ins(scene, codes, settings, folder, token)


if __name__ == "__main__":
    main()
