"""A visitor signs up on a phone, shows the pass, and gives the place back; with and without a script."""

import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from flask import Flask

from tests.factories.signups import a_position, join, status_of, taken
from tests.support.browser import DESK, PHONE, accessibility_faults, scrolls_sideways
from webapp.signups.domain import SignupStatus


def _decoded(picture: Path) -> str:
    read = subprocess.run(["zbarimg", "--quiet", "--raw", str(picture)], capture_output=True, text=True)
    return read.stdout.strip()


def _look(page: Any) -> None:
    assert accessibility_faults(page) == []
    assert not scrolls_sideways(page)


@pytest.mark.parametrize("script", [True, False])
def test_a_visitor_signs_up_shows_the_pass_and_cancels(
    app: Flask, visit: Callable[..., Any], tmp_path: Path, script: bool
) -> None:
    position = a_position(capacity=1)
    page = visit(viewport=PHONE, java_script_enabled=script)
    page.goto(f"/positions/{position}/sign-up")
    page.locator("#name").fill("赵桂兰")
    page.get_by_label("手机号", exact=True).fill("138 0013 8000")
    page.get_by_label("我同意").check()
    page.get_by_role("button", name="确认报名").click()
    page.get_by_role("heading", name="已报名").wait_for()
    page.locator(".qr").screenshot(path=tmp_path / "pass.png")
    assert f"{page.url.split('/signups')[0]}/p/" in _decoded(tmp_path / "pass.png")
    waiting = join(position)
    if script:
        _look(page)
    page.get_by_role("link", name="取消报名").click()
    page.get_by_role("button", name="取消报名").click()
    page.get_by_role("heading", name="已取消").wait_for()
    assert status_of(waiting) == SignupStatus.OFFERED
    assert taken(position) == 1


def test_mistakes_are_named_beside_the_field_on_a_desk(app: Flask, visit: Callable[..., Any]) -> None:
    page = visit(viewport=DESK)
    page.goto(f"/positions/{a_position()}/sign-up")
    page.get_by_label("手机号", exact=True).fill("123")
    page.get_by_role("button", name="确认报名").click()
    page.get_by_role("alert").wait_for()
    assert page.get_by_label("手机号", exact=True).input_value() == "123"
    page.get_by_role("link", name="请填写姓名").click()
    _look(page)


@pytest.mark.parametrize("view", ["normal", "elder", "contrast", "elder-contrast"])
def test_the_code_is_seen_without_scrolling_at_any_type_size(
    app: Flask, visit: Callable[..., Any], view: str
) -> None:
    page = visit(viewport=PHONE)
    address = f"/positions/{a_position()}/sign-up"
    page.goto(address)
    page.context.add_cookies([{"name": "view", "value": view, "url": page.url}])
    page.goto(address)
    page.locator("#name").fill("赵桂兰")
    page.get_by_label("手机号", exact=True).fill("138 0013 8000")
    page.get_by_label("我同意").check()
    page.get_by_role("button", name="确认报名").click()
    page.get_by_role("heading", name="已报名").wait_for()
    box = page.locator(".qr-image").bounding_box()
    assert box["y"] + box["height"] <= PHONE["height"] * 0.8
    assert page.get_by_role("link", name="地图导航").count() == 1
    _look(page)
