"""Messages leave at least once and are queued once; jobs take one turn per period."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from email.message import Message
from typing import Any

import pytest
from aiosmtpd.controller import Controller
from flask import Flask
from sqlalchemy import select

from tests.support.messages import fact
from tests.support.server import free_port
from tests.support.time import TestClock
from webapp.core import clock as times
from webapp.core import delivery, jobs, outbox, timekeeping
from webapp.core.db import db, transaction
from webapp.core.jobs import Does
from webapp.core.outbox import OutboxMessage


def queue(key: str = "one", channel: str = "mail") -> None:
    with transaction():
        outbox.queue(outbox.Draft(channel, "elder@example.cn", "改期", "改到下午。"), fact(key))


def messages() -> list[OutboxMessage]:
    db.session.rollback()
    return list(db.session.scalars(select(OutboxMessage).order_by(OutboxMessage.id)).all())


class Postbox:
    """A real SMTP server's other side."""

    def __init__(self) -> None:
        self.mails: list[Message] = []

    def handle_message(self, message: Message) -> None:
        self.mails.append(message)


@pytest.fixture
def postbox(app: Flask) -> Iterator[Postbox]:
    from aiosmtpd.handlers import Message as Handler

    box = Postbox()

    class Keep(Handler):
        def handle_message(self, message: Any) -> None:
            box.handle_message(message)

    controller = Controller(Keep(), hostname="127.0.0.1", port=free_port())
    controller.start()
    app.extensions["kepu_settings"] = replace(
        app.extensions["kepu_settings"], mail_url=f"smtp://127.0.0.1:{controller.port}"
    )
    yield box
    controller.stop()


def test_a_mail_really_arrives_in_chinese(app: Flask, postbox: Postbox) -> None:
    queue()
    assert delivery.send_due() == 1
    (mail,) = postbox.mails
    from email.header import decode_header, make_header

    assert str(make_header(decode_header(mail["Subject"]))) == "改期"
    payload = mail.get_payload(decode=True)
    assert isinstance(payload, bytes)
    assert payload.decode().strip() == "改到下午。"
    assert [message.state for message in messages()] == ["sent"]
    assert delivery.send_due() == 0


def test_one_fact_is_queued_once(app: Flask) -> None:
    queue()
    queue()
    assert len(messages()) == 1


def test_nothing_leaves_when_the_transaction_fails(app: Flask) -> None:
    def half() -> None:
        with transaction():
            outbox.queue(outbox.Draft("mail", "a@example.cn", "x", "x"), fact("x"))
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        half()
    assert messages() == []


def test_without_a_gateway_messages_stay_readable(app: Flask) -> None:
    queue(channel="sms")
    delivery.send_due()
    assert [(message.state, message.body) for message in messages()] == [("kept", "改到下午。")]


def test_a_refusing_server_is_tried_again_later(app: Flask, clock: TestClock) -> None:
    app.extensions["kepu_settings"] = replace(
        app.extensions["kepu_settings"], mail_url=f"smtp://127.0.0.1:{free_port()}"
    )
    queue()
    delivery.send_due()
    (waiting,) = messages()
    assert (waiting.state, waiting.attempts) == ("waiting", 1)
    assert waiting.error
    assert delivery.send_due() == 0
    clock.advance(minutes=3)
    assert delivery.send_due() == 1


def test_a_message_whose_sender_was_killed_is_sent_again(
    app: Flask, clock: TestClock, postbox: Postbox
) -> None:
    queue()
    assert delivery._step([], set())  # claimed, and then the whole machine dies
    assert delivery.send_due() == 0
    clock.advance(minutes=3)
    assert delivery.send_due() == 1
    assert len(postbox.mails) == 1


@pytest.fixture
def counted() -> Iterator[list[str]]:
    ran: list[str] = []

    def tick() -> None:
        ran.append("tick")

    tick.__module__ = "webapp.tests"
    jobs.job(every=timedelta(hours=1), does=Does.NO_HARM)(tick)
    yield ran
    jobs._jobs.pop("tests.tick")


def test_a_job_runs_once_per_period_also_after_a_restart(
    app: Flask, clock: TestClock, counted: list[str]
) -> None:
    assert "tests.tick" in jobs.run_due()
    assert "tests.tick" not in jobs.run_due()
    clock.advance(hours=1)
    assert "tests.tick" in jobs.run_due()
    assert counted == ["tick", "tick"]


def test_a_job_whose_process_died_is_done_again(app: Flask, clock: TestClock, counted: list[str]) -> None:
    found = jobs._jobs["tests.tick"]
    assert jobs._take_turn(found, times.now())  # and then the process dies
    jobs.run_due()
    assert counted == []
    clock.advance(minutes=11)
    jobs.run_due()
    assert counted == ["tick"]


def test_a_failing_job_does_not_stop_the_others(app: Flask, clock: TestClock, counted: list[str]) -> None:
    def broken() -> None:
        raise RuntimeError("broken")

    broken.__module__ = "webapp.a_first"
    jobs.job(every=timedelta(hours=1), does=Does.NO_HARM)(broken)
    try:
        jobs.run_due()
    finally:
        jobs._jobs.pop("a_first.broken")
    assert counted == ["tick"]
    run = db.session.scalar(select(jobs.JobRun).where(jobs.JobRun.name == "a_first.broken"))
    assert run is not None
    assert run.error == "RuntimeError: broken"


def test_the_worker_says_that_it_lives(app: Flask, clock: TestClock) -> None:
    assert timekeeping.last_beat() is None
    jobs.run_due()
    assert timekeeping.last_beat() == times.now()
