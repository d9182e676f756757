"""What years and wrong clocks do: every job says what it does, every table what becomes of it."""

import ast
import importlib

from tests.architecture.source import modules, name_of, role, tree
from webapp.core.db import Base
from webapp.pages.domain.keeping import KEPT
from webapp.pages.service import retention

# Jobs that come to the same at whatever time they are done; each new one is thought about here.
HARMLESS = {
    "webapp/attendance/jobs.py:fold_ledger": "adds up rows that are there",
    "webapp/core/jobs.py:measure_tables": "counts",
}
# What such a job may not even mention.
HARMS = {"delete", "remove", "unlink", "queue", "notify", "anonymise", "tell_organisers"}


def _jobs() -> list[tuple[str, ast.FunctionDef, ast.Call]]:
    return [
        (f"{name_of(path)}:{node.name}", node, decorator)
        for path in modules()
        for node in ast.walk(tree(path))
        if isinstance(node, ast.FunctionDef)
        for decorator in node.decorator_list
        if isinstance(decorator, ast.Call) and getattr(decorator.func, "id", "") == "job"
    ]


def test_every_job_says_what_a_wrong_clock_would_make_it_do() -> None:
    assert len(_jobs()) > 10
    for name, node, decorator in _jobs():
        does = {key.arg: ast.unparse(key.value) for key in decorator.keywords}.get("does", "")
        assert does.startswith("Does."), f"{name} does not say what it does: does=Does.…"
        assert (does == "Does.NO_HARM") == (name in HARMLESS), (
            f"{name}: think about it, then say it in HARMLESS"
        )
        if does == "Does.NO_HARM":
            called = {
                ast.unparse(one.func).split(".")[-1] for one in ast.walk(node) if isinstance(one, ast.Call)
            }
            assert not called & HARMS, name


def test_every_table_has_a_rule_for_the_long_run() -> None:
    for path in modules():
        if role(path) == "models" or name_of(path).startswith("webapp/core/"):
            name = name_of(path).removesuffix(".py").replace("/", ".")
            importlib.import_module(name.removesuffix(".__init__"))
    named = [name for kept in KEPT for name in kept.tables]
    assert len(named) == len(set(named)), "a table stands in two lines"
    ours = set(Base.metadata.tables)
    assert not ours - set(named), (
        f"say in pages/domain/keeping.py what becomes of {sorted(ours - set(named))}"
    )
    assert not set(named) - ours, f"no such table: {sorted(set(named) - ours)}"


def test_a_rule_of_days_names_an_option() -> None:
    known = {retention.KEEP_GUESTS.key, retention.KEEP_MESSAGES.key, retention.KEEP_AUDIT.key}
    for kept in KEPT:
        assert ("%(days)s" in kept.rule) == bool(kept.days), kept.what
        assert not kept.days or kept.days in known, kept.what
