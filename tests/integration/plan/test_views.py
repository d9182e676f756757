"""The plan's pages: the tree, a task, survey results entered by hand; access, bad input, number of statements."""

import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import event, select

from tests.factories.attendance import make_scene, sign_up
from tests.factories.organisations import make_organisation, make_staff
from tests.factories.plan import CITY_CODE, import_file, small_file
from tests.factories.venues import seed_districts
from webapp.attendance import service as attendance
from webapp.attendance.domain import CountMethod, Method
from webapp.attendance.queries import progress
from webapp.core.db import db, transaction
from webapp.organisations.domain import Permission
from webapp.people.models import Account
from webapp.plan import queries, service
from webapp.plan.models import Plan, PlanTask, SurveyResult

SignIn = Callable[[FlaskClient, Any], FlaskClient]


@contextmanager
def counted() -> Iterator[list[str]]:
    """The statements sent while the block runs."""
    seen: list[str] = []

    def note(_connection: Any, _cursor: Any, statement: str, *_more: Any) -> None:
        seen.append(statement)

    engine = db.engine
    event.listen(engine, "before_cursor_execute", note)
    try:
        yield seen
    finally:
        event.remove(engine, "before_cursor_execute", note)


@pytest.fixture
def office(app: Flask) -> Account:
    return make_staff(make_organisation("市科协办公室"), Permission.GOVERN)


def test_without_a_plan_the_page_says_so(client: FlaskClient) -> None:
    answer = client.get("/plan/")
    assert answer.status_code == 200
    assert "还没有计划" in answer.text
    assert client.get("/plan/tasks/A1-1").status_code == 404


def test_the_tree(client: FlaskClient) -> None:
    import_file()
    text = client.get("/plan/").text
    assert "佳木斯市全民科学素质行动规划纲要实施方案（2021—2025年）" in text
    for words in (
        "提升行动",
        "重点工程",
        "组织实施",
        "牵头单位：市教育局、市科协",
        "A4-2",
        "里程碑，不以活动次数计",
    ):
        assert words in text
    assert text.count('class="plan-task"') == 38
    assert text.count('class="plan-section"') == 13
    assert "12.5" in text


def test_two_plans_are_chosen_by_their_period(client: FlaskClient) -> None:
    import_file()
    import_file(small_file(), code="small")
    first = client.get(f"/plan/?plan={CITY_CODE}")
    assert "老年人科学素质提升行动" in first.text
    assert "2026—2030 年" in first.text
    assert "示例行动" in client.get("/plan/?plan=small").text
    assert client.get("/plan/tasks/A4-2?plan=small").status_code == 404
    assert "加强老年人健康科普服务" in client.get(f"/plan/tasks/A4-2?plan={CITY_CODE}").text


@pytest.mark.parametrize("address", [
    "/plan/?plan=nowhere", "/plan/?plan=%00", "/plan/?plan=a%2Fb", "/plan/?plan=" + "x" * 300, "/plan/tasks/Z9",
    "/plan/tasks/%00", "/plan/tasks/" + "9" * 300, "/plan/tasks/A1-1?plan=%F0%9F%90%BC", "/plan/targets/%00/results",
])  # fmt: skip
def test_what_is_not_there(client: FlaskClient, address: str) -> None:
    import_file()
    assert client.get(address).status_code in {302, 400, 404}


def test_a_task(client: FlaskClient) -> None:
    import_file()
    text = client.get("/plan/tasks/P4-1").text
    for words in (
        "建立应急科普宣教协同机制",
        "牵头单位",
        "市应急管理局",
        "世界艾滋病日",
        "还没有安排",
        "由活动累计",
    ):
        assert words in text
    assert f"feed=/calendar/tasks/P4-1.ics?plan%3D{CITY_CODE}" in text
    assert "原文没有列出" in client.get("/plan/tasks/I3-1").text


def _task_of(task_id: str) -> tuple[str, str]:
    found = db.session.get_one(PlanTask, task_id)
    return found.code, found.plan.code


def test_figures_stand_apart_by_grade_and_metric(client: FlaskClient) -> None:
    scene = make_scene()
    code, plan = _task_of(scene.tasks[0])
    for method in (Method.CAMERA, Method.CAMERA, Method.ROSTER):
        scene.scan("", signup_id=sign_up(scene.seats).id, method=method)
    with transaction():
        attendance.count_heads(
            scene.session, audience="老年人", count=41, method=CountMethod.COUNTED, note="", by=scene.scanner
        )
    text = client.get(f"/plan/tasks/{code}?plan={plan}").text
    for words in (
        "已办的 1 场",
        ">41<",
        "实名签到",
        "名册勾到",
        "现场点数",
        "各县（市）区",
        "数字截至",
    ):
        assert words in text
    assert "44" not in text.split("做到了多少")[1].split("</table>")[0]
    assert f"/events/{scene.event}" in text
    tree = client.get(f"/plan/?plan={plan}").text
    assert "实名 2，名册 1，点数 41" in tree


def test_only_the_period_of_the_plan_counts(app: Flask) -> None:
    scene = make_scene()
    scene.scan("", signup_id=sign_up(scene.seats).id, method=Method.ROSTER)
    task = db.session.get_one(PlanTask, scene.tasks[0])
    code, year = task.plan.code, task.plan.ends_on.year
    with transaction() as session:  # the scene's plan was not imported: give it what an import keeps
        plan = session.get_one(Plan, task.plan_id)
        plan.texts = {"vocabulary": {"lecture": "科普讲座"}, "units": [], "inferred_units": {}}
    data = service.export_plan(code)
    assert progress(scene.tasks)
    for period, counts in (({"start": year + 1, "end": year + 3}, False), (data["period"], True)):
        with transaction():
            assert (
                "period" in service.import_plan(data | {"period": period}, file="x.json", code=code).changed
            )
        assert bool(progress(scene.tasks)) is counts


