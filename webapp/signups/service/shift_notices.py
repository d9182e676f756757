"""What people are told where shifts are shared: courses, hand-overs, teams, calls. In Chinese, like all messages."""

from typing import Any

from sqlalchemy import Row

from webapp.core.outbox import retire_keys
from webapp.signups.domain import messages
from webapp.signups.domain.telling import Ask
from webapp.signups.models import Notice
from webapp.signups.queries.asking import answer_path
from webapp.signups.service.notices import About, facts, link, tell


def date_added(signup_ids: list[str]) -> None:
    """A session was added to a course they are in."""
    for row in facts(signup_ids):
        waits = row.status == "waitlisted"
        tell(
            row,
            f"系列加了一场：{row.title}",
            first=f"您报的系列“{row.title}”加了一场，"
            + ("这一场名额已满，已为您排上候补。" if waits else "已为您报上。"),
            fact=messages.made(row.status).of(f"signup:{row.id}:made"),
            after=f"这一场来不了可以单独取消。{link(row)}",
        )


def date_taken(signup_id: str) -> None:
    """A date of their course that they had left, or was not theirs, is."""
    for row in facts([signup_id]):
        waits = row.status == "waitlisted"
        tell(
            row,
            f"{'候补' if waits else '报名成功'}：{row.title}",
            first=f"您报的系列“{row.title}”，这一场" + ("在候补。" if waits else "已报上。"),
            fact=messages.made(row.status).of(f"signup:{row.id}:made"),
            after=f"这一场来不了可以单独取消。{link(row)}",
        )


def left_course_by_staff(signup_ids: list[str], course_id: str) -> None:
    """Staff took them out of a course; one message, with its next date."""
    for row in facts(signup_ids)[:1]:
        tell(
            row,
            f"报名已取消：{row.title}",
            first=f"您报的系列“{row.title}”被工作人员取消了，还没开始的 {len(signup_ids)} 场都不用来。最近的一场：",
            fact=messages.LEFT_COURSE.of(f"course:{course_id}:left"),
        )


# --- hand-overs -------------------------------------------------------------------------------------------------


def hand_over_asked(hand_over_id: str, row: Row[*tuple[Any, ...]], to_person_id: str, *, note: str) -> None:
    """Somebody names them to take a shift."""
    said = f"附言：{note}" if note else ""
    tell(
        _to(row, to_person_id),
        f"请您接手：{row.title}",
        first=f"有一位志愿者去不了“{row.title}”，想请您接手。您答应之前，岗位仍是对方的。{said}",
        fact=messages.HAND_OVER_ASKED.of(f"hand_over:{hand_over_id}:asked", hand_over_id),
        about=About(answer_path=answer_path(Ask.HAND_OVER, hand_over_id, to_person_id)),
    )


def hand_over_accepted(hand_over_id: str, row: Row[*tuple[Any, ...]]) -> None:
    """The other took the shift: the first one is free."""
    tell(
        row,
        f"已有人接手：{row.title}",
        first=f"您转交的“{row.title}”，对方已经接手，您不用去了。",
        fact=messages.HAND_OVER_SETTLED.of(f"hand_over:{hand_over_id}:accepted", hand_over_id),
    )


def shift_taken_over(row: Row[*tuple[Any, ...]]) -> None:
    """The shift is theirs now."""
    tell(
        row,
        f"已接手：{row.title}",
        first=f"您接手了“{row.title}”的岗位，请按时到场。",
        fact=messages.made(row.status).of(f"signup:{row.id}:made"),
        after=f"来不了请早点取消，让给后面的人。{link(row)}",
    )


def hand_over_declined(hand_over_id: str, row: Row[*tuple[Any, ...]]) -> None:
    """The other cannot: the shift is still theirs."""
    tell(
        row,
        f"没有接手：{row.title}",
        first=f"您想转交的“{row.title}”，对方来不了，岗位还是您的。",
        fact=messages.HAND_OVER_SETTLED.of(f"hand_over:{hand_over_id}:declined", hand_over_id),
        after=f"可以另请别人，去不了请早点取消。{link(row)}",
    )


def hand_over_ended(hand_over_id: str, row: Row[*tuple[Any, ...]], to_person_id: str) -> None:
    """The one who asked took it back, so nobody expects them any more."""
    tell(
        _to(row, to_person_id),
        f"不用接手了：{row.title}",
        first=f"请您接手的“{row.title}”，对方已经收回，您不用答复了。",
        fact=messages.HAND_OVER_SETTLED.of(_ended(hand_over_id), hand_over_id),
    )


def hand_over_stands(asked: Row[*tuple[Any, ...]], row: Row[*tuple[Any, ...]], *, of: str) -> None:
    """They heard that they need not answer, and now they are asked again; `of` is the cancellation that was undone."""
    said = f"附言：{asked.note}" if asked.note else ""
    tell(
        _to(row, asked.to_person_id),
        f"请您接手：{row.title}",
        first=f"刚才说不用接手“{row.title}”了，那是误操作，活动照常举行。对方还想请您接手，请答复。{said}",
        fact=messages.HAND_OVER_ASKED.of(f"hand_over:{asked.id}:asked:{of}", asked.id),
        about=About(answer_path=answer_path(Ask.HAND_OVER, asked.id, asked.to_person_id)),
    )


def may_end_again(hand_over_ids: list[str]) -> None:
    """These stand again: that they ended is of the past."""
    retire_keys([_ended(one) for one in hand_over_ids])


def _ended(hand_over_id: str) -> str:
    return f"hand_over:{hand_over_id}:withdrawn"


# --- teams and calls --------------------------------------------------------------------------------------------


def signed_up_by_team(signup_ids: list[str], team: str) -> None:
    """Their leader signed them up."""
    for row in facts(signup_ids):
        pending = row.status == "pending"
        tell(
            row,
            f"{'等待审核' if pending else '报名'}：{row.title}",
            first=f"您的团队“{team}”替您报了“{row.title}”" + ("，等组织者审核。" if pending else "。"),
            fact=messages.made(row.status).of(f"signup:{row.id}:made"),
            after=f"去不了请早点取消，并告诉队长。{link(row)}",
        )


def called(
    person_id: str, shift: Row[*tuple[Any, ...]], *, call_out_id: str, note: str, notice: Notice
) -> None:
    """A shift lacks people, and they fit."""
    first = f"“{shift.title}”还缺志愿者，想请您来帮忙。"
    if note:
        first += f"组织者说：{note}"
    tell(
        _to(shift, person_id),
        f"缺人手：{shift.title}",
        first=first,
        fact=messages.CALLED.of(f"call:{call_out_id}:{person_id}", call_out_id),
        about=About(notice, answer_path(Ask.CALL, call_out_id, person_id)),
    )


class _To:
    """The facts of a shift as told to someone who has no sign-up for it, and so no entry in their calendar."""

    status = ""

    def __init__(self, row: Row[*tuple[Any, ...]], person_id: str) -> None:
        self._row, self.person_id = row, person_id

    def __getattr__(self, name: str) -> Any:
        return getattr(self._row, name)


def _to(row: Row[*tuple[Any, ...]], person_id: str) -> Any:
    return _To(row, person_id)
