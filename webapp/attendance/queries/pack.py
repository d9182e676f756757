"""The pack: what a phone keeps of a session to judge passes without network (docs/scanning.md 2).

Whoever scans must tell people apart, also without network: whole names, their initials in pinyin, the last four digits
of phones. A tablet before which a crowd stands gets masked names, and nothing to search by.
"""

import gzip
import hashlib
import json
from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Row, func, select
from sqlalchemy.orm import aliased

from webapp.attendance.domain import ANNUL_WINDOW, CLOCK_TOLERANCE, EARLY, LATE, NO_GUARDIAN
from webapp.attendance.models import Attendance
from webapp.core import clock, signing
from webapp.core.db import session
from webapp.core.pinyin import initials
from webapp.events.domain import HIDDEN, OFF, PositionKind
from webapp.events.models import EventSession, Position
from webapp.events.queries import get_session
from webapp.people.domain import mask_name
from webapp.people.models import Person
from webapp.signups.domain import LIVING, SignupStatus
from webapp.signups.domain.standing import State
from webapp.signups.models import Signup
from webapp.signups.queries.guardians import minor_columns, minor_from

_MINUTE = 60
_TAIL = 4  # digits of a phone that people say at the door
_NOT_YET = (None, None)
# Of those who are gone, who did not cancel and was not cancelled.
_ENDED = {SignupStatus.DECLINED: State.DECLINED.value, SignupStatus.EXPIRED: State.OFFER_OVER.value}


def pack(session_id: str, *, masked: bool = False) -> dict[str, Any]:
    """The whole pack in four statements; raises NotFound. `version` is a digest of all the rest.

    `masked`: for a screen a crowd can read.
    """
    name = _masked if masked else _whole
    rows, came = _signups(session_id), _came(session_id)
    held = get_session(session_id)  # last, so that every position a sign-up names is in it
    places = {position.id: number for number, position in enumerate(held.positions)}
    content = {
        "session": _session(held),
        "rules": {
            "early_minutes": int(EARLY.total_seconds()) // _MINUTE,
            "late_minutes": int(LATE.total_seconds()) // _MINUTE,
            "tolerance_seconds": int(CLOCK_TOLERANCE.total_seconds()),
            "undo_minutes": int(ANNUL_WINDOW.total_seconds()) // _MINUTE,
        },
        "keys": signing.public_keys(),
        "positions": [_position(position) for position in held.positions],
        "roster": [
            [
                *_line(row, name(row), places[row.position_id], came.get(row.id, _NOT_YET)),
                *([None, None] if masked else _minor(row)),
            ]
            for row in rows
            if row.status in LIVING
        ],
        "gone": [row.id for row in rows if row.status not in LIVING],
        "gone_as": {
            row.id: _ENDED[row.status] for row in rows if row.status not in LIVING and row.status in _ENDED
        },
        "revoked": [[row.id, row.pass_serial] for row in rows if row.pass_serial > 1],
    }
    digest = hashlib.sha256(_written(content)).hexdigest()[:32]
    return {"version": digest} | content


def written_pack(found: dict[str, Any], *, compress: bool) -> bytes:
    """A pack as it travels. The same pack gives the same bytes."""
    body = _written(found)
    return gzip.compress(body, compresslevel=6, mtime=0) if compress else body


def _written(content: dict[str, Any]) -> bytes:
    return json.dumps(content, ensure_ascii=False, separators=(",", ":")).encode()


def _session(held: EventSession) -> dict[str, Any]:
    return {
        "id": held.id,
        "event": held.event_id,
        "title": held.event.title,
        "subtitle": held.title,
        "starts_at": _moment(held.starts_at),
        "ends_at": _moment(held.ends_at),
        "venue": held.venue.name,
        "open": held.is_held,
        "state": held.state if held.state in OFF | HIDDEN else "on",
    }


def _position(position: Position) -> dict[str, Any]:
    """Audience may come unannounced; where no place is free the server keeps and flags."""
    return {
        "id": position.id,
        "name": position.name,
        "kind": position.kind,
        "needed": position.min_count or position.capacity,
        "walk_in": position.kind == PositionKind.AUDIENCE,
    }


def _signups(session_id: str) -> Sequence[Row[*tuple[Any, ...]]]:
    """Every sign-up of the session in the roster's order, those that are gone too."""
    main = aliased(Signup)  # whom somebody came along with
    return (
        session()
        .execute(
            select(
                Signup.id,
                Signup.pass_serial,
                Signup.position_id,
                Signup.status,
                Signup.short_code,
                Signup.offer_expires_at,
                Person.name,
                Person.phone,
                *minor_columns(),
            )
            .join(Person, Person.id == Signup.person_id)
            .join(Position, Position.id == Signup.position_id)
            .outerjoin(main, main.id == Signup.with_signup_id)
            .where(Signup.session_id == session_id)
            .order_by(
                Position.rank,
                Position.id,
                func.coalesce(main.created_at, Signup.created_at),
                func.coalesce(main.id, Signup.id),
                Signup.created_at,
                Signup.id,
            )
        )
        .all()
    )


def _came(session_id: str) -> dict[str, tuple[datetime, datetime | None]]:
    """In and out by sign-up. Asked by itself: joined, a database without statistics reads it for every sign-up."""
    rows = session().execute(
        select(Attendance.signup_id, Attendance.in_at, Attendance.out_at).where(
            Attendance.session_id == session_id, Attendance.annulled_at.is_(None)
        )
    )
    return {row.signup_id: (row.in_at, row.out_at) for row in rows}


def _whole(row: Row[Any]) -> tuple[str, str, str]:
    """Name, last digits of the phone, initials."""
    return row.name, (row.phone or "")[-_TAIL:], " ".join(initials(row.name))


def _masked(row: Row[Any]) -> tuple[str, str, str]:
    return mask_name(row.name), "", ""


def _line(
    row: Row[Any],
    named: tuple[str, str, str],
    place: int,
    came: tuple[datetime | None, datetime | None],
) -> list[Any]:
    name, tail, letters = named
    return [
        row.id,
        row.pass_serial,
        name,
        place,
        row.status,
        row.short_code,
        _seconds(came[0]),
        _seconds(came[1]),
        NO_GUARDIAN if row.minor_lacks else None,
        tail,
        letters,
        _seconds(row.offer_expires_at),
    ]


def _minor(row: Row[Any]) -> list[str | None]:
    """The mark of a minor, and who comes along: seen before they stand there."""
    found = minor_from(row)
    return [found.mark, found.company]


def _seconds(at: datetime | None) -> int | None:
    return int(at.timestamp()) if at else None


def _moment(at: datetime) -> str:
    return clock.local(at).isoformat(timespec="seconds")
