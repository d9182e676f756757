"""Staff's pages at the door in a browser."""

from collections.abc import Callable

from playwright.sync_api import Page, expect
from sqlalchemy import select

from tests.browser.attendance.doors import Door
from tests.factories.attendance import PASSWORD
from webapp.core.db import db
from webapp.people.models import Account

Visit = Callable[..., Page]


def test_what_was_entered_is_sent_with_one_press_after_signing_in(visit: Visit, door: Door) -> None:
    page = visit()
    page.context.add_cookies([{**cookie, "url": door.address} for cookie in door.cookies])
    page.goto(door.path.replace("/scan/", "/manage/sessions/") + "/headcounts")
    page.get_by_label("人数").fill("35")
    page.context.clear_cookies()  # the sign-in ran out
    page.get_by_role("button", name="登记", exact=True).click()
    with page.expect_popup() as opened:
        page.get_by_role("link", name="去登录（另开一页）").click()
    account = db.session.scalars(select(Account).order_by(Account.id.desc())).first()
    assert account is not None
    opened.value.get_by_label("手机号或邮箱").fill(account.email or "")
    opened.value.get_by_label("密码").fill(PASSWORD)
    opened.value.get_by_role("button", name="登录").click()
    opened.value.wait_for_url("**/manage/")
    page.get_by_role("button", name="继续").click()
    expect(page.locator(".notice-success")).to_contain_text("人数已登记")
    assert door.heads() == 35
