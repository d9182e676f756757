"""A long form makes one thing, whatever it says meanwhile.

Whoever presses Back, mends what they had written and sends it again means what was made before; so does whoever goes on
with one draft at two phones. The form is known by its draft (core/drafting.py). The same words are answered quietly;
with other words nothing is made and nothing is lost: the form is shown again with the way to what it had made.
"""

import hashlib
from collections.abc import Iterable

from flask import current_app, g, request
from werkzeug.datastructures import FileStorage

from webapp.core import idempotency
from webapp.core.db import is_id
from webapp.core.errors import Conflict, N_
from webapp.core.idempotency import Attempt, KeyReused

FIELD, ONCE = "as_seen", "once"
PAGE, WRITER, BASED = "draft_page", "draft_writer", "draft_based"  # what a form says of its draft
_OURS = frozenset({"csrf_token", FIELD})
_NOT_WRITTEN = _OURS | {ONCE, PAGE, WRITER, BASED, "key"}  # new each time a form is opened


class MadeBefore(Conflict):
    """This very form made something already, and says something else now: sent once more, it makes another."""

    sentence = N_(
        "这张表刚才已经存过一份。现在写的和那时不同，还没有存：要改那一份，请到那里去改；真的要另存一份，就再按一次。"
    )
    code = "made_before"


def before(person_id: str | None) -> str | None:
    """First of all in the transaction that makes something: where the same form led before; raises MadeBefore."""
    if (form := _form_of(person_id)) is None:
        return None
    try:
        found = idempotency.claim(form)
    except KeyReused:
        location = _location(idempotency.answer_to(form.caller, form.key))
        if location is None:  # it only made what the form itself needed, and was shown again
            return None
        g.made_before = True
        raise MadeBefore(extra={"to": location}) from None
    return _location(found[1]) if found else None


def remember(person_id: str | None, location: str | None) -> None:
    """Where it led; nowhere as yet where the form is shown again."""
    if (form := _form_of(person_id)) is not None:
        idempotency.store_answer(form, 303, {"to": location})


def _form_of(person_id: str | None) -> Attempt | None:
    view, page = current_app.view_functions.get(request.endpoint or ""), request.form.get(PAGE, "")
    if person_id is None or not hasattr(view, "__makes__") or not is_id(page):
        return None
    return Attempt(person_id, f"form {page}", digest_of(without=_NOT_WRITTEN))


def _location(body: dict[str, str | None] | None) -> str | None:
    return (body or {}).get("to")


def digest_of(shown: Iterable[str] = (), *, without: frozenset[str] = _OURS) -> str:
    """Of the form that was sent, and of what it showed."""
    given = [f"{name}={value}" for name, value in request.form.items(multi=True) if name not in without]
    files = [f"{name}={file.filename}:{_digest(file)}" for name, file in request.files.items(multi=True)]
    text = "\n".join([request.method, request.path, *shown, *given, *files])
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()


def _digest(file: FileStorage) -> str:
    """Of what is in it: the camera of a phone gives every picture the same name."""
    digest = hashlib.file_digest(file.stream, "sha256").hexdigest()  # type: ignore[arg-type]
    file.stream.seek(0)
    return digest
