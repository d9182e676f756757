"""The scanner at the door, with a real camera picture, a real keyboard and networks as they are."""

import io
import json
import re
from collections.abc import Callable, Iterable
from pathlib import Path
from time import time
from typing import Any

import pytest
import qrcode
from PIL import Image
from playwright.sync_api import Page, Request, Route, expect

from tests.browser.attendance.doors import Door
from tests.support.browser import DESK, PHONE, accessibility_faults, scrolls_sideways
from webapp.attendance.domain import Outcome

SIZE = (640, 480)
Visit = Callable[..., Any]


# --------------------------------------------------------------------------------------------------- helpers


def picture(code: str | None) -> Image.Image:
    """What the camera sees: a grey wall, with a pass held before it or not."""
    wall = Image.new("L", SIZE, 170)
    if code:
        made = qrcode.QRCode(box_size=7, border=4)
        made.add_data(code)
        made.make(fit=True)
        held = made.make_image().convert("L")
        wall.paste(held, ((SIZE[0] - held.width) // 2, (SIZE[1] - held.height) // 2))
    return wall


def film(path: Path, scenes: Iterable[tuple[str | None, int]]) -> Path:
    """A .y4m of (pass or nothing, tenths of a second); the camera plays it over and over."""
    with path.open("wb") as file:
        file.write(b"YUV4MPEG2 W%d H%d F10:1 Ip A1:1 C420jpeg\n" % SIZE)
        for code, frames in scenes:
            frame = b"FRAME\n" + picture(code).tobytes() + bytes([128]) * (SIZE[0] * SIZE[1] // 2)
            for _ in range(frames):
                file.write(frame)
    return path


@pytest.fixture
def wall(tmp_path: Path) -> Path:
    """A camera before which nobody stands."""
    return film(tmp_path / "wall.y4m", [(None, 5)])


def enter(page: Page, door: Door, *, script: bool = True, to: str = "/scan/links") -> list[dict[str, Any]]:
    """Open the scanner; what it sends from now on is in the list returned."""
    page.context.add_cookies([{**cookie, "url": door.address} for cookie in door.cookies])
    sent: list[dict[str, Any]] = []

    def note(request: Request) -> None:
        if request.method == "POST" and request.url.endswith(to):
            sent.extend(json.loads(request.post_data or "{}")["links"])

    page.on("request", note)
    page.goto(door.path)
    if script:
        ready(page)
    return sent


def ready(page: Page) -> None:
    """The engine is at work, and has the list."""
    page.locator("#scan[data-ready]").wait_for()


def answer(page: Page, kind: str) -> str:
    """What the whole-screen answer says, once one of this kind is up. Some stay only for a second."""
    shown = "kind => document.querySelector(`.answer-${kind}:not([hidden])`)?.innerText"
    return str(page.wait_for_function(shown, arg=kind).json_value())


def type_code(page: Page, code: str) -> None:
    page.locator("#typed-code").fill(code)
    page.locator("#typed-code").press("Enter")


def cut(page: Page, *, after_commit: bool = False) -> None:
    """Take the network away: before the request arrives, or after the server has done its work."""

    def lose(route: Route) -> None:
        if after_commit:
            route.fetch()
        route.abort("connectionfailed")

    page.route("**/scan/links", lose)


def mend(page: Page) -> None:
    page.unroute("**/scan/links")
    page.evaluate("() => window.dispatchEvent(new Event('online'))")


def answer_with(page: Page, **how: Any) -> None:
    page.route("**/scan/links", lambda route: route.fulfill(**how))


def first_entry(page: Page) -> Any:
    return page.locator('[data-part="log"] > li').first


def counted(page: Page, came: int) -> None:
    expect(page.locator('[data-count="came"]')).to_have_text(str(came))


# A phone that opens its store slowly, as one under load does.
SLOW_STORE = """() => {
  const { open } = IDBFactory.prototype;
  IDBFactory.prototype.open = function (...words) {
    const request = open.apply(this, words);
    const listen = request.addEventListener.bind(request);
    const later = (hear) => (event) => setTimeout(() => hear.call(request, event), 1000);
    request.addEventListener = (name, hear, how) => listen(name, name === "success" ? later(hear) : hear, how);
    return request;
  };
}"""


# The browser itself notes a request that failed; the page has said so to the person.
NETWORK_NOISE = pytest.mark.usefixtures("forgive_lost_requests")


# ---------------------------------------------------------------------------------------------------- camera


def test_a_pass_before_the_camera_is_checked_in_once(
    visit_with_camera: Visit, door: Door, tmp_path: Path
) -> None:
    page = visit_with_camera(film(tmp_path / "held.y4m", [(door.guests[0].url, 10)]))
    sent = enter(page, door)
    shown = answer(page, "accepted")
    assert "签到成功" in shown
    assert door.guests[0].full_name in shown
    expect(page.locator('[data-part="spoken"]')).to_contain_text("签到成功")
    counted(page, 1)
    page.wait_for_timeout(4500)  # held before the camera all the while
    assert [(scan["what"], scan["method"], scan["direction"]) for scan in sent] == [
        (door.guests[0].url, "camera", "in")
    ]
    expect(page.locator(".answer")).to_be_hidden()
    assert door.arrivals() == 1


def test_the_next_pass_needs_no_tap(visit_with_camera: Visit, door: Door, tmp_path: Path) -> None:
    first, second = door.guests[:2]
    page = visit_with_camera(
        film(tmp_path / "two.y4m", [(first.url, 12), (None, 6), (second.url, 12), (None, 6)])
    )
    sent = enter(page, door)
    expect(page.locator('[data-part="log"] > li')).to_have_count(2)
    counted(page, 2)
    assert {scan["what"] for scan in sent} == {first.url, second.url}
    assert len({scan["nonce"] for scan in sent}) == len(sent)
    assert [scan["counter"] for scan in sent] == [1, 2]


def test_a_hidden_page_lets_the_camera_go(visit_with_camera: Visit, door: Door, wall: Path) -> None:
    page = visit_with_camera(wall)
    enter(page, door)
    live = "() => document.querySelector('video').srcObject?.active === true"
    page.wait_for_function(live)
    turn = """hidden => {
        Object.defineProperty(document, 'hidden', {configurable: true, get: () => hidden});
        document.dispatchEvent(new Event('visibilitychange'));
    }"""
    page.evaluate(turn, True)
    assert page.evaluate("() => document.querySelector('video').srcObject") is None
    page.evaluate(turn, False)
    page.wait_for_function(live)


def test_without_a_camera_the_page_says_why_and_takes_typed_codes(visit: Visit, door: Door) -> None:
    sentences = {"NotAllowedError": "许可", "NotFoundError": "没有可用的镜头", "NotReadableError": "占用"}
    for guest, (fault, sentence) in zip(door.guests, sentences.items(), strict=False):
        page = visit()
        page.add_init_script(
            f"MediaDevices.prototype.getUserMedia = async () => {{ throw new DOMException('', '{fault}'); }};"
        )
        enter(page, door)
        expect(page.locator('[data-part="trouble-text"]')).to_contain_text(sentence)
        expect(page.locator('[data-part="stage"]')).to_be_hidden()
        type_code(page, guest.short_code)
        answer(page, "accepted")


def test_a_refused_camera_is_explained(visit: Visit, door: Door) -> None:
    page = visit(permissions=[])  # Chromium without a person in front refuses
    enter(page, door)
    expect(page.locator('[data-part="trouble-text"]')).to_contain_text("请在下面输入短码")


def test_a_page_that_is_not_secure_says_so(visit: Visit, door: Door) -> None:
    page = visit()
    page.add_init_script(
        "Object.defineProperty(navigator, 'mediaDevices', {value: undefined});"
        "Object.defineProperty(window, 'isSecureContext', {value: false});"
    )
    enter(page, door)
    expect(page.locator('[data-part="trouble-text"]')).to_contain_text("https")


def test_a_photo_is_read_by_the_same_reader(visit: Visit, door: Door) -> None:
    page = visit()
    enter(page, door)
    for code in (None, door.guests[0].url):
        data = io.BytesIO()
        picture(code).resize((2400, 1800)).save(data, "JPEG")
        page.locator("#photo").set_input_files(
            {"name": "p.jpg", "mimeType": "image/jpeg", "buffer": data.getvalue()}
        )
        if code is None:
            expect(page.locator('[data-part="photo-note"]')).to_contain_text("没有找到二维码")
    answer(page, "accepted")
    expect(page.locator('[data-part="photo-note"]')).to_be_hidden()


# ----------------------------------------------------------------------------------------------- typed codes


def test_typed_codes_and_what_they_are_answered(visit: Visit, door: Door) -> None:
    page = visit()
    sent = enter(page, door)
    type_code(page, door.guests[0].short_code)
    answer(page, "accepted")
    expect(page.locator("#typed-code")).to_have_value("")
    expect(page.locator(".answer")).to_be_hidden()
    page.wait_for_timeout(3100)  # from now on it is another scan
    type_code(page, door.guests[0].short_code)
    assert "已经签到过" in answer(page, "repeated")
    type_code(page, "ZZZZZZ")
    assert "不认得这个码" in answer(page, "refused")
    refused = page.locator(".answer-refused")
    page.wait_for_timeout(2000)
    expect(refused).to_be_visible()  # until the next scan or a tap
    refused.click()
    expect(refused).to_be_hidden()
    assert [scan["method"] for scan in sent] == ["typed"] * 3
    words = page.locator('[data-part="log"] [data-part="word"]').all_inner_texts()
    assert words == ["不认得这个码", "已经签到过", "签到成功"]
    assert door.arrivals() == 1


def test_a_phone_with_a_wrong_clock_says_the_right_time(visit: Visit, door: Door) -> None:
    page = visit()
    page.clock.install(time=time() - 5 * 3600 - 24 * 3600)
    enter(page, door)
    type_code(page, door.guests[0].url)
    answer(page, "accepted")
    read = """async (now) => {
      const { whenOf } = await import("/static/js/scan/moments.js");
      return [now - 60_000, now].map(whenOf);
    }"""
    right = page.evaluate(read, round(time() * 1000))
    assert first_entry(page).locator('[data-part="time"]').inner_text() in right


def test_the_same_code_within_three_seconds_is_one_scan(visit: Visit, door: Door) -> None:
    page = visit()
    sent = enter(page, door)
    for _ in range(3):
        type_code(page, door.guests[0].short_code)
        answer(page, "accepted")
    assert len(sent) == 1


def test_a_keyboard_reader_needs_no_focus(visit: Visit, door: Door) -> None:
    page = visit(viewport=DESK)
    sent = enter(page, door)
    page.locator(".door-roster summary").first.click()
    for guest, place in zip(door.guests, ("body", '[data-part="sound"]', "#way-in", "#find"), strict=True):
        page.evaluate("() => document.activeElement.blur()")
        page.locator(place).focus()
        page.keyboard.type(guest.url)
        page.keyboard.press("Enter")
        assert guest.full_name in answer(page, "accepted")
    assert [(scan["what"], scan["method"]) for scan in sent] == [
        (guest.url, "typed") for guest in door.guests
    ]
    expect(page.locator('[data-part="sound"]')).to_have_attribute("aria-pressed", "true")
    expect(page.locator("#find")).to_have_value("")


def test_a_keyboard_readers_answer_is_seen_while_a_question_is_open(visit: Visit, door: Door) -> None:
    page = visit()
    enter(page, door)
    page.get_by_text("更多", exact=True).click()
    page.get_by_role("button", name="全部签退").click()
    question = page.get_by_role("dialog")
    seen = """() => {
      const { width, height, left, top } = document.querySelector(".answer:not([hidden])").getBoundingClientRect();
      const covers = [width, height, left, top].join() === [innerWidth, innerHeight, 0, 0].join();
      return covers && Boolean(document.elementFromPoint(innerWidth / 2, innerHeight / 2).closest(".answer"));
    }"""
    page.keyboard.type(door.guests[0].url)
    page.keyboard.press("Enter")
    assert door.guests[0].full_name in answer(page, "accepted")
    assert page.evaluate(seen)
    expect(page.locator(".answer")).to_be_hidden()
    expect(question).to_be_visible()  # it was not answered
    page.wait_for_timeout(3000)  # the same code again
    page.keyboard.type(door.guests[0].url)
    page.keyboard.press("Enter")
    answer(page, "repeated")
    assert page.evaluate(seen)
    page.locator(".answer").click()
    question.get_by_role("button", name="先不").click()
    type_code(page, door.guests[1].short_code)
    assert door.guests[1].full_name in answer(page, "accepted")
    assert page.evaluate(seen)


def test_a_keyboard_reader_as_the_shop_sent_it(visit: Visit, door: Door) -> None:
    """It ends with Tab, Caps Lock is on, and what has the focus is a field for something else."""
    page = visit(viewport=DESK)
    sent = enter(page, door)
    page.get_by_text("没有报名的人").click()
    page.get_by_label("姓名").fill("孙")
    for guest, place, end in zip(
        door.guests,
        ("body", "#walk-in-name", "#heads-count", "#typed-code"),
        ("Tab", "Enter", "Tab", "Tab"),
        strict=True,
    ):
        page.evaluate("() => document.activeElement.blur()")
        page.locator(place).focus()
        page.keyboard.type(guest.url.swapcase())
        page.keyboard.press(end)
        assert guest.full_name in answer(page, "accepted")
    assert [one["kind"] for one in sent] == ["pass"] * len(door.guests)
    expect(page.locator("#walk-in-name")).to_have_value("孙")
    expect(page.locator("#heads-count")).to_have_value("")
    expect(page.locator("#typed-code")).to_have_value("")


def test_a_chinese_input_method_does_not_hide_a_code(visit: Visit, door: Door) -> None:
    page = visit(viewport=DESK)
    enter(page, door)
    wide = "".join(chr(ord(sign) + 0xFEE0) if "!" <= sign <= "~" else sign for sign in door.guests[0].url)
    type_code(page, wide.replace("．", "。").replace("／", "、"))
    assert door.guests[0].full_name in answer(page, "accepted")
    page.locator("#typed-code").focus()
    page.evaluate(
        """(text) => {
          const field = document.activeElement;
          const names = { ".": "Period", "/": "Slash", ":": "Semicolon", "-": "Minus" };
          for (const sign of text) {
            const code = names[sign] ?? (/[0-9]/.test(sign) ? `Digit${sign}` : `Key${sign.toUpperCase()}`);
            const shiftKey = sign === ":" || /[A-Z]/.test(sign);
            field.dispatchEvent(new KeyboardEvent("keydown", { key: "Process", code, shiftKey, bubbles: true }));
            field.value += "字";
          }
          field.dispatchEvent(new KeyboardEvent("keydown", { key: "Process", code: "Enter", bubbles: true }));
        }""",
        door.guests[1].url,
    )
    assert door.guests[1].full_name in answer(page, "accepted")
    expect(page.locator("#typed-code")).to_have_value("")


def test_a_keyboard_reader_is_never_too_fast(visit: Visit, door: Door) -> None:
    page = visit(viewport=DESK)
    enter(page, door)
    for guest in door.guests:
        page.keyboard.type(guest.short_code)
        page.keyboard.press("Enter")
    counted(page, len(door.guests))
    assert door.arrivals() == len(door.guests)


@NETWORK_NOISE
def test_who_comes_before_the_phone_is_ready_is_answered(visit: Visit, door: Door) -> None:
    page = visit(viewport=DESK)
    page.add_init_script(f"({SLOW_STORE})()")
    enter(page, door, script=False)
    for guest in door.guests[:2]:
        page.keyboard.type(guest.url)
        page.keyboard.press("Enter")
    counted(page, 2)
    assert door.arrivals() == 2
    cut(page)
    type_code(page, door.guests[2].url)
    answer(page, "accepted")
    page.reload()
    type_code(page, door.guests[3].url)
    assert "核实" in answer(page, "accepted")


# ---------------------------------------------------------------------------------------------- in, out, list


def test_in_or_out_is_plain_and_remembered(visit: Visit, door: Door) -> None:
    page = visit()
    sent = enter(page, door)
    type_code(page, door.guests[0].short_code)
    answer(page, "accepted")
    expect(page.locator(".answer")).to_be_hidden()
    page.locator('label[for="way-out"]').click()
    type_code(page, door.guests[0].short_code)  # at once: another direction is another scan
    assert "签退成功" in answer(page, "accepted")
    assert [scan["direction"] for scan in sent] == ["in", "out"]
    page.reload()
    ready(page)
    expect(page.locator("#way-out")).to_be_checked()
    expect(page.locator("#scan")).to_have_attribute("data-direction", "out")


def test_picking_from_the_roster(visit: Visit, door: Door) -> None:
    page = visit()
    sent = enter(page, door)
    guest = door.guests[1]
    page.locator(".door-roster summary").first.click()
    page.locator("#find").fill("没有这个人")
    expect(page.locator('[data-part="no-match"]')).to_be_visible()
    page.locator("#find").fill(guest.short_code[-4:].lower())
    rows = page.locator(".door-person:visible")
    expect(rows).to_have_count(1)
    rows.get_by_role("button", name="签到").click()
    answer(page, "accepted")
    expect(page.locator(".answer")).to_be_hidden()
    expect(rows).to_contain_text("已签到")
    rows.get_by_role("button", name="签退").click()
    page.get_by_role("dialog").get_by_role("button", name="不签退").click()
    rows.get_by_role("button", name="签退").click()
    page.get_by_role("dialog").get_by_role("button", name="签退", exact=True).click()
    assert "签退成功" in answer(page, "accepted")
    assert [(scan["what"], scan["direction"], scan["method"]) for scan in sent] == [
        (guest.signup, "in", "roster"),
        (guest.signup, "out", "roster"),
    ]


def test_without_script_the_forms_do_the_work(visit: Visit, door: Door) -> None:
    page = visit(java_script_enabled=False)
    enter(page, door, script=False)
    page.get_by_role("link", name="用名单签到").click()
    page.get_by_label("输入短码").fill(door.guests[0].short_code)
    page.get_by_role("button", name="签到", exact=True).first.click()
    expect(page.locator(".notice-success")).to_contain_text("签到成功")
    row = page.locator(f'[id="{door.guests[1].signup}"]')
    row.get_by_role("button", name="签到").click()
    expect(page.locator(".notice-success")).to_contain_text(door.guests[1].name[0])
    assert door.arrivals() == 2


# ---------------------------------------------------------------------------------------------------- network


@NETWORK_NOISE
def test_a_scan_without_network_is_judged_here_survives_a_reload_and_is_sent_once(
    visit: Visit, door: Door
) -> None:
    page = visit()
    sent = enter(page, door)
    cut(page)
    type_code(page, door.guests[0].url)
    shown = answer(page, "accepted")
    assert "核实" in shown
    assert door.guests[0].full_name in shown
    banner = page.locator('[data-part="offline"]')
    expect(banner).to_contain_text("没有网络")
    expect(banner).to_contain_text("1 条等着上传")
    expect(banner).to_contain_text("别的手机")
    expect(first_entry(page)).to_contain_text("待上传")
    counted(page, 1)
    page.reload()
    ready(page)
    expect(banner).to_contain_text("1 条等着上传")
    type_code(page, door.guests[0].short_code)
    answer(page, "repeated")
    assert door.arrivals() == 0
    mend(page)
    expect(banner).to_be_hidden()
    expect(first_entry(page)).not_to_contain_text("待上传")
    counted(page, 1)
    assert len({scan["nonce"] for scan in sent}) == 2
    assert door.arrivals() == 1


@NETWORK_NOISE
def test_three_kinds_of_answer_without_network(visit: Visit, door: Door) -> None:
    page = visit()
    enter(page, door)
    cut(page)
    late = door.another("迟报名")  # after the phone took its list
    type_code(page, door.guests[0].url)
    assert "核实" in answer(page, "accepted")
    type_code(page, late.url)
    assert "码是真的，名单上没有" in answer(page, "unlisted")
    code = door.guests[1].url
    type_code(page, code[:-1] + ("2" if code[-1] != "2" else "4"))
    shown = answer(page, "refused")
    assert "不放行" in shown
    assert "改动" in shown
    mend(page)
    expect(page.locator('[data-part="offline"]')).to_be_hidden()
    assert door.arrivals() == 2


@NETWORK_NOISE
def test_a_lost_answer_is_given_here_and_counts_once(visit: Visit, door: Door) -> None:
    page = visit()
    sent = enter(page, door)
    cut(page, after_commit=True)
    type_code(page, door.guests[0].short_code)
    assert "核实" in answer(page, "accepted")
    mend(page)
    expect(first_entry(page)).not_to_contain_text("待上传")
    expect(first_entry(page)).to_contain_text("签到成功")  # and not "already": it is the first answer
    assert len({scan["nonce"] for scan in sent}) == 1
    assert door.arrivals() == 1


@NETWORK_NOISE
def test_no_false_yes(visit: Visit, door: Door) -> None:
    """Only what the server says counts as its word; anything else leaves the phone to itself."""
    page = visit()
    enter(page, door)
    answers: list[dict[str, Any]] = [
        {"status": 200, "content_type": "text/html", "body": "<h1>accepted</h1>"},
        {"status": 200, "json": {"ok": True}},
        {"status": 503, "json": {"outcome": "accepted"}},
        {"status": 429, "json": {"detail": "慢一点"}, "headers": {"Retry-After": "1"}},
    ]
    for number, (guest, how) in enumerate(zip(door.guests, answers, strict=True), 1):
        answer_with(page, **how)
        type_code(page, guest.short_code)
        assert "核实" in answer(page, "accepted")
        assert door.arrivals() == number - 1
        mend(page)
        expect(first_entry(page)).not_to_contain_text("待上传")
        assert door.arrivals() == number


@NETWORK_NOISE
def test_who_is_scanned_while_the_list_is_being_fetched_is_handed_in_right_after(
    visit: Visit, door: Door
) -> None:
    """The phone has handed in what waited and asks for the list: the next scan does not wait for the next look."""
    page = visit()
    enter(page, door)
    cut(page)
    type_code(page, door.guests[0].short_code)
    assert "核实" in answer(page, "accepted")
    held: list[Route] = []
    page.route("**/pack.json", lambda route: held.append(route))  # noqa: PLW0108  (playwright looks at its signature)
    with page.expect_request("**/pack.json"):
        mend(page)
    type_code(page, door.guests[1].short_code)
    expect(first_entry(page)).to_contain_text("待上传")
    page.unroute("**/pack.json")  # lets go what is held
    expect(first_entry(page)).not_to_contain_text("待上传")
    assert door.arrivals() == 2


@NETWORK_NOISE
def test_a_slow_server_does_not_hold_up_the_door(visit: Visit, door: Door) -> None:
    page = visit()
    enter(page, door)
    late: list[Route] = []
    page.route("**/scan/links", lambda route: late.append(route))  # noqa: PLW0108  (playwright looks at its signature)
    type_code(page, door.guests[0].short_code)
    expect(page.locator(".answer-checking")).to_contain_text("正在核对")
    assert "核实" in answer(page, "accepted")
    late[0].continue_()
    mend(page)
    expect(first_entry(page)).not_to_contain_text("待上传")
    assert door.arrivals() == 1


@NETWORK_NOISE
def test_signed_out_or_not_allowed_loses_nothing(visit: Visit, door: Door) -> None:
    page = visit()
    enter(page, door)
    words = {401: "您已退出登录", 403: "不能给这一场签到"}
    for guest, (status, word) in zip(door.guests, words.items(), strict=False):
        answer_with(page, status=status, json={"code": "x", "detail": "…"})
        type_code(page, guest.short_code)
        expect(page.locator('[data-part="access-text"]')).to_contain_text(word)
        expect(page.locator('[data-part="access-link"]')).to_have_attribute("href", re.compile("next="))
        mend(page)
        expect(first_entry(page)).to_contain_text("签到成功")
        expect(page.locator('[data-part="access"]')).to_be_hidden()
    assert door.arrivals() == 2


@NETWORK_NOISE
def test_an_expired_form_token_is_renewed_without_a_word(visit: Visit, door: Door) -> None:
    page = visit()
    sent = enter(page, door)
    expired = {"status": 400, "json": {"code": "form_expired"}}
    page.route("**/scan/links", lambda route: route.fulfill(**expired), times=1)
    type_code(page, door.guests[0].short_code)
    assert "签到成功" in answer(page, "accepted")
    assert len(sent) == 2
    assert sent[0] == sent[1]


@NETWORK_NOISE
def test_what_people_should_look_at_stays_until_it_was_read(visit: Visit, door: Door) -> None:
    page = visit()
    enter(page, door)
    cut(page)
    door.cancel(door.guests[0])  # after the phone took its list
    type_code(page, door.guests[0].url)
    answer(page, "accepted")
    mend(page)
    late = page.locator('[data-part="late"] > li')
    expect(late).to_contain_text("报名已取消")
    page.reload()
    late.get_by_role("button", name="知道了").click()
    expect(late).to_have_count(0)
    page.reload()
    ready(page)
    expect(late).to_have_count(0)


# ---------------------------------------------------------------------------------- people without a code, undo


def test_taken_back_at_once(visit: Visit, door: Door) -> None:
    page = visit()
    enter(page, door)
    type_code(page, door.guests[0].short_code)
    answer(page, "accepted")
    expect(page.locator(".answer")).to_be_hidden()
    first_entry(page).get_by_role("button", name="撤销").click()
    page.get_by_role("dialog").get_by_role("button", name="撤销", exact=True).click()
    assert "已撤销" in answer(page, "accepted")
    counted(page, 0)
    assert door.arrivals() == 0
    type_code(page, door.guests[0].short_code)
    assert "签到成功" in answer(page, "accepted")
    assert door.arrivals() == 1


def test_people_who_had_not_signed_up(visit: Visit, door: Door) -> None:
    page = visit()
    enter(page, door)
    page.get_by_text("没有报名的人").click()
    page.get_by_label("姓名").fill("孙大爷")
    page.get_by_role("button", name="登记这个人").click()
    assert "已登记" in answer(page, "accepted")
    expect(page.locator(".answer")).to_be_hidden()
    page.get_by_label("现场点数").fill("12")
    page.get_by_role("button", name="登记人数").click()
    assert "已登记 12 人" in answer(page, "accepted")
    assert door.arrivals() == 1
    assert door.heads() == 12


def test_a_second_tap_registers_nobody_twice(visit: Visit, door: Door) -> None:
    page = visit()
    sent = enter(page, door)

    def slow(route: Route) -> None:
        page.wait_for_timeout(600)
        route.continue_()

    page.route("**/scan/links", slow)
    page.get_by_text("没有报名的人").click()
    page.get_by_label("姓名").fill("孙大爷")
    page.get_by_label("现场点数").fill("12")
    twice = "(name) => { for (const _ of [1, 2]) document.querySelector(`[data-part=${name}] [type=submit]`).click(); }"
    page.evaluate(twice, "walk-in")
    assert "已登记" in answer(page, "accepted")
    page.evaluate(twice, "heads")
    page.wait_for_function("() => document.querySelector('#heads-count').value === ''")
    assert [one["kind"] for one in sent] == ["walk_in", "heads"]
    assert (door.arrivals(), door.heads()) == (1, 12)


@NETWORK_NOISE
def test_everyone_out_in_a_rehearsal_checks_nobody_out(visit: Visit, door: Door) -> None:
    page = visit()
    enter(page, door)
    type_code(page, door.guests[0].short_code)
    answer(page, "accepted")
    expect(page.locator(".answer")).to_be_hidden()
    page.get_by_text("更多", exact=True).click()
    page.get_by_role("button", name="排练").click()
    for guest in door.guests[1:3]:
        type_code(page, guest.short_code)
        answer(page, "accepted")
        expect(page.locator(".answer")).to_be_hidden()
    cut(page)  # a rehearsal needs no network
    page.get_by_role("button", name="全部签退").click()
    page.get_by_role("dialog").get_by_role("button", name="全部签退").click()
    assert "已给 2 人签退" in answer(page, "accepted")
    mend(page)
    expect(page.locator(".answer")).to_be_hidden()
    page.get_by_role("button", name="排练").click()
    expect(page.locator('[data-part="waiting"]')).to_be_hidden()
    page.reload()
    ready(page)
    page.locator(".door-roster summary").first.click()
    row = page.locator(f'[data-signup="{door.guests[0].signup}"]')
    expect(row).to_have_attribute("data-state", "in")
    expect(page.locator('[data-part="people"] [data-state="due"]')).to_have_count(3)
    assert door.arrivals() == 1


def test_everyone_out_and_a_rehearsal(visit: Visit, door: Door) -> None:
    page = visit()
    enter(page, door)
    type_code(page, door.guests[0].short_code)
    answer(page, "accepted")
    expect(page.locator(".answer")).to_be_hidden()
    page.get_by_text("更多", exact=True).click()
    page.get_by_role("button", name="全部签退").click()
    page.get_by_role("dialog").get_by_role("button", name="全部签退").click()
    assert "已给 1 人签退" in answer(page, "accepted")
    expect(page.locator(".answer")).to_be_hidden()
    page.get_by_role("button", name="排练").click()
    expect(page.locator('[data-part="rehearsing"]')).to_be_visible()
    type_code(page, door.guests[1].short_code)
    answer(page, "accepted")
    assert door.arrivals() == 1
    page.reload()
    ready(page)
    expect(page.locator('[data-part="rehearsing"]')).to_be_visible()  # nobody forgets it by a reload


# -------------------------------------------------------------------------------------------------- looks, size

SMALL = {"width": 320, "height": 640}
REFUSALS = [outcome for outcome in Outcome if outcome != Outcome.ACCEPTED]


def test_readable_in_every_view(visit_with_camera: Visit, door: Door, wall: Path) -> None:
    page = visit_with_camera(wall)
    enter(page, door)
    for view in ("normal", "elder", "contrast"):
        page.context.add_cookies([{"name": "view", "value": view, "url": door.address}])
        for screen in (SMALL, PHONE, DESK):
            page.set_viewport_size(screen)
            page.reload()
            page.locator(".door-roster summary").first.click()
            expect(page.locator('[data-part="stage"]')).to_have_attribute("data-camera", "on")
            assert accessibility_faults(page) == [], (view, screen)
            assert not scrolls_sideways(page), (view, screen)


def test_every_answer_has_its_own_word_and_fits(visit: Visit, door: Door) -> None:
    page = visit(viewport=SMALL)
    page.context.add_cookies([{"name": "view", "value": "elder", "url": door.address}])
    enter(page, door)
    words = set()
    for outcome in REFUSALS:
        said = {
            "outcome": outcome,
            "detail": "一句说明",
            "at": "2026-11-28T09:02:00+08:00",
            "direction": "in",
        }
        page.unroute("**/scan/links")
        answer_with(page, json={"now": 0, "results": [said], "counts": {}})
        type_code(page, f"X-{outcome}")
        answer(page, "repeated" if outcome.startswith("already") else "refused")
        words.add(page.locator(".answer-title").inner_text())
        assert page.locator(".answer").evaluate("box => box.scrollHeight <= box.clientHeight"), outcome
    assert len(words - {""}) == len(REFUSALS)
    assert accessibility_faults(page) == []


def test_the_scanner_is_light(visit_with_camera: Visit, door: Door, wall: Path) -> None:
    page = visit_with_camera(wall)
    session = page.context.new_cdp_session(page)
    session.send("Network.enable")
    sizes: list[float] = []
    session.on("Network.loadingFinished", lambda event: sizes.append(event["encodedDataLength"]))
    enter(page, door)
    expect(page.locator('[data-part="stage"]')).to_have_attribute("data-camera", "on")
    assert sum(sizes) < 700 * 1024


def test_the_page_itself_holds_no_names(visit: Visit, door: Door) -> None:
    page = visit()
    enter(page, door)
    shown = page.content()  # names are drawn where they are asked for
    assert not [guest for guest in door.guests if guest.full_name in shown]
