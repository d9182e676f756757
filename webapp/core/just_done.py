"""Routes whose act can be taken back, and the bar that says so on the pages after it.

`@can_undo(N_("解散了团队“%(name)s”"), Team, says=…)` between the access rule and `@decides` of a view does all of it:
the transaction of a POST is written down (core/undoing.py), and its browser remembers it for a quarter of an hour.
"""

from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, field
from functools import wraps
from typing import Any, TypeVar, cast

import flask
from flask import Flask, Response, g, request

from webapp.core import auth, clock
from webapp.core.db import session
from webapp.core.done import DoneAct, open_acts
from webapp.core.errors import Refusal
from webapp.core.seen import id_of as row_id
from webapp.core.undoing import is_near, undoable

View = TypeVar("View", bound=Callable[..., Any])

_DONE, _NEW = "done", "done_new"
_MOST = 20  # of which a browser knows


@dataclass(frozen=True)
class Undo:
    """How an act of a route is written down. `says` fills the sentence from the row; `right` is the permission and the
    organisation wanted for taking it back; only where `when` says so the request ends anything.
    """

    text: str
    row: Any  # of the view's arguments: the row; or a model, whose id the first argument is
    says: Callable[[Any], Mapping[str, Any]] = field(default=lambda _row: {})
    right: Callable[[Any], tuple[str, str]] | None = None
    when: Callable[[], bool] = field(default=lambda: True)


def who(row: Any) -> dict[str, str]:
    """The name of the row's person, to fill a sentence; only who did the act reads it."""
    return {"who": (auth.loaders.name_of(row.person_id) if auth.loaders.name_of else None) or ""}


def held_at(permission: str) -> Callable[[Any], tuple[str, str]]:
    """The right wanted for taking it back: this permission for the row's organisation."""
    return lambda row: (permission, row.organisation_id)


def can_undo(text: str, row: Any, **more: Any) -> Callable[[View], View]:
    """What the view's POST does can be taken back for a quarter of an hour."""
    undo = Undo(text, row, **more)

    def decorate(view: View) -> View:
        @wraps(view)
        def writing_down(*args: Any, **kwargs: Any) -> Any:
            if request.method in auth.SAFE or not undo.when():
                return view(*args, **kwargs)
            session().info["act"] = lambda: _written_down(undo, kwargs)
            try:
                return view(*args, **kwargs)
            finally:
                session().info.pop("act", None)

        writing_down.__undo__ = undo  # type: ignore[attr-defined]
        return cast("View", writing_down)

    return decorate


def _written_down(undo: Undo, arguments: Mapping[str, Any]) -> AbstractContextManager[Any]:
    row = _row_of(undo, arguments)
    person = auth.current_person()
    if row is None:  # the view will say so
        return cast("AbstractContextManager[Any]", nullcontext())
    looks = getattr(row, "__looks__", None)
    return undoable(
        undo.text,
        undo.says(row),
        by=person.id if person else None,
        about=((looks.audited if looks else "") or row.__tablename__, row_id(row)),
        right=undo.right(row) if undo.right else None,
    )


def _row_of(undo: Undo, arguments: Mapping[str, Any]) -> Any:
    if isinstance(undo.row, type):
        return session().get(undo.row, next(iter(arguments.values())))
    try:
        return undo.row(**arguments)
    except Refusal:
        return None


@dataclass(frozen=True)
class JustDone:
    """What can be taken back, the newest first; `is_new`: the first of it was done on the page before this one."""

    acts: list[DoneAct]
    is_new: bool


def known_acts() -> list[str]:
    """Ids of the acts this browser did and may still take back."""
    now = clock.now().timestamp()
    found = [act_id for act_id, until in flask.session.get(_DONE, ()) if until > now]
    return [*found, g.done_act[0]] if "done_act" in g else found


def just_done(*, everywhere: bool = False) -> JustDone | None:
    """For every page; asks the database only in the quarter of an hour after an act.

    `everywhere`: also what the person did on another machine, or whose answer never came; for the pages one begins on.
    """
    known, person = known_acts(), auth.current_person()
    if not known and not (everywhere and person):
        return None
    acts = open_acts(person.id if person else None, known)
    acts = [one for one in acts if everywhere or one.id in known]
    new = g.done_act[0] if "done_act" in g else flask.session.pop(_NEW, None)
    return JustDone(acts, is_new=acts[0].id == new) if acts else None


def _remember(response: Response) -> Response:
    done = g.pop("done_act", None)
    if done is None or response.status_code >= 400:
        return response
    act_id, until = done
    if auth.access_of(request.endpoint) == "token":  # a program is told where it can be taken back
        response.headers["Undo"] = flask.url_for("api.undo_act", act_id=act_id)
        return response
    now = clock.now().timestamp()
    before = [one for one in flask.session.get(_DONE, ()) if one[1] > now]
    flask.session[_DONE] = [*before, [act_id, int(until.timestamp())]][-_MOST:]
    flask.session[_NEW] = act_id
    return response


def init_just_done(app: Flask) -> None:
    """Attach both ends."""
    app.after_request(_remember)

    @app.context_processor
    def context() -> dict[str, Any]:
        return {"just_done": just_done, "tells_at_once": is_near}
