"""Import, export and roll-over on both databases, through the service and the commands."""

import json
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import func, select

from tests.factories.plan import CITY_CODE, CITY_FILE, city_file, import_file, small_file, task_part
from webapp.core.db import Base, db, transaction
from webapp.events.models import Event, EventTask
from webapp.organisations.models import Organisation
from webapp.plan import queries, service
from webapp.plan.domain import BadPlanFile, NextPlan, NoSuchPlan, PlanExists, PlanInUse, PlanPeriodReversed
from webapp.plan.models import EventType, Plan, PlanTask, SectionLead, TaskUnit


def count(model: type[Base], *conditions: Any) -> int:
    return int(db.session.scalar(select(func.count()).select_from(model).where(*conditions)) or 0)


def everything() -> dict[str, int]:
    """How many rows each table of plans and organisations holds."""
    names = (
        "plan",
        "plan_section",
        "plan_task",
        "task_unit",
        "section_lead",
        "event_type",
        "target",
        "organisation",
    )
    tables = Base.metadata.tables
    return {
        name: int(db.session.scalar(select(func.count()).select_from(tables[name])) or 0) for name in names
    }


def task_id(code: str, plan: str = CITY_CODE) -> str:
    return queries.get_task(code, plan).id


@pytest.fixture
def linked_event(app: Flask) -> str:
    """An event that serves A1-2 of the small plan."""
    plan = import_file(small_file(), code="small")
    with transaction() as session:
        organisation = session.scalars(select(Organisation)).first()
        assert organisation is not None
        event = Event(organisation_id=organisation.id, type_slug="lecture", title="讲座")
        session.add(event)
        session.flush()
        session.add(EventTask(event_id=event.id, task_id=queries.get_task("A1-2", plan.code).id))
    return event.id


def test_the_citys_plan(app: Flask) -> None:
    plan = import_file()
    sections = queries.tree(plan.id)
    tasks = [task for section in sections for task in section.tasks]
    assert (len(sections), len(tasks)) == (13, 38)
    assert [task.code for task in tasks[:3]] == ["A1-1", "A1-2", "A1-3"]
    assert count(Organisation) == 25
    assert count(TaskUnit, TaskUnit.inferred.is_(False)) == 167
    assert count(SectionLead) == 17
    assert count(EventType) == 40
    (target,) = queries.list_targets(plan.id)
    assert (str(target.value), target.unit, target.year) == ("12.50", "%", 2025)
    assert (plan.starts_on, plan.ends_on) == (date(2021, 1, 1), date(2025, 12, 31))
    kinds = dict(db.session.execute(select(Organisation.name, Organisation.kind)).all())
    assert kinds["市科协"] == "office"
    assert set(kinds.values()) == {"office", "unit"}
    source = [task for section in city_file()["sections"] for task in section["tasks"]]
    assert [[unit.name for unit in task.units] for task in tasks][:36] == [
        task["responsible_units"] for task in source
    ][:36]


def test_units_the_text_does_not_name_are_marked(app: Flask) -> None:
    import_file()
    task = queries.get_task("I3-2", CITY_CODE)
    assert [unit.name for unit in task.units] == ["市科协"]
    assert queries.inferred_units(task.id) == {task.units[0].id}


def test_twice_changes_nothing(app: Flask) -> None:
    import_file()
    before = everything()
    with transaction():
        result = service.import_plan(city_file(), file=f"{CITY_CODE}.json")
    assert result.unchanged
    assert everything() == before


def test_the_export_is_the_file(app: Flask) -> None:
    import_file()
    made, source = service.export_plan(CITY_CODE), city_file()
    for section in source["sections"]:
        for task in section["tasks"]:
            if task.get("title_is_ours") is False:  # the same as not saying it
                del task["title_is_ours"]
    assert made == source
    with transaction():
        assert service.import_plan(made, file=f"{CITY_CODE}.json").unchanged
    assert service.export_plan(CITY_CODE) == made


