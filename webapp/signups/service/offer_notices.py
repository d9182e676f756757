"""What people are told of approval and of places offered to them, in Chinese (see notices.py)."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from flask_babel import force_locale
from sqlalchemy import Row, select

from webapp.core.db import session
from webapp.core.departing import Text
from webapp.core.i18n import LOCALES, format_datetime
from webapp.core.timing import NotSent
from webapp.signups.domain import messages
from webapp.signups.domain.telling import Ask, NoticeKind
from webapp.signups.models import Signup
from webapp.signups.queries.asking import answer_path
from webapp.signups.service import offer_times
from webapp.signups.service.notices import because, body_of, contact, facts, later, link, of_one, tell


def asked(signup_id: str) -> None:
    """Their sign-up waits for approval."""
    for row in facts([signup_id]):
        tell(
            row,
            f"等待审核：{row.title}",
            first=f"您报的“{row.title}”要等主办方审核，通过以后才算报上名。{later(row)}",
            fact=messages.ASKED.of(f"signup:{row.id}:asked"),
            after=f"不想参加了，随时可以取消。{link(row)}",
        )


def asked_again(signup_id: str, moment: datetime) -> None:
    """What they changed must be looked at again; their place was given back."""
    for row in facts([signup_id]):
        tell(
            row,
            f"重新审核：{row.title}",
            first=f"您改了“{row.title}”的报名内容，要等主办方重新审核，原来的名额先放出去了。{later(row)}",
            fact=messages.ASKED.of(_at(row, "asked_again", moment)),
            after=f"不想参加了，随时可以取消。{link(row)}",
        )


def approved(signup_ids: Iterable[str], moment: datetime) -> None:
    """Approved: they have a place, or stand on the waitlist because none is left."""
    for row in facts(signup_ids):
        waits = row.status == "waitlisted"
        tell(
            row,
            f"审核通过：{row.title}" + ("（候补）" if waits else ""),
            first=f"您报的“{row.title}”审核通过了"
            + (f"，但名额已满，先排在候补里，{later(row)}" if waits else "，已经为您留好名额。"),
            fact=messages.APPROVED.of(_at(row, "approved", moment)),
            after=f"来不了请早点取消，让给后面的人。{link(row)}",
            about=of_one(NoticeKind.DECIDED, row),
        )


def declined(signup_ids: Iterable[str], reason: str, moment: datetime) -> None:
    """Not approved, and why."""
    for row in facts(signup_ids):
        tell(
            row,
            f"没有通过审核：{row.title}",
            first=f"您报的“{row.title}”这次没有通过审核。{because(reason)}谢谢您愿意来，欢迎看看别的活动。",
            fact=messages.DECLINED.of(_at(row, "declined", moment)),
            about=of_one(NoticeKind.DECIDED, row),
        )


def offered(signup_ids: Iterable[str]) -> None:
    """A place is held for them. Until when is written as the message leaves: the time runs from then."""
    for row in facts(signup_ids):
        made = session().scalar(select(Signup.offered_at).where(Signup.id == row.id))
        if made is None:
            continue
        if contact(row) is None:  # no message of ours: all they have is what stands on the site, from now on
            offer_times.run_from(row.id, made)
        tell(
            row,
            f"有空位了，请确认：{row.title}",
            first=f"您候补的“{row.title}”有空位了，名额为您留着，请确认参不参加，不来就让给后面的人。",
            fact=messages.OFFERED.of(_at(row, "offered", made)),
            about=of_one(NoticeKind.SEAT, row, answer_path=answer_path(Ask.OFFER, row.id, row.person_id)),
        )


def offer_as_it_leaves(signup_id: str, key: str, until: datetime) -> Text | NotSent:
    """What an offer says at the moment its message leaves."""
    for row in facts([signup_id]):
        made = session().scalar(select(Signup.offered_at).where(Signup.id == row.id))
        if made is None or not key.startswith(_at(row, "offered", made)):
            return NotSent.REPLACED
        with force_locale(LOCALES["zh"]):
            limit = format_datetime(until)
        first = f"您候补的“{row.title}”有空位了，名额为您留到{limit}。请在这之前确认，过时就给后面的人。"
        path = answer_path(Ask.OFFER, row.id, row.person_id)
        return Text(f"有空位了，请确认：{row.title}", body_of(row, first=first, path=path))
    return NotSent.SETTLED


def expired(signup_ids: Iterable[str]) -> None:
    """They did not answer in time."""
    found = facts(signup_ids)
    for row in found:
        tell(
            row,
            f"没有及时确认：{row.title}",
            first=f"为您留的“{row.title}”名额过了确认时间，已经让出去了。还想参加，可以再报一次名。",
            fact=messages.EXPIRED.of(f"signup:{row.id}:offer_expired"),
        )


def accepted(signup_id: str) -> None:
    """They have the place now."""
    for row in facts([signup_id]):
        tell(
            row,
            f"报名成功：{row.title}",
            first=f"您已确认参加“{row.title}”，名额是您的了。",
            fact=messages.ACCEPTED.of(f"signup:{row.id}:accepted"),
            after=f"来不了请早点取消，让给后面的人。{link(row)}",
        )


def _at(row: Row[*tuple[Any, ...]], fact: str, moment: datetime) -> str:
    """A key of a fact that may happen to one sign-up more than once."""
    return f"signup:{row.id}:{fact}:{int(moment.timestamp())}"
