"""The whole way in a browser: an organiser makes an event, a volunteer signs up, the door scans the pass, the task's
figure moves, and the venue's calendar shows it.
"""

import io
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from PIL import Image
from playwright.sync_api import Page, expect

from tests.factories.attendance import PASSWORD, Scene, make_account, make_scene
from tests.support.browser import accessibility_faults, scrolls_sideways
from webapp.core import clock
from webapp.core.db import db
from webapp.people.models import Account
from webapp.plan.models import PlanTask

Visit = Callable[..., Any]
TITLE = "手机用得明白：挂号与防诈骗"


def sign_in(page: Page, login: str) -> None:
    page.goto("/sign-in")
    page.locator("[name=login]").fill(login)
    page.locator("[name=password]").fill(PASSWORD)
    page.locator("[name=password]").press("Enter")
    page.wait_for_url(lambda url: "/sign-in" not in url)


def looks_sound(page: Page) -> None:
    """What every page of the way must be: accessible, and no wider than the phone."""
    assert accessibility_faults(page) == [], page.url
    assert not scrolls_sideways(page), page.url


def make_event(page: Page, scene: Scene) -> None:
    """An organiser fills in one page and publishes."""
    page.goto("/manage/events/new")
    looks_sound(page)
    page.locator("[name=title]").fill(TITLE)
    page.locator("[name=type_slug]").select_option("lecture")
    page.locator("[name=summary]").fill("学会扫码、挂号和识别诈骗短信。")
    page.locator("[name=risk_statement]").fill("室内活动，注意台阶。")
    page.locator("details", has=page.locator(f"#task-{scene.tasks[0]}")).locator("summary").click()
    page.locator(f"#task-{scene.tasks[0]}").check()
    starts = clock.local(clock.now() + timedelta(minutes=30))
    page.locator("[name=sessions-0-starts_at]").fill(f"{starts:%Y-%m-%dT%H:%M}")
    page.locator("[name=sessions-0-ends_at]").fill(f"{starts + timedelta(hours=2):%Y-%m-%dT%H:%M}")
    page.locator("[name=sessions-0-venue_id]").select_option(scene.venue)
    page.locator("[name=sessions-0-positions-0-name]").fill("讲解员")
    page.locator("[name=sessions-0-positions-0-kind]").select_option("volunteer")
    page.locator("[name=sessions-0-positions-0-capacity]").fill("2")
    page.locator("main button[name=change][value=publish]").click()
    expect(page.locator("main")).to_contain_text(TITLE)
    looks_sound(page)


def sign_up(page: Page) -> str:
    """A volunteer finds the event by two characters and takes the shift; the address of the pass's picture."""
    page.goto("/events/?q=挂号")
    page.get_by_role("link", name=TITLE).first.click()
    expect(page.locator("h1")).to_have_text(TITLE)
    looks_sound(page)
    page.locator("main a[href*='/sign-up']").first.click()
    page.locator("main input[type=checkbox]").first.check()
    page.locator("main form button[type=submit]").first.click()
    expect(page.locator("main")).to_contain_text("已报名")
    looks_sound(page)
    page.goto("/me")
    looks_sound(page)
    page.locator("main a[href*='/me/passes/']").first.click()
    looks_sound(page)
    picture = page.locator("main img").first.get_attribute("src")
    assert picture is not None
    return picture.replace(".svg", ".png")


def film_of(page: Page, picture: str, path: Path) -> Path:
    """What the door's camera sees when the volunteer holds the phone before it."""
    shown = Image.open(io.BytesIO(page.request.get(picture).body())).convert("L")
    shown = shown.resize((360, 360), Image.Resampling.NEAREST)
    wall = Image.new("L", (640, 480), 170)
    wall.paste(shown, (140, 60))
    frame = b"FRAME\n" + wall.tobytes() + bytes([128]) * (640 * 480 // 2)
    path.write_bytes(b"YUV4MPEG2 W640 H480 F10:1 Ip A1:1 C420jpeg\n" + frame * 10)
    return path


@pytest.mark.databases("sqlite", "postgresql")
def test_from_a_task_to_its_figure(
    app: Flask, visit: Visit, visit_with_camera: Visit, tmp_path: Path
) -> None:
    scene = make_scene()
    staff = db.session.get_one(Account, scene.scanner_account).email
    volunteer = make_account("示例志愿者", "volunteer@example.cn").email
    task = db.session.get_one(PlanTask, scene.tasks[0])
    task_page = f"/plan/tasks/{task.code}?plan={task.plan.code}"
    assert staff is not None
    assert volunteer is not None

    public = visit()
    public.goto(task_page)
    looks_sound(public)
    before = public.locator("main").inner_text()

    organiser = visit()
    sign_in(organiser, staff)
    make_event(organiser, scene)

    phone = visit()
    sign_in(phone, volunteer)
    film = film_of(phone, sign_up(phone), tmp_path / "pass.y4m")

    door = visit_with_camera(film)
    sign_in(door, staff)
    door.goto("/scan")
    door.get_by_role("link", name=TITLE).first.click()
    shown = "kind => document.querySelector(`.answer-${kind}:not([hidden])`)?.innerText"
    answer = str(door.wait_for_function(shown, arg="accepted").json_value())
    assert "示" in answer

    public.goto(task_page)
    assert public.locator("main").inner_text() != before
    figures = public.request.get(f"/api/v1/tasks/{task.code}/progress?plan={task.plan.code}").json()["total"]
    assert {f"{one['metric']}/{one['grade']}": one["quantity"] for one in figures} == {
        "volunteers/scan": 1,
        "sessions/held": 1,
    }
    expect(public.locator("main")).to_contain_text(TITLE)

    feed = public.request.get(f"/calendar/venues/{scene.venue}.ics")
    assert feed.headers["content-type"].startswith("text/calendar")
    assert TITLE in feed.text().replace("\r\n ", "")
