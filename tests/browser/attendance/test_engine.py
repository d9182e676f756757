"""The phone's engine in a real browser, with a server that dies: what is scanned is kept, and handed in once."""

import json
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing
from datetime import timedelta
from pathlib import Path
from time import time
from typing import Any

import pytest
from flask import Flask
from playwright.sync_api import Page, Playwright, Route
from sqlalchemy import select

from tests.browser.attendance.doors import Door
from tests.browser.attendance.phones import BARE, Phone, Wire, handed_in, scan, state, wait_until
from tests.support.server import LiveServer
from webapp.attendance.models import Scan
from webapp.core import clock, i18n
from webapp.core.db import db

FIRST_VISIT = 700_000  # bytes over the wire, everything counted
VECTORS = Path("tests/vectors")
SHELL_KEPT = """async () => {
  await navigator.serviceWorker.ready;
  const names = await caches.keys();
  return names.length === 1 && Boolean(await (await caches.open(names[0])).match("/scan/*"));
}"""

NAMES_KEPT = """() => new Promise((resolve) => {
  indexedDB.open("kepuxing").onsuccess = ({ target: { result } }) => {
    result.transaction("packs").objectStore("packs").count().onsuccess = (event) => resolve(event.target.result);
  };
})"""

MakePhone = Callable[..., Phone]


@pytest.fixture
def phone(playwright: Playwright, tmp_path: Path, door: Door) -> Iterator[MakePhone]:
    """`phone("a")`: a switched-on phone with a memory of its own."""
    made: list[Phone] = []

    def another(name: str = "a", address: str = "") -> Phone:
        one = Phone(playwright, tmp_path / name, door, address)
        one.switch_on()
        made.append(one)
        return one

    yield another
    for one in made:
        one.switch_off()


def _kept(session: str) -> list[Scan]:
    db.session.rollback()
    return list(db.session.scalars(select(Scan).where(Scan.session_id == session).order_by(Scan.counter)))


def _copy(*, into: sqlite3.Connection | None = None, out_of: sqlite3.Connection | None = None) -> None:
    """The server's database as it is now, or as it was."""
    db.session.rollback()
    with closing(sqlite3.connect(str(db.engine.url.database))) as kept:
        if into is not None:
            kept.backup(into)
        if out_of is not None:
            out_of.backup(kept)


# ------------------------------------------------------------------------------------ the same cases as the server


def test_the_phone_judges_and_seals_as_the_server(phone: MakePhone) -> None:
    page = phone().page()
    judged = page.evaluate(
        """async ({ pack, cases }) => {
          const { judge, openPack } = await import("/static/js/scan/judge.js");
          return cases.map((one) => {
            const session = { ...pack.session, open: one.open, state: one.session_state };
            const opened = openPack({ ...pack, session });
            const { direction, at, known } = one;
            return judge(opened, one.reading, { direction, at, known, anyHour: one.any_hour });
          });
        }""",
        json.loads((VECTORS / "judge.json").read_text("utf-8")),
    )
    cases = json.loads((VECTORS / "judge.json").read_text("utf-8"))["cases"]
    wrong = [
        (one["name"], said)
        for one, said in zip(cases, judged, strict=True)
        if {key: said.get(key) for key in one["expect"]} != one["expect"]
    ]
    assert not wrong
    codes = ["7k2 m9q", "７Ｋ２Ｍ９Ｑ", "7k2-m9q ", "7K2M9", "OOOOOO", "7K2M9Q1"]
    read = page.evaluate(
        """async (codes) => {
          const { readShortCode } = await import("/static/js/scan/judge.js");
          return codes.map(readShortCode);
        }""",
        codes,
    )
    assert read == ["7K2M9Q"] * 3 + [""] * 3


# --------------------------------------------------------------------------------------- a day without a server


