"""People are told apart at the door, with and without network, and their names stay where they belong."""

import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page, Playwright, Route, expect
from sqlalchemy import select

from tests.browser.attendance.doors import Door, Guest
from tests.browser.attendance.phones import Phone, handed_in, scan, state
from tests.browser.attendance.test_kiosk import begin
from tests.browser.attendance.test_scan import NETWORK_NOISE, answer, cut, enter, mend, type_code
from tests.support.browser import accessibility_faults, scrolls_sideways
from tests.support.server import LiveServer
from webapp.attendance.models import Scan
from webapp.core.db import db
from webapp.people.domain import mask_name
from webapp.people.models import Person
from webapp.signups.models import Signup

Visit = Callable[..., Any]
MakePhone = Callable[..., Phone]
# Everything this browser has stored for us, as text; and the kinds of keys among it.
STORED = """async () => {
  const found = [];
  const keys = [];
  const seen = (name, value) => {
    if (value instanceof CryptoKey) keys.push(`${value.type} ${value.extractable}`);
    if (value instanceof ArrayBuffer) return new TextDecoder("latin1").decode(value);
    return value;
  };
  const database = await new Promise((resolve) => {
    indexedDB.open("kepuxing").onsuccess = ({ target }) => resolve(target.result);
  });
  for (const store of database.objectStoreNames) {
    const rows = await new Promise((resolve) => {
      database.transaction(store).objectStore(store).getAll().onsuccess = ({ target }) => resolve(target.result);
    });
    found.push(JSON.stringify(rows, seen));
  }
  for (const name of await caches.keys()) {
    const cache = await caches.open(name);
    for (const request of await cache.keys()) found.push(await (await cache.match(request)).clone().text());
  }
  database.close();
  return { text: [...found, JSON.stringify(localStorage), JSON.stringify(sessionStorage)].join("\\n"), keys };
}"""
KEPT_PACKS = """() => new Promise((resolve) => {
  indexedDB.open("kepuxing").onsuccess = ({ target: { result } }) => {
    result.transaction("packs").objectStore("packs").count().onsuccess = (event) => resolve(event.target.result);
  };
})"""


@pytest.fixture
def phone(playwright: Playwright, tmp_path: Path, door: Door) -> Iterator[Phone]:
    one = Phone(playwright, tmp_path / "phone", door)
    one.switch_on()
    yield one
    one.switch_off()


def _tail(guest: Guest) -> str:
    db.session.rollback()
    asked = select(Person.phone).join(Signup, Signup.person_id == Person.id).where(Signup.id == guest.signup)
    return (db.session.scalar(asked) or "")[-4:]


def _rows(page: Page) -> Any:
    return page.locator('[data-part="people"] > li:visible')


# ------------------------------------------------------------------------------------------- finding and telling apart


@NETWORK_NOISE
@pytest.mark.parametrize("online", [True, False], ids=["online", "offline"])
def test_three_of_one_name_are_told_apart(visit: Visit, door: Door, *, online: bool) -> None:
    namesakes = [door.guests[0], door.another("王小明"), door.another("王小明")]
    page = visit()
    enter(page, door)
    if not online:
        cut(page)
    page.locator(".door-roster summary").first.click()
    find = page.locator("#find")
    for words in ("王小明", "小明", "wxm", "WXM", " 王　小明 "):
        find.fill(words)
        expect(_rows(page)).to_have_count(3)
    for row in _rows(page).all():
        expect(row).to_contain_text("王小明")
        expect(row).to_contain_text("同名 3 人")
    wanted = namesakes[2]
    for words in (_tail(wanted), f"王 {_tail(wanted)}", f"wxm {_tail(wanted)}", wanted.short_code.lower()):
        find.fill(words)
        expect(_rows(page).first).to_have_attribute("data-signup", wanted.signup)
    expect(_rows(page)).to_have_count(1)
    expect(_rows(page)).to_contain_text(f"手机尾号 {_tail(wanted)}")
    assert accessibility_faults(page) == []
    assert not scrolls_sideways(page)
    _rows(page).get_by_role("button", name=f"签到 王小明 手机尾号 {_tail(wanted)}").click()
    said = answer(page, "accepted")
    assert "王小明" in said and f"手机尾号 {_tail(wanted)}" in said
    mend(page)
    page.wait_for_function("() => document.querySelector('[data-count=came]').textContent === '1'")
    expect(page.locator('[data-part="offline"]')).to_be_hidden()
    expect(page.locator('[data-part="waiting"]')).to_be_hidden()
    assert door.arrivals() == 1


