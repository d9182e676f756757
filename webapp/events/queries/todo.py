"""What of the events waits for someone."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from itertools import groupby

from webapp.core import clock
from webapp.core.errors import N_, Words
from webapp.core.todo import Press, Todo, Viewer
from webapp.events.domain import EventStatus
from webapp.events.queries.staff import understaffed
from webapp.events.queries.unpublished import Unpublished, find_unpublished
from webapp.organisations.domain import Permission
from webapp.organisations.queries.viewing import is_office, own_of

AHEAD = timedelta(days=14)
MANAGES = (Permission.MANAGE_EVENTS, Permission.GOVERN)


def events_to_review(viewer: Viewer) -> Iterator[Todo]:
    """Events handed in for approval, for the office; due when the first session begins."""
    if not viewer.may(Permission.GOVERN):
        return
    of = None if is_office(viewer) else own_of(viewer, Permission.GOVERN)
    for one in find_unpublished(EventStatus.SUBMITTED, of):
        row = _row(one, N_("“%(title)s”等审核后发布"), N_("去审核"))
        yield _pressed(row, N_("发布"), "events.publish_event") if one.is_complete else row


def drafts_to_publish(viewer: Viewer) -> Iterator[Todo]:
    """Drafts of the person's organisations; due when the first session begins, as sign-ups must come before."""
    for one in find_unpublished(EventStatus.DRAFT, _own(viewer)):
        text = N_("草稿“%(title)s”还没有发布") if one.is_written else N_("草稿“%(title)s”还没有写完")
        row = _row(one, text, N_("打开") if one.is_written else N_("接着写"))
        if not one.is_complete:
            yield row
        elif one.needs_approval and not viewer.may(Permission.GOVERN):
            yield _pressed(row, N_("提交审核"), "events.submit_event")
        else:
            yield _pressed(row, N_("发布"), "events.publish_event")


def events_put_off(viewer: Viewer) -> Iterator[Todo]:
    """Postponed events of the person's organisations: people wait for a new time. Due when the first was to begin."""
    for one in find_unpublished(EventStatus.POSTPONED, _own(viewer)):
        yield _row(one, N_("“%(title)s”延期了，报了名的人在等新时间"), N_("去定时间，再恢复"))


def places_to_fill(viewer: Viewer) -> Iterator[Todo]:
    """Sessions of the next two weeks that still lack volunteers."""
    own = _own(viewer)
    missing = understaffed(own, until=clock.now() + AHEAD) if own else []
    for session_id, places in groupby(missing, lambda row: row.id):
        lacking = list(places)
        yield Todo(
            N_("“%(title)s”还缺 %(n)s 名志愿者（%(positions)s）"),
            N_("去补人"),
            "pages.session_sheet",
            {"session_id": session_id},
            {
                "title": lacking[0].title,
                "n": sum(row.lacking for row in lacking),
                "positions": [Words(row.name) for row in lacking],
            },
            lacking[0].starts_at,
        )


def _own(viewer: Viewer) -> list[str]:
    """Organisations whose events are the person's own work: also the office sees to its own, not to everybody's."""
    return own_of(viewer, *MANAGES)


def _row(one: Unpublished, text: str, act: str) -> Todo:
    where, values = {"event_id": one.id}, {"title": one.title}
    return Todo(text, act, "events.show_managed", where, values, one.starts_at, since=one.made_at)


def _pressed(row: Todo, act: str, endpoint: str) -> Todo:
    return replace(row, act=act, press=Press(endpoint, row.where))
