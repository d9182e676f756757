"""What leaves the building, as the other side sees it: a real mail server, a real HTTP gateway."""

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select

from tests.support.messages import fact
from tests.support.postbox import postbox
from tests.support.server import free_port
from tests.support.time import TestClock
from webapp.core import delivery, departing, outbox, unsent
from webapp.core.db import session, transaction
from webapp.core.gateways import signature
from webapp.core.letters import Attached
from webapp.core.outbox import OutboxMessage
from webapp.core.senders import Recorder

SECRET = "the gateway knows this one too"


def queue(*recipients: str, channel: str = "mail", body: str = "改到下午。") -> None:
    with transaction():
        for recipient in recipients:
            outbox.queue(
                outbox.Draft(channel, recipient, "改期：\n科学课", body), fact(f"{channel}{recipient}")
            )


def states() -> dict[str, str]:
    session().rollback()
    return {row.recipient: row.state for row in session().scalars(select(OutboxMessage))}


def use(app: Flask, **settings: str) -> None:
    app.extensions["kepu_settings"] = replace(app.extensions["kepu_settings"], **settings)


def test_a_run_keeps_one_connection_and_opens_another_when_it_is_closed(app: Flask) -> None:
    people = [f"elder{number}@example.cn" for number in range(6)]
    with postbox(hang_up_after=4) as box:
        use(app, mail_url=box.url)
        queue(*people)
        assert delivery.send_due() == 6
        assert sorted(str(mail["To"]) for mail in box.mails) == people
        assert len(box.connections) == 2
    assert set(states().values()) == {"sent"}


def test_what_a_mail_looks_like(app: Flask) -> None:
    departing.asked.calendar, kept = (
        lambda _id, whom: Attached(f"BEGIN:VCALENDAR\r\nX:佳木斯 {whom}\r\n".encode(), "REQUEST"),
        (departing.asked.calendar),
    )
    try:
        with transaction():
            outbox.queue(
                outbox.Draft("mail", "a@example.cn", "改期：\n科学课", "改到下午。", calendar_of="x"),
                fact("a"),
            )
        with postbox() as box:
            use(app, mail_url=box.url)
            delivery.send_due()
            (mail,) = box.mails
    finally:
        departing.asked.calendar = kept
    (message,) = session().scalars(select(OutboxMessage)).all()
    assert mail["Subject"] == "改期： 科学课"
    assert mail["Message-ID"] == f"<{message.id}@kepuxing.invalid>"
    assert mail["Auto-Submitted"] == "auto-generated"
    either, file = mail.iter_parts()
    assert either.get_content_type() == "multipart/alternative"
    text, calendar = either.iter_parts()
    assert (text.get_content_type(), text.get_content_charset()) == ("text/plain", "utf-8")
    assert text.get_content().strip() == "改到下午。"
    assert (calendar.get_content_type(), calendar.get_content_charset()) == ("text/calendar", "utf-8")
    assert calendar.get_param("method") == "REQUEST"
    assert (file.get_content_type(), file.get_filename()) == ("application/ics", "kepuxing.ics")
    for one in (calendar, file):
        assert one.get_payload(decode=True) == "BEGIN:VCALENDAR\r\nX:佳木斯 a@example.cn\r\n".encode()


def test_a_refusal_stops_one_message_and_not_the_others(app: Flask, clock: TestClock) -> None:
    refusals = {"gone@example.cn": "550 no such user", "full@example.cn": "452 try later"}
    with postbox(refusals=refusals) as box:
        use(app, mail_url=box.url)
        queue("gone@example.cn", "full@example.cn", "well@example.cn")
        delivery.send_due()
        assert states() == {
            "gone@example.cn": "failed",
            "full@example.cn": "waiting",
            "well@example.cn": "sent",
        }
        box.refusals.clear()
        clock.advance(minutes=3)
        delivery.send_due()
        failed = session().scalars(select(OutboxMessage).where(OutboxMessage.state == "failed")).one()
        assert "550" in (failed.error or "")
        with transaction():
            unsent.send_again(failed.id)
        delivery.send_due()
    assert set(states().values()) == {"sent"}