def test_a_day_without_server_loses_nothing(phone: MakePhone, door: Door, live_server: LiveServer) -> None:
    one = phone()
    page = one.start()
    assert scan(page, door.guests[0].signup)["outcome"] == "accepted"
    shell = one.page(door.path)
    wait_until(shell, SHELL_KEPT)
    try:
        live_server.kill()
        first = scan(page, door.guests[1].url, kind="pass")
        assert (first["outcome"], first["verdict"], first["local"]) == ("accepted", "verified", True)
        again = scan(page, door.guests[1].short_code, kind="pass")
        assert (again["outcome"], again["verdict"]) == ("already_in", "refused")
        assert again["ms"] < 300  # nobody waits for a server that is not there
        last = door.guests[2].url[-1]
        forged = door.guests[2].url[:-1] + ("0" if last != "0" else "8")
        assert scan(page, forged, kind="pass")["reason"] == "damaged"
        assert scan(page, "https://example.cn/", kind="pass")["outcome"] == "unknown"
        assert not state(page)["online"]
        assert state(page)["waiting"] == 4

        shell.reload()
        assert shell.locator("#scan").count() == 1  # out of the phone's own memory
        one.switch_off()  # the battery is dead
        one.switch_on()
        page = one.page(door.path)
        assert page.locator("#scan").count() == 1
        page.close()
        page = _started_offline(one)
        assert state(page)["waiting"] == 4
        assert scan(page, door.guests[1].signup)["outcome"] == "already_in"
        assert scan(page, door.guests[3].signup)["verdict"] == "verified"
        counts = page.evaluate("() => engine.counts()")
        assert counts["came"] == 3
    finally:
        live_server.start()
    handed_in(page)
    assert door.arrivals() == 3
    kept = _kept(one.session)
    assert [row.counter for row in kept] == list(range(1, 8))
    assert not [row.flag for row in kept if row.flag]
    # A server that has just been started may be too slow for a door at first.
    wait_until(page, "() => engine.refresh().then(() => engine.state.online)")
    assert state(page)["since"] is None


def test_what_a_restored_server_has_lost_is_sent_again(
    phone: MakePhone, door: Door, live_server: LiveServer
) -> None:
    one = phone()
    page = one.start()
    with closing(sqlite3.connect(":memory:")) as backup:
        assert scan(page, door.guests[0].signup)["outcome"] == "accepted"
        _copy(into=backup)
        assert scan(page, door.guests[1].signup)["outcome"] == "accepted"
        assert scan(page, door.guests[1].signup)["outcome"] == "already_in"
        handed_in(page)
        assert len(_kept(one.session)) == 3
        live_server.kill()
        _copy(out_of=backup)
        assert door.arrivals() == 1
        live_server.start()
    assert scan(page, door.guests[2].signup)["outcome"] == "accepted"
    handed_in(page)
    page.wait_for_function("() => engine.refresh().then(() => engine.state.waiting === 0)")
    assert [row.counter for row in _kept(one.session)] == [1, 2, 3, 4]
    assert not [row.flag for row in _kept(one.session) if row.flag]
    assert door.arrivals() == 3
    assert page.evaluate("() => late") == []  # each was answered as before: nobody need look at it


def test_what_the_server_never_keeps_is_not_sent_for_ever(phone: MakePhone, door: Door) -> None:
    page = phone().start()
    assert scan(page, door.guests[0].signup)["outcome"] == "accepted"
    sent: list[str] = []
    page.on("request", lambda request: sent.append(request.url) if request.method == "POST" else None)

    def forgetful(route: Route) -> None:
        answer = route.fetch()
        route.fulfill(response=answer, json={**answer.json(), "chain": {"counter": 0, "missing": []}})

    page.route("**/scan/hello.json*", forgetful)
    for _ in range(3):
        page.evaluate("() => engine.refresh()")
    assert len(sent) == 1
    assert state(page)["waiting"] == 0


def test_the_icon_on_the_home_screen_opens_without_a_server(
    phone: MakePhone, door: Door, live_server: LiveServer
) -> None:
    one = phone()
    page = one.page(door.path)  # the only page this phone ever opened
    wait_until(page, SHELL_KEPT)
    page.close()
    try:
        live_server.kill()
        page = one.page("/scan")
        page.locator(f'a[href="{door.path}"]').click()
        page.locator("#scan[data-ready]").wait_for()
        page = one.page(f"{door.path}/kiosk")
        assert page.get_by_role("button", name="开始").is_visible()
    finally:
        live_server.start()


def test_a_new_version_never_leaves_a_phone_without_its_page(
    phone: MakePhone, door: Door, live_server: LiveServer
) -> None:
    one = phone()
    assert one.context is not None
    page = one.page(door.path)
    wait_until(page, SHELL_KEPT)
    page.goto(BARE)
    one.context.clear_cookies()  # signed out
    one.context.add_cookies(
        [{"name": "view", "value": "elder", "url": door.address}]
    )  # as good as a new version
    page.evaluate(
        """async () => {
          const [kept] = await caches.keys();
          await (await navigator.serviceWorker.ready).update();
          while ((await caches.keys()).includes(kept)) await new Promise((done) => setTimeout(done, 50));
        }"""
    )
    try:
        live_server.kill()
        page = one.page(door.path)
        assert page.locator("#scan").count() == 1
        page = one.page("/scan")
        assert page.locator("h1").inner_text() == "扫码签到"
    finally:
        live_server.start()