def test_a_corrected_file_updates_texts_and_adds_tasks(app: Flask) -> None:
    import_file()
    kept = task_id("A1-1")
    data = city_file()
    data["overall_goal"] = "新的总体目标。"
    data["sections"][0]["tasks"][0]["text"] = "改过的任务。"
    data["sections"][0]["tasks"][0]["responsible_units"] = ["市科协", "市教育局"]
    data["sections"][0]["tasks"].append(task_part("A1-4", responsible_units=["市科协"]))
    with transaction():
        result = service.import_plan(data, file=f"{CITY_CODE}.json")
    assert not result.created
    assert {"texts", "A1-1", "A1-4"} <= set(result.changed)
    task = queries.get_task("A1-1", CITY_CODE)
    assert (task.id, task.text) == (kept, "改过的任务。")
    assert [unit.name for unit in task.units] == ["市科协", "市教育局"]
    assert count(PlanTask) == 39
    with transaction():
        assert service.import_plan(data, file=f"{CITY_CODE}.json").unchanged


def test_a_task_nothing_refers_to_goes_with_its_line(app: Flask) -> None:
    import_file(small_file(), code="small")
    data = small_file()
    del data["sections"][0]["tasks"][1]
    with transaction():
        assert service.import_plan(data, file="small.json").changed == ("A1-2",)
    assert count(PlanTask) == 1


def test_a_task_events_serve_is_never_deleted(linked_event: str) -> None:
    data = small_file(title="新名称")
    del data["sections"][0]["tasks"][1]
    with pytest.raises(PlanInUse) as refused, transaction():
        service.import_plan(data, file="small.json")
    assert refused.value.params == {"code": "small", "task": "A1-2"}
    assert count(PlanTask) == 2
    assert queries.get_plan("small").title == "示例市科学素质计划"


def test_a_task_may_move_to_another_section(linked_event: str) -> None:
    data, old = small_file(), task_id("A1-2", "small")
    moved = data["sections"][0]["tasks"].pop()
    data["sections"].append(data["sections"][0] | {"id": "A2", "tasks": [moved]})
    data["sections"][0] = data["sections"][0] | {"id": "A3"}
    with transaction():
        service.import_plan(data, file="small.json")
    task = queries.get_task("A1-2", "small")
    assert (task.id, task.section.code) == (old, "A2")
    assert [section.code for section in queries.tree(task.plan_id)] == ["A3", "A2"]


def test_two_plans_stand_side_by_side(app: Flask) -> None:
    import_file()
    import_file(small_file(), code="small")
    assert [plan.code for plan in queries.list_plans()] == ["small", CITY_CODE]
    assert task_id("A1-1") != task_id("A1-1", "small")
    assert count(Organisation) == 27
    assert queries.plan_on(date(2023, 5, 1)) == queries.get_plan(CITY_CODE)
    assert queries.plan_on(date(2025, 12, 31)) == queries.get_plan(CITY_CODE)
    assert queries.plan_on(date(2026, 1, 1)) == queries.get_plan("small")
    assert queries.plan_on(date(2020, 12, 31)) is None


def test_a_broken_file_changes_nothing(app: Flask) -> None:
    import_file()
    before = everything()
    data = city_file()
    data["title"] = "坏文件"
    data["sections"][12]["tasks"][1]["progress_mode"] = "finished"
    with pytest.raises(BadPlanFile), transaction():
        service.import_plan(data, file=f"{CITY_CODE}.json")
    assert everything() == before
    assert queries.get_plan(CITY_CODE).title == city_file()["title"]


def test_a_known_organisation_is_used_by_name(app: Flask) -> None:
    with transaction() as session:
        session.add(Organisation(name="市示例局", kind="school"))
    import_file(small_file(), code="small")
    assert count(Organisation) == 2
    assert db.session.scalar(select(Organisation.kind).where(Organisation.name == "市示例局")) == "school"


