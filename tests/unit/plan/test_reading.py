"""A plan file is read strictly: what is wrong is named with file, place and reason. No database."""

import json
from collections.abc import Callable
from typing import Any

import pytest

from tests.factories.plan import CITY_FILE, city_file, small_file, task_part
from webapp.plan.domain import BadPlanCode, BadPlanFile, check_plan_code
from webapp.plan.service.nodes import parse
from webapp.plan.service.reading import read_plan

Change = Callable[[dict[str, Any]], Any]


def test_the_citys_plan_is_read_whole() -> None:
    draft = read_plan(parse(CITY_FILE.read_bytes(), file="a.json"), file="a.json")
    tasks = [task for section in draft.sections for task in section.tasks]
    assert (len(draft.sections), len(tasks), len(draft.units)) == (13, 38, 25)
    assert sum(len(task.units) for task in tasks) == 167
    assert sum(len(section.leads) for section in draft.sections) == 17
    assert draft.target is not None
    assert str(draft.target.value) == "12.50"


@pytest.mark.parametrize(
    ("raw", "place"),
    [
        (b"", "1:1"),
        (b"{", "1:2"),
        (b'{"title": "a",\n "x": }', "2:7"),
        (b"{'title': 1}", "1:2"),
        ('{\n"title": "计划"}'.encode("gb18030"), "第 2 行"),
        ('{"title": "计划"}'.encode("utf-16"), "第 1 行"),
        (b'{"value": NaN}', "/"),
        (b'{"value": -Infinity}', "/"),
        (b'{"a": 1, "a": 2}', "/"),
        (b"[" * 200_000, "/"),
        (b'{"a": ' + b"9" * 5000 + b"}", "/"),
        (b" " * (5 * 1024 * 1024), "/"),
    ],
)
def test_what_is_no_json_is_refused_with_its_place(raw: bytes, place: str) -> None:
    with pytest.raises(BadPlanFile) as refused:
        parse(raw, file="broken.json")
    assert refused.value.params["file"] == "broken.json"
    assert refused.value.params["place"] == place
    assert str(refused.value).endswith("整个文件没有导入。")


def test_a_byte_order_mark_is_what_windows_editors_write() -> None:
    assert parse(b"\xef\xbb\xbf{}", file="a.json") == {}


def _section(data: dict[str, Any]) -> dict[str, Any]:
    found: dict[str, Any] = data["sections"][0]
    return found


def _task(data: dict[str, Any]) -> dict[str, Any]:
    found: dict[str, Any] = _section(data)["tasks"][0]
    return found


