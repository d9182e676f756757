"""Reading a plan file strictly: everything is looked at before anything is believed."""

import math
import re
from datetime import date
from decimal import Decimal
from typing import Any

from webapp.organisations.domain import NAME_LIMIT
from webapp.plan.domain import (
    CODE_LIMIT,
    LIST_MAX,
    LITERACY,
    SECTION_KIND_LABELS,
    SECTION_TITLE_LIMIT,
    SECTIONS_MAX,
    TASKS_MAX,
    TEXT_LIMIT,
    TITLE_LIMIT,
    UNITS_MAX,
    PlanDraft,
    ProgressMode,
    SectionDraft,
    TargetDraft,
    TaskDraft,
)
from webapp.plan.service.nodes import Node

_CODE = re.compile(r"[0-9A-Za-z\u4e00-\u9fff](?:[0-9A-Za-z\u4e00-\u9fff_-]{0,9})")
_SLUG = re.compile(r"[a-z][a-z0-9_-]{0,39}")


# Derived lists and figures of the file, kept for its readers; the tree itself is what counts.
_UNIT_NOTES = "full_name_unverified lead_sections lead_section_count responsible_tasks responsible_task_count"


def read_plan(data: Any, *, file: str) -> PlanDraft:
    """Everything a plan file says; raises BadPlanFile at the first thing that is wrong."""
    root = Node(data, file)
    parts = root.fields(
        "title period event_type_vocabulary sections units",
        "target preamble guiding_thought overall_goal part_intros report progress_modes counts",
    )
    starts_on, ends_on = _period(parts["period"])
    types = _types(parts["event_type_vocabulary"])
    units = _units(parts["units"])
    return PlanDraft(
        title=parts["title"].text(TITLE_LIMIT),
        starts_on=starts_on,
        ends_on=ends_on,
        target=_target(parts["target"]) if "target" in parts else None,
        texts=_texts(parts),
        types=types,
        units=units,
        sections=_sections(parts["sections"], types, units),
    )


def _period(node: Node) -> tuple[date, date]:
    """Years (whole) or days; the last one is inclusive."""
    parts = node.fields("start end")
    start, end = (_day(parts[name], last=name == "end") for name in ("start", "end"))
    if end <= start:
        parts["end"].refuse("计划的结束不能早于开始")
    if end.year - start.year > 30:
        parts["end"].refuse("计划最长 30 年")
    return start, end


def _day(node: Node, *, last: bool) -> date:
    if isinstance(node.value, str):
        try:
            day = date.fromisoformat(node.value)
        except ValueError:
            node.refuse("日期应当写作 2026-01-01")
        if not 1990 <= day.year <= 2100:
            node.refuse("年份应当在 1990 到 2100 之间")
        return day
    year = node.integer(1990, 2100)
    return date(year, 12, 31) if last else date(year, 1, 1)


def _target(node: Node) -> TargetDraft:
    parts = node.fields("value year unit text", "indicator")
    value, number = parts["value"], None
    if value.value is not None:  # null: still to be set
        if isinstance(value.value, bool) or not isinstance(value.value, int | float):
            value.refuse("这里应当是一个数，或 null（待定）")
        if not (math.isfinite(value.value) and 0 <= value.value <= 1_000_000):
            value.refuse("应当在 0 到 1000000 之间")
        number = Decimal(str(value.value)).quantize(Decimal("0.01"))
        if parts["unit"].value == "%" and number > 100:
            value.refuse("百分比不能超过 100")
    return TargetDraft(
        indicator=parts["indicator"].text(60) if "indicator" in parts else LITERACY,
        value=number,
        unit=parts["unit"].text(10),
        year=parts["year"].integer(1990, 2100),
        text=parts["text"].text(300, empty=True),
    )


def _types(node: Node) -> dict[str, str]:
    if not isinstance(node.value, dict) or not node.value:
        node.refuse("这里应当是“代码: 名称”的对象，至少一项")
    if len(node.value) > TASKS_MAX:
        node.refuse(f"最多 {TASKS_MAX} 种")
    for slug in node.value:
        if not _SLUG.fullmatch(slug):
            node.at(slug).refuse("活动类型的代码只用小写字母、数字、下划线和连字符，最多 40 个字符")
    return {slug: node.at(slug).text(60) for slug in node.value}


