"""The floors: bare routes with psycopg and one transaction that leaves the rows the product leaves; constants."""

import os
import secrets
import threading
from datetime import UTC, datetime
from pathlib import Path

import psycopg
from flask import Flask, Response, jsonify, request
from flask.typing import ResponseReturnValue

app = Flask(__name__)
_own = threading.local()
_kept: dict[str, bytes] = {}
_ALPHABET = "0123456789abcdefghjkmnpqrstvwxyz"

FACTS = """
SELECT signup.id, signup.status, signup.pass_serial, position.name, position.kind, person.name, event.status,
       event_session.cancelled_at, event_session.starts_at, event_session.ends_at, attendance.id,
       signup.person_id
FROM signup JOIN position ON position.id = signup.position_id JOIN person ON person.id = signup.person_id
     JOIN event_session ON event_session.id = signup.session_id JOIN event ON event.id = event_session.event_id
     LEFT JOIN attendance ON attendance.signup_id = signup.id AND attendance.annulled_at IS NULL
WHERE signup.id = %s
"""
SCAN = """
INSERT INTO scan (id, session_id, signup_id, device, nonce, kind, direction, method, code, outcome, valid, answer,
                  scanned_at, at, received_at, by_person_id, offline, rehearsal)
VALUES (%(scan)s, %(session)s, %(signup)s, 'floor', %(scan)s, 'pass', 'in', 'api', '', 'accepted', true, '{}',
        %(now)s, %(now)s, %(now)s, %(by)s, false, false)
"""
CAME = """
INSERT INTO attendance (id, signup_id, person_id, session_id, grade, in_at, in_scan_id, created_at, entered_late)
VALUES (%(came)s, %(signup)s, %(person)s, %(session)s, 'scan', %(now)s, %(scan)s, %(now)s, false)
"""
COUNTS = """
INSERT INTO ledger_entry (id, task_id, session_id, source_id, metric, grade, quantity, occurred_on, district_code,
                          organisation_id, audience, rule_version, step, created_at, reach)
VALUES (%(row)s, %(task)s, %(session)s, %(came)s, 'visits', 'scan', 1, %(now)s, '230803', %(session)s,
        '老年人', 1, 0, %(now)s, 3)
"""
TAKE = "UPDATE position SET taken = taken + 1 WHERE id = %(position)s AND taken < capacity"
SIGN_UP = """
INSERT INTO signup (id, position_id, session_id, person_id, status, source, created_by, created_at, updated_at,
                    waitlisted_at, confirmed_at, priority, pass_serial, short_code)
VALUES (%(id)s, %(position)s, %(session)s, %(person)s, %(status)s, 'api', %(person)s, %(now)s, %(now)s,
        %(waits)s, %(has)s, 0, 1, %(short)s)
"""


def _new_id() -> str:
    return "".join(secrets.choice(_ALPHABET) for _ in range(18))


def _connection() -> psycopg.Connection[tuple[object, ...]]:
    if not hasattr(_own, "connection"):
        _own.connection = psycopg.connect(os.environ["FLOOR_DATABASE"])
    return _own.connection


@app.get("/")
def ready() -> str:
    """It runs; and the constant that bench_feeds.py compares with."""
    return "ready"


@app.get("/bytes")
def same_bytes() -> Response:
    """The bytes of a feed, as a constant."""
    if "bytes" not in _kept:
        _kept["bytes"] = Path(os.environ["FLOOR_BYTES"]).read_bytes()
    return Response(_kept["bytes"], content_type="text/calendar; charset=utf-8")


@app.post("/checkins")
def check_in() -> ResponseReturnValue:
    """Look up, write three rows, commit, answer."""
    given = request.get_json()
    signup = given["signup"]
    values = {name: _new_id() for name in ("scan", "came", "row")}
    values |= {"signup": signup, "session": given["session"], "by": given["by"], "task": given["task"]}
    connection = _connection()
    with connection.transaction(), connection.cursor() as cursor:
        found = cursor.execute(FACTS, (signup,)).fetchone()
        if found is None or found[10] is not None:
            return jsonify(outcome="unknown"), 404
        row = values | {"now": datetime.now(UTC), "person": found[11]}
        for statement in (SCAN, CAME, COUNTS):
            cursor.execute(statement, row)
    return jsonify(outcome="accepted", signup=signup, position=found[3]), 201


@app.post("/signups")
def sign_up() -> ResponseReturnValue:
    """Take a place if there is one, write who stands where, commit, answer."""
    now, row = datetime.now(UTC), request.get_json()
    connection = _connection()
    with connection.transaction(), connection.cursor() as cursor:
        has_place = cursor.execute(TAKE, row).rowcount == 1
        row |= {"id": _new_id(), "short": _new_id()[:6], "now": now}
        row |= {"has": now, "waits": None} if has_place else {"has": None, "waits": now}
        row["status"] = "confirmed" if has_place else "waitlisted"
        cursor.execute(SIGN_UP, row)
    return jsonify(id=row["id"], status=row["status"]), 201
