"""Routes whose forms save a draft by themselves: which those are, what of a form may be kept, and when it is dropped.

`@keeps_draft` under the access rule of a view does all of it: forms to its address offer the draft that is there and
are watched by static/js/drafts.js; the transaction that takes the form drops its draft (core/drafts.py).
"""

import json
from collections.abc import Callable, Iterable
from functools import wraps
from typing import Any, TypeVar, cast
from urllib.parse import urlencode, urlsplit

from flask import g, make_response, request

from webapp.core import auth, clock, drafts, seen
from webapp.core.db import is_id, new_id, session, transaction
from webapp.core.deciding import view_at
from webapp.core.drafts import FormDraft
from webapp.core.entered import is_secret
from webapp.core.errors import Refusal
from webapp.core.forms import keepable
from webapp.core.looking import DRAFT, FIELD, PACKED, goes_on, only_looks
from webapp.core.made_once import BASED, PAGE, WRITER
from webapp.core.made_once import FIELD as SEEN

View = TypeVar("View", bound=Callable[..., Any])
_NOT_KEPT = {
    "csrf_token",
    PAGE,
    WRITER,
    BASED,
    FIELD,
    PACKED,
    "change",
    "then",
}  # buttons are pressed, not typed


def keeps_draft(view: View) -> View:
    """Forms to this view save drafts."""

    @wraps(view)
    def keeping(*args: Any, **kwargs: Any) -> Any:
        person = auth.current_person()
        if goes_on():
            answer = make_response(view(*args, **kwargs))
            answer.status_code = 200 if answer.status_code == 422 else answer.status_code
            return answer
        page = request.form.get(PAGE, "") if request.method not in auth.SAFE else ""
        if person is None or not is_id(page) or only_looks():
            return view(*args, **kwargs)
        mine, address = person.id, address_of(request.path)

        def drop() -> None:
            drafts.drop(mine, address, page)
            g.draft_dropped = True

        session().info["last"] = drop
        try:
            return view(*args, **kwargs)
        finally:
            session().info.pop("last", None)
            if g.get("made_before"):  # what it says now is saved anew, under the number of the new page
                with transaction():
                    drafts.drop(mine, address, page)

    keeping.__keeps_draft__ = True  # type: ignore[attr-defined]
    return cast("View", keeping)


def address_of(action: str) -> str:
    """The form of that address, whatever it was opened for."""
    return urlsplit(action).path.removeprefix(request.script_root)[: drafts.ADDRESS_LIMIT]


def keeps(action: str) -> bool:
    """Whether forms to this address do."""
    return auth.current_person() is not None and hasattr(view_at(action)[0], "__keeps_draft__")


def keepable_fields(fields: Iterable[tuple[str, str]]) -> list[tuple[str, str]]:
    """What may be kept of a form: no secret, no token, no button."""
    return [(name, value) for name, value in fields if name not in _NOT_KEPT and not is_secret(name)]


def read_fields(text: str) -> list[tuple[str, str]]:
    """The names and values a script sends; what is none is left out."""
    try:
        given = json.loads(text)
    except (ValueError, RecursionError):
        return []
    pairs = given if isinstance(given, list) else []
    return [
        (keepable(one[0]), keepable(one[1]))
        for one in pairs
        if isinstance(one, list) and len(one) == 2 and all(isinstance(part, str) for part in one)
    ]


class Offered:
    """A draft as a page offers it."""

    def __init__(self, draft: FormDraft) -> None:
        self.page, self.at = draft.page, draft.saved_at
        self.is_today = clock.local_date(draft.saved_at) == clock.today()
        fields = [(name, value) for name, value in draft.fields]
        carried = [*fields, (PAGE, draft.page), (BASED, draft.writer)]
        self.fields = [(PACKED, urlencode(carried, errors="surrogatepass")), (FIELD, DRAFT)]
        self.is_changed = _is_changed(fields)


def _is_changed(fields: list[tuple[str, str]]) -> bool:
    """Whether somebody else changed what the form is about since the draft's page was opened."""
    marks = seen.marks_in(value for name, value in fields if name == SEEN)
    try:
        return any(True for _one in seen.changes_since(marks))
    except Refusal:
        return True


def offers(action: str) -> list[Offered]:
    """The drafts there are of a form that was just opened; none where one is being filled in."""
    person = auth.current_person()
    if request.method != "GET" or person is None or not keeps(action):
        return []
    return [Offered(one) for one in drafts.drafts_of(person.id, address_of(action))]


def state(action: str) -> dict[str, Any] | None:
    """What a form says of its draft: which one it is, who writes now, with whose words it went on."""
    if not keeps(action):
        return None
    is_own = request.method == "POST" and address_of(action) == address_of(request.path)
    said = {name: request.form.get(name, "") if is_own else "" for name in (PAGE, WRITER, BASED)}
    if not is_id(said[PAGE]) or g.get("draft_dropped") or g.get("made_before"):
        said = {PAGE: new_id(), WRITER: "", BASED: ""}
    return {
        "fields": {
            PAGE: said[PAGE],
            WRITER: said[WRITER] if is_id(said[WRITER]) else new_id(),
            BASED: said[BASED] if is_id(said[BASED]) else "",
        },
        "is_typed": is_own,
        "opens": is_own and "GET" in ((request.url_rule and request.url_rule.methods) or ()),
        "address": address_of(action),
    }