def test_whoever_says_a_name_is_found_where_codes_are_typed(visit: Visit, door: Door) -> None:
    page = visit()
    sent = enter(page, door)
    type_code(page, "李雪")
    expect(_rows(page)).to_have_count(1)
    expect(_rows(page).get_by_role("button", name="签到")).to_be_focused()
    page.keyboard.press("Enter")
    assert "李雪" in answer(page, "accepted")
    type_code(page, "oyhf")
    expect(_rows(page)).to_have_count(1)
    expect(_rows(page)).to_contain_text("欧阳海风")
    type_code(page, door.guests[3].short_code)  # a code is a code, whatever letters it has
    assert "张建国" in answer(page, "accepted")
    type_code(page, "没有这个人")
    assert "不认得这个码" in answer(page, "refused")
    assert [one["kind"] for one in sent] == ["roster", "pass", "pass"]


def test_a_list_of_hundreds_is_drawn_as_far_as_it_is_read(visit: Visit, door: Door) -> None:
    people = ",".join(
        f'["s{number:017}",1,"赵{chr(0x4E00 + number)}",0,"confirmed","",null,null,null,"{number:04}","z"]'
        for number in range(350)
    )

    def many(route: Route) -> None:
        body = route.fetch().text()
        roster = re.sub(r'"roster":\[.*?\],"gone"', f'"roster":[{people}],"gone"', body)
        route.fulfill(body=roster, content_type="application/json")

    page = visit()
    page.route("**/pack.json", many)
    enter(page, door)
    page.locator(".door-roster summary").first.click()
    expect(_rows(page)).to_have_count(100)
    page.get_by_role("button", name="再列一些（还有 250 人）").click()
    expect(_rows(page)).to_have_count(200)
    page.locator("#find").fill("0349")
    expect(_rows(page)).to_have_count(1)
    page.locator("#find").fill("z")
    expect(_rows(page)).to_have_count(100)


def test_the_phone_masks_and_reads_names_as_the_server(phone: Phone) -> None:
    names = [
        "王小明",
        "李雪",
        "欧阳海风",
        "欧阳",
        "阿依古丽·买买提",
        "Anna Li",
        "Bo",
        "𠮷田",
        "长孙无忌",
        "王**",
        "欧阳**",
        "A**",
        "",
    ]
    page = phone.page()
    found = page.evaluate(
        """async (given) => {
          const { maskName, plain, search, findable } = await import("/static/js/scan/names.js");
          const people = [
            { name: "阿依古丽·买买提", code: "234567", tail: "0001", letters: "ayglmmt" },
            { name: "单雄信", code: "BCDEFG", tail: "0012", letters: "sxx dxx" },
            { name: "单小", code: "CDEFGH", tail: "2345", letters: "sx dx" },
          ].map((one) => ({ ...one, find: findable(one) }));
          const names = ["阿依古丽 买买提", "阿依古丽•买买提"];
          const looked = [...names, "dxx", "sx", "s", "x", "2345", "12", "单 0012", "zzz", ""];
          return {
            masked: given.map(maskName),
            found: Object.fromEntries(looked.map((text) => [text, search(people, text).map(({ name }) => name)])),
            plain: ["王·小明", "王 小 明", "ＷＡＮＧ", "wang\\u200b"].map(plain),
          };
        }""",
        names,
    )
    assert found["masked"] == [mask_name(name) for name in names]
    assert found["found"] == {
        "阿依古丽 买买提": ["阿依古丽·买买提"],
        "阿依古丽•买买提": ["阿依古丽·买买提"],
        "dxx": ["单雄信"],
        "sx": ["单小", "单雄信"],
        "s": ["单雄信", "单小"],
        "x": [],
        "2345": ["单小", "阿依古丽·买买提"],
        "12": ["单雄信"],
        "单 0012": ["单雄信"],
        "zzz": [],
        "": ["阿依古丽·买买提", "单雄信", "单小"],
    }
    assert found["plain"] == ["王小明", "王小明", "WANG", "WANG"]


# ---------------------------------------------------------------------------------------------- who came unannounced


@NETWORK_NOISE
@pytest.mark.parametrize("online", [True, False], ids=["online", "offline"])
def test_a_newcomer_with_a_name_of_the_list_is_asked_about(visit: Visit, door: Door, *, online: bool) -> None:
    page = visit()
    sent = enter(page, door)
    if not online:
        cut(page)
    page.get_by_text("没有报名的人").click()

    def register(name: str) -> None:
        page.get_by_label("姓名").fill(name)
        page.get_by_role("button", name="登记这个人").click()

    asked = page.get_by_role("dialog")
    register(" 欧阳 海风")
    expect(asked).to_contain_text("是名单上的这位吗？")
    expect(asked).to_contain_text(f"手机尾号 {_tail(door.guests[2])}")
    expect(asked).to_contain_text("还没到")
    assert accessibility_faults(page) == []
    asked.get_by_role("button", name="返回").click()
    expect(page.get_by_label("姓名")).to_have_value(" 欧阳 海风")  # nothing entered is lost
    page.get_by_role("button", name="登记这个人").click()
    asked.get_by_role("button", name="是这位").click()
    assert "欧阳海风" in answer(page, "accepted")
    expect(page.get_by_label("姓名")).to_have_value("")
    register("欧阳海风")
    expect(asked).to_contain_text("已签到")
    asked.get_by_role("button", name="都不是，另外登记").click()
    page.locator(".answer-title", has_text="已登记").wait_for()
    expect(page.locator(".answer")).to_be_hidden()
    register("孙大爷")  # on no list: nothing to ask
    page.locator(".answer-title", has_text="已登记").wait_for()
    mend(page)
    page.wait_for_function("() => document.querySelector('[data-count=came]').textContent === '3'")
    expect(page.locator('[data-part="offline"]')).to_be_hidden()
    expect(page.locator('[data-part="waiting"]')).to_be_hidden()
    newcomers = [one.get("sure", False) for one in sent if one["kind"] == "walk_in"]
    assert newcomers[-2:] == [True, False]
    assert door.arrivals() == 3
    kept = select(Scan.flag).where(Scan.session_id == door.path.rsplit("/", 1)[-1])
    assert not [flag for flag in db.session.scalars(kept) if flag]  # nothing is left to ask about


