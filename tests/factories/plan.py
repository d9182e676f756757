"""Plan files, small and whole, and the plans made of them."""

import copy
import json
from pathlib import Path
from typing import Any

from webapp.core.db import transaction
from webapp.plan import service
from webapp.plan.models import Plan

CITY_FILE = Path(__file__).parents[2] / "webapp/data/jiamusi-2021-2025.json"
CITY_CODE = "jiamusi-2021-2025"


def city_file() -> dict[str, Any]:
    """The first city's plan as its file says it."""
    found: dict[str, Any] = json.loads(CITY_FILE.read_text("utf-8"))
    return found


def task_part(code: str, **changes: Any) -> dict[str, Any]:
    """One task of a plan file."""
    return {
        "id": code,
        "title": f"示例任务 {code}",
        "text": "开展科普讲座。",
        "responsible_units": ["市示例局"],
        "suggested_event_types": ["lecture"],
        "audiences": ["公众"],
        "dates": [],
        "progress_mode": "event",
    } | changes


def small_file(**changes: Any) -> dict[str, Any]:
    """Another city's plan: one section, two tasks, two units of its own."""
    whole = {
        "title": "示例市科学素质计划",
        "period": {"start": 2026, "end": 2030},
        "target": {"value": 15, "year": 2030, "unit": "%", "text": "达到15%"},
        "event_type_vocabulary": {"lecture": "科普讲座"},
        "sections": [
            {
                "id": "A1",
                "kind": "action",
                "number": "一",
                "title": "示例行动",
                "goal_text": "",
                "lead_units": ["示例市科协"],
                "tasks": [task_part("A1-1"), task_part("A1-2")],
            }
        ],
        "units": [{"name": "示例市科协"}, {"name": "市示例局"}],
    }
    return copy.deepcopy(whole | changes)


def import_file(data: dict[str, Any] | None = None, *, code: str = CITY_CODE) -> Plan:
    """The plan of a file, in a transaction of its own; the first city's by default."""
    with transaction():
        return service.import_plan(data or city_file(), file=f"{code}.json").plan
