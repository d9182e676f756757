"""待办: what is due first comes first, what has no date last, and nothing twice."""

from datetime import UTC, datetime

from webapp.core import todo
from webapp.core.errors import N_

DAY = datetime(2026, 12, 1, tzinfo=UTC)


def _one(text: str, due: datetime | None = None) -> todo.Todo:
    return todo.Todo(N_(text), N_("去看"), "pages.manage_home", due=due)


def test_most_urgent_first(monkeypatch):
    monkeypatch.setattr(todo, "_sources", [])
    todo.connect(
        lambda _viewer: [_one("一"), _one("二", DAY)], lambda _viewer: [_one("三", DAY.replace(year=2025))]
    )
    found = todo.collect(todo.Viewer("p", frozenset()))
    assert [one.text for one in found] == ["三", "二", "一"]


def test_a_source_is_asked_once_however_often_it_is_named(monkeypatch):
    monkeypatch.setattr(todo, "_sources", [])

    def source(_viewer: todo.Viewer) -> list[todo.Todo]:
        return [_one("一")]

    todo.connect(source)
    todo.connect(source)
    assert len(todo.collect(todo.Viewer("p", frozenset()))) == 1
