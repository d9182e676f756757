"""Where things lie and how long they may be."""

import ast
import re
from pathlib import Path

import pytest

from tests.architecture import exceptions
from tests.architecture.source import (
    ROOT,
    TEMPLATES,
    WEBAPP,
    areas,
    functions,
    length,
    modules,
    name_of,
    role,
    templates,
)

AREA_FILES = {"__init__", "views", "forms", "service", "queries", "models", "domain", "jobs", "cli"}
# Views are split by who opens them; the others by use case, under any name that is not vague.
SPLIT = {
    "views": {"public", "own", "manage", "scan", "operations", "api"},
    "forms": None,
    "service": None,
    "queries": None,
    "domain": None,
}
VAGUE = {"utils", "helpers", "common", "manager", "misc", "events.py"}
ROOT_FILES = {
    ".ci", ".gitignore", ".npmrc", "CHANGELOG.md", "Makefile", "README.md", "docs", "migrations", "package-lock.json",
    "package.json", "pyproject.toml", "requirements.txt", "static", "templates", "tests", "webapp", "wsgi.py",
}  # fmt: skip
ROUTE = re.compile(r"\.(route|get|post|put|patch|delete)\(")
OUTSIDE_AREAS = {"_macros", "errors", "base.html"}

MODULE_LINES, FUNCTION_LINES, VIEW_LINES, TEMPLATE_LINES, ARGUMENTS, BY_PLACE = 300, 40, 25, 150, 6, 2


def test_nothing_else_lies_in_the_root() -> None:
    import subprocess

    tracked = subprocess.run(
        ["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, check=False, text=True
    ).stdout
    found = {name.split("/")[0] for name in tracked.split("\0") if name}
    assert found <= ROOT_FILES


def test_an_area_has_only_the_nine_files() -> None:
    known = {"core", "data", "translations", *areas()}
    assert {path.name for path in WEBAPP.iterdir() if path.is_dir() and path.name != "__pycache__"} == known
    for area in areas():
        for path in modules(WEBAPP / area):
            below = path.relative_to(WEBAPP).as_posix()
            if below in exceptions.EXTRA_FILES:
                continue
            parts = path.relative_to(WEBAPP / area).parts
            assert role(path) in AREA_FILES, f"{below} is not one of the nine files of an area"
            if len(parts) > 1:
                assert parts[0] in SPLIT, (
                    f"{below}: only views, forms, service, queries and domain may be folders"
                )
                allowed = SPLIT[parts[0]]
                free = allowed is None or area in {"api", "pages"}  # theirs are split by what they are about
                assert free or parts[-1].removesuffix(".py") in {"__init__", *(allowed or ())}, below
    for below in exceptions.EXTRA_FILES:
        assert (WEBAPP / below).exists(), f"{below} needs no exception: it is not there"


def test_no_module_has_a_vague_name() -> None:
    assert not [name_of(path) for path in modules() if path.stem in VAGUE]


def test_an_areas_init_is_its_page_and_holds_no_code() -> None:
    for area in areas():
        body = ast.parse((WEBAPP / area / "__init__.py").read_text()).body
        assert len(body) == 1, area
        assert isinstance(body[0], ast.Expr), f"webapp/{area}/__init__.py is a docstring and nothing else"


@pytest.mark.parametrize("path", modules(), ids=name_of)
def test_modules_are_short(path: Path) -> None:
    limit, _ = exceptions.LONG_MODULES.get(name_of(path), (MODULE_LINES, ""))
    lines = len(path.read_text().splitlines())
    assert lines <= limit, f"{name_of(path)} has {lines} lines, {limit} are allowed"


@pytest.mark.parametrize("path", modules(), ids=name_of)
def test_functions_are_short_and_take_few_arguments(path: Path) -> None:
    in_views = role(path) == "views" and path.relative_to(WEBAPP).parts[0] in areas()
    for node in functions(path):
        name = f"{name_of(path)}::{node.name}"
        is_view = in_views and any(ROUTE.search(ast.unparse(one)) for one in node.decorator_list)
        limit, _ = exceptions.LONG_FUNCTIONS.get(name, (VIEW_LINES if is_view else FUNCTION_LINES, ""))
        assert length(node) <= limit, f"{name} has {length(node)} lines, {limit} are allowed"
        if name not in exceptions.MANY_ARGUMENTS:
            _check_arguments(name, node)


def _check_arguments(name: str, node: ast.FunctionDef | ast.AsyncFunctionDef) -> None:
    given = node.args
    by_place = [one.arg for one in given.posonlyargs + given.args if one.arg not in {"self", "cls"}]
    total = len(by_place) + len(given.kwonlyargs)
    assert total <= ARGUMENTS, f"{name} takes {total} arguments, {ARGUMENTS} are allowed"
    if node.name.startswith("_"):
        return  # both ends of the call are on one screen
    extra = [word for word in by_place[BY_PLACE:] if not word.startswith("_")]
    if total > BY_PLACE + 2 or len(extra) > 1:  # a third plain one may stand in a natural order
        assert not extra, f"{name}: name {extra} at the call (put `*` before them)"


@pytest.mark.parametrize("path", templates(), ids=name_of)
def test_templates_are_short(path: Path) -> None:
    limit, _ = exceptions.LONG_TEMPLATES.get(name_of(path), (TEMPLATE_LINES, ""))
    lines = len(path.read_text().splitlines())
    assert lines <= limit, f"{name_of(path)} has {lines} lines, {limit} are allowed"


def test_a_template_lies_in_its_areas_folder_and_is_used() -> None:
    code = "\n".join(path.read_text() for path in [*modules(), *templates()])
    for path in templates():
        below = path.relative_to(TEMPLATES).as_posix()
        first = below.split("/")[0]
        assert first in OUTSIDE_AREAS or first in areas(), f"templates/{below} belongs to no area"
        if first == "errors" or below in exceptions.UNNAMED_TEMPLATES:
            continue  # chosen by status, in core/http.py
        stem = below.removesuffix(path.suffix)
        used = below in code or f'"{stem}"' in code
        assert used, f"nothing uses templates/{below}"


def test_an_area_renders_its_own_templates() -> None:
    for area in areas():
        for path in modules(WEBAPP / area):
            for node in ast.walk(ast.parse(path.read_text())):
                if (
                    not isinstance(node, ast.Call)
                    or "render_template" not in ast.unparse(node.func)
                    or not node.args
                ):
                    continue
                first = node.args[0]
                if isinstance(first, ast.Constant):
                    assert str(first.value).split("/")[0] == area, f"{name_of(path)} renders {first.value!r}"


def test_every_exception_gives_its_reason_and_is_needed() -> None:
    for path, (_, reason) in {**exceptions.LONG_MODULES, **exceptions.LONG_TEMPLATES}.items():
        assert len(reason) > 20, path
        assert len((ROOT / path).read_text().splitlines()) > min(MODULE_LINES, TEMPLATE_LINES), (
            f"{path}: not needed"
        )
    for name, (_, reason) in exceptions.LONG_FUNCTIONS.items():
        path, function = name.split("::")
        assert len(reason) > 20, name
        assert any(node.name == function and length(node) > VIEW_LINES for node in functions(ROOT / path)), (
            name
        )
    for name, reason in exceptions.MANY_ARGUMENTS.items():
        path, function = name.split("::")
        assert len(reason) > 20, name
        assert any(node.name == function for node in functions(ROOT / path)), name
