"""Routes that decide: what their forms showed goes along with them, and is looked at before anything is decided.

`@decides(Certificate)` under the access rule of a view does all of it: forms to its address carry the mark of the row
(core/seen.py), the first transaction of a POST begins with looking at it, and the same form sent again by the same
person is answered quietly with where the first one led.
"""

import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import wraps
from typing import Any, TypeVar, cast
from urllib.parse import urlsplit

from flask import current_app, flash, g, make_response, redirect, request
from flask.globals import request_ctx
from flask_babel import gettext as _
from markupsafe import Markup
from werkzeug.exceptions import HTTPException

from webapp.core import auth, idempotency, made_once, seen
from webapp.core.db import after_commit, is_id, new_id, session, transaction
from webapp.core.entered import came_from
from webapp.core.errors import NotFound, Refusal
from webapp.core.idempotency import Attempt
from webapp.core.looking import only_looks
from webapp.core.made_once import FIELD, ONCE, digest_of

View = TypeVar("View", bound=Callable[..., Any])
Rows = Callable[..., Any]  # of the view's arguments: the row, rows, or None


@dataclass(frozen=True)
class Decision:
    """What a route decides about."""

    rows: Rows
    chosen: Callable[[], Iterable[str]] | None = None  # ids of those of a list it is about
    model: type[Any] | None = None


class _Repeated(Exception):
    """The same form was taken before, from the same person; where it led."""

    def __init__(self, location: str | None) -> None:
        super().__init__()
        self.location = location


def decides(about: Any, *, chosen: Callable[[], Iterable[str]] | None = None) -> Callable[[View], View]:
    """The view decides about the row its one argument names, or the rows `about(**arguments)` gives.

    With `chosen` the page shows many, each with its own mark (seen_lines); those whose ids it gives are looked at.
    """
    rows = _named(about) if isinstance(about, type) else about
    decision = Decision(rows, chosen, about if isinstance(about, type) else None)

    def decorate(view: View) -> View:
        @wraps(view)
        def deciding(*args: Any, **kwargs: Any) -> Any:
            if request.method in auth.SAFE or not (marks := _sent(decision)):
                return view(*args, **kwargs)
            g.marks_sent = marks
            if only_looks():
                return view(*args, **kwargs)
            return _decide(lambda: view(*args, **kwargs), marks)

        deciding.__decides__ = decision  # type: ignore[attr-defined]
        return cast("View", deciding)

    return decorate


def makes(view: View) -> View:
    """The view makes something new, and a form of it makes it once: sent again, it is answered quietly.

    Its forms carry a number of their own; forms without one (a program's) are judged by the rules of the use case. A
    long form whose draft is kept makes one thing, whatever it says meanwhile (core/made_once.py); short ones are there
    to add one thing after another.
    """

    @wraps(view)
    def making(*args: Any, **kwargs: Any) -> Any:
        is_form = request.method not in auth.SAFE and is_id(request.form.get(ONCE, ""))
        if not is_form or only_looks():
            return view(*args, **kwargs)
        return _decide(lambda: view(*args, **kwargs), [])

    making.__makes__ = True  # type: ignore[attr-defined]
    return cast("View", making)


def _named(model: type[Any]) -> Rows:
    def rows(**arguments: str) -> Any:
        return session().get(model, next(iter(arguments.values())))

    return rows


def _sent(decision: Decision) -> list[seen.Mark]:
    """What the form says was seen."""
    marks = seen.marks_in(request.form.getlist(FIELD))
    if decision.chosen is None:
        return marks
    chosen = set(decision.chosen())
    return [one for one in marks if one.row_id in chosen]


def _decide(view: Callable[[], Any], marks: list[seen.Mark]) -> Any:
    attempt = _attempt(marks)
    session().info["first"] = lambda: _look(marks, attempt)
    try:
        answer = make_response(view())
        if "first" in session().info and 300 <= answer.status_code < 400 and not _done_before(marks, attempt):
            seen.check(marks, by=_person_id())  # the view saw by itself that nothing is left to decide: why?
    except NotFound:  # what the page showed may have ended: that is said, with who and when
        if (before := _done_before(marks, attempt)) is not None:
            return _quietly(before.get("to"))
        if "first" in session().info:
            seen.check(marks, by=_person_id())
        raise
    except _Repeated as again:
        return _quietly(again.location or _said_soon(attempt))
    finally:
        session().info.pop("first", None)
    if g.pop("decided", None) == attempt:
        with transaction():
            _remember(marks, attempt, answer.location)
    return answer


def _said_soon(attempt: Attempt) -> str | None:
    """Where it led, which whoever was a moment faster says once it was taken; its process may have died: a second."""
    for _try in range(10):
        session().rollback()  # see what was kept meanwhile
        if (kept := idempotency.stored_answer(attempt)) is not None and kept[1] is not None:
            return str(kept[1]["to"]) if kept[1].get("to") else None
        time.sleep(0.1)
    return None


def _quietly(location: str | None) -> Any:
    flash(_("这一步刚才已经办好了，没有重复办。"), "info")
    can_be_read = request.url_rule is not None and "GET" in (request.url_rule.methods or set())
    return redirect(location or (request.path if can_be_read else came_from()) or "/", 303)


def _done_before(marks: list[seen.Mark], attempt: Attempt) -> dict[str, Any] | None:
    """Where the same decision of this person led, from this page or from another; None where there was none."""
    for one in (attempt, _attempt(marks, of_any_page=True)):
        if (before := idempotency.stored_answer(one)) is not None:
            return before[1] or {}
    return None


