"""The tablet at the door, and handing scans from one phone to another without a network."""

import json
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from time import time
from typing import Any

import pytest
from flask import Flask
from flask.sessions import SecureCookieSessionInterface
from playwright.sync_api import Page, Route, expect

from tests.browser.attendance.doors import Door
from tests.browser.attendance.phones import wait_until
from tests.browser.attendance.test_scan import NETWORK_NOISE, answer, cut, enter, film, mend, ready, type_code
from tests.support.browser import DESK, PHONE, accessibility_faults, scrolls_sideways
from webapp.attendance.domain.phones import DeviceKind
from webapp.attendance.service import devices
from webapp.core import clock
from webapp.core.auth import PAIRED_COOKIE, SIGNED_IN_AT
from webapp.core.db import transaction

Visit = Callable[..., Any]
PairedTablet = Callable[[Page], Callable[[], None]]  # gives what ends the pairing
SHELL_KEPT = """async () => {
  await navigator.serviceWorker.ready;
  const names = await caches.keys();
  return Boolean(names.length && (await (await caches.open(names[0])).match("/scan/*/kiosk")));
}"""
TABLET = {"width": 820, "height": 1180}


@pytest.fixture
def paired(app: Flask, door: Door) -> PairedTablet:
    """`paired(page)`: this tablet is paired for the door, with nobody signed in."""

    def pair(page: Page) -> Callable[[], None]:
        session_id = door.path.rsplit("/", 1)[-1]
        with transaction():
            offered = devices.offer_pairing(
                name="门口平板", kind=DeviceKind.KIOSK, session_ids=[session_id],
                until=clock.now() + timedelta(hours=2), by=door.scanner,
            )  # fmt: skip
            _device, token = devices.pair(devices.pairing_code(offered))
        page.context.add_cookies([{"name": PAIRED_COOKIE, "value": token, "url": door.address}])

        def revoke() -> None:
            with transaction():
                devices.revoke(offered.id, by=door.scanner)

        return revoke

    return pair


def begin(page: Page, door: Door, *, ways: str = "由来的人自己选", pin: str = "2468") -> None:
    page.context.add_cookies([{**cookie, "url": door.address} for cookie in door.cookies])
    page.goto(f"{door.path}/kiosk")
    page.get_by_label(ways).check()
    page.get_by_label("设一个密码").fill(pin)
    page.get_by_role("button", name="开始").click()


def test_people_scan_their_own_codes(visit_with_camera: Visit, door: Door, tmp_path: Path) -> None:
    page = visit_with_camera(film(tmp_path / "held.y4m", [(door.guests[0].url, 10), (None, 5)]))
    page.set_viewport_size(TABLET)
    begin(page, door, ways="只签到")
    shown = answer(page, "accepted")
    assert "签到成功" in shown
    assert door.guests[0].name in shown
    assert accessibility_faults(page) == []
    expect(page.locator(".answer")).to_be_hidden()  # after four seconds
    assert not page.locator(".door-direction").is_visible()
    assert door.arrivals() == 1


def test_a_reader_typed_codes_both_ways_and_another_language(visit: Visit, door: Door) -> None:
    page = visit(viewport=DESK)
    begin(page, door)
    page.locator("#kiosk[data-ready]").wait_for()
    page.keyboard.type(door.guests[1].url)
    page.keyboard.press("Enter")
    assert "签到成功" in answer(page, "accepted")
    page.locator("#typed-code").fill("ZZZZZZ")
    page.locator("#typed-code").press("Enter")
    assert "请到签到台" in answer(page, "refused")
    expect(page.locator(".answer")).to_be_hidden()
    page.get_by_role("button", name="English").click()
    expect(page.locator("html")).to_have_attribute("lang", "en")
    page.locator('label[for="way-out"]').click()
    page.locator("#typed-code").fill(door.guests[1].short_code)
    page.locator("#typed-code").press("Enter")
    shown = answer(page, "accepted")
    assert not [
        sign for sign in shown.replace(door.guests[1].name, "").replace("观众", "") if "一" <= sign <= "龥"
    ]
    page.context.add_cookies([{"name": "view", "value": "elder", "url": door.address}])
    page.reload()
    page.locator("#kiosk[data-ready]").wait_for()
    for other in ("English", "中文"):
        for screen in (PHONE, TABLET, DESK):
            page.set_viewport_size(screen)
            assert not scrolls_sideways(page), screen
            assert accessibility_faults(page) == []
        page.get_by_role("button", name=other).click()