# ------------------------------------------------------------------------------------------------- where names stay


def test_no_name_lies_open_on_the_phone(phone: Phone, door: Door, live_server: LiveServer) -> None:
    page = phone.start()
    assert scan(page, door.guests[0].signup)["person"]["display_name"] == "王小明"
    try:
        live_server.kill()
        assert scan(page, door.guests[1].signup)["person"]["display_name"] == "李雪"
        place = page.evaluate("() => engine.pack.positions.find((one) => one.walk_in).id")
        assert scan(page, f"{place} 孙大爷", kind="walk_in")["outcome"] == "accepted"
    finally:
        live_server.start()
    stored = page.evaluate(STORED)
    assert "孙大爷" not in stored["text"]
    for guest in door.guests:
        assert guest.full_name not in stored["text"]
        assert guest.signup in stored["text"] or guest not in door.guests[:2]
    assert set(stored["keys"]) == {"secret false"} and len(stored["keys"]) >= 3
    handed_in(page)
    named = page.evaluate("() => engine.recent().then((rows) => rows.map(({ name }) => name))")
    assert named == ["孙大爷", "李雪", "王小明"]
    db.session.rollback()
    kept = db.session.scalars(select(Scan).where(Scan.session_id == phone.session)).all()
    assert not [row.flag for row in kept if row.flag]  # the seal is over the name too
    assert "孙大爷" not in page.evaluate(STORED)["text"]
    phone.switch_off()
    disk = [path for path in phone.profile.rglob("*") if path.is_file() and path.stat().st_size < 50_000_000]
    for name in ("欧阳海风", "张建国", "孙大爷"):
        signs = (name.encode(), name.encode("utf-16-le"))
        assert not [path for path in disk if any(sign in path.read_bytes() for sign in signs)]
    phone.switch_on()


def test_names_go_when_the_right_to_them_is_taken_away(phone: Phone, door: Door) -> None:
    page = phone.start()
    assert page.evaluate(KEPT_PACKS) == 1 and page.evaluate("() => engine.rows().length") == len(door.guests)
    refusal = {"status": 403, "code": "not_allowed", "title": "", "detail": ""}
    page.route("**/pack.json", lambda route: route.fulfill(status=403, json=refusal))
    page.evaluate("() => engine.refresh()")
    assert state(page)["access"] == "forbidden"
    assert page.evaluate(KEPT_PACKS) == 0 and page.evaluate("() => engine.rows().length") == 0


def test_names_go_with_a_pairing_that_ends_without_network(
    phone: Phone, door: Door, live_server: LiveServer
) -> None:
    page = phone.start()
    device = {"id": "d", "name": "x", "kind": "phone", "expires_at": "2020-01-01T00:00:00+08:00"}
    try:
        live_server.kill()
        page.evaluate(
            """(device) => new Promise((resolve) => {
              indexedDB.open("kepuxing").onsuccess = ({ target: { result } }) => {
                const work = result.transaction("meta", "readwrite");
                work.objectStore("meta").put(device, "device");
                work.oncomplete = resolve;
              };
            })""",
            device,
        )
        page.evaluate(
            """async (session) => {
              const { Engine } = await import("/static/js/scan/engine.js");
              window.engine = new Engine({ session });
              await Promise.race([engine.start(), new Promise((resolve) => setTimeout(resolve, 500))]);
            }""",
            phone.session,
        )
        page.wait_for_function("() => engine.state.access === 'expired'")
        assert page.evaluate(KEPT_PACKS) == 0
    finally:
        live_server.start()


def test_a_crowd_reads_no_whole_name(visit: Visit, door: Door) -> None:
    page = visit()
    begin(page, door)
    for guest in (door.guests[0], door.guests[2]):
        type_code(page, guest.short_code)
        shown = answer(page, "accepted")
        assert guest.name in shown and guest.full_name not in shown
        page.locator(".answer").click()
        expect(page.locator(".answer")).to_be_hidden()
    assert not [guest for guest in door.guests if guest.full_name in page.content()]