def test_the_number_of_statements_does_not_grow(client: FlaskClient) -> None:
    scene = make_scene()
    seed_districts()
    code, plan = _task_of(scene.tasks[0])
    pages = (f"/plan/?plan={plan}", f"/plan/tasks/{code}?plan={plan}")
    with counted() as few:
        for page in pages:
            client.get(page)
    for _ in range(5):
        scene.scan("", signup_id=sign_up(scene.seats).id, method=Method.ROSTER)
    before = len(few)
    few.clear()
    with counted() as many:
        for page in pages:
            client.get(page)
    assert len(many) <= before
    assert len(many) <= 42


def test_the_whole_citys_tree_takes_few_statements(client: FlaskClient) -> None:
    import_file()
    with counted() as seen:
        client.get("/plan/")
    assert len([one for one in seen if one.lstrip().upper().startswith("SELECT")]) <= 17


# ------------------------------------------------------------------------------------------------ survey results


def _target() -> str:
    plan = db.session.scalars(select(Plan)).first()
    assert plan is not None
    return queries.list_targets(plan.id)[0].id


def _good() -> dict[str, str]:
    return {
        "year": "2023",
        "area": "佳木斯市",
        "value": "10.8",
        "sample_size": "1200",
        "source": "示例调查，示例文号",
    }


def test_the_office_enters_a_figure_and_takes_it_back(
    client: FlaskClient, office: Account, sign_in: SignIn
) -> None:
    import_file()
    target = _target()
    sign_in(client, office)
    address = f"/plan/targets/{target}/results"
    assert address in client.get("/plan/").text
    answer = client.fill(address, **_good())
    assert answer.status_code == 302
    assert "10.8%" in client.get(address).text
    assert "2023 年，佳木斯市：10.8%" in client.get("/plan/").text
    result = db.session.scalars(select(SurveyResult)).one()
    void = f"/plan/results/{result.id}/void"
    assert client.fill(void, reason="").status_code == 422
    assert client.fill(void, reason="数字抄错了").status_code == 302
    assert client.post(void, data={"reason": "再来一次"}).status_code == 409
    assert "已作废：数字抄错了" in client.get(address).text
    assert "10.8" not in client.get("/plan/").text


@pytest.mark.parametrize(
    ("field", "value", "words"),
    [
        ("year", "", "请填写年份"),
        ("year", "明年", ""),
        ("year", "2099", "调查年份不能晚于今年"),
        ("year", "1", "请填写 1990 到 2100 之间的年份"),
        ("value", "", "请填写数字"),
        ("value", "NaN", ""),
        ("value", "Infinity", ""),
        ("value", "-1", "请填写 0 到 100 之间的数字"),
        ("value", "100.01", "请填写 0 到 100 之间的数字"),
        ("value", "9" * 400, ""),
        ("area", "", "请填写调查覆盖的地区"),
        ("area", "长" * 61, "最多 60 个字"),
        ("area", "a\x00b", "无法保存的特殊字符"),
        ("source", "", "请写明数字从哪里来"),
        ("source", "长" * 201, "最多 200 个字"),
        ("sample_size", "0", "样本量应是正整数"),
        ("sample_size", "many", ""),
    ],
)
def test_a_wrong_figure_is_not_kept(
    client: FlaskClient, office: Account, sign_in: SignIn, field: str, value: str, words: str
) -> None:
    import_file()
    address = f"/plan/targets/{_target()}/results"
    answer = sign_in(client, office).post(address, data=_good() | {field: value})
    assert answer.status_code == 422
    assert words in answer.text
    assert "请先改好下面几处" in answer.text
    assert field == "source" or "示例调查，示例文号" in answer.text
    assert db.session.scalars(select(SurveyResult)).all() == []


def test_only_the_office_may(client: FlaskClient, app: Flask, sign_in: SignIn) -> None:
    import_file()
    address = f"/plan/targets/{_target()}/results"
    assert client.get(address).status_code == 302
    organiser = make_staff(make_organisation(), Permission.MANAGE_EVENTS, Permission.REPORT)
    sign_in(client, organiser)
    assert client.get(address).status_code == 403
    assert client.post(address, data=_good()).status_code == 403
    assert client.get("/plan/results/0000/void").status_code == 403


def test_tasks_are_found_by_the_words_of_the_document(client: FlaskClient, app: Flask) -> None:
    import_file()
    plan_id = db.session.scalars(select(Plan.id)).one()
    task = db.session.scalars(select(PlanTask).order_by(PlanTask.position)).first()
    assert task is not None
    words = max(re.findall(r"[\u4e00-\u9fff]{4,}", task.text), key=len)
    found = queries.find_tasks(plan_id, words[2:4] + " " + words[:2])
    assert task.code in {one.task.code for one in found}
    assert any(words[:2] in one.sentence for one in found)
    assert queries.find_tasks(plan_id, task.code.lower())[0].task.code == task.code
    assert queries.find_tasks(plan_id, "龘靐") == []
    page = client.get("/plan/", query_string={"q": words[:4], "plan": CITY_CODE}).text
    assert "项任务。" in page
    assert "没有找到这样的任务" in client.get("/plan/", query_string={"q": "龘靐"}).text