def test_an_answer_stands_long_enough_for_old_eyes(visit: Visit, door: Door) -> None:
    page = visit(viewport=DESK)
    page.clock.install()
    begin(page, door, ways="只签到")
    page.locator("#kiosk[data-ready]").wait_for()
    page.keyboard.type(door.guests[0].url)
    page.keyboard.press("Enter")
    answer(page, "accepted")
    page.clock.fast_forward(3000)
    assert page.locator(".answer").is_visible()
    page.keyboard.type(door.guests[1].url)  # the next one need not wait, nor touch anything
    page.keyboard.press("Enter")
    page.locator(".answer-name", has_text=door.guests[1].name).wait_for()
    page.clock.fast_forward(3000)
    assert page.locator(".answer").is_visible()
    page.clock.fast_forward(1100)
    expect(page.locator(".answer")).to_be_hidden()


def slowly(page: Page, milliseconds: int = 1000) -> list[str]:
    """The server takes its time; what was scanned is in the list returned."""
    sent: list[str] = []

    def wait(route: Route) -> None:
        sent.extend(link["what"] for link in json.loads(route.request.post_data or "{}")["links"])
        page.wait_for_timeout(milliseconds)
        route.continue_()

    page.route("**/scan/links", wait)
    return sent


def test_nobody_is_passed_over_while_an_answer_is_awaited(visit: Visit, door: Door) -> None:
    page = visit(viewport=DESK)
    begin(page, door, ways="只签到")
    page.locator("#kiosk[data-ready]").wait_for()
    sent = slowly(page)
    for guest in door.guests[:2]:
        page.keyboard.type(guest.url)
        page.keyboard.press("Enter")
    page.locator(".answer-name", has_text=door.guests[1].name).wait_for()
    page.keyboard.type(door.guests[1].url)  # held to the reader a little longer
    page.keyboard.press("Enter")
    assert "签到成功" in answer(page, "accepted")
    page.wait_for_timeout(300)
    assert page.locator(".answer").get_attribute("data-kind") == "accepted"
    assert sent == [guest.url for guest in door.guests[:2]]
    assert door.arrivals() == 2


def test_whoever_comes_next_before_the_camera_is_read_next(
    visit_with_camera: Visit, door: Door, tmp_path: Path
) -> None:
    first, second = door.guests[:2]
    page = visit_with_camera(film(tmp_path / "two.y4m", [(first.url, 4), (second.url, 150)]))
    page.set_viewport_size(TABLET)
    slowly(page)
    begin(page, door, ways="只签到")
    page.locator(".answer-name", has_text=second.name).wait_for(timeout=10_000)
    page.wait_for_function("() => document.querySelector('.answer').dataset.kind === 'accepted'")


def test_the_next_one_finds_it_as_it_was_set_up(visit: Visit, door: Door) -> None:
    page = visit(viewport=DESK)
    page.clock.install()
    begin(page, door)
    page.locator("#kiosk[data-ready]").wait_for()
    page.get_by_role("button", name="English").click()
    expect(page.locator('[data-part="when"]')).not_to_contain_text("月")
    page.locator('label[for="way-out"]').click()
    page.clock.fast_forward(46_000)
    expect(page.locator("#way-in")).to_be_checked()
    expect(page.locator("html")).to_have_attribute("lang", "zh-CN")
    expect(page.locator('[data-part="when"]')).to_contain_text("月")


