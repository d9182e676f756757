"""The ways most used, in the engines that are not Chromium: Debian's Firefox, and WebKitGTK for what iPhones run.

WebKitGTK's driver cannot print and has no camera here: paper is looked at in Firefox, whose paper differed, and codes
are typed.
"""

import re
import subprocess
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from datetime import timedelta
from pathlib import Path

import pytest
from flask import Flask

from tests.factories.attendance import PASSWORD, Scene, make_scene
from tests.factories.attendance import sign_up as signed_up
from tests.factories.signups import a_position
from tests.support import engines
from tests.support.engines import Visitor
from tests.support.server import LiveServer
from webapp.core import clock
from webapp.core.db import db
from webapp.people.models import Account

ENGINES = ("firefox", "webkit")
Come = Callable[..., Visitor]
TITLE = "手机用得明白：挂号与防诈骗的老年人智能手机使用培训"
# Where the lines of the title end, and the width of every box that is wider than the window.
LINES = """
const lines = [], texts = document.createTreeWalker(document.querySelector("h1"), NodeFilter.SHOW_TEXT);
let last = null;
while (texts.nextNode()) for (let at = 0; at < texts.currentNode.length; at++) {
  const one = document.createRange();
  one.setStart(texts.currentNode, at);
  one.setEnd(texts.currentNode, at + 1);
  const top = one.getBoundingClientRect().top;
  if (last === null || top > last + 8) lines.push("");
  lines[lines.length - 1] += texts.currentNode.data[at];
  last = top;
}
return lines"""


@pytest.fixture(params=ENGINES)
def come(request: pytest.FixtureRequest, live_server: LiveServer, tmp_path: Path) -> Iterator[Come]:
    """`page = come()`: a visitor with a fresh profile of that engine, on a window as narrow as a phone."""
    engine = str(request.param)
    if lacking := engines.missing(engine):
        pytest.skip(
            f"NOT TESTED IN {engine.upper()}: this machine lacks {lacking} (apt-get install {lacking})"
        )
    with ExitStack() as stack:

        def enter(width: int = 500) -> Visitor:
            folder = tmp_path / f"visitor-{len(list(tmp_path.iterdir()))}"
            folder.mkdir()
            made = stack.enter_context(engines.visitor(engine, live_server.url, folder))
            made.size(width, 900)
            return made

        yield enter


def sign_in(page: Visitor, scene: Scene) -> None:
    account = db.session.get_one(Account, scene.scanner_account)
    assert account.email is not None
    page.go("/sign-in")
    page.type("[name=login]", account.email)
    page.type("[name=password]", PASSWORD)
    page.click("main button[type=submit]")
    page.wait(lambda: "/sign-in" not in page.run("return location.pathname"), "nobody is signed in")


def test_a_guest_signs_up_and_sees_the_pass(app: Flask, come: Come) -> None:
    position = a_position(capacity=3)
    page = come()
    page.go(f"/positions/{position}/sign-up")
    page.type("[name=name]", "赵桂兰")
    page.type("[name=phone]", "138 0013 8000")
    page.click("[name=consent]")
    page.click("main form button[type=submit]")
    page.shows("已报名")
    size = page.run(
        "const box = document.querySelector('.qr-image').getBoundingClientRect(); return [box.width, box.top]"
    )
    assert size[0] > 250
    assert page.run("return document.querySelector('.qr-image').naturalWidth") > 0
    assert page.run("return document.documentElement.scrollWidth <= innerWidth")


def test_an_event_is_made_and_its_title_breaks_between_words(app: Flask, come: Come) -> None:
    scene = make_scene()
    page = come()
    sign_in(page, scene)
    page.go("/manage/events/new")
    page.type("[name=title]", TITLE)
    page.fill("[name=type_slug]", "lecture")
    page.type("[name=summary]", "学会扫码、挂号和识别诈骗短信。")
    page.type("[name=risk_statement]", "室内活动，注意台阶。")
    page.run("document.getElementById(arguments[0]).checked = true", f"task-{scene.tasks[0]}")
    starts = clock.local(clock.now() + timedelta(minutes=30))
    page.fill("[name=sessions-0-starts_at]", f"{starts:%Y-%m-%dT%H:%M}")
    page.fill("[name=sessions-0-ends_at]", f"{starts + timedelta(hours=2):%Y-%m-%dT%H:%M}")
    page.fill("[name=sessions-0-venue_id]", scene.venue)
    page.type("[name=sessions-0-positions-0-name]", "讲解员")
    page.fill("[name=sessions-0-positions-0-kind]", "volunteer")
    page.type("[name=sessions-0-positions-0-capacity]", "2")
    page.click("main button[name=change][value=publish]")
    page.shows(TITLE)
    page.go("/events/?q=挂号")
    page.click(".event-title a")
    page.shows(TITLE, "h1")
    page.run("document.querySelector('h1').style.width = '7.4em'")
    lines = page.run(LINES)
    assert "".join(lines) == TITLE
    assert lines[0] == "手机用得明白：", lines
    words = "return [...new Intl.Segmenter('zh', {granularity: 'word'}).segment(arguments[0])].map(one => one.index)"
    ends = {len("".join(lines[:number])) for number in range(1, len(lines))}
    assert ends <= set(page.run(words, TITLE)), lines


def test_a_typed_code_is_taken_at_the_door(app: Flask, come: Come) -> None:
    scene = make_scene()
    made = signed_up(scene.seats, name="王小明")
    page = come()
    sign_in(page, scene)
    page.go(f"/scan/{scene.session}")
    page.wait(lambda: page.text("[data-count=expected]") not in {"", "–"}, "the list has not come")
    page.type("#typed-code", made.short_code)
    page.click("#typed button[type=submit]")
    page.wait(lambda: page.text(".answer-accepted:not([hidden])"), lambda: page.text("body"))
    page.wait(lambda: page.text("[data-count=came]") == "1", "nobody is counted")


def test_the_door_opens_again_without_a_network(app: Flask, come: Come, live_server: LiveServer) -> None:
    scene = make_scene()
    signed_up(scene.seats, name="王小明")
    page = come()
    sign_in(page, scene)
    page.go(f"/scan/{scene.session}")
    page.wait(lambda: page.text("[data-count=expected]") == "1", "the list has not come")
    kept = """
    window.kept ??= navigator.serviceWorker.ready.then(async () => {
      for (const name of await caches.keys())
        if (await (await caches.open(name)).match("/scan/*")) window.isKept = true;
      window.kept = undefined;
    });
    return window.isKept === true"""
    page.wait(lambda: page.run(kept), "the page is not kept")
    live_server.kill()
    page.again()
    page.wait(lambda: page.text("[data-count=expected]") == "1", lambda: page.text("body"))


@pytest.mark.parametrize("come", ["firefox"], indirect=True)
def test_tables_stay_tables_on_paper(app: Flask, come: Come, tmp_path: Path) -> None:
    scene = make_scene()
    for name in ("王小明", "李雪", "欧阳海风"):
        signed_up(scene.seats, name=name)
    page = come()
    sign_in(page, scene)
    page.go(f"/manage/sessions/{scene.session}")
    page.print(tmp_path / "sheet.pdf")
    read = subprocess.run(
        ["pdftotext", "-layout", tmp_path / "sheet.pdf", "-"], capture_output=True, text=True, check=True
    )
    rows = [line.split() for line in read.stdout.splitlines() if re.search(r"1[3-9][\d*]{9}", line)]
    assert len(rows) == 3, read.stdout  # Firefox's own subset of a font has no names for Chinese letters
    assert min(map(len, rows)) >= 5, rows