def _roll(**changes: Any) -> Plan:
    values = {
        "code": "jiamusi-2026-2030",
        "title": "下一期",
        "starts_on": date(2026, 1, 1),
        "ends_on": date(2030, 12, 31),
        "is_demo": True,
    }
    with transaction():
        return service.roll_over(CITY_CODE, NextPlan(**(values | changes)), by=None)


def test_the_next_plan_from_an_old_one(app: Flask) -> None:
    old = import_file()
    new = _roll()
    assert (new.is_demo, new.predecessor_id) == (True, old.id)
    before, after = queries.tree(old.id), queries.tree(new.id)
    assert [(s.code, s.title, [t.code for t in s.tasks]) for s in after] == [
        (s.code, s.title, [t.code for t in s.tasks]) for s in before
    ]
    assert count(Organisation) == 25
    assert count(TaskUnit) == 2 * 169  # with two inferred ones
    (target,) = queries.list_targets(new.id)
    assert (target.value, target.year) == (None, 2030)
    assert "overall_goal" not in new.texts
    with transaction():
        assert service.import_plan(service.export_plan(new.code), file=f"{new.code}.json").unchanged


def test_a_roll_over_writes_over_nothing(app: Flask) -> None:
    import_file()
    with pytest.raises(PlanExists):
        _roll(code=CITY_CODE)
    with pytest.raises(PlanPeriodReversed):
        _roll(ends_on=date(2025, 1, 1))
    with pytest.raises(NoSuchPlan), transaction():
        service.roll_over("nowhere", NextPlan("x", "x", date(2026, 1, 1), date(2027, 1, 1)), by=None)
    assert count(Plan) == 1


# ------------------------------------------------------------------------------------------------------ commands


def test_the_commands(app: Flask, tmp_path: Path) -> None:
    runner = app.test_cli_runner()
    first = runner.invoke(args=["plan", "import", str(CITY_FILE)])
    assert (first.exit_code, first.output) == (0, f"{CITY_CODE}: created; 13 sections, 38 tasks\n")
    again = runner.invoke(args=["plan", "import", str(CITY_FILE)])
    assert again.output == f"{CITY_CODE}: unchanged\n"
    exported = runner.invoke(args=["plan", "export", CITY_CODE])
    copy = tmp_path / "copy.json"
    copy.write_text(exported.stdout, "utf-8")
    assert runner.invoke(args=["plan", "import", str(copy), "--code", CITY_CODE]).output == again.output
    arguments = ["--code", "next", "--title", "下一期", "--from", "2026-01-01", "--to", "2030-12-31"]
    rolled = runner.invoke(args=["plan", "roll-over", CITY_CODE, *arguments])
    assert rolled.exit_code == 0, rolled.output
    assert json.loads(runner.invoke(args=["plan", "export", "next"]).stdout)["period"] == {
        "start": 2026,
        "end": 2030,
    }


@pytest.mark.parametrize(
    "arguments",
    [
        ["plan", "import", "{folder}/absent.json"],
        ["plan", "import", "{folder}"],
        ["plan", "import", "{folder}/Bad Name.json"],
        ["plan", "import", "{folder}/broken.json"],
        ["plan", "import", "{folder}/gbk.json"],
        ["plan", "export", "nowhere"],
        [
            "plan",
            "roll-over",
            "nowhere",
            "--code",
            "a",
            "--title",
            "a",
            "--from",
            "2026-01-01",
            "--to",
            "2027-01-01",
        ],
    ],
)
def test_a_command_that_cannot_says_why_on_stderr(app: Flask, tmp_path: Path, arguments: list[str]) -> None:
    (tmp_path / "broken.json").write_text('{"title": "x",\n', "utf-8")
    (tmp_path / "gbk.json").write_bytes("计划".encode("gb18030"))
    (tmp_path / "Bad Name.json").write_text(json.dumps(small_file()), "utf-8")
    words = [word.format(folder=tmp_path) for word in arguments]
    result = app.test_cli_runner().invoke(args=words)
    assert result.exit_code == 1
    assert result.stderr.startswith("Error: ")
    assert not result.stdout
    assert "Traceback" not in result.stderr
    assert count(Plan) == 0