def test_only_the_pin_leads_out(visit: Visit, door: Door) -> None:
    page = visit()
    begin(page, door, pin="12a4")
    expect(page.get_by_role("alert")).to_contain_text("4 到 6 位数字")
    page.get_by_label("设一个密码").fill("1357")
    page.get_by_role("button", name="开始").click()
    page.locator("#kiosk[data-ready]").wait_for()
    page.go_back()
    page.reload()
    page.locator("#kiosk[data-ready]").wait_for()
    page.get_by_role("button", name="工作人员").click()
    field = page.locator("#pin")
    for _ in range(5):
        field.fill("0000")
        field.press("Enter")
        expect(page.locator('[data-part="gate-trouble"]')).to_be_visible()
        expect(field).to_have_value("")
        page.wait_for_timeout(400)
    expect(page.locator('[data-part="gate-trouble"]')).to_contain_text("请等")
    field.fill("1357")
    field.press("Enter")
    expect(page.locator('[data-part="gate-trouble"]')).to_contain_text("请等")
    kept = json.loads(
        page.evaluate(
            "() => localStorage.getItem(Object.keys(localStorage).find((k) => k.includes('kiosk')))"
        )
    )
    assert "1357" not in json.dumps(kept)
    page.evaluate("() => { const now = Date.now; Date.now = () => now() + 61000; }")
    field.fill("1357")
    field.press("Enter")
    page.wait_for_url(f"**{door.path}")


def held(page: Page, door: Door) -> None:
    begin(page, door)
    page.locator("#kiosk[data-ready]").wait_for()


def sign_in_anew(page: Page, door: Door, app: Flask) -> None:
    """As the sign-in page does it: the same person, another moment."""
    signer = SecureCookieSessionInterface().get_signing_serializer(app)
    assert signer is not None
    (cookie,) = door.cookies
    kept = {**signer.loads(cookie["value"]), SIGNED_IN_AT: round(time() * 1000)}
    value = str(signer.dumps(kept))
    page.context.add_cookies([{**cookie, "value": value, "url": door.address}])


@NETWORK_NOISE
def test_no_address_leads_around_the_pin(visit: Visit, door: Door) -> None:
    page = visit()
    enter(page, door)  # the scanner was open on it before
    wait_until(page, SHELL_KEPT)
    held(page, door)
    for path in (door.path, "/scan", f"{door.path}/list"):
        page.goto(path, wait_until="commit")
        page.wait_for_url(f"**{door.path}/kiosk")
        page.locator("#kiosk[data-ready]").wait_for()
    page.context.set_offline(True)
    page.goto(door.path, wait_until="commit")
    page.wait_for_url(f"**{door.path}/kiosk")
    page.locator("#kiosk[data-ready]").wait_for()
    page.context.set_offline(False)
    page.get_by_role("button", name="工作人员").click()
    assert "取消这台平板的配对" in page.locator('[data-part="gate"]').inner_text()
    assert accessibility_faults(page) == []
    page.locator("#pin").fill("2468")
    page.locator("#pin").press("Enter")
    page.wait_for_url(f"**{door.path}")
    ready(page)


def test_signing_in_opens_where_the_pin_was_forgotten(visit: Visit, door: Door, app: Flask) -> None:
    page = visit()
    held(page, door)
    page.get_by_role("button", name="工作人员").click()
    link = page.locator('[data-part="gate"]').get_by_role("link", name="登录")
    assert str(link.get_attribute("href")).startswith("/sign-in?next=")
    page.reload()
    page.wait_for_timeout(1500)
    assert page.locator("#kiosk[data-ready]").is_visible()  # whoever was signed in before opens nothing
    sign_in_anew(page, door, app)
    page.reload()
    page.wait_for_url(f"**{door.path}")
    ready(page)


