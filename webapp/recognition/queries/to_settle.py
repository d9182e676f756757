"""What of the hours waits for someone's word, put together for a list: one statement each, however much it is."""

from collections.abc import Collection, Sequence
from typing import Any

from sqlalchemy import ColumnElement, Row, func, select

from webapp.core.db import session
from webapp.events.models import Event, EventSession
from webapp.people.models import Person
from webapp.recognition.domain import RecordStatus
from webapp.recognition.models import Commendation, CommendationList, ServiceRecord

Rows = Sequence[Row[*tuple[Any, ...]]]


def sessions_to_confirm(organisations: Collection[str] | None, *, besides: str) -> Rows:
    """Sessions of these organisations (None: of all) with records that wait for a word, the longest waiting first;
    without those of `besides`, who does not decide about themselves.

    Where it is one record, the columns of the record are its own.
    """
    one = (ServiceRecord.turnout, ServiceRecord.status, ServiceRecord.minutes, ServiceRecord.added_minutes)
    since = func.min(ServiceRecord.created_at)
    wanted = (
        select(
            ServiceRecord.session_id,
            ServiceRecord.organisation_id,
            Event.title,
            EventSession.ends_at,
            since.label("since"),
            func.count().label("number"),
            func.min(ServiceRecord.id).label("record_id"),
            func.min(Person.name).label("who"),
            func.min(ServiceRecord.in_at).label("in_at"),
            func.min(ServiceRecord.out_at).label("out_at"),
            *(func.min(column).label(column.key) for column in one),
        )
        .where(ServiceRecord.status == RecordStatus.TO_CONFIRM, *_of(organisations, besides))
        .group_by(ServiceRecord.session_id, ServiceRecord.organisation_id, Event.title, EventSession.ends_at)
        .order_by(since, ServiceRecord.session_id)
    )
    return session().execute(_with_event(wanted)).all()


def added_to_approve(organisations: Collection[str] | None, *, besides: str) -> Rows:
    """Added time that waits for a second person, who is neither the volunteer nor whoever proposed it."""
    wanted = (
        select(
            ServiceRecord.id,
            ServiceRecord.organisation_id,
            ServiceRecord.session_id,
            ServiceRecord.added_minutes,
            ServiceRecord.reason,
            ServiceRecord.created_at,
            Event.title,
            Person.name.label("who"),
        )
        .where(
            ServiceRecord.status == RecordStatus.PROPOSED,
            func.coalesce(ServiceRecord.created_by, "") != besides,
            *_of(organisations, besides),
        )
        .order_by(ServiceRecord.created_at, ServiceRecord.id)
    )
    return session().execute(_with_event(wanted)).all()


def lists_to_decide() -> Rows:
    """Lists for commendation that are open, with how many of their names nobody has decided on, the oldest first."""
    undecided = func.count(Commendation.id).filter(Commendation.decision.is_(None))
    wanted = (
        select(
            CommendationList.id,
            CommendationList.title,
            CommendationList.created_at,
            undecided.label("undecided"),
        )
        .outerjoin(Commendation, Commendation.list_id == CommendationList.id)
        .where(CommendationList.closed_at.is_(None))
        .group_by(CommendationList.id)
        .order_by(CommendationList.created_at, CommendationList.id)
    )
    return session().execute(wanted).all()


def _with_event(wanted: Any) -> Any:
    return (
        wanted.join(Person, Person.id == ServiceRecord.person_id)
        .join(EventSession, EventSession.id == ServiceRecord.session_id)
        .join(Event, Event.id == EventSession.event_id)
    )


def _of(organisations: Collection[str] | None, besides: str) -> list[ColumnElement[bool]]:
    own = [] if organisations is None else [ServiceRecord.organisation_id.in_(organisations)]
    return [ServiceRecord.person_id != besides, *own]