def _units(node: Node) -> dict[str, str | None]:
    found: dict[str, str | None] = {}
    for item in node.items(UNITS_MAX):
        parts = item.fields("name", _UNIT_NOTES)
        name = _name(parts["name"])
        if name in found:
            parts["name"].refuse(f"单位“{name}”重复")
        for note in ("lead_sections", "responsible_tasks"):
            if note in parts:
                parts[note].texts(CODE_LIMIT, TASKS_MAX * 10)
        for note in ("lead_section_count", "responsible_task_count"):
            if note in parts:
                parts[note].integer(0, 100_000)
        full = parts.get("full_name_unverified")
        found[name] = None if full is None or full.value is None else _name(full)
    return found


def _name(node: Node) -> str:
    name = node.text(NAME_LIMIT)
    if name != " ".join(name.split()):
        node.refuse("单位名称首尾和中间不能有多余的空白")
    return name


def _sections(node: Node, types: dict[str, str], units: dict[str, str | None]) -> tuple[SectionDraft, ...]:
    sections, seen = [], set[str]()
    for item in node.items(SECTIONS_MAX):
        parts = item.fields("id kind number title goal_text lead_units tasks")
        sections.append(
            SectionDraft(
                code=_fresh(parts["id"], seen),
                kind=parts["kind"].one_of(SECTION_KIND_LABELS),
                number=parts["number"].text(10, empty=True),
                title=parts["title"].text(SECTION_TITLE_LIMIT),
                goal_text=parts["goal_text"].text(TEXT_LIMIT, empty=True),
                leads=_known_units(parts["lead_units"], units),
                tasks=tuple(_task(one, types, units, seen=seen) for one in parts["tasks"].items(TASKS_MAX)),
            )
        )
    if not any(section.tasks for section in sections):
        node.refuse("计划里至少要有一项任务")
    return tuple(sections)


def _task(node: Node, types: dict[str, str], units: dict[str, str | None], *, seen: set[str]) -> TaskDraft:
    parts = node.fields(
        "id title text responsible_units suggested_event_types audiences dates progress_mode",
        "title_is_ours responsible_units_inferred",
    )
    suggested = parts["suggested_event_types"]
    for one in suggested.items(LIST_MAX):
        one.one_of(types)
    inferred = parts.get("responsible_units_inferred")
    return TaskDraft(
        code=_fresh(parts["id"], seen),
        title=parts["title"].text(SECTION_TITLE_LIMIT),
        text=parts["text"].text(TEXT_LIMIT),
        progress_mode=parts["progress_mode"].one_of([mode.value for mode in ProgressMode]),
        units=_known_units(parts["responsible_units"], units),
        inferred=inferred.texts(120) if inferred else (),
        suggested_types=suggested.texts(40),
        audiences=parts["audiences"].texts(20),
        dates=tuple(_date(one) for one in parts["dates"].items(LIST_MAX)),
        title_is_ours=parts["title_is_ours"].flag() if "title_is_ours" in parts else False,
    )


def _date(node: Node) -> dict[str, Any]:
    parts = node.fields("text kind", "rule scope")
    parts["text"].text(120)
    parts["kind"].text(40)
    return {name: part.free() for name, part in parts.items()}


def _fresh(node: Node, seen: set[str]) -> str:
    code = node.matching(_CODE, f"代码用字母、数字、汉字、连字符，最多 {CODE_LIMIT} 个字符")
    if code in seen:
        node.refuse(f"代码“{code}”重复")
    seen.add(code)
    return code


def _known_units(node: Node, units: dict[str, str | None]) -> tuple[str, ...]:
    names = node.texts(NAME_LIMIT, UNITS_MAX)
    for index, name in enumerate(names):
        if name not in units:
            node.at(index).refuse(f"单位“{name}”不在 units 之中")
    return names


def _texts(parts: dict[str, Node]) -> dict[str, Any]:
    """What is shown or handed on as it is. Texts that are absent stay absent."""
    kept: dict[str, Any] = {}
    for name in ("preamble", "guiding_thought", "overall_goal"):
        if name in parts:
            kept[name] = parts[name].text(TEXT_LIMIT, empty=True)
    for name in ("part_intros", "report", "progress_modes", "counts"):
        if name in parts:
            if not isinstance(parts[name].value, dict):
                parts[name].refuse("这里应当是一个对象 {…}")
            kept[name] = parts[name].free()
    for name in kept.get("part_intros", {}):
        parts["part_intros"].at(name).text(TEXT_LIMIT, empty=True)
    return kept
