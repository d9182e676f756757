"""What people are told of their sign-ups, in Chinese whatever the language of the page that caused it.

Each message has a key made of the fact it tells, so that the same fact is told once.
"""

from collections.abc import Collection
from dataclasses import dataclass, replace
from typing import Any

from sqlalchemy import Row, select

from webapp.core import outbox
from webapp.core.clock import Period
from webapp.core.config import current_settings
from webapp.core.db import session
from webapp.core.outbox import OutboxMessage
from webapp.core.phones import takes_sms
from webapp.core.senders import is_configured
from webapp.core.timing import Fact, Occasion
from webapp.events.domain import PositionKind
from webapp.people.service import notify
from webapp.signups.domain import LIVING, SignupStatus, last_moment, messages, show_short_code
from webapp.signups.domain.telling import NoticeKind
from webapp.signups.models import Notice
from webapp.signups.queries import guest_token
from webapp.signups.service.facts import contact, facts, facts_where, when_of
from webapp.signups.service.taking_out import goes_along, was_put_in
from webapp.signups.service.tellings import notice_of_one, write_telling

__all__ = ["contact", "facts", "facts_where", "when_of"]  # read by others beside what is told here


def moved_up(signup_ids: list[str]) -> None:
    """A place became free and is theirs."""
    for row in facts(signup_ids):
        tell(
            row,
            f"候补成功：{row.title}",
            first=f"您候补的“{row.title}”有空位了，已经为您报上名。",
            fact=messages.MOVED_UP.of(f"signup:{row.id}:moved_up"),
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
            fact=messages.made(row.status).of(f"signup:{row.id}:made"),
            after=f"如果不是您的意思，可以取消。{link(row)}",
        )


def cancelled_by_staff(signup_id: str, reason: str) -> None:
    """Staff took their place away."""
    for row in facts([signup_id]):
        tell(
            row,
            f"报名已取消：{row.title}",
            first=f"您报的“{row.title}”被工作人员取消了。{because(reason)}",
            fact=messages.WITHDRAWN.of(f"signup:{row.id}:cancelled"),
            about=of_one(NoticeKind.WITHDRAWN, row),
        )


def chose_another(signup_ids: list[str]) -> None:
    """Of two shifts at one time they gave this one back: the entry leaves their calendar."""
    for row in facts(signup_ids):
        tell(
            row,
            f"报名已取消：{row.title}",
            first=f"两个岗位时间重叠，按您的选择，“{row.title}”这一班已经取消，不用来了。",
            fact=messages.CHOSEN.of(f"signup:{row.id}:cancelled"),
        )


def changed_place(signup_ids: Collection[str]) -> None:
    """In one session one has one place: this one was given up for another."""
    for row in facts(signup_ids):
        tell(
            row,
            f"报名已取消：{row.title}",
            first=f"您在“{row.title}”换了另一个名额，“{row.position}”这一个已经取消，时间地点不变。",
            fact=messages.CHOSEN.of(f"signup:{row.id}:cancelled"),
        )


def pass_replaced(signup_id: str, serial: int) -> None:
    """Someone else replaced their pass: what they saved or printed is void."""
    for row in facts([signup_id]):
        tell(
            row,
            f"签到码换了：{row.title}",
            first=f"“{row.title}”的签到码换成新的了，以前保存的二维码和编号不能再用。名额不变。",
            fact=messages.PASS.of(f"signup:{row.id}:pass:{serial}"),
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
    fact: Fact,
    after: str = "",
    about: About | None = None,
) -> None:
    """Queue a message about a sign-up (a row of facts()): what happened, when, where, as what, what to do.

    Its calendar entry goes along once they have a place, and from then on whatever becomes of it, to the end. Where the
    message is part of a notice, it is written down by what this person hears of it.
    """
    about = about or About()
    fact = placed(fact, row)
    body = body_of(row, first=first, path=about.answer_path, after=after)
    calendar_of = row.id if row.status == SignupStatus.CONFIRMED or _is_in(row) else None
    is_told = notify(
        row.person_id,
        subject=subject,
        body=body,
        fact=fact,
        calendar_of=calendar_of,
        answer_path=about.answer_path or None,
    )
    if not is_told:
        outbox.stretch(fact)
    if is_told and calendar_of and row.status not in LIVING:
        goes_along(row.id)
    elif not is_told and row.status in LIVING and _is_in(row) and not _took_along(row, fact.key):
        # One message for several dates: their entries change as well.
        again = replace(fact, key=f"{fact.key}:{row.id}")
        notify(row.person_id, subject=subject, body=body, fact=again, calendar_of=row.id)
    if about.notice is not None:
        words = f"{first}{when_of(row)}，{row.venue}，{row.position}。" if about.is_of_one else ""
        write_telling(about.notice, row, key=fact.key, words=words)


def placed(fact: Fact, row: Row[*tuple[Any, ...]]) -> Fact:
    """The fact with what it is about and when that is; a message of several dates is of use until the last."""
    period = Period(row.starts_at, row.ends_at)
    door = last_moment(period, is_volunteer=row.position_kind == PositionKind.VOLUNTEER)
    about_id = fact.about_id or (row.id if row.status else None)
    return replace(fact, about_id=about_id, occasion=Occasion(row.starts_at, row.ends_at, door))


def body_of(row: Row[*tuple[Any, ...]], *, first: str, path: str = "", after: str = "") -> str:
    """What a message about a sign-up says, line by line."""
    place = [f"时间：{when_of(row)}", f"地点：{row.venue}", f"岗位：{row.position}"]
    return "\n".join(line for line in [first, *place, answer_line(path), after] if line)


def answer_line(path: str) -> str:
    """Where the message is answered; nothing when this installation does not know its own address."""
    base = current_settings().base_url
    return f"请点这里答复，不用登录：{base}{path}" if base and path else ""


def of_one(kind: NoticeKind, row: Row[*tuple[Any, ...]], *, answer_path: str = "") -> About:
    """A fact of one person, gathered with the others of its session."""
    return About(notice_of_one(kind, row.event_id, row.session_id), answer_path, is_of_one=True)


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


def later(row: Row[*tuple[Any, ...]]) -> str:
    """How they will hear of what becomes of it: what is promised is what can be sent."""
    found = contact(row)
    is_sent = (
        found is not None
        and is_configured(found[0], current_settings())
        and (found[0] != "sms" or takes_sms(found[1]))
    )
    return "有结果会通知您。" if is_sent else "轮到时写在您的报名页上，请常看看。"
