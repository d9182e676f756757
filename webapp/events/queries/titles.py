"""Events by what was typed, for the search at the top of the staff's side: a few, those about now first."""

from collections.abc import Collection, Sequence
from datetime import timedelta
from typing import Any

from sqlalchemy import ColumnElement, Row, and_, func, select

from webapp.core import clock
from webapp.core.db import session
from webapp.core.matching import Sought
from webapp.events.domain import PUBLIC_STATUSES
from webapp.events.models import Event, EventSession
from webapp.events.queries.found import matching
from webapp.organisations.models import Organisation

ABOUT = timedelta(days=30)
FEW = 20


def _theirs(organisations: Collection[str] | None) -> list[ColumnElement[bool]]:
    return [] if organisations is None else [Event.organisation_id.in_(organisations)]


def events_called(
    q: str, organisations: Collection[str] | None, *, public: bool = False
) -> Sequence[Row[*tuple[Any, ...]]]:
    """Events that hold every word: id, title, unit, at (the last session; none yet). In any state, or what the public
    sees.
    """
    at = func.max(EventSession.starts_at)
    wanted = (
        select(Event.id, Event.title, Organisation.name.label("unit"), at.label("at"))
        .join(Organisation, Organisation.id == Event.organisation_id)
        .outerjoin(EventSession, and_(EventSession.event_id == Event.id, EventSession.cancelled_at.is_(None)))
        .where(*_theirs(organisations), *matching(q))
        .group_by(Event.id, Event.title, Organisation.name, Event.created_at)
        .order_by(func.coalesce(at, Event.created_at).desc(), Event.id.desc())
        .limit(FEW)
    )
    if public:
        wanted = wanted.where(Event.status.in_([str(one) for one in PUBLIC_STATUSES]))
    return session().execute(wanted).all()


def sessions_called(sought: Sought, organisations: Collection[str] | None) -> list[Row[*tuple[Any, ...]]]:
    """One session of each event about now whose title is meant, also by its pinyin: the one nearest to now.

    id, event_id, title, organisation_id, unit, starts_at. They are looked through: a city has some thousands in these
    weeks, and many are called alike.
    """
    now = clock.now()
    wanted = (
        select(
            EventSession.id,
            EventSession.event_id,
            Event.title,
            Event.organisation_id,
            Organisation.name.label("unit"),
            EventSession.starts_at,
        )
        .join(Event, Event.id == EventSession.event_id)
        .join(Organisation, Organisation.id == Event.organisation_id)
        .where(
            *_theirs(organisations),
            EventSession.cancelled_at.is_(None),
            EventSession.starts_at.between(now - ABOUT, now + ABOUT),
        )
    )
    rows = session().execute(wanted).all()
    meant = {title for title in {row.title for row in rows} if sought.finds(name=title)}
    nearest: dict[str, Row[*tuple[Any, ...]]] = {}
    for row in sorted((one for one in rows if one.title in meant), key=lambda one: abs(one.starts_at - now)):
        nearest.setdefault(row.event_id, row)
    return list(nearest.values())[:FEW]
