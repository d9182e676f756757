"""Whom a session had: sign-ups that were cancelled, by whom, and why. They stay on its list."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Row, Select, and_, or_, select

from webapp.core.audit import AuditEntry
from webapp.core.db import session
from webapp.events.domain import EventStatus
from webapp.events.models import Event, EventSession, Position
from webapp.people.domain import mask_phone, show_phone
from webapp.people.models import Person
from webapp.signups.domain import SignupStatus
from webapp.signups.models import Signup
from webapp.signups.queries.standing import STANDING_COLUMNS, state_of_row

# Cancelled by what befell their session, and not before; session and event are joined.
CANCELLED_WITH_SESSION: ColumnElement[bool] = and_(
    Signup.status == SignupStatus.CANCELLED,
    or_(
        Signup.cancelled_at >= EventSession.cancelled_at,
        and_(Event.status == EventStatus.CANCELLED, Signup.cancelled_at >= Event.cancelled_at),
    ),
)


@dataclass(frozen=True)
class GoneLine:
    """Someone who was on the list and is no more."""

    signup_id: str
    name: str
    phone: str | None
    position: str
    short_code: str
    cancelled_at: datetime
    reason: str
    state: str  # domain.standing.State, now
    with_session: bool  # they were there when session or event was cancelled
    by: str  # who cancelled: a member of staff; empty where they did it themselves

    @property
    def masked_phone(self) -> str:
        """138****5678."""
        return mask_phone(self.phone)

    @property
    def shown_phone(self) -> str:
        """13812345678, once it was asked for."""
        return show_phone(self.phone)


def gone_from(session_id: str) -> list[GoneLine]:
    """Cancelled sign-ups of a session, the last first. Three statements."""
    rows = session().execute(_cancelled(session_id)).all()
    if not rows:
        return []
    actors = _actors(rows, session_id)
    names = _names(set(actors.values()))
    return [
        GoneLine(
            signup_id=row.id,
            name=row.name,
            phone=row.phone,
            position=row.position,
            short_code=row.short_code,
            cancelled_at=row.cancelled_at,
            reason=row.cancel_reason or "",
            state=state_of_row(row),
            with_session=bool(row.with_session),
            by=names.get(actors.get(row.id, row.person_id), ""),
        )
        for row in rows
    ]


def _cancelled(session_id: str) -> Select[*tuple[Any, ...]]:
    return (
        select(
            Signup.id,
            Signup.person_id,
            Signup.short_code,
            Signup.cancelled_at,
            Signup.cancel_reason,
            Person.name,
            Person.phone,
            Position.name.label("position"),
            CANCELLED_WITH_SESSION.label("with_session"),
            EventSession.event_id,
            *STANDING_COLUMNS,
        )
        .join(Person, Person.id == Signup.person_id)
        .join(Position, Position.id == Signup.position_id)
        .join(EventSession, EventSession.id == Signup.session_id)
        .join(Event, Event.id == EventSession.event_id)
        .where(Signup.session_id == session_id, Signup.status == SignupStatus.CANCELLED)
        .order_by(Signup.cancelled_at.desc(), Position.rank, Signup.created_at, Signup.id)
    )


def _actors(rows: Sequence[Row[*tuple[Any, ...]]], session_id: str) -> dict[str, str]:
    """Who cancelled each sign-up, where it was not its own person."""
    event_id, of_signup = rows[0].event_id, AuditEntry.subject_type == "signup"
    ids = select(Signup.id).where(Signup.session_id == session_id)
    entries = session().execute(
        select(AuditEntry.subject_id, AuditEntry.action, AuditEntry.actor_id)
        .where(
            or_(
                and_(of_signup, AuditEntry.subject_id.in_(ids), AuditEntry.action == "signup.cancel"),
                and_(AuditEntry.subject_id == session_id, AuditEntry.action == "session.cancel"),
                and_(AuditEntry.subject_id == event_id, AuditEntry.action == "event.cancelled"),
            ),
        )
        .order_by(AuditEntry.at, AuditEntry.id)
    )
    last: dict[str, str | None] = {row.subject_id: row.actor_id for row in entries}
    together = last.get(session_id) or last.get(event_id)
    found = {row.id: together if row.with_session else last.get(row.id) for row in rows}
    own = {row.id: row.person_id for row in rows}
    return {key: by for key, by in found.items() if by and by != own[key]}


def _names(person_ids: set[str]) -> dict[str, str]:
    rows = session().execute(select(Person.id, Person.name).where(Person.id.in_(person_ids)))
    return {row.id: row.name for row in rows}
