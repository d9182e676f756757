"""Phones people have: browsers from Chrome 85 and iOS 15 on scan; older ones are told, and led to the list."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page, Route, expect

from tests.browser.attendance.doors import Door
from tests.browser.attendance.phones import wait_until
from tests.browser.attendance.test_kiosk import begin
from tests.browser.attendance.test_scan import (
    NETWORK_NOISE,
    answer,
    cut,
    enter,
    film,
    mend,
    picture,
    ready,
    type_code,
)
from tests.support import browser as browsers
from tests.support.browser import DESK, PHONE, accessibility_faults, scrolls_sideways

Visit = Callable[..., Any]
STATIC = Path("static")

# What Chrome 85 and Safari 15.0 do not have, of what our scripts or their tools might reach for.
OLD = """() => {
  delete AbortSignal.timeout;
  delete AbortSignal.any;
  delete HTMLDialogElement.prototype.showModal;
  delete Element.prototype.replaceChildren;
  delete Document.prototype.replaceChildren;
  delete DocumentFragment.prototype.replaceChildren;
  delete SubmitEvent.prototype.submitter;
  delete Array.prototype.at;
  delete String.prototype.at;
  delete Array.prototype.findLast;
  delete Object.hasOwn;
  delete Crypto.prototype.randomUUID;
  delete HTMLVideoElement.prototype.requestVideoFrameCallback;
  delete HTMLFormElement.prototype.requestSubmit;
  delete window.structuredClone;
  delete window.BroadcastChannel;
  delete window.CompressionStream;
  delete window.DecompressionStream;
  delete Navigator.prototype.wakeLock;
  delete Navigator.prototype.userActivation;
  delete Navigator.prototype.locks;
  delete StorageManager.prototype.persist;
}"""


def _old(page: Page) -> None:
    page.add_init_script(f"({OLD})()")


def _come(page: Page, door: Door) -> None:
    page.context.add_cookies([{**cookie, "url": door.address} for cookie in door.cookies])


# ------------------------------------------------------------------------------------------------ older than promised


def _break(page: Page, name: str) -> None:
    """What an old browser makes of a module: nothing, not even an error anybody sees."""
    page.route(
        f"**/static/js/{name}.js*", lambda route: route.fulfill(body="", content_type="text/javascript")
    )


@pytest.mark.parametrize("how", ["too old", "no script"])
def test_a_page_whose_script_does_not_run_says_so_and_leads_to_the_list(
    visit: Visit, door: Door, how: str
) -> None:
    page = visit(java_script_enabled=how != "no script")
    _come(page, door)
    _break(page, "scan")
    page.goto(door.path)
    told = page.locator('[data-part="opening"]')
    expect(told).to_contain_text("Chrome 85")
    expect(told).to_contain_text("iOS 15")
    if how == "too old":
        assert accessibility_faults(page) == []
        for screen in (PHONE, DESK):
            page.set_viewport_size(screen)
            assert not scrolls_sideways(page)
    page.locator("#typed-code").fill(door.guests[0].short_code)
    page.locator("#typed-code").press("Enter")
    page.wait_for_url("**/list?code=*")
    expect(page.get_by_label("输入短码")).to_have_value(door.guests[0].short_code)  # nothing entered is lost
    page.get_by_role("button", name="签到", exact=True).first.click()
    expect(page.locator(".notice-success")).to_contain_text("签到成功")
    page.goto(door.path)
    told.get_by_role("link").click()
    page.wait_for_url("**/list")
    page.goto(f"{door.path}/kiosk")
    _break(page, "kiosk")
    page.reload()
    told.get_by_role("link").click()
    page.wait_for_url(f"**{door.path}/list")


def test_every_form_of_a_dead_page_leads_to_the_list(visit: Visit, door: Door) -> None:
    page = visit()
    _come(page, door)
    _break(page, "scan")
    page.goto(door.path)
    forms = page.evaluate(
        """() => [...document.querySelectorAll("#scan form:not([method=dialog])")].map((form) => {
          const sent = new URLSearchParams(new FormData(form));
          return [form.method, form.action, sent.has("list")];
        })"""
    )
    assert len(forms) == 3
    assert {(method, lists) for method, _action, lists in forms} == {("get", True)}
    assert {action for _method, action, _lists in forms} == {f"{door.address}{door.path}"}


def test_the_script_that_runs_takes_the_word_away(visit: Visit, door: Door) -> None:
    page = visit()
    enter(page, door)
    expect(page.locator('[data-part="opening"]')).to_have_count(0)
    begin(page, door)
    expect(page.locator('[data-part="opening"]')).to_have_count(0)


# ----------------------------------------------------------------------------------------------- as old as promised


@NETWORK_NOISE
def test_a_browser_of_2020_scans_with_and_without_network(visit: Visit, door: Door) -> None:
    page = visit()
    _old(page)
    enter(page, door)
    type_code(page, door.guests[0].short_code)
    assert "王小明" in answer(page, "accepted")
    expect(page.locator(".answer")).to_be_hidden()
    cut(page)
    type_code(page, "lx")  # found by initials
    page.locator('[data-part="people"]').get_by_role("button", name="签到").click()
    assert "核实，签到" in answer(page, "accepted")
    expect(page.locator(".answer")).to_be_hidden()
    page.locator('[data-part="people"]').get_by_role("button", name="签退").click()
    asked = page.locator('[data-part="confirm"]')
    asked.get_by_role("button", name="不签退").click()
    expect(asked).to_be_hidden()
    page.locator('[data-part="people"]').get_by_role("button", name="签退").click()
    asked.get_by_role("button", name="签退", exact=True).click()
    assert "核实，签退" in answer(page, "accepted")
    page.locator(".answer").click()
    page.get_by_text("没有报名的人").click()
    page.get_by_label("姓名").fill("张建国")
    page.get_by_role("button", name="登记这个人").click()
    same = page.locator('[data-part="is-it"]')
    same.get_by_role("button", name="是这位").click()
    assert "张建国" in answer(page, "accepted")
    page.locator(".answer").click()
    page.get_by_text("更多", exact=True).click()
    page.get_by_role("button", name="显示成二维码").click()
    expect(page.locator('[data-part="series-number"]')).to_contain_text("共")
    page.get_by_role("button", name="完成").click()
    expect(page.locator('[data-part="series"]')).to_be_hidden()
    page.reload()
    ready(page)
    expect(page.locator('[data-part="log"] > li')).to_have_count(4)
    mend(page)
    expect(page.locator('[data-part="offline"]')).to_be_hidden()
    expect(page.locator('[data-part="waiting"]')).to_be_hidden()
    assert door.arrivals() == 3


def test_the_kiosks_gate_in_a_browser_without_dialogs(visit: Visit, door: Door) -> None:
    page = visit(viewport=DESK)
    _old(page)
    begin(page, door)
    page.get_by_role("button", name="工作人员").click()
    gate = page.locator('[data-part="gate"]')
    gate.get_by_role("button", name="返回").click()
    expect(gate).to_be_hidden()
    page.get_by_role("button", name="工作人员").click()
    gate.locator("#pin").fill("2468")
    gate.get_by_role("button", name="离开自助签到").click()
    page.wait_for_url(f"**{door.path}")


def test_the_service_worker_keeps_pages_without_what_is_younger(visit: Visit, door: Door) -> None:
    page = visit(service_workers="block")
    enter(page, door)
    kept = page.evaluate(
        """async () => {
          delete AbortSignal.timeout;
          delete AbortSignal.any;
          const answer = await (await fetch("/sw.js")).text();
          const hear = {};
          const self = {
            KEPU: JSON.parse(/self\\.KEPU = (.*);/.exec(answer)[1]), location, skipWaiting() {},
            addEventListener: (name, listen) => (hear[name] = listen),
            clients: { matchAll: async () => [{ url: location.href }], claim() {} },
          };
          await (async (self) => { SCRIPT })(self);
          const tell = (name, event = {}) => {
            let work = null;
            const note = (promise) => (work = promise);
            hear[name]({ ...event, waitUntil: note, respondWith: note });
            return work;
          };
          await tell("install");
          await tell("activate");
          const cache = await caches.open((await caches.keys())[0]);
          const paths = async () => (await cache.keys()).map(({ url }) => new URL(url).pathname);
          const before = await paths();
          await tell("message", { data: { keep: "/static/other.js" } });
          await tell("message", { data: { keep: self.KEPU.later[0] } });
          const after = (await paths()).filter((path) => !before.includes(path));
          const visit = (path) => {
            return tell("fetch", { request: { method: "GET", mode: "navigate", url: location.origin + path } });
          };
          const here = location.pathname;
          return { before, after, list: visit(`${here}?list=`), page: (await visit(here)).status };
        }""".replace("SCRIPT", (STATIC / "js/sw.js").read_text("utf-8"))
    )
    assert {"/scan", "/scan/*", "/scan/*/kiosk", "/static/js/scan.js"} <= set(kept["before"])
    assert kept["after"] == ["/static/vendor/jsqr.js"]  # and nothing it was not told of
    assert kept["page"] == 200 and kept["list"] is None  # the way out of a dead page goes to the server


def test_scans_are_handed_on_by_a_browser_that_cannot_pack(visit: Visit, door: Door) -> None:
    page = visit()
    enter(page, door)
    whole = page.evaluate(
        """async () => {
          const { cut, Gathering } = await import("/static/js/scan/relay.js");
          const text = JSON.stringify({ links: Array.from({ length: 900 }, (_, n) => `${n} 欧阳海风 ${Math.sin(n)}`) });
          const Packing = window.CompressionStream;
          delete window.CompressionStream;
          const pieces = await cut(text);
          window.CompressionStream = Packing;
          const gathering = new Gathering();
          let found = {};
          for (const piece of pieces) found = await gathering.take(piece);
          return [text.length > 20_000, pieces.length, (await cut(text)).length, found.text === text];
        }"""
    )
    assert whole[0] and whole[1] > whole[2] and whole[3]


# -------------------------------------------------------------------------------------- the reader in plain script


def _policy_as_older_browsers_read_it(page: Page, path: str) -> None:
    """A browser that does not know 'wasm-unsafe-eval' takes no notice of the word."""

    def answer_without(route: Route) -> None:
        response = route.fetch()
        policy = response.headers["content-security-policy"].replace(" 'wasm-unsafe-eval'", "")
        route.fulfill(response=response, headers={**response.headers, "content-security-policy": policy})

    page.route(f"**{path}", answer_without)


@NETWORK_NOISE
def test_where_webassembly_is_refused_codes_are_read_all_the_same(
    visit_with_camera: Visit, door: Door, tmp_path: Path
) -> None:
    page = visit_with_camera(film(tmp_path / "held.y4m", [(door.guests[0].url, 20)]), service_workers="block")
    _old(page)
    _policy_as_older_browsers_read_it(page, door.path)
    enter(page, door)
    assert "王小明" in answer(page, "accepted")
    assert page.evaluate("() => Boolean(window.jsQR) && !window.ZXingWASM")
    photo = tmp_path / "pass.jpg"
    picture(door.guests[1].url).resize((2400, 1800)).save(photo)
    page.locator("#photo").set_input_files(photo)
    page.locator(".answer-name", has_text="李雪").wait_for()
    assert door.arrivals() == 2


@pytest.mark.parametrize("what", ["compile", "instantiate"])
def test_where_the_program_cannot_be_made_codes_are_read_all_the_same(
    visit_with_camera: Visit, door: Door, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, what: str
) -> None:
    noise = ("wasm", "CompileError", "ArrayBuffer instantiation")  # what the fast reader says of its end
    monkeypatch.setattr(browsers, "ANSWERS_WITH_A_SENTENCE", (*browsers.ANSWERS_WITH_A_SENTENCE, *noise))
    page = visit_with_camera(film(tmp_path / "held.y4m", [(door.guests[0].url, 20)]))
    names = {
        "compile": ["Module", "compile", "compileStreaming"],
        "instantiate": ["instantiate", "instantiateStreaming"],
    }
    for name in names[what]:
        page.add_init_script(
            f"WebAssembly.{name} = function () {{ throw new WebAssembly.CompileError('no'); }}"
        )
    enter(page, door)
    assert "王小明" in answer(page, "accepted")
    # The phone keeps the other reader from now on: it reads without network too.
    wait_until(
        page,
        """async () => {
          const [name] = await caches.keys();
          const kept = name && (await caches.open(name));
          return Boolean(await kept?.match("/static/vendor/jsqr.js", { ignoreSearch: true }));
        }""",
    )


@NETWORK_NOISE
def test_no_reader_at_all_is_the_network(visit_with_camera: Visit, door: Door, tmp_path: Path) -> None:
    page = visit_with_camera(film(tmp_path / "held.y4m", [(door.guests[0].url, 20)]), service_workers="block")
    for name in ("zxing_reader.js", "jsqr.js"):
        page.route(f"**/vendor/{name}*", lambda route: route.abort("connectionfailed"))
    enter(page, door)
    trouble = page.locator('[data-part="trouble"]')
    expect(trouble).to_contain_text("请检查网络")
    page.unroute_all()
    trouble.get_by_role("button", name="再试一次").click()
    answer(page, "accepted")


# ------------------------------------------------------------------------------------------------ seven days


@NETWORK_NOISE
def test_safari_says_that_what_waits_goes_after_seven_days(visit: Visit, door: Door) -> None:
    page = visit()
    page.add_init_script("Object.defineProperty(navigator, 'vendor', { value: 'Apple Computer, Inc.' })")
    enter(page, door)
    told = page.locator('[data-part="forgetful"]')
    type_code(page, door.guests[0].short_code)
    answer(page, "accepted")
    expect(told).to_be_hidden()  # nothing waits
    cut(page)
    type_code(page, door.guests[1].short_code)
    answer(page, "accepted")
    expect(told).to_contain_text("7 天")
    expect(told).to_contain_text("添加到主屏幕")
    expect(page.locator('[data-part="offline"]')).to_contain_text("1 条等着上传")
    assert accessibility_faults(page) == []
    mend(page)
    expect(told).to_be_hidden()


@NETWORK_NOISE
@pytest.mark.parametrize(
    ("vendor", "installed"), [("Google Inc.", False), ("", False), ("Apple Computer, Inc.", True)]
)
def test_others_keep_it_and_are_not_told(visit: Visit, door: Door, vendor: str, *, installed: bool) -> None:
    page = visit()
    page.add_init_script(f"Object.defineProperty(navigator, 'vendor', {{ value: {vendor!r} }})")
    if installed:
        page.add_init_script("Object.defineProperty(navigator, 'standalone', { value: true })")
    enter(page, door)
    cut(page)
    type_code(page, door.guests[1].short_code)
    answer(page, "accepted")
    expect(page.locator('[data-part="offline"]')).to_contain_text("1 条等着上传")
    expect(page.locator('[data-part="forgetful"]')).to_be_hidden()


# ------------------------------------------------------------------------------------------ cameras that do not answer

HELD_BACK = """() => {
  const devices = navigator.mediaDevices;
  const open = devices.getUserMedia.bind(devices);
  window.asked = 0;
  devices.getUserMedia = (how) => {
    window.asked += 1;
    return new Promise((resolve, reject) => (window.letItAnswer = () => open(how).then(resolve, reject)));
  };
}"""
NO_PICTURES = """() => {
  const devices = navigator.mediaDevices;
  const open = devices.getUserMedia.bind(devices);
  devices.getUserMedia = async (how) => {
    if (window.works) return open(how);
    const canvas = Object.assign(document.createElement("canvas"), { width: 640, height: 480 });
    canvas.getContext("2d");
    return canvas.captureStream(0);
  };
}"""


def test_a_camera_that_never_answers_is_said_to_be_silent(
    visit_with_camera: Visit, door: Door, tmp_path: Path
) -> None:
    page = visit_with_camera(film(tmp_path / "held.y4m", [(door.guests[0].url, 10)]))
    page.add_init_script(f"({HELD_BACK})()")
    enter(page, door)
    trouble = page.locator('[data-part="trouble"]')
    expect(trouble).to_contain_text("镜头 5 秒没有回应", timeout=9000)
    expect(trouble).to_contain_text("短码")
    assert "正在打开镜头" not in page.locator("main").inner_text()
    assert accessibility_faults(page) == []
    assert not scrolls_sideways(page)
    trouble.get_by_role("button", name="再试一次").click()
    expect(trouble).to_be_hidden()
    page.wait_for_function("() => window.asked === 2")
    expect(trouble).to_be_visible(timeout=9000)
    page.evaluate("() => letItAnswer()")  # the question of the browser was answered after all
    assert "签到成功" in answer(page, "accepted")
    expect(trouble).to_be_hidden()
    assert door.arrivals() == 1


def test_a_camera_without_pictures_is_said_to_be_silent(
    visit_with_camera: Visit, door: Door, tmp_path: Path
) -> None:
    page = visit_with_camera(film(tmp_path / "held.y4m", [(door.guests[0].url, 10)]))
    page.add_init_script(f"({NO_PICTURES})()")
    enter(page, door)
    trouble = page.locator('[data-part="trouble"]')
    expect(trouble).to_contain_text("镜头 5 秒没有回应", timeout=9000)
    page.evaluate("() => { window.works = true; }")
    trouble.get_by_role("button", name="再试一次").click()
    answer(page, "accepted")
    page.locator(".answer").click()
    # It stands still: another program took it.
    page.evaluate("() => document.querySelector('video').pause()")
    expect(trouble).to_be_visible(timeout=9000)
    page.evaluate("() => document.querySelector('video').play()")
    expect(trouble).to_be_hidden()


def test_a_tablet_whose_camera_never_answers_offers_another_try(visit: Visit, door: Door) -> None:
    page = visit(viewport=DESK)
    page.add_init_script(f"({HELD_BACK})()")
    begin(page, door)
    again = page.get_by_role("button", name="再试一次镜头")
    expect(again).to_be_visible(timeout=9000)
    expect(page.locator('[data-part="hello"]')).to_contain_text("输入报名码")
    again.click()
    page.wait_for_function("() => window.asked === 2")
