"""Conditional requests, packing, several processes, several threads."""

import gzip
import threading
import time
import urllib.request
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from email.utils import format_datetime, parsedate_to_datetime
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient

from tests.factories.calendars import City, change
from tests.support.server import LiveServer
from tests.support.time import TestClock
from webapp.core import changes
from webapp.core.db import db, session
from webapp.events.models import EventSession

FEED = "/calendar/all.ics"


@pytest.fixture
def city(app: Flask, clock: TestClock) -> City:
    made = City()
    made.add()
    return made


def test_the_tag_is_strong_and_earns_a_304(city: City, client: FlaskClient) -> None:
    first = client.get(FEED)
    tag = first.headers["ETag"]
    assert tag.startswith('"')
    for sent in (tag, f"W/{tag}", f'"other", {tag}', f'W/"other", W/{tag}', "*"):
        again = client.get(FEED, headers={"If-None-Match": sent})
        assert again.status_code == 304, sent
        assert again.data == b""
        assert again.headers["ETag"] == tag
        assert again.headers["Cache-Control"] == first.headers["Cache-Control"]
        assert again.headers.get("Vary") == first.headers.get("Vary")
        assert "Content-Type" not in again.headers
        assert "Content-Security-Policy" not in again.headers
    for sent in ('"other"', 'W/"other"', ""):
        assert client.get(FEED, headers={"If-None-Match": sent}).status_code == 200, sent


def test_the_date_earns_a_304_too_but_the_tag_goes_before(
    city: City, client: FlaskClient, clock: TestClock
) -> None:
    clock.advance(seconds=1)
    shown = client.get(FEED).headers["Last-Modified"]
    moment = parsedate_to_datetime(shown)
    for sent, status in (
        (shown, 304),
        (format_datetime(moment + timedelta(days=1), usegmt=True), 304),
        (format_datetime(moment - timedelta(seconds=1), usegmt=True), 200),
        ("rubbish", 200),
        ("", 200),
    ):
        assert client.get(FEED, headers={"If-Modified-Since": sent}).status_code == status, sent
    both = {"If-None-Match": '"other"', "If-Modified-Since": shown}
    assert client.get(FEED, headers=both).status_code == 200


def test_a_second_change_within_one_second_is_never_missed(
    city: City, client: FlaskClient, clock: TestClock
) -> None:
    one = city.add(title="甲")
    fresh = client.get(FEED)
    assert "Last-Modified" not in fresh.headers  # what it says may still be made untrue within this second
    now = {"If-Modified-Since": format_datetime(clock.now, usegmt=True)}  # by its own clock
    change(EventSession, one, title="乙", updated_at=clock.now)
    later = client.get(FEED, headers=now)
    assert later.status_code == 200
    assert "乙" in later.text
    clock.advance(seconds=1)
    settled = client.get(FEED).headers["Last-Modified"]
    assert client.get(FEED, headers={"If-Modified-Since": settled}).status_code == 304
    assert client.get(FEED, headers=now).status_code == 200


def test_head_says_what_get_would(city: City, client: FlaskClient, clock: TestClock) -> None:
    clock.advance(seconds=1)
    asked, got = client.head(FEED), client.get(FEED)
    assert asked.data == b""
    for name in ("ETag", "Last-Modified", "Content-Type", "Content-Length", "Cache-Control"):
        assert asked.headers[name] == got.headers[name]
    assert client.head(FEED, headers={"If-None-Match": got.headers["ETag"]}).status_code == 304


def test_packed_bytes_have_a_tag_of_their_own(city: City, client: FlaskClient) -> None:
    plain = client.get(FEED)
    packed = client.get(FEED, headers={"Accept-Encoding": "gzip, deflate, br"})
    assert packed.headers["Content-Encoding"] == "gzip"
    assert "Content-Encoding" not in plain.headers
    assert gzip.decompress(packed.data) == plain.data
    assert packed.data == client.get(FEED, headers={"Accept-Encoding": "gzip"}).data
    assert packed.headers["ETag"] != plain.headers["ETag"]
    for answer in (plain, packed):
        assert "Accept-Encoding" in answer.headers["Vary"]
    for wanted, tag in (("gzip", packed.headers["ETag"]), ("", plain.headers["ETag"])):
        again = client.get(FEED, headers={"Accept-Encoding": wanted, "If-None-Match": tag})
        assert (again.status_code, again.headers["ETag"]) == (304, tag)
    assert "Content-Encoding" not in client.get(FEED, headers={"Accept-Encoding": "gzip;q=0"}).headers


def test_writing_to_a_feed_is_refused(city: City, client: FlaskClient) -> None:
    assert client.post(FEED).status_code == 405


