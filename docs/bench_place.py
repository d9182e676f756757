"""Where the benchmark measures: a PostgreSQL of its own, the product's server, its floor, clients; gone afterwards."""

import json
import os
import re
import socket
import subprocess
import tempfile
import time
import urllib.request
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

from docs.bench_rows import CannotRun
from tests.support.postgres import Cluster, NoPostgres
from tests.support.server import LiveServer, free_port
from webapp import create_app
from webapp.core.config import Settings
from webapp.core.db import session, upgrade
from webapp.core.serve import server_command

ROOT = Path(__file__).parents[1]
CLIENTS = 8
START_WITHIN = 120.0
NOT_MODIFIED = 304
LENGTH = re.compile(rb"\r\ncontent-length: *(\d+)\r\n", re.IGNORECASE)


@contextmanager
def a_cluster(*, durable: bool = True) -> Iterator[Cluster]:
    """A PostgreSQL of its own, with fsync as in production unless told otherwise; raises CannotRun."""
    try:
        cluster = Cluster(durable=durable)
    except NoPostgres:
        raise CannotRun("there is no PostgreSQL") from None
    try:
        yield cluster
    finally:
        cluster.stop()


@contextmanager
def an_installation(cluster: Cluster | None, name: str, **changes: object) -> Iterator[tuple[Settings, Path]]:
    """A new database of a cluster (None: a file of SQLite) with the demonstration (`demo=True`) or nothing in it, its
    application at hand.
    """
    with tempfile.TemporaryDirectory() as folder:
        if cluster is not None:
            cluster.execute(f"CREATE DATABASE {name}")
        settings = Settings(
            database_url=f"sqlite:///{folder}/{name}.sqlite3" if cluster is None else cluster.url(name),
            data_dir=Path(folder),
            secret_key="of a measurement only, no use elsewhere",
            **changes,  # type: ignore[arg-type]
        )
        app = create_app(settings)
        with app.app_context():
            if settings.demo:
                app.extensions["kepu_prepare"](app)
            else:
                upgrade(app)
            try:
                yield settings, Path(folder)
            finally:
                session().rollback()


@contextmanager
def a_place(**changes: object) -> Iterator[tuple[Settings, Path]]:
    """An installation on a PostgreSQL of its own; raises CannotRun."""
    with a_cluster() as cluster, an_installation(cluster, "bench", **changes) as made:
        yield made


@contextmanager
def serving(settings: Settings, folder: Path) -> Iterator[LiveServer]:
    """The product's server on a free port, without the job worker."""
    server = LiveServer(replace(settings, port=free_port()), folder / "server.log")
    try:
        server.start()
        yield server
    finally:
        server.stop()


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
        wait_for(f"http://127.0.0.1:{port}/")
        yield port
    finally:
        process.terminate()
        process.wait()


def wait_for(url: str) -> None:
    """Until it answers; raises OSError when it does not for two minutes."""
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    deadline = time.monotonic() + START_WITHIN
    while True:
        try:
            with opener.open(url, timeout=5) as answer:
                answer.read()
                return
        except OSError:
            if time.monotonic() > deadline:
                raise
            time.sleep(0.02)


class Line:
    """A connection that is kept. Python's own clients cost more than the answers that are measured here."""

    def __init__(self, port: int) -> None:
        self.socket = socket.create_connection(("127.0.0.1", port), timeout=30)
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)

    def ask(self, request: bytes) -> int:
        """Send a request, read the whole answer; its status."""
        self.socket.sendall(request)
        answer = bytearray()
        while (end := answer.find(b"\r\n\r\n")) < 0:
            answer += self._more()
        status = int(answer[9:12])
        if status != NOT_MODIFIED:
            found = LENGTH.search(answer, 0, end + 2)
            assert found, "an answer of unknown length"
            while len(answer) < end + 4 + int(found[1]):
                answer += self._more()
        return status

    def _more(self) -> bytes:
        got = self.socket.recv(1 << 16)
        if not got:
            raise ConnectionError("the server hung up")
        return got


def request(port: int, path: str, headers: Mapping[str, str], body: object = None) -> bytes:
    """What goes over the wire: a GET, or a POST of JSON."""
    given = {"Host": f"127.0.0.1:{port}", **headers}
    sent = b"" if body is None else json.dumps(body).encode()
    if sent:
        given |= {"Content-Type": "application/json", "Content-Length": str(len(sent))}
    first = f"{'POST' if sent else 'GET'} {path} HTTP/1.1"
    return (
        "\r\n".join([first, *(f"{name}: {value}" for name, value in given.items()), "", ""]).encode() + sent
    )


def rate(port: int, requests: Sequence[bytes], *, status: int, clients: int = CLIENTS) -> float:
    """Answers a second, from clients that keep their connection; every one must have this status."""

    def client(own: Sequence[bytes]) -> None:
        line = Line(port)
        for one in own:
            got = line.ask(one)
            assert got == status, got
        line.socket.close()

    began = time.perf_counter()
    with ThreadPoolExecutor(clients) as pool:
        list(pool.map(client, [requests[number::clients] for number in range(clients)]))
    return len(requests) / (time.perf_counter() - began)


@dataclass(frozen=True)
class Question:
    """What is asked over and over."""

    port: int
    path: str
    headers: dict[str, str]
    status: int = 200
    times: int = 1600


def get_rate(question: Question) -> float:
    """Answers a second to this question."""
    asked = request(question.port, question.path, question.headers)
    return rate(question.port, [asked] * question.times, status=question.status)


def family(root: int) -> list[int]:
    """A process and everything it started, as /proc knows it; `root` alone where there is no /proc."""
    parents: dict[int, int] = {}
    for one in Path("/proc").glob("[0-9]*/stat"):
        try:
            parents[int(one.parent.name)] = int(one.read_text().rsplit(")", 1)[1].split()[1])
        except OSError:
            continue  # it has just ended
    found = [root]
    for known in found:  # grows while it is read
        found += [pid for pid, parent in parents.items() if parent == known]
    return found
