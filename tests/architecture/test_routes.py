"""Every address has one declared access rule, and lies in the blueprint of its area."""

import inspect
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from werkzeug.routing import Rule

from tests.architecture.source import areas
from tests.conftest import settings_for
from webapp import create_app
from webapp.core.auth import Access

FRAMEWORK = {"static"}  # files anyone may fetch


@pytest.fixture(scope="module")
def assembled(tmp_path_factory: pytest.TempPathFactory) -> Flask:
    """The application; its database is never opened."""
    folder = tmp_path_factory.mktemp("routes")
    return create_app(settings_for(f"sqlite:///{folder / 'unused.sqlite3'}", folder))


def _rules(app: Flask) -> Iterator[Rule]:
    for rule in app.url_map.iter_rules():
        if rule.endpoint.split(".")[-1] not in FRAMEWORK:
            yield rule


def _declared(view: Any) -> list[Access]:
    """The different rules on a view and on what its decorators wrap.

    functools.wraps copies the mark outwards: the same object seen again is the same declaration.
    """
    found: list[Access] = []
    while view is not None:
        own = getattr(view, "__dict__", {}).get("__access__")
        if own is not None and not any(own is known for known in found):
            found.append(own)
        view = getattr(view, "__wrapped__", None)
    return found


def test_every_route_declares_exactly_one_access_rule(assembled: Flask) -> None:
    for rule in _rules(assembled):
        found = _declared(assembled.view_functions[rule.endpoint])
        assert len(found) == 1, f"{rule.rule} ({rule.endpoint}) declares {len(found)} access rules: {found}"


def test_writing_routes_do_not_answer_to_get(assembled: Flask) -> None:
    """A view that handles GET and POST shows a form with one and takes it with the other; nothing else mixes."""
    for rule in _rules(assembled):
        methods = (rule.methods or set()) - {"HEAD", "OPTIONS"}
        assert methods <= {"GET"} or "GET" not in methods or methods == {"GET", "POST"}, (
            f"{rule.rule}: {methods}"
        )


def test_an_endpoint_is_named_after_its_area_and_function(assembled: Flask) -> None:
    for rule in _rules(assembled):
        area = rule.endpoint.split(".")[0]
        assert area in areas(), f"{rule.endpoint} belongs to no area"
        view = inspect.unwrap(assembled.view_functions[rule.endpoint])
        assert view.__module__.startswith(f"webapp.{area}.views"), (
            f"{rule.endpoint} lives in {view.__module__}"
        )


def test_the_views_file_is_where_the_blueprint_is(assembled: Flask) -> None:
    for name, blueprint in assembled.blueprints.items():
        assert blueprint.import_name.startswith(f"webapp.{name.split('.')[0]}.views"), name
        assert Path(blueprint.root_path).exists()