BROKEN: dict[str, tuple[Change, str]] = {
    "no title": (lambda d: d.pop("title"), "/"),
    "empty title": (lambda d: d.update(title="  "), "/title"),
    "title too long": (lambda d: d.update(title="长" * 201), "/title"),
    "title a number": (lambda d: d.update(title=5), "/title"),
    "control character": (lambda d: d.update(title="a\x00b"), "/title"),
    "half a character": (lambda d: d.update(title="a\ud800"), "/title"),
    "unknown field": (lambda d: d.update(subtitle="x"), "/"),
    "no period": (lambda d: d.pop("period"), "/"),
    "period a list": (lambda d: d.update(period=[2021, 2025]), "/period"),
    "period without end": (lambda d: d["period"].pop("end"), "/period"),
    "period reversed": (lambda d: d.update(period={"start": 2030, "end": 2026}), "/period/end"),
    "period of days reversed": (
        lambda d: d.update(period={"start": "2026-02-01", "end": "2026-02-01"}),
        "/period/end",
    ),
    "year a text": (lambda d: d["period"].update(start="二〇二六"), "/period/start"),
    "year true": (lambda d: d["period"].update(start=True), "/period/start"),
    "year absurd": (lambda d: d["period"].update(start=20260), "/period/start"),
    "a century": (lambda d: d["period"].update(start=1990, end=2090), "/period/end"),
    "target a text": (lambda d: d["target"].update(value="12.5"), "/target/value"),
    "target not a number": (lambda d: d["target"].update(value=float("nan")), "/target/value"),
    "target infinite": (lambda d: d["target"].update(value=float("inf")), "/target/value"),
    "target negative": (lambda d: d["target"].update(value=-1), "/target/value"),
    "target above hundred": (lambda d: d["target"].update(value=101), "/target/value"),
    "target without year": (lambda d: d["target"].pop("year"), "/target"),
    "no types": (lambda d: d.update(event_type_vocabulary={}), "/event_type_vocabulary"),
    "types a list": (lambda d: d.update(event_type_vocabulary=["lecture"]), "/event_type_vocabulary"),
    "type with spaces": (
        lambda d: d["event_type_vocabulary"].update({"A b": "x"}),
        "/event_type_vocabulary/A b",
    ),
    "type label empty": (
        lambda d: d["event_type_vocabulary"].update(lecture=""),
        "/event_type_vocabulary/lecture",
    ),
    "units not a list": (lambda d: d.update(units={}), "/units"),
    "unit twice": (lambda d: d["units"].append({"name": "市示例局"}), "/units/2/name"),
    "unit without name": (lambda d: d["units"].append({}), "/units/2"),
    "unit with odd spaces": (lambda d: d["units"].append({"name": " 市局"}), "/units/2/name"),
    "too many units": (lambda d: d.update(units=[{"name": f"u{n}"} for n in range(401)]), "/units"),
    "no sections": (lambda d: d.update(sections=[]), "/sections"),
    "sections without tasks": (lambda d: _section(d).update(tasks=[]), "/sections"),
    "too many sections": (lambda d: d.update(sections=[_section(d)] * 101), "/sections"),
    "section not an object": (lambda d: d["sections"].append("A2"), "/sections/1"),
    "section code twice": (lambda d: d["sections"].append(_section(d)), "/sections/1/id"),
    "section kind unknown": (lambda d: _section(d).update(kind="other"), "/sections/0/kind"),
    "section kind a list": (lambda d: _section(d).update(kind=["action"]), "/sections/0/kind"),
    "lead unknown": (lambda d: _section(d).update(lead_units=["市局"]), "/sections/0/lead_units/0"),
    "lead twice": (lambda d: _section(d).update(lead_units=["市示例局"] * 2), "/sections/0/lead_units/1"),
    "task code twice": (lambda d: _section(d)["tasks"].append(task_part("A1-1")), "/sections/0/tasks/2/id"),
    "task code of a section": (lambda d: _task(d).update(id="A1"), "/sections/0/tasks/0/id"),
    "task code with a slash": (lambda d: _task(d).update(id="A/1"), "/sections/0/tasks/0/id"),
    "task code too long": (lambda d: _task(d).update(id="A" * 11), "/sections/0/tasks/0/id"),
    "task code a number": (lambda d: _task(d).update(id=11), "/sections/0/tasks/0/id"),
    "task without text": (lambda d: _task(d).pop("text"), "/sections/0/tasks/0"),
    "task text too long": (lambda d: _task(d).update(text="长" * 4001), "/sections/0/tasks/0/text"),
    "mode unknown": (lambda d: _task(d).update(progress_mode="done"), "/sections/0/tasks/0/progress_mode"),
    "mode null": (lambda d: _task(d).update(progress_mode=None), "/sections/0/tasks/0/progress_mode"),
    "event type unknown": (
        lambda d: _task(d).update(suggested_event_types=["lecture", "party"]),
        "/sections/0/tasks/0/suggested_event_types/1",
    ),
    "unit unknown": (
        lambda d: _task(d).update(responsible_units=["市示例局", "省局"]),
        "/sections/0/tasks/0/responsible_units/1",
    ),
    "audiences a text": (lambda d: _task(d).update(audiences="公众"), "/sections/0/tasks/0/audiences"),
    "audience an object": (lambda d: _task(d).update(audiences=[{}]), "/sections/0/tasks/0/audiences/0"),
    "date without kind": (lambda d: _task(d).update(dates=[{"text": "五月"}]), "/sections/0/tasks/0/dates/0"),
    "flag a text": (lambda d: _task(d).update(title_is_ours="yes"), "/sections/0/tasks/0/title_is_ours"),
    "intro a number": (lambda d: d.update(part_intros={"action": 1}), "/part_intros/action"),
    "report a text": (lambda d: d.update(report="12-25"), "/report"),
}  # fmt: skip


@pytest.mark.parametrize("name", BROKEN)
def test_a_broken_plan_is_refused_with_its_place(name: str) -> None:
    change, place = BROKEN[name]
    data = small_file()
    change(data)
    with pytest.raises(BadPlanFile) as refused:
        read_plan(data, file="b.json")
    assert refused.value.params["place"] == place
    assert refused.value.params["reason"]


@pytest.mark.parametrize("data", [None, [], 5, "x", True, [[]]])
def test_what_is_no_object_is_refused(data: Any) -> None:
    with pytest.raises(BadPlanFile) as refused:
        read_plan(data, file="b.json")
    assert refused.value.params["place"] == "/"


def test_notes_may_not_nest_without_end() -> None:
    deep: dict[str, Any] = {}
    for _ in range(20):
        deep = {"a": deep}
    with pytest.raises(BadPlanFile):
        read_plan(small_file(report=deep), file="b.json")


def test_every_single_missing_field_of_the_city_plan_is_noticed_or_optional() -> None:
    optional = {"target", "preamble", "guiding_thought", "overall_goal", "part_intros", "report"}
    optional |= {"progress_modes", "counts"}
    for name in city_file():
        data = city_file()
        del data[name]
        if name in optional:
            read_plan(data, file="c.json")
        else:
            with pytest.raises(BadPlanFile) as refused:
                read_plan(data, file="c.json")
            assert refused.value.params["reason"] == f"缺少“{name}”"


@pytest.mark.parametrize("code", ["", "Jiamusi", "a b", "佳木斯", "../x", "a" * 61, "-a"])
def test_plan_codes_stand_in_addresses(code: str) -> None:
    with pytest.raises(BadPlanCode):
        check_plan_code(code)


def test_a_file_survives_json() -> None:
    assert read_plan(json.loads(json.dumps(small_file())), file="d.json") == read_plan(
        small_file(), file="d.json"
    )
