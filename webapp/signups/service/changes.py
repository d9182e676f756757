"""What people are told when an event or a session changes: the message, and what is said on the telephone."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from flask_babel import force_locale
from sqlalchemy import Row, select

from webapp.core.db import session
from webapp.core.i18n import LOCALES, format_range
from webapp.events.models import Cancellation, Event, EventSession, Position
from webapp.people.domain import show_phone
from webapp.signups.domain import messages
from webapp.signups.domain.telling import Ask, NoticeKind
from webapp.signups.models import Notice
from webapp.signups.queries.asking import answer_path
from webapp.signups.service.notices import About, because, facts, link, tell
from webapp.signups.service.tellings import make_notice
from webapp.venues.models import Venue


@dataclass(frozen=True)
class Was:
    """When and where a session was before it moved."""

    starts_at: datetime
    ends_at: datetime
    venue_id: str


def event_cancelled(signup_ids: list[str], event: Event, *, cancellation: Cancellation) -> None:
    """The event is off; one message per person, however many of its sessions they had."""
    reason = event.cancel_reason or ""
    notice = make_notice(
        NoticeKind.EVENT_CANCELLED,
        event.id,
        by=cancellation.made_by,
        cancellation=cancellation,
        script=_script(event, f"您报的“{event.title}”取消了，请不要来了。{because(reason)}"),
    )
    for row in facts(signup_ids):
        tell(
            row,
            f"活动取消：{row.title}",
            first=f"“{row.title}”取消了，您的报名也随之取消，请不要前往。{because(reason)}",
            fact=messages.CANCELLED.of(f"cancellation:{cancellation.id}:{row.person_id}"),
            about=About(notice),
        )


def session_cancelled(signup_ids: list[str], held: EventSession, *, cancellation: Cancellation) -> None:
    """One session is off."""
    reason = held.cancel_reason or ""
    when = _range(held.starts_at, held.ends_at)
    notice = make_notice(
        NoticeKind.SESSION_CANCELLED,
        held.event_id,
        session_id=held.id,
        by=cancellation.made_by,
        cancellation=cancellation,
        script=_script(
            held.event, f"您报的“{held.event.title}”，{when}这一场取消了，请不要来了。{because(reason)}"
        ),
    )
    for row in facts(signup_ids):
        tell(
            row,
            f"场次取消：{row.title}",
            first=f"“{row.title}”的这个场次取消了，您的报名也随之取消，请不要前往。{because(reason)}",
            fact=messages.CANCELLED.of(f"cancellation:{cancellation.id}:{row.person_id}"),
            about=About(notice),
        )


def restored(signup_ids: list[str], event: Event, *, cancellation: Cancellation, by: str | None) -> None:
    """A cancellation of which these people had heard was undone."""
    if not signup_ids:
        return
    notice = make_notice(
        NoticeKind.RESTORED,
        event.id,
        session_id=cancellation.session_id,
        by=by,
        script=_script(event, f"刚才通知您“{event.title}”取消了，那是误操作。活动照常举行，您的名额还在。"),
    )
    for row in facts(signup_ids):
        tell(
            row,
            f"照常举行：{row.title}",
            first=f"刚才通知您“{row.title}”取消了，现在更正：活动照常举行，您的报名还在。",
            fact=messages.RESTORED.of(f"cancellation:{cancellation.id}:undone:{row.person_id}"),
            after=link(row),
            about=About(notice),
        )


def event_postponed(signup_ids: list[str], event: Event, *, by: str | None) -> None:
    """The event is put off without a new date; one message per person and postponement."""
    said = "延期了，请不要按原来的时间来。您的报名还保留着，新时间定了再告诉您。"
    notice = make_notice(
        NoticeKind.POSTPONED, event.id, by=by, script=_script(event, f"您报的“{event.title}”{said}")
    )
    for row in facts(signup_ids):
        tell(
            row,
            f"活动延期：{row.title}",
            first=f"“{row.title}”延期了，请不要按原来的时间前往。您的报名还保留着，新时间定了会写在活动页上。",
            fact=messages.POSTPONED.of(f"event:{event.id}:postponed:{event.revision}:{row.person_id}"),
            after=link(row),
            about=About(notice),
        )


def event_resumed(
    signup_ids: list[str], event: Event, *, by: str | None, clashing: Collection[str] = ()
) -> None:
    """It takes place, at the times that stand now; those of `clashing` are asked which of two shifts they keep."""
    notice = make_notice(
        NoticeKind.RESUMED,
        event.id,
        by=by,
        script=_script(event, f"您报的“{event.title}”延期以后定下来了，请按下面写的时间和地点来。"),
    )
    for row in sorted(
        facts(signup_ids), key=lambda row: row.id not in clashing
    ):  # one message each: with the question
        is_clash = row.id in clashing
        first = f"延期的“{row.title}”定下来了，请按下面的时间和地点来。"
        if is_clash:
            first += "这个时间您还有另一个岗位，两个都给您留着，请您选一个。"
        path = answer_path(Ask.CHOOSE, row.id, row.person_id) if is_clash else ""
        tell(
            row,
            f"恢复举行：{row.title}",
            first=first,
            fact=messages.RESUMED.of(f"event:{event.id}:resumed:{event.revision}:{row.person_id}"),
            after="" if is_clash else f"来不了请取消报名。{link(row)}",
            about=About(notice, path),
        )


def moved(
    signup_ids: list[str], held: EventSession, *, was: Was, by: str | None, clashing: Collection[str]
) -> None:
    """Time or place is another one now. Who has another shift then keeps both and is asked to choose."""
    old_place = session().scalar(select(Venue.name).where(Venue.id == was.venue_id))
    before = f"原来是{_range(was.starts_at, was.ends_at)}，{old_place}。"
    now = f"改到{_range(held.starts_at, held.ends_at)}，{held.venue.name}"
    notice = make_notice(
        NoticeKind.MOVED,
        held.event_id,
        session_id=held.id,
        by=by,
        script=_script(held.event, f"您报的“{held.event.title}”{now}，名额还在。{before}新的时间您能来吗？"),
    )
    for row in facts(signup_ids):
        _tell_moved(row, notice, before, row.person_id in clashing)


def _tell_moved(row: Row[*tuple[Any, ...]], notice: Notice, before: str, is_clash: bool) -> None:
    first = f"您报的“{row.title}”改了时间或地点，请按下面新的来。{before}"
    if is_clash:
        first += "这个时间您还有另一个岗位，两个都给您留着，请您选一个。"
    path = answer_path(Ask.CHOOSE, row.id, row.person_id) if is_clash else ""
    tell(
        row,
        f"{'请选一个岗位' if is_clash else '时间地点有变'}：{row.title}",
        first=first,
        fact=messages.MOVED.of(f"signup:{row.id}:moved:{row.sequence}"),
        after="" if is_clash else f"来不了请取消报名。{link(row)}",
        about=About(notice, path),
    )


def called(position: Position, *, note: str, by: str) -> Notice:
    """A shift lacks people: what is said to those whom only the telephone reaches."""
    held = position.session
    when = _range(held.starts_at, held.ends_at)
    asks = f"{when}“{held.event.title}”在{held.venue.name}还缺{position.name}，想请您来帮忙，能来吗？"
    return make_notice(
        NoticeKind.CALLED,
        held.event_id,
        session_id=held.id,
        by=by,
        script=_script(held.event, asks + (f"{note.rstrip('。')}。" if note else "")),
    )


def back_into_clash(signup_ids: list[str]) -> None:
    """Their shift takes place after all, and meanwhile they had taken another: they are asked to choose."""
    for row in facts(signup_ids):
        tell(
            row,
            f"请选一个岗位：{row.title}",
            first=f"“{row.title}”不取消了。这个时间您还有另一个岗位，两个都给您留着，请您选一个。",
            fact=messages.CLASH.of(f"signup:{row.id}:clash:{row.sequence}"),
            about=About(None, answer_path(Ask.CHOOSE, row.id, row.person_id)),
        )


def _range(starts_at: datetime, ends_at: datetime) -> str:
    with force_locale(LOCALES["zh"]):
        return format_range(starts_at, ends_at)


def _script(event: Event, said: str) -> str:
    """What is said on the telephone, with whom to ask."""
    host = event.organisation
    ask = f"有问题可以打电话 {show_phone(host.phone)}。" if host.phone else ""
    return f"您好，这里是{host.name}。{said}{ask}"
