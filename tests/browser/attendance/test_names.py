"""The page of names in a browser: finding someone among many, ticking a column."""

from collections.abc import Callable

from playwright.sync_api import Page, expect

from tests.browser.attendance.doors import Door
from tests.support.browser import accessibility_faults, scrolls_sideways

Visit = Callable[..., Page]


def test_someone_is_found_among_many(visit: Visit, door: Door) -> None:
    for _ in range(12):
        door.another("王小明")
    page = visit()
    page.context.add_cookies(
        [{"name": one["name"], "value": one["value"], "url": door.address} for one in door.cookies]
    )
    page.goto(door.path.replace("/scan/", "/manage/sessions/") + "/ticks")
    rows = page.locator("tr[data-who]:visible")
    expect(rows).to_have_count(16)
    find = page.get_by_label("找人")
    find.fill("没有这个人")
    expect(rows).to_have_count(0)
    expect(page.get_by_text("没有找到")).to_be_visible()
    find.fill("WXM")  # the first letters of 王小明
    expect(rows).to_have_count(13)
    find.fill("小明")
    expect(rows).to_have_count(13)
    guest = door.guests[1]
    find.fill(guest.short_code.lower())
    expect(rows).to_have_count(1)
    expect(page.get_by_text("没有找到")).to_be_hidden()
    # Nobody is ticked whom one does not see; whoever was ticked stays so.
    page.get_by_role("button", name="到场全部勾上").click()
    find.press("Enter")  # sends nothing
    find.fill("")
    expect(rows).to_have_count(16)
    expect(page.locator("input[name=came]:checked")).to_have_count(1)
    assert not scrolls_sideways(page)
    assert accessibility_faults(page) == []
    page.get_by_role("button", name="登记勾选的人").click()
    expect(page.locator(".notice-success")).to_contain_text("签到 1 人")
    assert door.arrivals() == 1
