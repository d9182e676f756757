"""For the machines that watch the service: alive, ready, figures; and what crawlers and browsers ask for."""

import os
import time
from collections.abc import Callable
from datetime import timedelta

from flask import Response, current_app, g, jsonify, redirect, request
from prometheus_client import (
    CONTENT_TYPE_LATEST,
    CollectorRegistry,
    Counter,
    Gauge,
    Histogram,
    generate_latest,
)
from sqlalchemy import func, select
from sqlalchemy.exc import SQLAlchemyError
from werkzeug.wrappers import Response as AnyResponse

from webapp.core import timekeeping
from webapp.core.auth import operations, public
from webapp.core.db import session
from webapp.core.outbox import OutboxMessage
from webapp.core.templating import static_url
from webapp.pages.views import blueprint

BEAT_LIMIT = timedelta(minutes=10)
# A server process answers a moment before the worker's first turn: that long, no beat is no fault.
START = timedelta(minutes=3)
_started = time.monotonic()

# Every figure is one server process's own and says so in `process`; whoever collects them adds the processes up.
METHODS = {"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"}
_registry = CollectorRegistry()
_requests = Counter(
    "kepu_requests", "Requests answered", ["process", "endpoint", "method", "status"], registry=_registry
)
_seconds = Histogram("kepu_request_seconds", "Seconds to answer", ["process", "endpoint"], registry=_registry)
_waiting = Gauge("kepu_outbox_messages", "Messages in the outbox", ["state"], registry=_registry)
_worker_seen = Gauge("kepu_worker_seen_seconds", "Seconds since the worker was seen", registry=_registry)


@blueprint.before_app_request
def begin_timing() -> None:
    """Note when the request came."""
    g.began = time.perf_counter()


@blueprint.after_app_request
def count_request(response: Response) -> Response:
    """Count the answer by endpoint, never by address: addresses carry tokens and names."""
    process, endpoint = str(os.getpid()), request.endpoint or "none"
    method = request.method if request.method in METHODS else "other"
    _requests.labels(process, endpoint, method, response.status_code).inc()
    if "began" in g:
        _seconds.labels(process, endpoint).observe(time.perf_counter() - g.began)
    return response


@blueprint.get("/healthz")
@public
def healthz() -> Response:
    """This process answers."""
    return _plain(jsonify({"status": "ok"}))


@blueprint.get("/readyz")
@public
def readyz() -> tuple[Response, int]:
    """Whether the service can do its work: 200, or 503 naming the part that cannot."""
    checks = {
        "database": _try(_database),
        "queue": _try(_queue),
        "worker": _try(_worker),
        "clock": _try(_clock),
    }
    ready = all(part["ok"] for part in checks.values())
    answer = jsonify({"status": "ready" if ready else "not_ready", "checks": checks})
    return _plain(answer), 200 if ready else 503


def _plain(response: Response) -> Response:
    response.headers["Cache-Control"] = "no-store"
    return response


def _try(check: Callable[[], tuple[bool, str]]) -> dict[str, object]:
    try:
        ok, note = check()
    except Exception as error:
        current_app.logger.exception("readiness: %s failed", check.__name__)
        ok, note = False, f"does not answer ({type(error).__name__})"
        if isinstance(error, SQLAlchemyError):
            session().rollback()
    return {"ok": ok, "note": note}


def _database() -> tuple[bool, str]:
    session().execute(select(1))
    return True, "answers"


def _queue() -> tuple[bool, str]:
    queue = current_app.extensions.get("kepu_queue")
    return True, f"{queue.pending_count()} waiting" if queue else "none: jobs are run by hand"


def _worker() -> tuple[bool, str]:
    silent, young = timekeeping.silent_for(), time.monotonic() - _started < START.total_seconds()
    if silent is None:
        return young, "starting: not seen yet" if young else "was never seen"
    note = f"last seen {int(silent.total_seconds())} s ago"
    return silent < BEAT_LIMIT or young, note if silent < BEAT_LIMIT or not young else f"starting: {note}"


def _clock() -> tuple[bool, str]:
    found = timekeeping.trouble()
    return (True, "agrees") if found is None else (False, timekeeping.in_words(found))


@blueprint.get("/metrics")
@operations
def metrics() -> Response:
    """Figures of this server process and of the outbox, as Prometheus reads them."""
    for state in ("waiting", "kept", "failed", "lapsed"):
        wanted = select(func.count()).select_from(OutboxMessage).where(OutboxMessage.state == state)
        _waiting.labels(state).set(session().scalar(wanted) or 0)
    silent = timekeeping.silent_for()
    _worker_seen.set(float("nan") if silent is None else silent.total_seconds())
    return _plain(Response(generate_latest(_registry), content_type=CONTENT_TYPE_LATEST))


@blueprint.get("/robots.txt")
@public
def robots() -> Response:
    """Crawlers may read what is public and leave what is one person's own."""
    closed = ("/me", "/manage/", "/scan/", "/p/", "/w/", "/api/", "/calendar/s/", "/sign-in", "/register")
    lines = ["User-agent: *", *(f"Disallow: {path}" for path in closed)]
    return Response("\n".join(lines) + "\n", mimetype="text/plain")


@blueprint.get("/favicon.ico")
@public
def favicon() -> AnyResponse:
    """Programs that ask for the old name find the new one."""
    return redirect(static_url("img/favicon.svg"), 301)
