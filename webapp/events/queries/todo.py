"""What of the events waits for someone."""

from collections.abc import Iterator
from datetime import timedelta
from itertools import groupby

from sqlalchemy import func, select

from webapp.core import clock
from webapp.core.db import session
from webapp.core.errors import N_, Words
from webapp.core.todo import Todo, Viewer
from webapp.events.domain import EventStatus
from webapp.events.models import Event, EventSession
from webapp.events.queries.staff import understaffed
from webapp.organisations.domain import Permission
from webapp.organisations.queries.viewing import is_office, own_of

SHOWN = 50
AHEAD = timedelta(days=14)


def events_to_review(viewer: Viewer) -> Iterator[Todo]:
    """Events handed in for approval, for the office; due when the first session begins."""
    if not viewer.may(Permission.GOVERN):
        return
    of = None if is_office(viewer) else own_of(viewer)
    yield from _unpublished(EventStatus.SUBMITTED, of, N_("“%(title)s”等审核后发布"), N_("去审核"))


def drafts_to_publish(viewer: Viewer) -> Iterator[Todo]:
    """Drafts of the person's organisations; due when the first session begins, as sign-ups must come before."""
    own = _own(viewer)
    yield from _unpublished(EventStatus.DRAFT, own, N_("草稿“%(title)s”还没有发布"), N_("打开"))


def events_put_off(viewer: Viewer) -> Iterator[Todo]:
    """Postponed events of the person's organisations: people wait for a new time. Due when the first was to begin."""
    text, act = N_("“%(title)s”延期了，报了名的人在等新时间"), N_("去定时间，再恢复")
    yield from _unpublished(EventStatus.POSTPONED, _own(viewer), text, act)


def places_to_fill(viewer: Viewer) -> Iterator[Todo]:
    """Sessions of the next two weeks that still lack volunteers."""
    own = _own(viewer)
    missing = understaffed(own, until=clock.now() + AHEAD) if own else []
    for event_session, places in groupby(missing, lambda position: position.session):
        lacking = list(places)
        yield Todo(
            N_("“%(title)s”还缺 %(n)s 名志愿者（%(positions)s）"),
            N_("去补人"),
            "pages.session_sheet",
            {"session_id": event_session.id},
            {
                "title": event_session.event.title,
                "n": sum(one.capacity - one.taken for one in lacking),
                "positions": [Words(one.name) for one in lacking],
            },
            event_session.starts_at,
        )


def _own(viewer: Viewer) -> list[str]:
    """Organisations whose events are the person's own work: also the office sees to its own, not to everybody's."""
    return own_of(viewer) if viewer.may(Permission.MANAGE_EVENTS) else []


def _unpublished(status: EventStatus, organisations: list[str] | None, text: str, act: str) -> Iterator[Todo]:
    first = func.min(EventSession.starts_at)
    wanted = (
        select(Event.id, Event.title, first, Event.created_at)
        .outerjoin(EventSession, EventSession.event_id == Event.id)
        .where(Event.status == status)
        .group_by(Event.id)
        .order_by(first, Event.id)
        .limit(SHOWN)
    )
    if organisations is not None:
        wanted = wanted.where(Event.organisation_id.in_(organisations))
    for event_id, title, starts_at, made_at in session().execute(wanted):
        where, values = {"event_id": event_id}, {"title": title}
        yield Todo(text, act, "events.show_managed", where, values, starts_at, since=made_at)
