"""People counted on the spot."""

from datetime import date

from sqlalchemy import select

from webapp.attendance.domain import (
    EARLY,
    CountCancelled,
    CountMethod,
    CountTooEarly,
)
from webapp.attendance.domain.doors import SAME_HEADS, CountedBefore, CountedJustNow, Heads, NotThatDay
from webapp.attendance.models import HeadCount
from webapp.attendance.service import ledger
from webapp.core import audit, clock
from webapp.core.db import ID_LENGTH, lock_row, new_id, session
from webapp.core.errors import Words
from webapp.events.models import EventSession


def count_heads(
    session_id: str,
    *,
    audience: str,
    count: int,
    method: CountMethod,
    note: str,
    by: str,
) -> HeadCount:
    """Record that `count` people of an audience group were there; it counts as its own grade.

    Raises CountCancelled, CountTooEarly.
    """
    return count_page(session_id, Heads(audience, count, method, note), by=by)


def count_page(session_id: str, heads: Heads, *, by: str) -> HeadCount:
    """The same for a page that may be sent twice; raises CountedBefore, CountedJustNow, NotThatDay besides."""
    found = lock_row(EventSession, session_id)
    if not found.is_held:
        raise CountCancelled
    if clock.now() < found.starts_at - EARLY:
        raise CountTooEarly
    counted_on = _day_of(found, heads.day)
    key = _id_of(heads.nonce, session_id)
    if not heads.others:
        _check_new(session_id, heads, counted_on, by=by)
    headcount = HeadCount(
        id=key,
        session_id=session_id,
        audience=heads.audience,
        count=heads.count,
        method=heads.method,
        note=heads.note,
        counted_on=counted_on,
        by_person_id=by,
    )
    session().add(headcount)
    session().flush()  # the ledger rows name it
    ledger.count_new_fact(session_id, ledger.headcount_fact(headcount))
    audit.record(
        "headcount.add", "event_session", session_id, by=by, headcount=headcount.id, count=heads.count
    )
    return headcount


def _day_of(held: EventSession, day: date | None) -> date:
    """The day of the session it is of: the one said, which has come, else the one nearest to today."""
    days = ledger.days_of(held.starts_at, held.ends_at)
    if day is None:
        return days.nearest(clock.today())
    if day > max(clock.today(), days.first) or days.nearest(day) != day:
        raise NotThatDay
    return day


def _check_new(session_id: str, heads: Heads, counted_on: date, *, by: str) -> None:
    """Raise where this person has just said the same: browsers keep what was typed when they go back to a page."""
    found = session().scalar(
        select(HeadCount)
        .where(
            HeadCount.session_id == session_id,
            HeadCount.by_person_id == by,
            HeadCount.audience == heads.audience,
            HeadCount.count == heads.count,
            HeadCount.counted_on == counted_on,
            HeadCount.scan_id.is_(None),
            HeadCount.annulled_at.is_(None),
            HeadCount.created_at > clock.now() - SAME_HEADS,
        )
        .order_by(HeadCount.created_at.desc())
        .limit(1)
    )
    if found is not None:
        raise CountedJustNow(at=found.created_at, audience=Words(heads.audience), count=heads.count)


def _id_of(nonce: str, session_id: str) -> str:
    """The row's own id tells that its page was sent before; the caller holds the session's row."""
    if len(nonce) != ID_LENGTH or not (nonce.isascii() and nonce.isalnum()):
        return new_id()
    found = session().get(HeadCount, nonce)
    if found is None:
        return nonce
    if found.session_id != session_id:
        return new_id()
    raise CountedBefore