def _started_offline(one: Phone) -> Page:
    """A page that is there without a server, with an engine of the test's own on it."""
    page = one.page(one.door.path)
    page.evaluate(
        """async (session) => {
          const { Engine } = await import("/static/js/scan/engine.js");
          window.engine = new Engine({ session });
          await engine.start();
        }""",
        one.session,
    )
    return page


# ------------------------------------------------------------------------------------------- several pages, phones


def test_two_pages_of_one_phone_write_one_chain(
    phone: MakePhone, door: Door, live_server: LiveServer
) -> None:
    one = phone()
    pages = [one.start(), one.start()]
    try:
        live_server.kill()
        people = [guest.signup for guest in door.guests] * 3
        for page, direction in zip(pages, ("in", "out"), strict=True):
            page.evaluate(
                """([people, direction]) => {
                  const scans = people.map((what) => ({ kind: "roster", what, direction, method: "roster" }));
                  window.done = Promise.all(scans.map((one) => engine.scan(one)));
                }""",
                [people, direction],
            )
        for page in pages:
            page.evaluate("() => done")
        file = pages[0].evaluate("async () => JSON.parse(await (await engine.file()).blob.text())")
        pieces = pages[0].evaluate("() => engine.pieces()")
    finally:
        live_server.start()
    links = file["links"]
    assert [link["counter"] for link in links] == list(range(1, 2 * len(people) + 1))
    assert [link["prev"] for link in links] == ["", *(link["mac"] for link in links)][:-1]
    other = phone("b").start()  # another phone takes the file and the series, twice, and brings it
    assert all(len(piece) < 640 for piece in pieces)
    gathered = [other.evaluate("(text) => engine.takePiece(text)", piece) for piece in reversed(pieces)]
    assert [one["done"] for one in gathered] == [False] * (len(pieces) - 1) + [True]
    assert other.evaluate("(text) => engine.takeFile(text)", json.dumps(file))["links"] == len(links)
    refused = "(text) => engine.takeFile(text).then(() => false, () => true)"
    assert other.evaluate(refused, '{"format": "something else"}')
    handed_in(other)
    for page in pages:
        handed_in(page)
    assert [row.counter for row in _kept(one.session)] == [link["counter"] for link in links]
    assert {row.flag for row in _kept(one.session)} <= {None, "refused", "turned_away"}
    assert door.arrivals() == len(door.guests)


def test_an_answer_that_comes_too_late_is_not_waited_for(phone: MakePhone, door: Door) -> None:
    one = phone()
    page = one.start()
    page.route(
        "**/scan/links", lambda route: (route.fetch(), route.abort())[1]
    )  # it arrived, the answer did not
    said = scan(page, door.guests[0].signup)
    assert (said["outcome"], said["local"]) == ("accepted", True)
    assert scan(page, door.guests[1].signup)["ms"] < 300
    page.unroute("**/scan/links")
    handed_in(page)
    late: list[dict[str, Any]] = page.evaluate("() => late")
    assert [entry["answer"]["outcome"] for entry in late] == ["accepted", "accepted"]
    kept = _kept(one.session)
    assert [(row.counter, row.flag, row.offline) for row in kept] == [(1, None, True), (2, None, True)]
    assert door.arrivals() == 2


def test_scans_of_the_page_before_are_sent_once(phone: MakePhone, door: Door) -> None:
    one = phone()
    page = one.page()
    body = {
        "signup": door.guests[0].signup, "direction": "in", "nonce": "left-behind", "device": "old",
        "scanned_at": page.evaluate("() => new Date().toISOString()"), "method": "roster",
    }  # fmt: skip
    entry = {"url": f"{door.path}/checkins", "name": "", "body": body, "order": 1}
    page.evaluate("(entry) => localStorage.setItem('kepu-scan:left-behind', entry)", json.dumps(entry))
    page.close()
    page = one.start()
    handed_in(page)
    assert [row.nonce for row in _kept(one.session)] == ["left-behind"]
    assert page.evaluate("() => localStorage.length") == 0
    assert door.arrivals() == 1


def test_the_names_go_when_the_session_is_over_also_without_a_network(
    phone: MakePhone, door: Door, live_server: LiveServer
) -> None:
    one = phone()
    page = one.start()
    assert page.evaluate(NAMES_KEPT) == 1
    try:
        live_server.kill()
        page.evaluate("() => { const now = Date.now; Date.now = () => now() + 26 * 3600_000; }")  # left open
        page.evaluate("() => engine.refresh()")
        assert page.evaluate(NAMES_KEPT) == 0
    finally:
        live_server.start()


