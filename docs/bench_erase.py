"""200,000 guests whose time is over are erased by the real worker's jobs, while others sign up.

How to repeat, on a machine that does nothing else (a new database in a temporary folder each time):

    .venv/bin/python docs/bench_erase.py                                    SQLite
    .venv/bin/python docs/bench_erase.py postgresql+psycopg://…/empty       an empty PostgreSQL database

Among 600,000 sign-ups: it prints how many are erased in a minute, and how long a sign-up takes with and without the
erasing beside it.
"""

import os
import statistics
import subprocess
import sys
import tempfile
import time
from datetime import timedelta
from pathlib import Path

from sqlalchemy import func, insert, select

ROOT = Path(__file__).parents[1]
sys.path.insert(0, str(ROOT))

from docs.bench_rows import Row, note, note_most, run  # noqa: E402  (the path must be known first)
from tests.factories import signups as made  # noqa: E402
from webapp import create_app  # noqa: E402
from webapp.core import clock  # noqa: E402
from webapp.core.config import Settings  # noqa: E402
from webapp.core.db import new_id, session, transaction, upgrade  # noqa: E402
from webapp.core.erasing import Erasure  # noqa: E402
from webapp.events.models import EventSession, Position  # noqa: E402
from webapp.people.domain import CLOSED_NAME  # noqa: E402
from webapp.people.models import Person  # noqa: E402
from webapp.signups.models import Signup  # noqa: E402

GUESTS, EACH = 200_000, 3  # sign-ups of each, all of them two years ago
LONG_AGO = timedelta(days=730)
PAUSE = 0.05


def fill() -> None:
    """A city's second year: everybody came to three sessions that are long over."""
    positions = [made.a_position(capacity=100_000) for _ in range(EACH)]
    then = clock.now() - LONG_AGO
    with transaction() as current:
        for held in current.scalars(select(EventSession)):
            held.starts_at, held.ends_at = then, then + timedelta(hours=2)
        of = dict(zip(positions, current.scalars(select(Position.session_id)), strict=True))
    for first in range(0, GUESTS, 10_000):
        ids = [new_id() for _ in range(10_000)]
        with transaction() as current:
            rows = [
                {"id": one, "name": "王小明", "name_key": f"w{first + n}", "phone": f"+861{first + n:010d}"}
                for n, one in enumerate(ids)
            ]
            current.execute(insert(Person), [row | {"created_at": then, "updated_at": then} for row in rows])
            for position in positions:
                current.execute(
                    insert(Signup),
                    [
                        _signup(one, position, of[position], then) | {"short_code": f"{first + n:06d}"}
                        for n, one in enumerate(ids)
                    ],
                )


def _signup(person: str, position: str, held: str, then: object) -> dict[str, object]:
    made_then = {"created_at": then, "updated_at": then, "confirmed_at": then}
    return made_then | {
        "id": new_id(),
        "position_id": position,
        "session_id": held,
        "person_id": person,
        "status": "confirmed",
        "source": "guest",
    }


def erased() -> int:
    """How many have no name any more."""
    session().rollback()
    return session().scalar(select(func.count()).select_from(Person).where(Person.name == CLOSED_NAME)) or 0


def sign_up_while(running: object) -> list[float]:
    """Sign up twenty times a second while `running()` says so; milliseconds of each."""
    position, found = made.a_position(capacity=100_000), list[float]()
    while running():  # type: ignore[operator]
        began = time.perf_counter()
        made.join(position)
        found.append(1000 * (time.perf_counter() - began))
        time.sleep(PAUSE)
    return found


def said(found: list[float]) -> str:
    """The median and the worst."""
    return f"median {statistics.median(found):.0f} ms, longest {max(found):.0f} ms of {len(found)}"


def measure(settings: Settings) -> None:
    """Without, then with the jobs beside it, as a worker that runs them each minute would."""
    until = time.monotonic() + 10
    alone = sign_up_while(lambda: time.monotonic() < until)
    now = clock.now()
    with transaction() as current:
        current.add(
            Erasure(
                kind="guests", before=now - timedelta(days=365), count=GUESTS, announced_at=now, due_at=now
            )
        )
    given = {"DATABASE_URL": settings.database_url, "DATA_DIR": str(settings.data_dir), "KEPU_DEMO": "0"}
    given |= {"SECRET_KEY": settings.secret_key}
    turn = "from wsgi import app; from webapp.pages.jobs import erase; app.app_context().push(); erase()"
    command = [sys.executable, "-c", turn]
    began = time.monotonic()
    worker = subprocess.Popen(command, cwd=ROOT, env=os.environ | given, stdout=subprocess.DEVNULL)
    beside = sign_up_while(lambda: worker.poll() is None)
    seconds, number = time.monotonic() - began, erased()
    note(Row("guests erased in one turn of the job (20 s of each minute)", f"{number:,} in {seconds:.0f} s"))
    nights = f"{GUESTS / number:.0f} minutes" if number else "never"
    note(Row(f"so {GUESTS:,} guests are erased within", nights, "a night", bool(number)))
    note_most(
        "a sign-up beside it", max(beside), 100, unit="ms", measured=f"{said(beside)}; without: {said(alone)}"
    )


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
            fill()
            measure(settings)


if __name__ == "__main__":
    run(main)
