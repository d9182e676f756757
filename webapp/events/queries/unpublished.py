"""Events nobody can sign up for yet, and whether they could be published as they are."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Row, exists, func, select, true

from webapp.core import clock
from webapp.core.db import session
from webapp.events.domain import EventStatus, PositionKind, Readiness, missing_to_publish
from webapp.events.models import Event, EventSession, EventTask, Position
from webapp.organisations.models import Organisation


@dataclass(frozen=True)
class Unpublished:
    """One of them. It is written where the rule of publishing finds nothing missing but a task of the plan, complete
    where it has one, too. Whether one is needed depends on the plans there are: that is asked when it is published.
    """

    id: str
    title: str
    starts_at: datetime | None  # the first session
    made_at: datetime
    needs_approval: bool
    is_written: bool
    is_complete: bool


def find_unpublished(status: EventStatus, organisations: Collection[str] | None) -> list[Unpublished]:
    """Events of these organisations (None: of all) in this state, by their first session. One statement."""
    if organisations is not None and not organisations:
        return []
    holds = EventSession.cancelled_at.is_(None)
    has_position = exists().where(Position.session_id == EventSession.id)
    recruits = exists().where(
        Position.session_id == EventSession.id, Position.kind == PositionKind.VOLUNTEER, holds
    )
    first = func.min(EventSession.starts_at)
    wanted = (
        select(
            Event.id,
            Event.title,
            Event.created_at,
            first.label("starts_at"),
            (func.trim(Event.summary) != "").label("has_summary"),
            (func.trim(Event.risk_statement) != "").label("has_risk_statement"),
            exists().where(EventTask.event_id == Event.id).label("has_tasks"),
            func.count(EventSession.id).filter(holds).label("sessions"),
            func.count(EventSession.id).filter(holds & ~has_position).label("bare"),
            func.count(EventSession.id).filter(recruits).label("recruiting"),
            func.max(EventSession.ends_at).filter(holds).label("ends_at"),
            Organisation.needs_approval,
        )
        .join(Organisation, Organisation.id == Event.organisation_id)
        .outerjoin(EventSession, EventSession.event_id == Event.id)
        .where(Event.status == status, _of(organisations))
        .group_by(Event.id, Organisation.needs_approval)
        .order_by(first, Event.id)
    )
    return [_read(row) for row in session().execute(wanted)]


def _of(organisations: Collection[str] | None) -> ColumnElement[bool]:
    return true() if organisations is None else Event.organisation_id.in_(organisations)


def _read(row: Row[*tuple[Any, ...]]) -> Unpublished:
    now = clock.now()
    found = Readiness(
        has_summary=row.has_summary,
        has_tasks=row.has_tasks,
        recruits=row.recruiting > 0,
        has_risk_statement=row.has_risk_statement,
        sessions=row.sessions,
        sessions_without_position=row.bare,
        all_sessions_past=row.ends_at is not None and row.ends_at <= now,
        needs_tasks=False,
    )
    is_written = not missing_to_publish(found)
    facts = (row.id, row.title, row.starts_at, row.created_at, row.needs_approval)
    return Unpublished(*facts, is_written, is_written and bool(row.has_tasks))
