"""Lines for the organisers' group: a shift of the next 24 hours lacks people, someone gave one back late.

No names: the group may be larger than the circle of those who may read them.
"""

from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta
from typing import Any

from flask_babel import force_locale
from sqlalchemy import Row, Select, select

from webapp.core import clock, outbox
from webapp.core.db import session
from webapp.core.i18n import LOCALES, format_datetime
from webapp.core.timing import Fact, Occasion
from webapp.events.domain import EventStatus, PositionKind
from webapp.events.models import Event, EventSession, Position
from webapp.signups.domain import SignupStatus, messages
from webapp.signups.models import Signup

SOON = timedelta(hours=24)
LATELY = timedelta(hours=2)  # how far back the job looks for shifts given back


def warn_organisers() -> int:
    """Queue what the organisers have to know, each fact once; returns how many lines there were."""
    if not outbox.organisers_channels():
        return 0
    short, given_back = _short(), _given_back()
    for row in short:
        outbox.tell_organisers(
            f"缺人：{_what(row)}，至少要 {row.min_count} 人，现在 {row.taken} 人。",
            _at(row, messages.SHORT.of(f"position:{row.id}:short:{row.sequence}", row.id)),
        )
    for row in given_back:
        need = f"，至少要 {row.min_count} 人" if row.min_count else f"，共 {row.capacity} 个名额"
        outbox.tell_organisers(
            f"有人退出：{_what(row)}{need}，现在 {row.taken} 人。",
            _at(row, messages.GIVEN_BACK.of(f"signup:{row.signup_id}:late")),
        )
    return len(short) + len(given_back)


def _at(row: Row[*tuple[Any, ...]], fact: Fact) -> Fact:
    return replace(fact, occasion=Occasion(row.starts_at, row.ends_at))


def _what(row: Row[*tuple[Any, ...]]) -> str:
    with force_locale(LOCALES["zh"]):
        return f"{format_datetime(row.starts_at)}“{row.title}”，{row.position}"


def _shifts(*more: Any) -> Select[*tuple[Any, ...]]:
    """Volunteers' positions of sessions that begin within 24 hours and take place."""
    now = clock.now()
    return (
        select(
            Position.id,
            Position.name.label("position"),
            Position.min_count,
            Position.capacity,
            Position.taken,
            Event.title,
            EventSession.starts_at,
            EventSession.ends_at,
            EventSession.sequence,
            *more,
        )
        .join(EventSession, EventSession.id == Position.session_id)
        .join(Event, Event.id == EventSession.event_id)
        .where(
            EventSession.starts_at > now,
            EventSession.starts_at <= now + SOON,
            EventSession.cancelled_at.is_(None),
            Event.status == EventStatus.PUBLISHED,
            Position.kind == PositionKind.VOLUNTEER,
        )
        .order_by(EventSession.starts_at, Position.id)
    )


def _short() -> Sequence[Row[*tuple[Any, ...]]]:
    return session().execute(_shifts().where(Position.taken < Position.min_count)).all()


def _given_back() -> Sequence[Row[*tuple[Any, ...]]]:
    """Shifts someone held and gave back within the last day before the start."""
    wanted = _shifts(Signup.id.label("signup_id")).join(Signup, Signup.position_id == Position.id)
    return (
        session()
        .execute(
            wanted.where(
                Signup.status == SignupStatus.CANCELLED,
                Signup.confirmed_at.is_not(None),
                Signup.cancelled_at > clock.now() - LATELY,
            )
        )
        .all()
    )
