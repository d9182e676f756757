"""A row of any table with everything it needs, made from the schema alone: for tests that walk every table."""

import itertools
from datetime import date, timedelta
from typing import Any

from sqlalchemy import JSON, Boolean, Column, Date, DateTime, Numeric, String, Table, Text, insert

from webapp.core import clock
from webapp.core.db import Base, new_id, session

_numbers = itertools.count(1)
# What a CHECK constraint or a vocabulary asks for.
_GIVEN: dict[str, dict[str, Any]] = {
    "device": {"kind": "browser"},
    "event": {"status": "draft"},
    "hours_rule": {"version": lambda: 1000 + next(_numbers)},
    "ledger_entry": {"reach": 0},
    "plan": {"ends_on": date(2030, 12, 31)},
    "position": {"kind": "volunteer", "capacity": 5, "taken": 0},
    "position_requirement": {"skill_id": lambda: make_row("skill")},
    "question": {"kind": "text"},
    "service_record": {"minutes": 60, "added_minutes": 0, "source": "scan", "status": "final"},
    "signup": {"status": "confirmed", "source": "staff"},
}


def make_row(table_name: str, **given: Any) -> Any:
    """Insert one row of this table, its parents before it; returns its key (a tuple where there are several)."""
    table = Base.metadata.tables[table_name]
    values = {
        name: value() if callable(value) else value for name, value in _GIVEN.get(table_name, {}).items()
    }
    values |= given
    for column in table.columns:
        if column.name not in values and (column.primary_key or not column.nullable):
            values[column.name] = _value(table, column)
    session().execute(insert(table).values(values))
    keys = tuple(values[column.name] for column in table.primary_key.columns)
    return keys if len(keys) > 1 else keys[0]


def _value(table: Table, column: Column[Any]) -> Any:
    for key in column.foreign_keys:
        return make_row(key.column.table.name)
    kind, number = column.type, next(_numbers)
    if column.primary_key and isinstance(kind, String) and (kind.length or 0) >= 18:
        return new_id()
    if isinstance(kind, Text):
        return "文字"
    if isinstance(kind, String):
        return f"{number:x}"[: kind.length or 20]
    if isinstance(kind, Boolean):
        return False
    if isinstance(kind, JSON):
        return []
    if isinstance(kind, Date):
        return date(2026, 11, 23)
    if isinstance(kind, DateTime) or kind.__class__.__name__ == "UtcDateTime":
        later = column.name in {"ends_at", "out_at", "expires_at"}
        return clock.now() + timedelta(hours=2 if later else 0)
    return 1 if isinstance(kind, Numeric) else number % 1000 + 1
