"""The check-in almost everyone makes: a good pass, at the right door, for the first time. On PostgreSQL, in two trips.

It is judged by the same facts and rules as every other scan. Whatever is not that plain is left to `check_in`, which
begins anew.
"""

import json
from typing import Any, NamedTuple

from webapp.attendance.domain import SCANNERS, Answer, Direction, Outcome, ScanRequest, decide, trusted_time
from webapp.attendance.models import Attendance, LedgerEntry, Scan
from webapp.attendance.service import ledger
from webapp.attendance.service.checkin import arrival, scan_row
from webapp.attendance.service.facts import FACTS, Reading, answer_body, judged, read_code
from webapp.core import clock
from webapp.core.db import new_id
from webapp.core.direct import Errand, Prepared, Values
from webapp.events import queries as events
from webapp.organisations.domain import Held

_FACTS, _PLACE = Prepared(FACTS), Prepared(ledger.PLACE)
_NEW: dict[tuple[Any, tuple[str, ...]], Prepared] = {}


class Seen(NamedTuple):
    """What one trip found of the sign-up that a pass names, and of where its session counts."""

    reading: Reading
    signup: Any
    places: list[Any]


def look(
    errand: Errand, code: str, session_id: str, *, beside: tuple[Prepared, Values]
) -> tuple[Seen | None, list[Any]]:
    """What there is to know of a code before it is judged, and the rows of the question asked beside it.

    None for what is no good pass of this session. Event, session and sign-up are locked, shared, until the errand ends.
    """
    reading = read_code(code)
    if reading is None or reading.signup_id is None:
        return None, errand.ask(beside)[0]
    other, signups, places = errand.ask(
        beside, (_FACTS, {"signup_id": reading.signup_id}), (_PLACE, {"session_id": session_id})
    )
    if not signups or signups[0].session_id != session_id:
        return None, other
    return Seen(reading, signups[0], places), other


def check_in_straight(
    errand: Errand, request: ScanRequest, seen: Seen | None, *, held: Held
) -> Answer | None:
    """Answer one scan and keep it, or None where it wants a longer look; nothing is written then.

    Raises as `check_in`. A second scan of the same person, or the same nonce again, meets the unique indexes when the
    errand ends; then it is undone as a whole.
    """
    if seen is None or request.direction != Direction.IN:
        return None
    now = clock.now()
    at = trusted_time(request.scanned_at, now)
    reading, found, places = seen
    events.check_access_at(found.organisation_id, found.event_status, held, *SCANNERS)
    facts = judged(
        found, reading.serial, session_id=request.session_id, in_at=found.in_at, out_at=found.out_at
    )
    if decide(facts, request.direction, at) != Outcome.ACCEPTED:
        return None
    body = answer_body(request, found, outcome=Outcome.ACCEPTED, at=at, scan_id=new_id())
    scan = scan_row(request, reading, body=body, at=at, now=now)
    came, fact = arrival(scan, found)
    _write(errand, Scan, scan | {"answer": json.dumps(body, ensure_ascii=False)})
    _write(errand, Attendance, came)
    for row in ledger.rows_of_new_fact(ledger.place_from(places), fact):
        _write(errand, LedgerEntry, row)
    return Answer(201, body, name=found.name)


def _write(errand: Errand, model: Any, row: dict[str, Any]) -> None:
    """Another process may be counting the session as held at this moment: then one row of that is enough."""
    key = model, tuple(row)
    if key not in _NEW:
        _NEW[key] = Prepared.new_row(model, key[1], or_leave=model is LedgerEntry)
    errand.write(_NEW[key], row)
