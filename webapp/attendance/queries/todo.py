"""What of the doors waits for someone."""

from collections.abc import Iterator, Sequence
from datetime import timedelta
from typing import Any

from sqlalchemy import Row, exists, select

from webapp.attendance.models import Attendance, HeadCount
from webapp.attendance.queries.leaving import phones_with_scans, sessions_without_phone
from webapp.attendance.queries.review import scans_open
from webapp.core import clock
from webapp.core.db import session
from webapp.core.errors import N_
from webapp.core.todo import Todo, Viewer
from webapp.events.domain import EventStatus
from webapp.events.models import Event, EventSession
from webapp.organisations.domain import Permission
from webapp.organisations.queries.viewing import own_of, seen_by
from webapp.signups.domain import SignupStatus
from webapp.signups.models import Signup

FILLED_WITHIN = timedelta(days=30)  # a sheet that was not entered by then will hardly be found


def scans_to_settle(viewer: Viewer) -> Iterator[Todo]:
    """Scans that were let in without network and have to be looked at."""
    if not viewer.may(Permission.MANAGE_EVENTS, Permission.GOVERN):
        return
    number, since = scans_open(seen_by(viewer, Permission.MANAGE_EVENTS))
    if number:
        yield Todo(
            N_("%(n)s 条没有网络时放行的签到要核对"),
            N_("去核对"),
            "attendance.list_reviews",
            values={"n": number},
            since=since,
        )


def phones_to_pair_again(viewer: Viewer) -> Iterator[Todo]:
    """Sessions whose phones ended because whoever paired them left; due when the session begins."""
    if not viewer.may(Permission.MANAGE_EVENTS, Permission.GOVERN):
        return
    for row in sessions_without_phone(seen_by(viewer, Permission.MANAGE_EVENTS)):
        yield Todo(
            N_("“%(title)s”的签到手机停用了：配对的人离开了"),
            N_("去重新配对"),
            "attendance.session_devices",
            {"session_id": row.session_id},
            {"title": row.title},
            row.starts_at,
        )


def scans_to_wait_for(viewer: Viewer) -> Iterator[Todo]:
    """Paired phones that have scans of a session that is over and have not handed them in: somebody has to be asked."""
    if not viewer.may(Permission.MANAGE_EVENTS, Permission.GOVERN):
        return
    for row in phones_with_scans(seen_by(viewer, Permission.MANAGE_EVENTS)):
        yield Todo(
            N_("签到手机“%(phone)s”还有 %(n)s 条签到没有传上来，请打开它连上网络"),
            N_("看是哪一台"),
            "attendance.session_devices",
            {"session_id": row.session_id},
            {"phone": row.name, "n": row.missing},
            since=row.ends_at,
        )


def sheets_to_fill(viewer: Viewer) -> Iterator[Todo]:
    """Sessions that are over, had people signed up, and of which nobody has entered who came."""
    own = own_of(viewer, Permission.MANAGE_EVENTS, Permission.GOVERN)
    for row in _unrecorded(own) if own else ():
        yield Todo(
            N_("“%(title)s”结束了，还没有记下谁来了"),
            N_("录签到表"),
            "attendance.tick_names",
            {"session_id": row.id, "from": "sheet"},
            {"title": row.title},
            since=row.ends_at,
        )


def _unrecorded(organisation_ids: Sequence[str]) -> Sequence[Row[*tuple[Any, ...]]]:
    """Session, title and end; what ended first comes first."""
    came = exists().where(Attendance.session_id == EventSession.id, Attendance.annulled_at.is_(None))
    counted = exists().where(HeadCount.session_id == EventSession.id, HeadCount.annulled_at.is_(None))
    expected = exists().where(Signup.session_id == EventSession.id, Signup.status == SignupStatus.CONFIRMED)
    wanted = (
        select(EventSession.id, Event.title, EventSession.ends_at)
        .join(Event, Event.id == EventSession.event_id)
        .where(
            Event.organisation_id.in_(organisation_ids),
            Event.status == EventStatus.PUBLISHED,
            EventSession.cancelled_at.is_(None),
            EventSession.ends_at <= clock.now(),
            EventSession.ends_at > clock.now() - FILLED_WITHIN,
            expected,
            ~came,
            ~counted,
        )
        .order_by(EventSession.ends_at, EventSession.id)
    )
    return session().execute(wanted).all()