def test_a_gateway_that_does_not_answer_is_asked_once_a_run(app: Flask, clock: TestClock) -> None:
    use(app, mail_url=f"smtp://127.0.0.1:{free_port()}", sms_url="record:")
    Recorder.letters.clear()
    queue("a@example.cn", "b@example.cn")
    queue("+8613800000001", channel="sms")
    assert delivery.send_due() == 2  # one mail tried, the SMS sent, the other mail left for the next run
    attempts = session().scalars(select(OutboxMessage.attempts).order_by(OutboxMessage.attempts)).all()
    assert list(attempts) == [0, 1, 1]
    assert [letter.recipient for letter in Recorder.letters] == ["+8613800000001"]
    for _ in range(60):
        clock.advance(hours=1)
        delivery.send_due()
    assert set(states().values()) == {"waiting", "sent"}  # an outage of days is no reason to give up
    clock.advance(days=14)
    delivery.send_due()
    assert set(states().values()) == {"lapsed", "sent"}  # being of no use any more is one


def test_our_own_fault_with_one_message_does_not_stop_the_others(
    app: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(_signup_id: str) -> bytes:
        raise RuntimeError("broken")

    monkeypatch.setattr(departing.asked, "calendar", broken)
    with postbox() as box:
        use(app, mail_url=box.url)
        with transaction():
            outbox.queue(outbox.Draft("mail", "a@example.cn", "x", "x", calendar_of="x"), fact("a"))
        queue("b@example.cn")
        delivery.send_due()
    assert states() == {"a@example.cn": "waiting", "b@example.cn": "sent"}


class Gateway:
    """What an HTTP gateway was sent, and what it answers."""

    def __init__(self) -> None:
        self.got: list[tuple[dict[str, Any], dict[str, str]]] = []
        self.raw: list[bytes] = []
        self.status, self.answer = 200, b"{}"
        self.connections: set[Any] = set()


@contextmanager
def gateway() -> Iterator[tuple[Gateway, str]]:
    seen = Gateway()

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            seen.raw.append(body)
            seen.got.append((json.loads(body), dict(self.headers.items())))
            seen.connections.add(self.client_address)
            self.send_response(seen.status)
            self.send_header("Content-Length", str(len(seen.answer)))
            self.end_headers()
            self.wfile.write(seen.answer)

        def log_message(self, *_args: Any) -> None:
            """Say nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    thread = threading.Thread(target=server.serve_forever, args=(0.05,))
    thread.start()
    try:
        yield seen, f"http://127.0.0.1:{server.server_port}/send?key=abc"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def test_sms_leave_signed_over_one_connection(app: Flask, clock: TestClock) -> None:
    with gateway() as (seen, url):
        use(app, sms_url=url, hook_secret=SECRET)
        queue("+8613800000001", "+8613800000002", channel="sms")
        delivery.send_due()
        assert len(seen.connections) == 1
    first = min(
        (0, 1), key=lambda place: str(seen.got[place][0]["to"])
    )  # both were queued in the same moment
    content, headers = seen.got[first]
    assert content == {"to": "+8613800000001", "text": "改到下午。", "id": content["id"]}
    when = headers["X-Kepuxing-Timestamp"]
    assert when == str(int(clock.now.timestamp()))
    assert headers["X-Kepuxing-Signature"] == signature(SECRET, when, seen.raw[first])
    assert set(states().values()) == {"sent"}


@pytest.mark.parametrize(
    ("status", "state"), [(400, "failed"), (302, "failed"), (429, "waiting"), (503, "waiting")]
)
def test_what_a_gateways_answer_means(app: Flask, status: int, state: str) -> None:
    with gateway() as (seen, url):
        seen.status = status
        use(app, sms_url=url, hook_secret=SECRET)
        queue("+8613800000001", channel="sms")
        delivery.send_due()
    assert states() == {"+8613800000001": state}
    (message,) = session().scalars(select(OutboxMessage)).all()
    assert message.error == f"HTTP {status}"


@pytest.mark.parametrize(
    ("answer", "state"),
    [
        (b'{"errcode":0,"errmsg":"ok"}', "sent"),
        (b'{"errcode":93000,"errmsg":"invalid webhook url"}', "failed"),
        (b'{"errcode":45009,"errmsg":"freq out of limit"}', "waiting"),
        (b"<html>", "waiting"),
    ],
)
def test_the_group_robot(app: Flask, answer: bytes, state: str) -> None:
    with gateway() as (seen, url):
        seen.answer = answer
        use(app, wecom_url=url)
        with transaction():
            outbox.tell_organisers("缺人：" + "讲" * 1000, fact("x"))
        delivery.send_due()
    assert set(states().values()) == {state}
    text = seen.got[0][0]["text"]["content"]
    assert text.startswith("缺人：讲")
    assert len(text.encode()) <= 2048
