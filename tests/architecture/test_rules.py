"""Transactions, refusals and words."""

import ast
import importlib
import re
from collections.abc import Iterator
from pathlib import Path

from tests.architecture.source import ROOT, WEBAPP, areas, modules, name_of, role, tree
from webapp.core.db import Base
from webapp.core.errors import Refusal

MAY_COMMIT = {"webapp/core/db.py", "webapp/core/direct.py"}
MAY_OPEN = {"views", "jobs", "cli"}
CORE_MAY_OPEN = {
    "webapp/core/again.py",
    "webapp/core/claims.py",
    "webapp/core/commands.py",
    "webapp/core/db.py",
    "webapp/core/deciding.py",  # keeps where a decision led, once it was taken
    "webapp/core/delivery.py",
    "webapp/core/installation.py",
    "webapp/core/jobs.py",
    "webapp/core/listing/taken.py",  # keeps who took a list of people away, once it was made
    "webapp/core/long_tasks.py",
    "webapp/core/serve.py",
}
MAY_ABORT = {"webapp/core/http.py", "webapp/core/auth.py"}
GLOSSARY = ROOT / "docs/glossary.md"


def _calls(path: Path, *names: str) -> Iterator[ast.Call]:
    for node in ast.walk(tree(path)):
        if isinstance(node, ast.Call):
            called = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
            if called in names:
                yield node


def test_only_the_core_commits() -> None:
    for path in modules():
        if name_of(path) not in MAY_COMMIT:
            found = [node.lineno for node in _calls(path, "commit", "begin", "begin_nested")]
            assert not found, f"{name_of(path)} ends a transaction itself in line {found}"


def test_only_the_edge_opens_a_transaction() -> None:
    for path in modules():
        if name_of(path) in CORE_MAY_OPEN or (
            role(path) in MAY_OPEN and name_of(path).split("/")[1] in areas()
        ):
            continue
        found = [node.lineno for node in _calls(path, "transaction", "in_transaction", "attempt")]
        assert not found, f"{name_of(path)} opens a transaction in line {found}: only views, jobs and cli may"


def test_only_views_and_the_core_abort() -> None:
    for path in modules():
        if role(path) != "views" and name_of(path) not in MAY_ABORT:
            assert not list(_calls(path, "abort")), name_of(path)


def test_time_comes_from_the_clock() -> None:
    wrong = re.compile(r"\b(datetime\.(now|utcnow|today)|date\.today|time\.time)\(")
    for path in modules():
        if name_of(path) != "webapp/core/clock.py":
            found = wrong.findall(path.read_text())
            assert not found, f"{name_of(path)} asks the machine for the time: use core.clock"


def test_each_refusal_has_a_sentence_and_a_code_of_its_own() -> None:
    for area in areas():
        for name in ("domain", "service", "forms"):
            if (WEBAPP / area / f"{name}.py").exists() or (WEBAPP / area / name).is_dir():
                importlib.import_module(f"webapp.{area}.{name}")
    for refusal in _below(Refusal):
        if refusal.__module__.startswith("webapp."):
            assert re.search(r"[\u3400-\u9fff]", str(refusal.sentence)), f"{refusal} has no Chinese sentence"
            assert re.fullmatch(r"[a-z][a-z0-9_]*", refusal.code), f"{refusal} has no code for programs"


def _below(kind: type[Refusal]) -> Iterator[type[Refusal]]:
    for one in kind.__subclasses__():
        yield one
        yield from _below(one)


def test_every_table_is_in_the_glossary() -> None:
    for path in modules():
        if role(path) == "models" or name_of(path).startswith("webapp/core/"):
            importlib.import_module(
                name_of(path).removesuffix(".py").replace("/", ".").removesuffix(".__init__")
            )
    text = GLOSSARY.read_text()
    missing = [
        m.class_.__name__ for m in Base.registry.mappers if not re.search(rf"\b{m.class_.__name__}\b", text)
    ]
    assert not missing, f"docs/glossary.md says nothing of {sorted(missing)}"


# The scanner's library bundles bring their own; everything of ours asks core.spelling (docs/decisions/0026).
_OWN_SPELLING = re.compile(
    r"\bunicodedata\b|def _?normal(ise)?_(name|phone|email)\b|\.normalize\(|\\u200b|\\ufeff"
)
_MAY_SPELL = {
    "webapp/core/spelling.py",
    "webapp/core/pinyin.py",
}  # the second takes letters apart to read them
_NAMED_DOORS = {
    "webapp/core/forms.py": {"def normal_phone"},
    "webapp/people/domain/__init__.py": {"def normal_name"},
    # The mark with which a file begins, or which separates nothing in it, is no spelling of anybody's.
    "webapp/core/tables/opening.py": {"\\ufeff"},
    "webapp/core/tables/pages.py": {"\\ufeff"},
    "webapp/core/tables/text.py": {"\\ufeff"},
    "webapp/events/domain/calendar_lines.py": {"\\ufeff"},
}


def test_only_one_module_normalises_what_people_type() -> None:
    for path in modules():
        if name_of(path) not in _MAY_SPELL:
            found = {match.group() for match in _OWN_SPELLING.finditer(path.read_text())}
            left = found - _NAMED_DOORS.get(name_of(path), set())
            assert not left, f"{name_of(path)} has a spelling of its own ({left}): use core.spelling"


def test_every_kind_of_message_is_declared_in_a_domain_and_told_by_a_service() -> None:
    """Until when it is of use and whether it rings at night is the kind's; nothing is queued without one."""
    declared = {
        (path, target.id)
        for path in modules()
        for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, ast.Assign) and ast.unparse(node.value).startswith("declare(")
        for target in node.targets
        if isinstance(target, ast.Name)
    }
    assert len(declared) > 30
    for path, name in sorted(declared):
        assert role(path) == "domain", path
        others = [one for one in modules() if one != path and re.search(rf"\b{name}\b", one.read_text())]
        own = len(re.findall(rf"\b{name}\b", path.read_text()))
        assert others or own > 1, f"nobody tells {name}"