def test_a_browser_whose_store_never_answers_scans_all_the_same(phone: MakePhone, door: Door) -> None:
    one = phone()
    assert one.context is not None
    one.context.add_init_script(
        """const { open } = IDBFactory.prototype;
        IDBFactory.prototype.open = function (...given) {
          const asked = open.apply(this, given);
          for (const kind of ["success", "upgradeneeded"]) {
            asked.addEventListener(kind, (event) => event.stopImmediatePropagation());
          }
          return asked;
        };"""
    )
    page = one.start()
    assert state(page)["volatile"]
    assert scan(page, door.guests[0].signup)["outcome"] == "accepted"
    assert door.arrivals() == 1


# ------------------------------------------------------------------------------------------------ days and times


def test_the_phone_says_days_and_times_as_the_server(phone: MakePhone, app: Flask) -> None:
    page = phone().page()
    midnight = clock.local(clock.now()).replace(hour=0, minute=5, second=0, microsecond=0)
    ranges = [(midnight + timedelta(hours=hour), midnight + timedelta(hours=hour + 2)) for hour in range(24)]
    ranges.append((midnight + timedelta(hours=9), midnight + timedelta(hours=33)))
    said = page.evaluate(
        """async (ranges) => {
          document.documentElement.lang = "zh-CN";
          const { rangeOf } = await import("/static/js/scan/moments.js");
          return ranges.map(([start, end]) => rangeOf(start, end));
        }""",
        [[start.isoformat(), end.isoformat()] for start, end in ranges],
    )
    with app.test_request_context():
        assert said == [i18n.format_range(start, end) for start, end in ranges]


def test_after_a_day_without_network_the_day_is_said(
    phone: MakePhone, door: Door, live_server: LiveServer
) -> None:
    one = phone()
    page = one.page(door.path)
    wait_until(page, SHELL_KEPT)
    today = page.evaluate(
        "() => new Date().toLocaleDateString('zh-CN', { timeZone: 'Asia/Shanghai', month: 'long', day: 'numeric' })"
    )
    try:
        live_server.kill()
        page.locator("#typed-code").fill(door.guests[0].short_code)
        page.locator("#typed-code").press("Enter")
        banner = page.locator('[data-part="offline"]')
        banner.wait_for()
        assert today not in banner.inner_text()
        page.close()
        assert one.context is not None
        page = one.context.new_page()
        page.clock.install(time=time() + 26 * 3600)
        page.goto(door.path)
        page.locator('[data-part="offline"]').wait_for()
        assert today in page.locator('[data-part="offline"]').inner_text()
        assert page.evaluate(NAMES_KEPT) == 0
    finally:
        live_server.start()


def test_the_list_of_sessions_says_without_a_network_how_old_it_is(
    phone: MakePhone, door: Door, live_server: LiveServer
) -> None:
    one = phone()
    wait_until(one.page(door.path), SHELL_KEPT)
    page = one.page("/scan")
    page.wait_for_load_state("networkidle")
    note = page.locator("#old-list")
    assert note.is_hidden()
    made = page.evaluate(
        """async () => {
          const { whenOf } = await import("/static/js/scan/moments.js");
          return whenOf(document.getElementById("old-list").dataset.made);
        }"""
    )
    try:
        live_server.kill()
        page.reload()
        note.wait_for()
        assert "没有网络" in note.inner_text()
        assert made in note.inner_text()
    finally:
        live_server.start()
    page.evaluate("() => window.dispatchEvent(new Event('online'))")
    note.wait_for(state="hidden")


# ------------------------------------------------------------------------------------------------- over the wire


def test_the_page_costs_nothing_the_second_time(phone: MakePhone, door: Door) -> None:
    with Wire(door.address).laid() as wire:
        one = phone(address=wire.address)
        page = one.page(door.path)
        wait_until(page, SHELL_KEPT)
        page.wait_for_load_state("networkidle")
        assert wire.received < FIRST_VISIT
        page.close()
        wire.forget()
        page = one.page(door.path)
        assert page.locator("#scan").count() == 1
        page.wait_for_load_state("networkidle")
    pages_and_files = [path for path in wire.asked if path.startswith("/static/") or path == door.path]
    assert not pages_and_files
    assert wire.received < 20_000  # the list was looked at, and found unchanged
