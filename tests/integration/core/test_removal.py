"""What goes, goes whole: every foreign key of the schema says what becomes of the child when its parent is deleted."""

import ast
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import Column, ForeignKey, Table, select

from tests.architecture.source import WEBAPP, modules, name_of, tree
from tests.support.rows import make_row
from tests.support.time import TestClock
from webapp.core import removal
from webapp.core.db import Base, session, transaction
from webapp.core.removal import StillHeld, keys_into, rule_of
from webapp.events.models import Event, EventSession, Position
from webapp.plan.models import PlanSection, PlanTask
from webapp.signups.models import Notice

Key = tuple[Column[Any], ForeignKey]
# What use cases delete by `removal.remove`; what goes along is found by the declarations.
REMOVED = (Event, EventSession, Position, PlanSection, PlanTask, Notice)
# Parents whose rows no use case deletes.
STAYS = {
    "cancellation": "undone, never deleted",
    "commendation_list": "closed, never deleted",
    "course": "closed, never deleted",
    "course_signup": "cancelled, never deleted",
    "device": "revoked, never deleted: scans name it",
    "district": "figures refer to its code",
    "event_type": "the plan's vocabulary",
    "head_count": "annulled, never deleted",
    "hours_rule": "old hours stand under old rules",
    "organisation": "closed, never deleted",
    "person": "made nameless, never deleted: figures counted them",
    "plan": "the next one stands beside it",
    "resource": "closed, never deleted",
    "scan_chain": "what a phone handed in stays",
    "service_record": "void, never deleted",
    "signup": "cancelled, never deleted",
    "skill": "closed, never deleted",
    "target": "stays with its plan",
    "team": "closed, never deleted",
    "venue": "closed, never deleted",
}


def _closure() -> list[Table]:
    """Every table whose rows are deleted: by a use case, or along with their parents."""
    found: list[Any] = [model.__table__ for model in REMOVED]
    for table in found:
        found += [
            column.table
            for column, key in keys_into(table)
            if rule_of(key) == "goes"
            and column.table not in found
            and len(column.table.primary_key.columns) == 1
        ]
    return found


def _keys() -> list[Key]:
    return [pair for table in _closure() for pair in keys_into(table)]


def _name(pair: Any) -> str:
    return f"{pair[0]}→{pair[1].column.table.name}"


def test_every_foreign_key_has_a_decision() -> None:
    deleted = {table.name for table in _closure()}
    for table in Base.metadata.sorted_tables:
        for column in table.columns:
            for key in column.foreign_keys:
                parent = key.column.table.name
                if parent in deleted:
                    assert rule_of(key) is not None, (
                        f"{column} → {parent}: say beside the key what becomes of it"
                    )
                else:
                    assert parent in STAYS, f"{column} → {parent}: can the parent be deleted?"
    assert not deleted & STAYS.keys()
    assert set(STAYS) <= set(Base.metadata.tables)


def test_only_one_way_deletes_what_others_point_at() -> None:
    """`delete(Model)` elsewhere would leave children, or end with a 500."""
    classes = {one.class_.__name__: one.local_table for one in Base.registry.mappers}
    for path in modules():
        if name_of(path) == "webapp/core/removal.py":
            continue
        for node in ast.walk(tree(path)):
            if isinstance(node, ast.Call) and getattr(node.func, "id", "") == "delete" and node.args:
                table: Any = classes.get(getattr(node.args[0], "id", ""))
                assert table is None or not keys_into(table), (
                    f"{name_of(path)}: {table.name} by removal.remove"
                )
    assert WEBAPP.exists()


@pytest.mark.parametrize("pair", _keys(), ids=_name)
def test_what_happens_to_the_child_when_the_parent_goes(app: Flask, clock: TestClock, pair: Key) -> None:
    column, key = pair
    parent_table, child_table = key.column.table, column.table
    model = next(one.class_ for one in Base.registry.mappers if one.local_table is parent_table)
    with transaction():
        parent = make_row(parent_table.name)
        child = make_row(child_table.name, **{column.name: parent})
    keys = child if isinstance(child, tuple) else (child,)
    same = [one == value for one, value in zip(child_table.primary_key.columns, keys, strict=True)]
    wanted = select(column).where(*same)
    if rule_of(key) == "holds":
        with pytest.raises(StillHeld) as refused, transaction():
            removal.remove(model, [parent])
        assert "不能删除" in str(refused.value) and "别的记录" not in str(refused.value)
        assert session().scalar(wanted) == parent
        return
    with transaction():
        removal.remove(model, [parent])
    found = session().execute(wanted).all()
    assert found == ([] if rule_of(key) == "goes" else [(None,)])
    assert session().execute(select(key.column).where(key.column == parent)).first() is None