def _remember(marks: list[seen.Mark], attempt: Attempt, location: str | None) -> None:
    """Where it led, for the same page sent again; and how it left the rows, for the same decision from another page."""
    idempotency.store_answer(attempt, 303, {"to": location})
    made_once.remember(_person_id(), location)
    same = _attempt(marks, of_any_page=True)
    idempotency.claim(same)
    idempotency.store_answer(same, 303, {"to": location, "left": seen.now_of(marks)})


def _look(marks: list[seen.Mark], attempt: Attempt) -> None:
    """First of all in the transaction that decides."""
    if (before := idempotency.claim(attempt)) is not None:
        raise _Repeated((before[1] or {}).get("to"))
    if location := made_once.before(_person_id()):
        raise _Repeated(location)
    seen.hold(marks)
    try:
        seen.check(marks, by=_person_id())
    except seen.DecidedMeanwhile as refusal:
        before = idempotency.stored_answer(_attempt(marks, of_any_page=True)) if refusal.is_own else None
        # The same decision of the same person, from another page, and all is as it left it.
        if before and before[1]["left"] == seen.now_of(marks):
            raise _Repeated(before[1]["to"]) from None
        raise
    after_commit("decided", lambda: setattr(g, "decided", attempt))


def look_at_what_was_seen() -> None:
    """The same for a program, which says in `?seen=` what it saw; at the beginning of its transaction."""
    marks = seen.marks_in(request.args.getlist("seen"))
    seen.hold(marks)
    seen.check(marks, by=_person_id())


def _person_id() -> str | None:
    person = auth.current_person()
    return person.id if person else None


def _attempt(marks: Iterable[seen.Mark], *, of_any_page: bool = False) -> Attempt:
    """The same page with the same entries from the same person is the same decision; so is any that showed the same."""
    digest = digest_of([one.what if of_any_page else str(one) for one in marks])
    return Attempt(_person_id() or "guest", digest, digest)


# --- forms --------------------------------------------------------------------------------------------------------


def seen_field(*rows: Any) -> Markup:
    """The hidden fields that carry how these rows look now."""
    field = Markup('<input type="hidden" name="%s" value="%s">')
    marks = [row if isinstance(row, seen.Mark) else seen.mark_of(row) for row in rows]
    return Markup("").join(field % (FIELD, mark) for mark in marks)


def seen_fields(action: str) -> Markup:
    """Those of a form to this address, where it decides about something; each form of a page asks."""
    kept: dict[str, Markup] = g.setdefault("seen_fields", {})
    if action not in kept and (sent := g.get("marks_sent")) and "first" in session().info:
        # Nothing was tried yet (a preview, a field to mend): what was entered still speaks of the page of before.
        kept[action] = seen_field(*sent) if urlsplit(action).path == request.path else Markup("")
    if not kept.get(action):
        decision, arguments = decision_at(action)
        kept[action] = seen_field(*_rows(decision, arguments)) if decision else Markup("")
    return kept[action]


def seen_lines(action: str, ids: Iterable[str]) -> Markup:
    """Those of a form that shows many and decides about some of them: one mark for each, in one question."""
    decision, _arguments = decision_at(action)
    if decision is None or decision.model is None:
        return Markup("")
    return seen_field(*seen.rows_of(decision.model, ids).values())


def seen_at_once(asked: Iterable[tuple[str, str]]) -> dict[tuple[str, str], Markup]:
    """Those of many forms of one page, by address and the id of the one chosen ("" where the address names it): one
    question for each table.
    """
    wanted: dict[type[Any], dict[tuple[str, str], str]] = {}
    for action, chosen in asked:
        decision, arguments = decision_at(action)
        if decision is not None and decision.model is not None:
            row_id = chosen or str(next(iter(arguments.values())))
            wanted.setdefault(decision.model, {})[action, chosen] = row_id
    fields: dict[tuple[str, str], Markup] = {}
    for model, ids in wanted.items():
        rows = seen.rows_of(model, ids.values())
        fields |= {form: seen_field(rows[one]) for form, one in ids.items() if one in rows}
    return fields


def once_field(action: str) -> Markup:
    """The number of a form to this address, where it makes something."""
    view, _arguments = view_at(action)
    if not hasattr(view, "__makes__"):
        return Markup("")
    return Markup('<input type="hidden" name="%s" value="%s">') % (ONCE, new_id())


def decision_at(action: str) -> tuple[Decision | None, dict[str, Any]]:
    """What a POST to this address decides about, and the address's arguments."""
    view, arguments = view_at(action)
    return getattr(view, "__decides__", None), arguments


def view_at(action: str) -> tuple[Any, dict[str, Any]]:
    """The view that takes a POST to this address, and the address's arguments."""
    path = urlsplit(action).path.removeprefix(request.script_root)
    try:
        endpoint, arguments = cast("Any", request_ctx.url_adapter).match(path, method="POST")
    except HTTPException:
        return None, {}
    return current_app.view_functions.get(endpoint), dict(arguments)


def _rows(decision: Decision, arguments: dict[str, Any]) -> list[Any]:
    if decision.chosen is not None:
        return []  # each line of the page carries its own
    try:
        found = decision.rows(**arguments)
    except (Refusal, NotFound):
        return []
    several = found if isinstance(found, (list, tuple)) else [found]
    return [one for one in several if one is not None]
