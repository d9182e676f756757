"""`kill -9` for a real worker in the middle of a run to a real mail server: nothing is lost."""

import os
import subprocess
import sys
import time
from collections import Counter
from pathlib import Path

from flask import Flask
from sqlalchemy import func, select

from tests.support.messages import urgent
from tests.support.postbox import Postbox, postbox
from tests.support.server import ROOT
from webapp.core import outbox
from webapp.core.config import Settings
from webapp.core.db import session, transaction
from webapp.core.outbox import OutboxMessage

MANY = 200
KILLS = 2
PATIENCE = 60.0


def _start(settings: Settings, box: Postbox, log: Path) -> subprocess.Popen[bytes]:
    given = {
        "DATABASE_URL": settings.database_url,
        "DATA_DIR": str(settings.data_dir),
        "SECRET_KEY": settings.secret_key,
        "MAIL_URL": box.url,
        "KEPU_DEMO": "0",
    }
    with log.open("ab") as out:
        return subprocess.Popen(
            [sys.executable, "-m", "flask", "--app", "wsgi", "jobs", "worker"],
            cwd=ROOT,
            env=os.environ | given,
            stdout=out,
            stderr=out,
            start_new_session=True,
        )


def _wait(done: object, log: Path) -> None:
    deadline = time.monotonic() + PATIENCE
    while not done():  # type: ignore[operator]
        assert time.monotonic() < deadline, log.read_text()
        time.sleep(0.005)


def _sent() -> int:
    session().rollback()
    wanted = select(func.count()).select_from(OutboxMessage).where(OutboxMessage.state == "sent")
    return session().scalar(wanted) or 0


def test_a_killed_worker_loses_nothing_and_repeats_at_most_one_message(
    app: Flask, settings: Settings, tmp_path: Path
) -> None:
    with transaction():
        outbox.queue_many(
            (
                urgent(f"n{number}"),
                outbox.Draft("mail", f"elder{number}@example.cn", "提醒", "明天上午九点。"),
            )
            for number in range(MANY)
        )
    log = tmp_path / "worker.log"
    with postbox(seconds=0.002) as box:
        for kill in range(1, KILLS + 1):
            worker = _start(settings, box, log)
            _wait(lambda kill=kill: len(box.mails) >= kill * MANY // (KILLS + 1), log)
            worker.kill()
            worker.wait()
        assert len(box.mails) < MANY
        worker = _start(settings, box, log)
        try:
            _wait(lambda: _sent() == MANY, log)
        finally:
            worker.kill()
            worker.wait()
    expected = {f"<{one}@{settings.uid_domain}>" for one in session().scalars(select(OutboxMessage.id)).all()}
    arrived = Counter(box.ids)
    assert set(arrived) == expected
    assert arrived.total() <= MANY + KILLS
    assert max(arrived.values()) <= 1 + KILLS
