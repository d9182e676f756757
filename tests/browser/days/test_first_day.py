"""The first day of a unit: from an empty database to an event that is published, a helper and a paired phone.

The person opens 今天 and follows its steps; what they see on the way is counted.
"""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from flask import Flask
from playwright.sync_api import Page, expect

from tests.browser.test_whole_way import looks_sound, sign_in
from tests.factories.attendance import make_account
from tests.factories.events import a_district, a_task, a_type, an_organisation
from tests.support.browser import DESK, PHONE
from webapp.core import clock
from webapp.core.db import transaction
from webapp.organisations import service as organisations
from webapp.organisations.domain import OrganisationKind, Permission

Visit = Callable[..., Any]
SCREENS = 13  # at the desk, from signing in to the last tick


def step(page: Page, name: str) -> None:
    """The next step of the list, as its one button."""
    button = page.locator(".step[aria-current=step] a")
    expect(button).to_have_text(name)
    looks_sound(page)
    button.click()


def publish(page: Page, task: str) -> None:
    """The first event, whole on one page."""
    page.locator("[name=title]").fill("安全用药讲座")
    page.locator("[name=type_slug]").select_option("lecture")
    page.locator("[name=summary]").fill("家里的药怎么放，过期的怎么办。")
    page.locator("[name=risk_statement]").fill("室内活动，注意台阶。")
    page.locator("details", has=page.locator(f"#task-{task}")).locator("summary").click()
    page.locator(f"#task-{task}").check()
    starts = clock.local(clock.now() + timedelta(days=1))
    page.locator("[name=sessions-0-starts_at]").fill(f"{starts:%Y-%m-%dT%H:%M}")
    page.locator("[name=sessions-0-ends_at]").fill(f"{starts + timedelta(hours=2):%Y-%m-%dT%H:%M}")
    page.locator("[name=sessions-0-venue_id]").select_option(index=1)
    page.locator("[name=sessions-0-positions-0-name]").fill("观众")
    page.locator("[name=sessions-0-positions-0-kind]").select_option("audience")
    page.locator("[name=sessions-0-positions-0-capacity]").fill("30")
    page.locator("main button[name=change][value=publish]").click()
    expect(page.locator("h1")).to_contain_text("安全用药讲座")


@pytest.mark.databases("sqlite", "postgresql")
@pytest.mark.parametrize("right", [Permission.MANAGE_EVENTS, Permission.GOVERN])
def test_from_nothing_to_the_first_paired_phone(app: Flask, visit: Visit, right: Permission) -> None:
    governs = right == Permission.GOVERN
    unit = an_organisation(
        "新来的单位", kind=OrganisationKind.OFFICE if governs else OrganisationKind.HOSPITAL
    )
    a_district()
    a_type()
    task = a_task()
    person = make_account("周医生", "doctor@example.cn")
    make_account("刘帮手", "helper@example.cn")
    with transaction():
        organisations.set_membership(person.person_id, unit.id, [right], by=None)
    page = visit(viewport=DESK)
    sign_in(page, "doctor@example.cn")
    screens: list[str] = [page.url]

    page.on("domcontentloaded", lambda shown: screens.append(shown.url))  # signing in led to 今天 already
    step(page, "填单位的联系电话")
    page.locator("[name=phone]").fill("0454 8612345")
    page.locator("main form[action*='/manage/unit/'] button[type=submit]").first.click()
    step(page, "登记第一个场所")
    page.locator("[name=name]").fill("东风街道文化站")
    for one in ("kind", "district_code"):
        page.locator(f"[name={one}]").select_option(index=1)
    page.locator("[name=address]").fill("东风街 8 号")
    page.locator("main form button[type=submit]").first.click()
    step(page, "办第一场活动")
    publish(page, task.id)
    page.goto("/manage/")
    step(page, "请第一位帮手")
    page.locator("[name=name]").fill("刘帮手")
    page.locator("[name=login]").fill("helper@example.cn")
    page.locator("main form button[type=submit]").first.click()
    step(page, "配对第一部签到手机")
    page.locator("main form button[type=submit]").first.click()
    code = page.locator(".qr-code").inner_text()
    phone = visit(viewport=PHONE)
    phone.goto(f"/scan/pair/{code}")
    phone.locator("main form button[type=submit]").first.click()
    expect(page.locator("main")).to_contain_text("配对好了")
    page.goto("/manage/")
    expect(page.locator(".first-day")).to_have_count(0)
    assert len(screens) <= SCREENS, screens
