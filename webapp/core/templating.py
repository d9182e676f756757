"""What templates may use: undefined names fail; a few globals; addresses of static files that never go stale."""

import hashlib
import re
from functools import cache
from pathlib import Path
from typing import Any

from flask import Flask, current_app, request, url_for
from flask_babel import get_locale
from flask_wtf.csrf import generate_csrf
from jinja2 import StrictUndefined
from markupsafe import Markup, escape
from werkzeug.urls import iri_to_uri

from webapp.core import auth, deciding, entered, i18n

# A line may end after these, unless what follows may not begin one.
_BREAKS_AFTER = re.compile(r"([：；，。、！？）》」』】”…])(?=[^\s：；，。、！？）》」』】”…])")
VIEW_MODES = ("normal", "elder", "contrast", "elder-contrast")


def view_mode() -> str:
    """The visitor's chosen way of seeing: normal, elder (长辈版), contrast, or both of these."""
    chosen = request.cookies.get("view", "")
    return chosen if chosen in VIEW_MODES else "normal"


def here() -> str:
    """This page's address, to come back to it, in characters every page can carry; the first page after a POST."""
    return iri_to_uri(request.full_path.rstrip("?")) if request.method == "GET" else "/"


def csrf_field() -> Markup:
    """The hidden field a form without a FlaskForm needs."""
    return Markup('<input type="hidden" name="csrf_token" value="%s">') % generate_csrf()


@cache
def _digest(path: str, _modified: float) -> str:
    return hashlib.sha256(Path(path).read_bytes()).hexdigest()[:10]


def static_url(name: str) -> str:
    """Address of a static file with its digest, so that it may be cached for a year."""
    root = Path(current_app.static_folder or "static")
    path = root / name
    if not path.is_file():
        return url_for("static", filename=name)
    return url_for("static", filename=name, v=_digest(str(path), path.stat().st_mtime))


def paragraphs(text: str | None) -> Markup:
    """Plain text as paragraphs: a blank line parts two, a line end breaks a line. Everything is escaped."""
    blocks = [block.strip() for block in (text or "").replace("\r\n", "\n").split("\n\n")]
    made = [
        Markup("<p>%s</p>") % Markup("<br>").join(escape(line) for line in b.split("\n")) for b in blocks if b
    ]
    return Markup("\n").join(made)


def by_phrase(text: str | None) -> Markup:
    """A title that may break after its punctuation: WebKit keeps 手机用得明白：挂 on one line otherwise."""
    return Markup(_BREAKS_AFTER.sub(r"\1<wbr>", str(escape(text or ""))))  # noqa: S704 - escaped before


def init_templating(app: Flask) -> None:
    """Attach filters and globals."""
    app.jinja_env.undefined = StrictUndefined
    app.jinja_env.trim_blocks = True
    app.jinja_env.lstrip_blocks = True
    app.jinja_env.filters.update(paragraphs=paragraphs, by_phrase=by_phrase)
    app.jinja_env.globals.update(
        seen_field=deciding.seen_field, seen_fields=deciding.seen_fields, once_field=deciding.once_field
    )
    app.jinja_env.globals.update(seen_lines=deciding.seen_lines, kept_fields=entered.kept_fields)
    app.jinja_env.globals.update(csrf_field=csrf_field, static_url=static_url, languages=i18n.LANGUAGES)

    @app.context_processor
    def context() -> dict[str, Any]:
        person = auth.current_person()
        return {
            "current_person": person,
            "current_permissions": auth.current_permissions() if person else frozenset(),
            "view_mode": view_mode(),
            "language": i18n.language(),
            "here": here(),
            "html_lang": i18n.html_lang(),
            "locale": str(get_locale()),
        }
