"""The whole database as it is, to compare what an act and its undo leave behind."""

from typing import Any

from sqlalchemy import select

from webapp.core.db import Base, session

Dump = dict[str, dict[Any, dict[str, Any]]]
MOVES = {"revision", "sequence"}  # go up with every change
# What is said once and stays said, and entries of which only the sum counts (ledger_total is compared).
STAYS = {"audit_entry", "done_act", "ledger_entry", "option", "stored_answer", "table_size"}


def dump() -> Dump:
    """Every row, but for what is said once, times of change, and sums of nothing."""
    session().rollback()
    found: Dump = {}
    for table in Base.metadata.sorted_tables:
        if table.name in STAYS:
            continue
        names = [one.name for one in table.columns if one.onupdate is None and one.name not in MOVES]
        keys = [one.name for one in table.primary_key.columns]
        rows = session().execute(select(*(table.c[name] for name in names))).mappings()
        found[table.name] = {tuple(row[key] for key in keys): dict(row) for row in rows}
    session().rollback()
    found["ledger_total"] = {key: row for key, row in found["ledger_total"].items() if row["quantity"]}
    return found


def differences(before: Dump, after: Dump) -> list[str]:
    """What is not the same, a line each."""
    return [
        f"{name} {key}: {_apart(before[name].get(key), after[name].get(key))}"
        for name in before
        for key in before[name].keys() | after[name].keys()
        if before[name].get(key) != after[name].get(key)
    ]


def _apart(was: dict[str, Any] | None, now: dict[str, Any] | None) -> str:
    if was is None or now is None:
        return f"{was} → {now}"
    return ", ".join(f"{name}: {was[name]!r} → {now[name]!r}" for name in was if was[name] != now[name])
