"""The feeds: the same bytes while nothing changes, ETag and 304, no cookies."""

import gzip
import hashlib
import re
import threading
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from functools import wraps

from flask import Flask, Response, current_app, request
from sqlalchemy.exc import SQLAlchemyError
from werkzeug.http import http_date

from webapp.calendars import ics, queries, service
from webapp.calendars.domain import NOTE_FETCH_EVERY, Scope
from webapp.calendars.queries import Subscribed
from webapp.calendars.views import blueprint
from webapp.core import changes, clock, i18n, security, tokens
from webapp.core.auth import public
from webapp.core.config import current_settings
from webapp.core.db import transaction
from webapp.core.errors import NotFound, Refusal
from webapp.core.http import HTTP_SENTENCES, base_url, status_of

SHELF = 48 * 1024 * 1024  # bytes of built feeds that one process keeps
WORTH_PACKING = 1000  # bytes
PUBLIC, PRIVATE = "public, max-age=0, must-revalidate", "private, max-age=0, must-revalidate"
_SECOND = timedelta(seconds=1)
PLAIN = re.compile(r"[\w.-]{1,80}")


@dataclass(frozen=True)
class Built:
    """A feed as it is sent, plain and packed, each with its own strong tag (RFC 9110 8.8.3)."""

    body: bytes
    tag: str
    packed: bytes | None
    changed_at: datetime  # whole seconds

    @property
    def modified_at(self) -> datetime:
        """The end of the second in which it changed last: a date of that second says nothing of what came after it."""
        return self.changed_at + _SECOND

    @property
    def packed_tag(self) -> str:
        """Tag of the packed bytes: other bytes, other tag."""
        return f"{self.tag}-gzip"


def _built(scope: Scope, mark: object) -> Built:
    """The feed, built anew only when something was committed since; raises NotFound."""
    shelf, base = changes.shelf("feeds", SHELF), base_url()
    key = (scope, base, clock.today())
    kept, kept_mark = shelf.find(key)
    if mark is not None and kept_mark == mark:
        return kept
    body = ics.build(queries.calendar_of(scope), base_url=base)
    changed_at = queries.last_change(scope).replace(microsecond=0)
    if kept is not None and kept.body == body:
        made = replace(kept, changed_at=changed_at)
    else:
        packed = gzip.compress(body, 6, mtime=0) if len(body) > WORTH_PACKING else None
        made = Built(body, hashlib.sha256(body).hexdigest()[:32], packed, changed_at)
    shelf.keep(key, made, mark=mark, size=len(body) + len(made.packed or b""))
    return made


def _unchanged(built: Built, first: str, second: str) -> str | None:
    """Tag of what the client has, when that is still good (RFC 9110 13.1); If-None-Match goes before the date."""
    if "If-None-Match" in request.headers:
        known = request.if_none_match
        return next((tag for tag in (first, second) if known.contains_weak(tag)), None)
    since = request.if_modified_since
    return first if since is not None and since >= built.modified_at else None


def answer(scope: Scope, *, mark: object, cache: str = PUBLIC) -> Response:
    """200 with the feed, or 304."""
    built = _built(scope, mark)
    pack = built.packed is not None and request.accept_encodings["gzip"] > 0
    tags = (built.packed_tag, built.tag) if pack else (built.tag, built.packed_tag)
    known = _unchanged(built, *tags)
    if known is not None:
        response = Response(status=304)
        del response.headers["Content-Type"]
    else:
        response = Response(built.packed if pack else built.body, content_type="text/calendar; charset=utf-8")
        if pack:
            response.headers["Content-Encoding"] = "gzip"
    headers = response.headers
    headers["ETag"] = f'"{known or tags[0]}"'
    if built.modified_at <= clock.now():  # it may still change within this second (RFC 9110 8.8.2.1)
        headers["Last-Modified"] = http_date(built.modified_at)
    headers["Cache-Control"] = cache
    if built.packed is not None:
        headers["Vary"] = "Accept-Encoding"
    return response


def repeat(response: Response, mark: object, **how: Callable[[], bool]) -> None:
    """Let it be given again (changes.py), once it says when it last changed, as it will from then on."""
    if "Last-Modified" in response.headers:
        changes.may_be_repeated(mark, **how)


def _text(sentence: str, status: int) -> Response:
    response = Response(sentence + "\n", status=status, content_type="text/plain; charset=utf-8")
    response.headers["Cache-Control"] = "no-store"
    return response


def for_programs(view: Callable[..., Response]) -> Callable[..., Response]:
    """Refusals as a line of text: a calendar program shows it, a page it would only save."""

    @wraps(view)
    def reading(**given: str) -> Response:
        try:
            if not all(PLAIN.fullmatch(value) for value in given.values()):
                raise NotFound
            return view(**given)
        except Refusal as refusal:
            return _text(i18n.sentence_of(refusal), status_of(refusal))

    return reading


def behind_a_secret(view: Callable[..., Response]) -> Callable[..., Response]:
    """A feed for whoever has its address; whoever only tries addresses is slowed down."""

    @wraps(view)
    def reading(**given: str) -> Response:
        limit, guesser = security.code_guesses(), ("calendar", request.remote_addr or "")
        if not security.is_left(limit, *guesser):
            return _too_often()
        response = for_programs(view)(**given)
        if response.status_code == 404:
            security.count(limit, *guesser)
        return response

    return reading


