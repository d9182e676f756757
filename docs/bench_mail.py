"""1,000 mails through a local SMTP server by the real worker, while the real server answers pages.

How to repeat, on a machine that does nothing else (a new database in a temporary folder each time):

    .venv/bin/python docs/bench_mail.py                                    SQLite
    .venv/bin/python docs/bench_mail.py postgresql+psycopg://…/empty       an empty PostgreSQL database

It prints the seconds from the first to the last mail settled, the claims and sends per second, and how long a page
takes with and without the run beside it.
"""

import os
import statistics
import subprocess
import sys
import tempfile
import threading
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from sqlalchemy import func, select

ROOT = Path(__file__).parents[1]
sys.path.insert(0, str(ROOT))

from docs.bench_place import serving  # noqa: E402  (the path must be known first)
from docs.bench_rows import Row, note, note_most, run  # noqa: E402
from tests.support.messages import urgent  # noqa: E402
from tests.support.postbox import postbox  # noqa: E402
from webapp import create_app  # noqa: E402
from webapp.core import outbox  # noqa: E402
from webapp.core.config import Settings  # noqa: E402
from webapp.core.db import session, transaction, upgrade  # noqa: E402
from webapp.core.outbox import OutboxMessage  # noqa: E402

MANY = 1000
BODY = "别忘了：“科学实验课”快开始了。\n时间：11月28日（周六）上午9:00–11:00\n地点：长青社区服务中心\n岗位：讲解员\n"


class Visitor(threading.Thread):
    """Asks for a page 20 times a second and notes how long each takes."""

    def __init__(self, url: str) -> None:
        super().__init__(daemon=True)
        self.url, self.seconds, self.stopping = url, list[float](), threading.Event()

    def run(self) -> None:
        """Until told to stop."""
        while not self.stopping.wait(0.05):
            began = time.perf_counter()
            with urllib.request.urlopen(self.url, timeout=30) as answer:
                answer.read()
            self.seconds.append(time.perf_counter() - began)

    def stop(self) -> str:
        """What was seen."""
        self.stopping.set()
        self.join()
        cuts = statistics.quantiles(self.seconds, n=20)
        return f"median {1000 * cuts[9]:.0f} ms, 95 % below {1000 * cuts[18]:.0f} ms"


def _count(state: str) -> int:
    session().rollback()
    wanted = select(func.count()).select_from(OutboxMessage).where(OutboxMessage.state == state)
    return session().scalar(wanted) or 0


def _wait_for(state: str, number: int) -> float:
    while _count(state) < number:
        time.sleep(0.05)
    return time.perf_counter()


def _measure(settings: Settings, folder: Path) -> None:
    with serving(settings, folder) as server, postbox() as box:
        visitor = Visitor(server.url + "/")
        visitor.start()
        time.sleep(5)
        alone = visitor.stop()
        with transaction():
            outbox.queue_many(
                (
                    urgent(f"n{number}"),
                    outbox.Draft("mail", f"elder{number}@example.cn", "提醒：科学实验课", BODY),
                )
                for number in range(MANY)
            )
        visitor = Visitor(server.url + "/")
        with _worker(settings, folder, box.url):
            began = _wait_for("sent", 1)
            visitor.start()
            seconds = _wait_for("sent", MANY) - began
            beside = visitor.stop()
    assert len(set(box.ids)) == len(box.ids) == MANY
    said = f"{seconds:.1f} s, {MANY / seconds:.0f} a second, {len(box.connections)} connection(s)"
    what = f"{MANY:,} mails through a local SMTP server, worker and server beside each other"
    note_most(what, seconds, 30, unit="s", measured=said)
    note(Row("the home page while they leave", f"{beside}; without the run {alone}", "unaffected"))


@contextmanager
def _worker(settings: Settings, folder: Path, mail_url: str) -> Iterator[None]:
    given = {"DATABASE_URL": settings.database_url, "DATA_DIR": str(folder), "MAIL_URL": mail_url}
    given |= {"SECRET_KEY": settings.secret_key, "KEPU_DEMO": "0"}
    command = [sys.executable, "-m", "flask", "--app", "wsgi", "jobs", "worker"]
    worker = subprocess.Popen(command, cwd=ROOT, env=os.environ | given)
    try:
        yield
    finally:
        worker.kill()
        worker.wait()


def main() -> None:
    """Make a place, measure, throw it away."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        url = sys.argv[1] if len(sys.argv) > 1 else f"sqlite:///{folder / 'bench.sqlite3'}"
        settings = Settings(
            database_url=url, data_dir=folder, secret_key="of a measurement only, no use elsewhere"
        )
        app = create_app(settings)
        with app.app_context():
            upgrade(app)
            _measure(settings, folder)


if __name__ == "__main__":
    run(main)
