"""What people are told of their sign-ups, in Chinese whatever the language of the page that caused it.

Each message has a key made of the fact it tells, so that the same fact is told once.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from flask_babel import force_locale
from sqlalchemy import Row, select

from webapp.core.config import current_settings
from webapp.core.db import session
from webapp.core.i18n import LOCALES, format_range
from webapp.core.outbox import OutboxMessage
from webapp.people.service import notify
from webapp.signups.domain import LIVING, SignupStatus, show_short_code
from webapp.signups.queries import guest_token
from webapp.signups.service.facts import contact, facts, facts_where, when_of
from webapp.signups.service.taking_out import goes_along, was_put_in
from webapp.venues.models import Venue

__all__ = ["contact", "facts", "facts_where", "when_of"]  # read by others beside what is told here


@dataclass(frozen=True)
class Was:
    """When and where a session was before it moved."""

    starts_at: datetime
    ends_at: datetime
    venue_id: str


def moved_up(signup_ids: list[str]) -> None:
    """A place became free and is theirs."""
    for row in facts(signup_ids):
        tell(
            row,
            f"候补成功：{row.title}",
            first=f"您候补的“{row.title}”有空位了，已经为您报上名。",
            key=f"signup:{row.id}:moved_up",
            after=f"来不了请早点取消，让给后面的人。{link(row)}",
        )


def signed_up_by_staff(signup_id: str) -> None:
    """Someone signed them up: they should know, and may take it back. Of a course confirming.py tells once."""
    for row in facts([signup_id]):
        if row.course_id is not None:
            continue
        waits = row.status == "waitlisted"
        tell(
            row,
            f"{'候补' if waits else '报名'}：{row.title}",
            first=f"工作人员替您报了“{row.title}”" + ("，目前在候补，有空位会通知您。" if waits else "。"),
            key=f"signup:{row.id}:made",
            after=f"如果不是您的意思，可以取消。{link(row)}",
        )


def cancelled_by_staff(signup_id: str, reason: str) -> None:
    """Staff took their place away."""
    for row in facts([signup_id]):
        tell(
            row,
            f"报名已取消：{row.title}",
            first=f"您报的“{row.title}”被工作人员取消了。{because(reason)}",
            key=f"signup:{row.id}:cancelled",
        )


def event_cancelled(signup_ids: list[str], event_id: str, reason: str) -> None:
    """The event is off; one message per person, however many of its sessions they had."""
    for row in facts(signup_ids):
        tell(
            row,
            f"活动取消：{row.title}",
            first=f"“{row.title}”取消了，您的报名也随之取消，请不要前往。{because(reason)}",
            key=f"event:{event_id}:cancelled:{row.person_id}",
        )


def event_postponed(signup_ids: list[str], event_id: str, revision: int) -> None:
    """The event is put off without a new date; one message per person and postponement."""
    for row in facts(signup_ids):
        tell(
            row,
            f"活动延期：{row.title}",
            first=f"“{row.title}”延期了，请不要按原来的时间前往。您的报名还保留着，新时间定了会再通知您。",
            key=f"event:{event_id}:postponed:{revision}:{row.person_id}",
        )


def session_cancelled(signup_ids: list[str], session_id: str, reason: str) -> None:
    """One session is off."""
    for row in facts(signup_ids):
        tell(
            row,
            f"场次取消：{row.title}",
            first=f"“{row.title}”的这个场次取消了，您的报名也随之取消，请不要前往。{because(reason)}",
            key=f"session:{session_id}:cancelled:{row.person_id}",
        )


def moved(signup_ids: list[str], was: Was, *, lost: list[str]) -> None:
    """Time or place is another one now; `lost` are those it made clash with another shift of theirs."""
    old_place = session().scalar(select(Venue.name).where(Venue.id == was.venue_id))
    with force_locale(LOCALES["zh"]):
        before = f"原来是{format_range(was.starts_at, was.ends_at)}，{old_place}。"
    for row in facts(signup_ids):
        tell(
            row,
            f"时间地点有变：{row.title}",
            first=f"您报的“{row.title}”改了时间或地点，请按下面新的来。{before}",
            key=f"signup:{row.id}:moved:{row.sequence}",
            after=f"来不了请取消报名。{link(row)}",
        )
    for row in facts(lost):
        tell(
            row,
            f"报名已取消：{row.title}",
            first=f"您报的“{row.title}”改了时间，和您另一个岗位重叠，这一个已为您取消，另一个照旧。{before}",
            key=f"signup:{row.id}:cancelled",
        )


def pass_replaced(signup_id: str, serial: int) -> None:
    """Someone else replaced their pass: what they saved or printed is void."""
    for row in facts([signup_id]):
        tell(
            row,
            f"签到码换了：{row.title}",
            first=f"“{row.title}”的签到码换成新的了，以前保存的二维码和编号不能再用。名额不变。",
            key=f"signup:{row.id}:pass:{serial}",
            after=f"新的编号是 {show_short_code(row.short_code)}。{link(row)}",
        )


def tell(row: Row[*tuple[Any, ...]], subject: str, *, first: str, key: str, after: str = "") -> None:
    """Queue a message about a sign-up (a row of facts()): what happened, when, where, as what, what to do.

    Its calendar entry goes along once they have a place, and from then on whatever becomes of it, to the end.
    """
    lines = [first, f"时间：{when_of(row)}", f"地点：{row.venue}", f"岗位：{row.position}", after]
    body = "\n".join(line for line in lines if line)
    calendar_of = row.id if row.status == SignupStatus.CONFIRMED or _is_in(row) else None
    is_told = notify(row.person_id, subject=subject, body=body, dedupe_key=key, calendar_of=calendar_of)
    if is_told and calendar_of and row.status not in LIVING:
        goes_along(row.id)
    elif not is_told and row.status in LIVING and _is_in(row) and not _took_along(row, key):
        # One message for several dates: their entries change as well.
        notify(row.person_id, subject=subject, body=body, dedupe_key=f"{key}:{row.id}", calendar_of=row.id)


def _is_in(row: Row[*tuple[Any, ...]]) -> bool:
    """Whether a mail has put their entry into a calendar; where there is no sign-up there is none."""
    return bool(row.status) and was_put_in(row.id)


def _took_along(row: Row[*tuple[Any, ...]], key: str) -> bool:
    carried = select(OutboxMessage.calendar_of).where(OutboxMessage.dedupe_key == key)
    return session().scalar(carried) in {row.id, None}


def because(reason: str) -> str:
    """The reason as a sentence, or nothing."""
    return f"原因：{reason.rstrip('。')}。" if reason.strip() else ""


def link(row: Row[*tuple[Any, ...]]) -> str:
    """Where the person sees and cancels it; nothing when this installation does not know its own address."""
    base = current_settings().base_url
    if not base:
        return ""
    path = f"/me/passes/{row.id}" if row.account_id else f"/signups/{guest_token(row.id)}"
    return base + path
