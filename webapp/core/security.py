"""Secrets, cookies, CSRF, rate limits and static files: how the application faces the network."""

from collections.abc import Callable
from datetime import timedelta
from functools import cache
from typing import Any, TypeVar

from flask import Flask, Request, Response, current_app, request
from flask.sessions import SecureCookieSession, SecureCookieSessionInterface, SessionMixin
from flask_limiter import Limiter
from flask_limiter.util import get_remote_address
from flask_wtf.csrf import CSRFProtect
from limits import RateLimitItem, parse
from werkzeug.middleware.proxy_fix import ProxyFix

from webapp.core import changes, counts
from webapp.core.config import Settings
from webapp.core.statics import StaticFiles

View = TypeVar("View", bound=Callable[..., Any])

csrf = CSRFProtect()
limiter = Limiter(get_remote_address, headers_enabled=True, default_limits=[])


def code_guesses() -> str:
    """How often one address may open pass codes: a hall behind one address yes, guessing no."""
    return str(current_app.extensions["kepu_settings"].limit_code_guess)


@cache
def _limit(text: str) -> RateLimitItem:
    return parse(text)


def count(limit: str, *whose: str) -> bool:
    """Count one more against a limit in Flask-Limiter's notation; False when that is more than it allows.

    For what is answered before Flask sets anything up, where no decorator reaches. Like those it lets everyone pass
    while the counters are away.
    """
    try:
        return limiter.limiter.hit(_limit(limit), *whose)
    except limiter.storage.base_exceptions:
        return True


def is_left(limit: str, *whose: str) -> bool:
    """Whether `count` would say True."""
    try:
        return limiter.limiter.test(_limit(limit), *whose)
    except limiter.storage.base_exceptions:
        return True


def _static_headers(headers: Any, _path: str, url: str) -> None:
    headers["X-Content-Type-Options"] = "nosniff"
    if "/js/" in url:  # modules name each other without a digest: an old one must not meet a new one
        headers["Cache-Control"] = "no-cache"


def _is_for_programs() -> bool:
    return request.path.endswith(".ics") or request.path.startswith("/api/")


class Cookies(SecureCookieSessionInterface):
    """The sign-in cookie, kept away from feeds and the API: programs have none, and `Vary: Cookie` defeats caches."""

    def open_session(self, app: Flask, request: Request) -> SecureCookieSession | None:
        """The visitor's session; an empty one for programs."""
        return self.session_class() if _is_for_programs() else super().open_session(app, request)

    def save_session(self, app: Flask, session: SessionMixin, response: Response) -> None:
        """Send it back, unless a program asked."""
        if not _is_for_programs():
            super().save_session(app, session, response)


def uploads(limit: int) -> Callable[[View], View]:
    """A view whose request may hold so many bytes, where everyone else's may hold 2 MB."""

    def mark(view: View) -> View:
        view.__uploads__ = limit  # type: ignore[attr-defined]
        return view

    return mark


def _allow_uploads(endpoint: str | None, _values: object) -> None:
    limit = getattr(current_app.view_functions.get(endpoint or ""), "__uploads__", None)
    if limit is not None:
        request.max_content_length = limit


def init_security(app: Flask, settings: Settings) -> None:
    """Attach everything. Behind a proxy on the same machine its X-Forwarded headers are believed."""
    app.config.update(
        SECRET_KEY=settings.secret_key,
        SESSION_COOKIE_NAME="kepu_session",
        SESSION_COOKIE_HTTPONLY=True,
        SESSION_COOKIE_SAMESITE="Lax",
        SESSION_COOKIE_SECURE=settings.https,
        PERMANENT_SESSION_LIFETIME=timedelta(days=30),
        SESSION_REFRESH_EACH_REQUEST=False,
        WTF_CSRF_TIME_LIMIT=8 * 3600,
        WTF_CSRF_SSL_STRICT=False,
        MAX_CONTENT_LENGTH=2 * 1024 * 1024,
        MAX_FORM_MEMORY_SIZE=1024 * 1024,
        MAX_FORM_PARTS=2000,
        TESTING=settings.testing,
        RATELIMIT_STORAGE_URI=settings.redis_url or f"{counts.Counts.STORAGE_SCHEME[0]}://",
        RATELIMIT_STRATEGY="fixed-window",
        RATELIMIT_SWALLOW_ERRORS=True,
    )
    app.session_interface = Cookies()
    app.wsgi_app = changes.Repeats(app, app.wsgi_app)  # type: ignore[method-assign]
    app.url_value_preprocessor(_allow_uploads)  # before the form is read for its token
    csrf.init_app(app)
    limiter.init_app(app)
    # No limit holds for every page, and those of single views are counted by their decorators: nothing to look up
    # before each request (a fourteenth of a check-in's time).
    app.before_request_funcs[None].remove(limiter._check_request_limit)  # noqa: SLF001  (there is no switch for it)
    if settings.https:
        app.wsgi_app = ProxyFix(app.wsgi_app, x_for=1, x_proto=1, x_host=0)  # type: ignore[method-assign]
    app.wsgi_app = StaticFiles(  # type: ignore[method-assign]
        app.wsgi_app,
        folder=settings.data_dir / "static-files",
        root=app.static_folder,
        prefix="static/",
        autorefresh=settings.testing,
        max_age=3600,
        immutable_file_test=lambda path, url: False,
        add_headers_function=_static_headers,
        charset="utf-8",
    )
