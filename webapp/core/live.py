"""Parts of pages that ask for themselves every few seconds (htmx): nothing is sent while nothing changed.

The page and its part have one address; htmx says with `HX-Request` that it wants the part. Without scripts the page
is reloaded by hand, or by the browser where the page says so.
"""

import hashlib
from typing import Any

from flask import Response, make_response, render_template, request

from webapp.core.i18n import language
from webapp.core.templating import view_mode


def is_wanted() -> bool:
    """Whether only the part is asked for."""
    return "HX-Request" in request.headers


def tag_of(shown: object) -> str:
    """A short name of what a part shows, in this language and view; `shown` must have a whole `repr`."""
    text = repr((shown, language(), view_mode()))
    return hashlib.sha256(text.encode()).hexdigest()[:20]


def part(template: str, *, tag: str, **context: Any) -> Response:
    """The part, or 304 when the caller has it already. `tag` comes from `tag_of` and is in the template too."""
    if tag in request.if_none_match:
        answer = make_response("", 304)
    else:
        answer = make_response(render_template(template, tag=tag, **context))
    answer.set_etag(tag)
    answer.vary.add("HX-Request")
    return answer
