"""待办: everything that waits for somebody, and how much it is."""

from collections.abc import Sequence
from dataclasses import dataclass

from flask import render_template, url_for

from webapp.core import todo
from webapp.core.auth import allowed, current_permissions, the_person
from webapp.core.deciding import seen_at_once
from webapp.core.i18n import filled
from webapp.core.listing import listed
from webapp.core.todo import URGENCY_LABELS, Todo
from webapp.core.working import working_for
from webapp.pages.domain.shell import STAFF
from webapp.pages.views import blueprint
from webapp.pages.views.todo_mail import hour_offered


@dataclass(frozen=True)
class Line:
    """One row as it is shown; what is done in the row has an address and the marks of what it shows."""

    todo: Todo
    action: str = ""
    marks: str = ""


def viewer() -> todo.Viewer:
    """Whose 待办 it is: of the organisation they work for just now."""
    return todo.Viewer(the_person().id, current_permissions(), working_for())


def rows_of(found: Sequence[Todo]) -> list[Line]:
    """The rows of one page; a statement for each kind of thing decided in them, however many there are."""
    actions = [url_for(one.press.endpoint, **one.press.where) if one.press else "" for one in found]
    asked = [(action, one.press.decides) for action, one in zip(actions, found, strict=True) if one.press]
    marks = seen_at_once(asked)
    return [
        Line(one, action, marks.get((action, one.press.decides if one.press else ""), ""))
        for action, one in zip(actions, found, strict=True)
    ]


@blueprint.get("/manage/todo")
@allowed(*STAFF)
def list_todo() -> str:
    """Everything that waits for this person, most urgent first, under how much time there is."""
    listing = listed(todo.collect(viewer()), lambda one: filled(one.text, one.values))
    groups = [(URGENCY_LABELS[key], rows_of(some)) for key, some in todo.by_urgency(listing.rows)]
    return render_template("pages/list_todo.html", listing=listing, groups=groups, by_mail=hour_offered())


@blueprint.get("/manage/todo/count.json")
@allowed(*STAFF)
def count_todo() -> dict[str, int]:
    """How much waits, for the mark in the navigation."""
    return {"count": len(todo.collect(viewer()))}