def _feed(kind: str, key: str = "", plan: str | None = None) -> Response:
    mark = changes.mark()
    response = answer(Scope(kind, key, plan), mark=mark)
    repeat(response, mark)
    return response


@blueprint.get("/calendar/all.ics")
@public
@for_programs
def all_feed() -> Response:
    """Everything public."""
    return _feed("all")


@blueprint.get("/calendar/venues/<venue_id>.ics")
@public
@for_programs
def venue_feed(venue_id: str) -> Response:
    """What happens at one venue."""
    return _feed("venue", venue_id)


@blueprint.get("/calendar/districts/<code>.ics")
@public
@for_programs
def district_feed(code: str) -> Response:
    """What happens in a district or a township."""
    return _feed("district", code)


@blueprint.get("/calendar/organisations/<organisation_id>.ics")
@public
@for_programs
def organisation_feed(organisation_id: str) -> Response:
    """What an organisation does, and what comes to its venues."""
    return _feed("organisation", organisation_id)


@blueprint.get("/calendar/types/<slug>.ics")
@public
@for_programs
def type_feed(slug: str) -> Response:
    """One kind of events."""
    return _feed("type", slug)


@blueprint.get("/calendar/tasks/<code>.ics")
@public
@for_programs
def task_feed(code: str) -> Response:
    """What serves a task of the plan named in ?plan=, else of the current one."""
    return _feed("task", code, plan_named(request.args.get("plan")))


@blueprint.get("/calendar/events/<event_id>.ics")
@public
@for_programs
def event_feed(event_id: str) -> Response:
    """All sessions of one event."""
    return _feed("event", event_id)


@blueprint.get("/calendar/<path:rest>.ics")
@public
def no_feed(rest: str) -> Response:
    """A calendar address that leads nowhere."""
    return _text(i18n.sentence_of(NotFound()), 404)


def plan_named(text: str | None) -> str | None:
    """The value of ?plan=; raises NotFound when it cannot be one."""
    if text and not PLAIN.fullmatch(text):
        raise NotFound
    return text or None


# --- one subscription -------------------------------------------------------------------------------------------

_lock = threading.Lock()
_uncounted: Counter[str] = Counter()
_noted_at: dict[str, datetime] = {}


def _too_often() -> Response:
    response = _text(HTTP_SENTENCES[429], 429)
    response.headers["Retry-After"] = "60"
    return response


@blueprint.get("/calendar/s/<token>.ics")
@public
@behind_a_secret
def subscription_feed(token: str) -> Response:
    """A person's shifts or what comes to a centre; whoever has the address may read it."""
    whose, limit = ("calendar", tokens.fingerprint(token)), current_settings().limit_calendar
    if not security.count(limit, *whose):
        return _too_often()
    mark = changes.mark()
    subscribed = _subscribed(token, mark)
    response = answer(subscribed.scope, mark=mark, cache=PRIVATE)
    _note(subscribed, response)
    repeat(
        response,
        mark,
        may_repeat=lambda: security.count(limit, *whose) and not _count(subscribed, may_write=False),
    )
    return response


def _subscribed(token: str, mark: object) -> Subscribed:
    """Whose address it is; asked again once anything was committed, so that a revoked one ends at once."""
    shelf = changes.shelf("subscriptions", 2000)
    key = (tokens.fingerprint(token), clock.today())  # that it was cut off is said for some days only
    kept, kept_mark = shelf.find(key)
    if mark is None or kept_mark != mark:
        kept = queries.find_subscribed(token)
        shelf.keep(key, kept, mark=mark, size=1)
    found: Subscribed = kept
    return found


def _count(subscribed: Subscribed, *, may_write: bool) -> bool:
    """Count the fetch. True when it is time to write it down; then it is counted only for who may write."""
    if subscribed.scope.kind == "over":
        return False
    key, now = subscribed.id, clock.now()
    with _lock:
        last = max(filter(None, (subscribed.last_fetched_at, _noted_at.get(key))), default=None)
        is_due = last is None or now - last >= NOTE_FETCH_EVERY
        if may_write or not is_due:
            _uncounted[key] += 1
        if may_write and is_due:
            _noted_at[key] = now
        return is_due


def _note(subscribed: Subscribed, response: Response) -> None:
    """Remember the fetch: counted here, written once in a while and only after the answer has left."""
    if _count(subscribed, may_write=True):
        app: Flask = current_app._get_current_object()  # type: ignore[attr-defined]  # noqa: SLF001  (documented)
        client = request.user_agent.string
        response.call_on_close(lambda: _write_note(app, subscribed.id, client))


def _write_note(app: Flask, key: str, client: str) -> None:
    with _lock:
        count = _uncounted.pop(key, 0)
    try:
        with app.app_context(), transaction():
            service.note_fetch(key, client=client, count=count)
    except SQLAlchemyError:  # the calendar was delivered; that it was counted is not worth a failed request
        app.logger.exception("the fetch of subscription %s was not noted", key)
