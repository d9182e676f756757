"""The office's page of what is kept, what will be erased, and of the clock; and what of it stands in 待办."""

import re
from datetime import timedelta
from typing import Any

import pytest
from flask import Flask

from tests.factories.organisations import make_organisation, make_staff
from tests.factories.people import make_person
from tests.support.client import CheckedClient
from tests.support.time import TestClock
from webapp.core import erasing, jobs, machine, timekeeping
from webapp.core.db import session
from webapp.core.erasing import Erasure
from webapp.core.jobs import run_due
from webapp.organisations.domain import Permission


@pytest.fixture
def office(app: Flask, client: CheckedClient, sign_in: Any, clock: TestClock) -> CheckedClient:
    sign_in(client, make_staff(make_organisation("市科协"), Permission.GOVERN))
    return client


@pytest.fixture
def announced(office: CheckedClient, clock: TestClock) -> Erasure:
    for number in range(3):
        make_person(f"来宾{number}")
    clock.advance(days=370)
    run_due()
    session().rollback()
    return next(one for one in erasing.list_open() if one.kind == "guests")


def desk(client: CheckedClient) -> str:
    return client.get("/manage/todo").text


def test_the_office_is_told_and_takes_note(office: CheckedClient, announced: Erasure) -> None:
    assert "到时自动删除：没有账号的报名人的姓名、电话和回答，3 条" in desk(office)
    page = office.get("/manage/upkeep")
    assert "等到期" in page.text
    assert office.post(f"/manage/upkeep/{announced.id}/noted").status_code == 302
    assert "没有账号的报名人的姓名" not in desk(office)
    page = office.get("/manage/upkeep")
    assert f"/manage/upkeep/{announced.id}/noted" not in page.text
    assert "知道了要删除的一批" in page.text  # and can be taken back


def test_the_office_holds_a_batch_with_a_reason(
    office: CheckedClient, announced: Erasure, clock: TestClock
) -> None:
    address = f"/manage/upkeep/{announced.id}/hold"
    assert "这一批共 3 条" in office.get(address).text
    assert office.post(address, data={"why": ""}).status_code == 422
    assert office.post(address, data={"why": "人数不对"}).status_code == 302
    assert "人数不对" in office.get("/manage/upkeep").text
    assert "有人停下来了" in desk(office)
    clock.advance(days=10)
    run_due()
    assert "有人停下来了" in desk(office)
    assert office.post(f"/manage/upkeep/{announced.id}/go").status_code == 302
    clock.advance(minutes=1)
    run_due()
    assert "已删除 3 条" in office.get("/manage/upkeep").text
    assert office.post(address, data={"why": "晚了"}, fault=True).status_code == 409


def test_the_office_confirms_the_time(
    office: CheckedClient, clock: TestClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    jobs.beat()
    counter = machine.running()
    monkeypatch.setattr(machine, "running", lambda: counter)
    clock.advance(hours=1)
    assert "网站所在电脑的时间不对" in office.get("/manage/upkeep").text  # before the worker has looked
    jobs.beat()
    assert "电脑的时间对不上：它说现在是" in desk(office)
    page = office.get("/manage/upkeep").text
    said = re.search(r'name="said" value="([^"]+)"', page)
    assert said is not None
    assert office.post("/manage/upkeep/clock", data={"said": "x"}, fault=True).status_code == 409
    assert office.post("/manage/upkeep/clock", data={"said": said[1]}).status_code == 302
    assert "已经有人确认" in office.get("/manage/upkeep").text
    assert "电脑的时间对不上" not in desk(office)
    jobs.beat()
    assert timekeeping.trouble() is None
    assert office.post("/manage/upkeep/clock", data={"said": said[1]}, fault=True).status_code == 409


def test_how_large_everything_is(office: CheckedClient) -> None:
    assert "还没有量过" in office.get("/manage/upkeep").text
    make_person("来宾")
    jobs.measure_tables()
    page = office.get("/manage/upkeep").text
    assert "每天量一次" in page
    assert "1826 天后删除" in page
    row = re.search(r"人员、账号和同意.*?</tr>", page, re.DOTALL)
    assert row is not None
    assert re.findall(r'class="num">([^<]+)<', row[0])[1] not in {"–", "0"}


def test_a_command_confirms_it_too(app: Flask, clock: TestClock, monkeypatch: pytest.MonkeyPatch) -> None:
    runner = app.test_cli_runner()
    jobs.beat()
    assert "agrees" in runner.invoke(args=["jobs", "confirm-clock"]).output
    counter = machine.running()
    monkeypatch.setattr(machine, "running", lambda: counter)
    clock.advance(days=730)
    jobs.beat()
    told = runner.invoke(args=["jobs", "confirm-clock"])
    assert told.exit_code == 1
    assert "2028-11-27" in told.output
    assert "the worker's clock says" in runner.invoke(args=["doctor"]).output
    assert runner.invoke(args=["jobs", "confirm-clock", "--yes"]).exit_code == 0
    assert jobs.beat().is_believed
    assert timekeeping.last_beat() == clock.now - timedelta(0)
