"""What people are told of their sign-ups, in Chinese whatever the language of the page that caused it.

Each message has a key made of the fact it tells, so that the same fact is told once.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from flask_babel import force_locale
from sqlalchemy import ColumnElement, Row, Select, func, select

from webapp.core.config import current_settings
from webapp.core.db import session
from webapp.core.i18n import LOCALES, format_range
from webapp.core.senders import is_configured
from webapp.events.models import Event, EventSession, Position
from webapp.people.domain import contact_for
from webapp.people.models import Account, Person
from webapp.people.queries import channels
from webapp.people.service import notify
from webapp.signups.domain import show_short_code
from webapp.signups.domain.telling import NoticeKind
from webapp.signups.models import Notice, Signup
from webapp.signups.queries import guest_token
from webapp.signups.service.tellings import notice_of_one, write_telling
from webapp.venues.models import Venue

_AT_ONCE = 500  # so many ids in one statement


def moved_up(signup_ids: list[str]) -> None:
    """A place became free and is theirs."""
    for row in facts(signup_ids):
        tell(
            row,
            f"候补成功：{row.title}",
            first=f"您候补的“{row.title}”有空位了，已经为您报上名。",
            key=f"signup:{row.id}:moved_up",
            after=f"来不了请早点取消，让给后面的人。{link(row)}",
            about=of_one(NoticeKind.SEAT, row),
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
            first=f"工作人员替您报了“{row.title}”" + (f"，目前在候补，{later(row)}" if waits else "。"),
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
            about=of_one(NoticeKind.WITHDRAWN, row),
        )


def chose_another(signup_ids: list[str]) -> None:
    """Of two shifts at one time they gave this one back: the entry leaves their calendar."""
    for row in facts(signup_ids):
        tell(
            row,
            f"报名已取消：{row.title}",
            first=f"两个岗位时间重叠，按您的选择，“{row.title}”这一班已经取消，不用来了。",
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


@dataclass(frozen=True)
class About:
    """What else belongs to a message: the notice it is part of, and where it is answered."""

    notice: Notice | None = None
    answer_path: str = ""
    is_of_one: bool = False  # the notice gathers facts of one person each: what to say stands with the person


def tell(
    row: Row[*tuple[Any, ...]],
    subject: str,
    *,
    first: str,
    key: str,
    after: str = "",
    about: About | None = None,
) -> None:
    """Queue a message about a sign-up (a row of facts()): what happened, when, where, as what, what to do.

    Its calendar entry goes along, also to be taken out; where there is no sign-up there is none. Where the message is
    part of a notice, it is written down by what this person hears of it.
    """
    about = about or About()
    asks = answer_line(about.answer_path)
    lines = [first, f"时间：{when_of(row)}", f"地点：{row.venue}", f"岗位：{row.position}", asks, after]
    notify(
        row.person_id,
        subject=subject,
        body="\n".join(line for line in lines if line),
        dedupe_key=key,
        calendar_of=row.id if row.status else None,
        answer_path=about.answer_path or None,
    )
    if about.notice is not None:
        words = f"{first}{when_of(row)}，{row.venue}，{row.position}。" if about.is_of_one else ""
        write_telling(about.notice, row, key=key, words=words)


def answer_line(path: str) -> str:
    """Where the message is answered; nothing when this installation does not know its own address."""
    base = current_settings().base_url
    return f"请点这里答复，不用登录：{base}{path}" if base and path else ""


def of_one(kind: NoticeKind, row: Row[*tuple[Any, ...]], *, answer_path: str = "") -> About:
    """A fact of one person, gathered with the others of its session."""
    return About(notice_of_one(kind, row.event_id, row.session_id), answer_path, is_of_one=True)


def when_of(row: Row[*tuple[Any, ...]]) -> str:
    """The session's day and hours, in Chinese."""
    with force_locale(LOCALES["zh"]):
        return format_range(row.starts_at, row.ends_at)


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


def facts(signup_ids: Iterable[str]) -> list[Row[*tuple[Any, ...]]]:
    """What a message says, for each sign-up, in the order they were made."""
    ids = list(signup_ids)
    found: list[Row[*tuple[Any, ...]]] = []
    for first in range(0, len(ids), _AT_ONCE):
        found += session().execute(facts_where(Signup.id.in_(ids[first : first + _AT_ONCE]))).all()
    return found


def facts_where(*conditions: ColumnElement[bool]) -> Select[*tuple[Any, ...]]:
    """The same for sign-ups that meet conditions, with where to reach the person (see contact())."""
    return (
        select(
            Signup.id,
            Signup.person_id,
            Signup.session_id,
            Signup.status,
            Signup.created_by,
            Signup.created_at,
            Signup.confirmed_at,
            Signup.course_id,
            Signup.short_code,
            Position.name.label("position"),
            Event.id.label("event_id"),
            Event.title,
            EventSession.starts_at,
            EventSession.ends_at,
            EventSession.sequence,
            Venue.name.label("venue"),
            Person.name.label("person"),
            Account.id.label("account_id"),
            Account.email,
            func.coalesce(Account.phone, Person.phone).label("phone"),
        )
        .select_from(Signup)
        .join(Position, Position.id == Signup.position_id)
        .join(EventSession, EventSession.id == Signup.session_id)
        .join(Event, Event.id == EventSession.event_id)
        .join(Venue, Venue.id == EventSession.venue_id)
        .join(Person, Person.id == Signup.person_id)
        .outerjoin(Account, Account.person_id == Signup.person_id)
        .where(*conditions)
        .order_by(EventSession.starts_at, Signup.created_at, Signup.id)
    )


def later(row: Row[*tuple[Any, ...]]) -> str:
    """How they will hear of what becomes of it: what is promised is what can be sent."""
    found = contact(row)
    is_sent = found is not None and is_configured(found[0], current_settings())
    return "有结果会通知您。" if is_sent else "轮到时写在您的报名页上，请常看看。"


def contact(row: Row[*tuple[Any, ...]]) -> tuple[str, str] | None:
    """Channel and recipient, as people.queries.contact_of() has them, of a row of facts()."""
    return contact_for(row.email, row.phone, channels())