def test_ending_the_pairing_opens_where_the_pin_was_forgotten(
    visit: Visit, door: Door, paired: PairedTablet
) -> None:
    page = visit()
    revoke = paired(page)
    page.goto(f"{door.path}/kiosk")
    page.get_by_label("设一个密码").fill("2468")
    page.get_by_role("button", name="开始").click()
    page.locator("#kiosk[data-ready]").wait_for()
    wait_until(page, SHELL_KEPT)
    revoke()
    page.reload()
    page.wait_for_url("**/scan")
    assert "已被组织者取消" in page.locator("main").inner_text()
    assert not page.evaluate("() => Object.keys(localStorage).some((key) => key.includes('kiosk'))")


@NETWORK_NOISE
def test_another_phone_takes_the_series_from_the_screen(visit: Visit, door: Door) -> None:
    """Every picture of the series is really drawn and really read."""
    page = visit()
    enter(page, door)
    cut(page)
    for guest in door.guests:
        type_code(page, guest.url)
        answer(page, "accepted")
    page.get_by_text("更多", exact=True).click()
    page.get_by_role("button", name="显示成二维码").click()
    page.get_by_role("button", name="停一下").click()
    number = page.locator('[data-part="series-number"]')
    total = int(number.inner_text().split("共")[1].strip(" 张"))
    read = """async () => {
      const canvas = document.querySelector('[data-part="series-code"]');
      const { loadReader, readCode } = await import("/static/js/scan/reader.js");
      const root = document.getElementById("scan");
      await loadReader({ script: root.dataset.reader, wasm: root.dataset.wasm });
      return readCode(canvas.getContext("2d").getImageData(0, 0, canvas.width, canvas.height));
    }"""
    pieces = []
    for _ in range(total):
        pieces.append(page.evaluate(read))
        page.get_by_role("button", name="下一张").click()
    assert len(set(pieces)) == total
    assert accessibility_faults(page) == []
    page.get_by_role("button", name="完成").click()
    other = visit()
    brought = enter(other, door, to="/scan/relay")
    note = other.locator(
        '[data-part="series-note"]'
    )  # beside the camera: whoever holds the phone looks there
    for piece in pieces * 2:  # the pictures go on turning
        other.evaluate("() => document.activeElement.blur()")
        other.keyboard.type(piece)  # a reader that types
        other.keyboard.press("Enter")
        expect(note).to_contain_text("请继续对准" if piece == pieces[0] and not brought else "")
        if piece == pieces[-1]:
            expect(note).to_contain_text(f"{len(door.guests)} 条记录")
            expect(other.locator('[data-part="waiting"]')).to_be_hidden()
    assert len(brought) == len(door.guests)
    expect(other.locator('[data-part="waiting"]')).to_be_hidden()
    assert door.arrivals() == len(door.guests)
    mend(page)
    expect(page.locator('[data-part="offline"]')).to_be_hidden()
    assert door.arrivals() == len(door.guests)


@NETWORK_NOISE
def test_another_phone_takes_the_file(visit: Visit, door: Door, tmp_path: Path) -> None:
    page = visit()
    enter(page, door)
    cut(page)
    type_code(page, door.guests[0].url)
    answer(page, "accepted")
    page.get_by_text("更多", exact=True).click()
    with page.expect_download() as coming:
        page.get_by_role("button", name="存成文件").click()
    file = tmp_path / coming.value.suggested_filename
    coming.value.save_as(file)
    other = visit()
    enter(other, door)
    other.get_by_text("更多", exact=True).click()
    note = other.locator('[data-part="handover-note"]')
    other.locator("#take-file").set_input_files(
        {"name": "x.json", "mimeType": "application/json", "buffer": b"{}"}
    )
    expect(note).to_contain_text("不是签到记录")
    for _ in range(2):
        other.locator("#take-file").set_input_files(file)
        expect(note).to_contain_text("1 条记录")
    expect(other.locator('[data-part="waiting"]')).to_be_hidden()
    assert door.arrivals() == 1
    ready(other)
