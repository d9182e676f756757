"""The list of people who signed up for an event, as whoever works with them reads it: columns, filters, acts."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any

from flask_babel import gettext as _
from sqlalchemy import Row

from webapp.attendance.queries.arrivals import AtDoor, at_door, came
from webapp.core.errors import N_
from webapp.core.i18n import format_range
from webapp.core.listing import Act, Column, Filter, Query, Table
from webapp.core.terms import term
from webapp.events.domain.desk import DatedSession
from webapp.events.models import EventSession, Position
from webapp.pages.views.people_words import (
    ALONE,
    CAME,
    FIND_BY,
    MINOR,
    NO_CONSENT,
    REASON,
    code_column,
    made_column,
    minor_words,
    phone_column,
    position_words,
    state_words,
)
from webapp.people.models import Person
from webapp.signups.domain import SignupStatus
from webapp.signups.domain.standing import STATE_LABELS, State
from webapp.signups.models import Signup
from webapp.signups.queries.people import MINORS, PersonLine, called, people_of

KINDS = {"audience": N_("观众"), "volunteer": N_("志愿者")}
_STAND = {
    SignupStatus.CONFIRMED: STATE_LABELS[State.CONFIRMED],
    SignupStatus.WAITLISTED: STATE_LABELS[State.WAITLISTED],
    SignupStatus.PENDING: STATE_LABELS[State.PENDING],
    SignupStatus.OFFERED: STATE_LABELS[State.OFFERED],
}
_ENDED = {
    SignupStatus.CANCELLED: STATE_LABELS[State.CANCELLED],
    SignupStatus.DECLINED: STATE_LABELS[State.DECLINED],
    SignupStatus.EXPIRED: STATE_LABELS[State.OFFER_OVER],
}
_MINOR_WORDS = {
    "minor": MINOR,
    "with": N_("有人陪同或接送"),
    "alone": ALONE,
    "unasked": N_("没有问过谁陪同"),
    "no_consent": NO_CONSENT,
}


@dataclass(frozen=True)
class Line:
    """A sign-up with what is known of it at the door."""

    line: PersonLine
    door: AtDoor | None

    @property
    def id(self) -> str:
        """Of the sign-up."""
        return self.line.signup_id


def everybody(event_id: str, *, living: bool) -> Query:
    """People of an event with what the door knows; those on the list, or those who were."""
    source = people_of(event_id=event_id, living=living)

    def made(rows: Sequence[Row[*tuple[Any, ...]]]) -> list[Line]:
        lines: Sequence[PersonLine] = source.made(rows) if source.made else []
        door = at_door([one.signup_id for one in lines])
        return [Line(one, door.get(one.signup_id)) for one in lines]

    return replace(source, made=made)


def people_table(
    sessions: Sequence[DatedSession],
    positions: Sequence[tuple[str, str]],
    *,
    living: bool,
    acts: Sequence[Act] = (),
    acts_at: str = "",
) -> Table:
    """Of an event with these sessions and kinds of places, and what can be done with those on it."""
    return Table(
        columns=[*_columns(living), *_more(living)],
        filters=list(_filters(sessions, positions, living)),
        search=called,
        acts=acts,
        acts_at=acts_at,
        reason=REASON if acts else "",
        seen=Signup,
        find_by=FIND_BY,
    )


def _columns(living: bool) -> list[Column]:
    return [
        Column("name", N_("姓名"), lambda one: one.line.name, order=Person.name, kind="head", of_person=True),
        phone_column(),
        Column("when", N_("场次"), _when, order=EventSession.starts_at, kind="nowrap"),
        Column("position", N_("岗位"), position_words, order=Position.name),
        Column("state", N_("状态"), state_words, order=Signup.status),
        Column("minor", MINOR, lambda one: minor_words(one.line.minor), of_person=True),
        Column("in", N_("签到"), lambda one: one.door.in_at if one.door else None, kind="nowrap", shown=living),
        Column("left", N_("签退"), lambda one: one.door.out_at if one.door else None, kind="nowrap", shown=False),
    ]  # fmt: skip


def _more(living: bool) -> list[Column]:
    found = [
        Column("session", N_("场次名称"), lambda one: one.line.session_title, shown=False),
        Column("kind", N_("类别"), lambda one: _(KINDS[one.line.kind]), shown=False),
        Column("with", N_("和谁一起来"), lambda one: one.line.along_with, shown=False, of_person=True),
        Column("team", N_("团队"), lambda one: one.line.team, shown=False),
        code_column(),
        made_column(Signup.created_at),
    ]
    if not living:
        gone = Signup.cancelled_at
        found.append(
            Column(
                "gone", N_("取消时间"), lambda one: one.line.cancelled_at or None, order=gone, kind="nowrap"
            )
        )
        found.append(Column("why", N_("原因"), lambda one: one.line.why_gone))
    return found


def _when(one: Line) -> str:
    line = one.line
    return format_range(line.starts_at, line.ends_at) if line.starts_at and line.ends_at else ""


def _filters(
    sessions: Sequence[DatedSession], positions: Sequence[tuple[str, str]], living: bool
) -> Iterator[Filter]:
    if len(sessions) > 1:
        held = [(one.id, format_range(one.starts_at, one.ends_at)) for one in sessions]
        yield Filter("session", N_("场次"), held, where=lambda value: Signup.session_id == value)
    stand = [(one.value, word) for one, word in (_STAND if living else _ENDED).items()]
    yield Filter("state", N_("状态"), stand, where=lambda value: Signup.status == value)
    if len({kind for kind, _name in positions}) > 1:
        yield Filter("kind", N_("类别"), list(KINDS.items()), where=lambda value: Position.kind == value)
    names = list(dict.fromkeys(name for _kind, name in positions))
    if len(names) > 1:
        offered = [(one, term(one)) for one in names]
        yield Filter("position", N_("岗位"), offered, where=lambda value: Position.name == value)
    words = list(_MINOR_WORDS.items())
    yield Filter("minor", MINOR, words, where=lambda value: MINORS[value])
    if living:
        yield Filter(
            "came",
            N_("签到"),
            CAME,
            where=lambda value: came() if value == "yes" else ~came(),
        )