def test_a_change_by_another_connection_is_seen_at_once(city: City, client: FlaskClient) -> None:
    """Another server process wrote it: nothing in this one was told."""
    first = client.get(FEED)
    row = session().query(EventSession).one()
    number, made = row.sequence + 1, row.id
    session().rollback()
    with db.engine.connect().execution_options(writes=True) as other:
        other.execute(EventSession.__table__.update().where(EventSession.id == made).values(sequence=number))
        other.commit()
    assert f"SEQUENCE:{number}" in client.get(FEED).text
    assert f"SEQUENCE:{number}" not in first.text


def test_an_unchanged_feed_costs_no_more_than_one_look(city: City, client: FlaskClient) -> None:
    from sqlalchemy import event

    client.get(FEED)
    asked: list[str] = []
    event.listen(db.engine, "before_cursor_execute", lambda *words: asked.append(words[2]))
    assert client.get(FEED).status_code == 200
    assert asked == []  # the mark goes over a connection of its own
    change(EventSession, session().query(EventSession.id).scalar() or "", sequence=9)
    asked.clear()
    client.get(FEED)
    assert 0 < len(asked) <= 4


def test_an_answer_given_again_is_the_same_to_the_last_header(
    city: City, client: FlaskClient, app: Flask
) -> None:
    tag = client.get(FEED).headers["ETag"]
    for sent in ({}, {"If-None-Match": tag}, {"Accept-Encoding": "gzip"}, {"If-None-Match": '"other"'}):
        for method in ("GET", "HEAD"):
            first, *again = (client.open(FEED, method=method, headers=dict(sent)) for _ in range(4))
            for one in again:
                assert (one.status, one.data) == (first.status, first.data)
                assert sorted(one.headers) == sorted(first.headers)
    other = app.test_client().get(FEED, base_url="http://kepu.example.cn")
    assert "http://kepu.example.cn/events/" in other.text
    assert "http://localhost/events/" in client.get(FEED).text


def test_a_feed_survives_the_loss_of_its_connection(city: City, client: FlaskClient, app: Flask) -> None:
    first = client.get(FEED)
    watch = app.extensions["kepu_watch"]
    watch._connection.dbapi_connection.close()
    assert client.get(FEED).data == first.data
    mark = changes.mark()
    assert mark is not None
    assert mark == changes.mark()
    db.engine.dispose()
    assert client.get(FEED).data == first.data


def test_a_mark_changes_with_every_commit_and_only_then(city: City) -> None:
    first = changes.mark()
    assert first == changes.mark()
    session().query(EventSession).all()
    session().rollback()
    assert first == changes.mark()
    city.add()
    assert first != changes.mark()


def test_threads_get_whole_feeds_while_someone_writes(city: City, app: Flask) -> None:
    row = session().query(EventSession).one().id
    session().rollback()
    stop = threading.Event()

    def read() -> set[int]:
        client, seen = app.test_client(), set()
        while not stop.is_set():
            text = client.get(FEED).text
            assert text.endswith("END:VCALENDAR\r\n")
            seen.add(int(text.split("SEQUENCE:")[1].split("\r\n")[0]))
        return seen

    with ThreadPoolExecutor(3) as pool:
        readers = [pool.submit(read) for _ in range(3)]
        for number in range(1, 15):
            change(EventSession, row, sequence=number)
            text = app.test_client().get(FEED).text
            assert f"SEQUENCE:{number}\r\n" in text  # what was committed is read, not an older one
        stop.set()
        for one in readers:
            assert one.result() <= set(range(15))


def fetch(url: str, **headers: str) -> tuple[int, bytes, dict[str, str]]:
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    try:
        with opener.open(urllib.request.Request(url, headers=headers), timeout=30) as answer:
            return answer.status, answer.read(), dict(answer.headers)
    except urllib.error.HTTPError as error:
        return error.code, error.read(), dict(error.headers)


def test_all_server_processes_give_the_same_bytes(
    app: Flask, live_server: LiveServer, sign_in: Callable[..., Any]
) -> None:
    City().add(session_title="第二课")
    url = live_server.url + FEED
    answers = [fetch(url) for _ in range(24)]  # gunicorn's two processes take turns as they like
    assert len({(status, body, headers["ETag"]) for status, body, headers in answers}) == 1
    status, body, headers = fetch(url, **{"If-None-Match": answers[0][2]["ETag"]})
    assert (status, body) == (304, b"")
    assert headers["ETag"] == answers[0][2]["ETag"]
    assert "Set-Cookie" not in headers
    deadline = time.monotonic() + 20
    change(EventSession, session().query(EventSession.id).scalar() or "", sequence=7)
    later = [fetch(url)[1] for _ in range(24)]
    assert all(b"SEQUENCE:7" in one for one in later)
    assert time.monotonic() < deadline
