"""A form with errors stays when its reader chooses another view or language: what was sent is shown again, not done.

Such a page is the answer to a POST, so there is no address to come back to. Its aids carry what was entered along; the
choice is kept in a cookie, and the browser sends the same form to the same address once more (307), with a field that
says that nobody pressed its button: forms are then never good, and no transaction begins before one has been looked at.
"""

from typing import Any
from urllib.parse import parse_qsl

from flask import Flask, g, redirect, request, url_for
from werkzeug.datastructures import ImmutableMultiDict
from werkzeug.wrappers import Response

from webapp.core.db import session

FIELD = "only_look"
DRAFT = "draft"  # what it says where a draft is gone on with (core/drafting.py): nothing is called wrong yet
PACKED = "as_entered"  # what was entered, as a query string: the aids have no fields of the same names as the page's
CHOICES = {"to_view", "to_language"}  # what the buttons of the aids are called there


class _OnlyLooking(Exception):
    """A view would have done something; nobody asked for it."""


def only_looks() -> bool:
    """Whether this form was sent to be shown again."""
    return request.method == "POST" and FIELD in request.form


def goes_on() -> bool:
    """Whether what was sent is a draft, which is not judged."""
    return only_looks() and request.form.get(FIELD) == DRAFT


def look_again(target: str) -> Response:
    """To the form of that address, which the browser sends as it was."""
    return redirect(target, 307)


def _guard() -> None:
    if only_looks():
        _unpack()
        session().info["first"] = _refuse


def _unpack() -> None:
    own = [(name, value) for name, value in request.form.items(multi=True) if name != PACKED]
    carried = parse_qsl(request.form.get(PACKED, ""), keep_blank_values=True, errors="replace")
    request.form = ImmutableMultiDict([*own, *carried])


def _refuse() -> None:
    if not g.get("form_looked_at"):
        raise _OnlyLooking


def _go_there(_error: _OnlyLooking) -> Any:
    """The address takes no look without doing something: its page, or the first one."""
    can_be_read = request.url_rule is not None and "GET" in (request.url_rule.methods or set())
    return redirect(request.full_path.rstrip("?") if can_be_read else url_for("pages.home"), 303)


def init_looking(app: Flask) -> None:
    """Attach it."""
    app.before_request(_guard)
    app.register_error_handler(_OnlyLooking, _go_there)
