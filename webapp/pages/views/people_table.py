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
_ALONE, _NO_CONSENT = N_("自己来，自己回"), N_("没有监护人同意")
_MINOR_WORDS = {
    "minor": N_("未成年人"),
    "with": N_("有人陪同或接送"),
    "alone": _ALONE,
    "unasked": N_("没有问过谁陪同"),
    "no_consent": _NO_CONSENT,
}
_MARKS = {"under_10": N_("不满 10 岁"), "under_14": N_("不满 14 岁"), "under_18": N_("不满 18 岁")}
_ACTS = (Act("approve", N_("通过申请"), "check"), Act("take_off", N_("取消报名"), "circle-minus"))


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
    sessions: Sequence[DatedSession], positions: Sequence[tuple[str, str]], *, living: bool, acts_at: str = ""
) -> Table:
    """Of an event with these sessions and kinds of places; acts where there is an address for them."""
    return Table(
        columns=[*_columns(living), *_more(living)],
        filters=list(_filters(sessions, positions, living)),
        search=called,
        acts=_ACTS if acts_at and living else (),
        acts_at=acts_at,
        reason=N_("取消的原因（会告诉本人）"),
        seen=Signup,
        find_by=N_("姓名、拼音首字母、手机后四位、报名码"),
    )


def _columns(living: bool) -> list[Column]:
    return [
        Column("name", N_("姓名"), lambda one: one.line.name, order=Person.name, kind="head", of_person=True),
        Column("phone", N_("手机号"), lambda one: one.line.shown_phone, kind="nowrap", of_person=True),
        Column("when", N_("场次"), _when, order=EventSession.starts_at, kind="nowrap"),
        Column("position", N_("岗位"), lambda one: term(one.line.position), order=Position.name),
        Column("state", N_("状态"), _state, order=Signup.status),
        Column("minor", N_("未成年人"), _minor, of_person=True),
        Column("in", N_("签到"), lambda one: one.door.in_at if one.door else None, kind="nowrap", shown=living),
        Column("left", N_("签退"), lambda one: one.door.out_at if one.door else None, kind="nowrap", shown=False),
    ]  # fmt: skip


def _more(living: bool) -> list[Column]:
    made = Column(
        "made",
        N_("报名时间"),
        lambda one: one.line.created_at,
        order=Signup.created_at,
        kind="nowrap",
        shown=False,
    )
    found = [
        Column("session", N_("场次名称"), lambda one: one.line.session_title, shown=False),
        Column("kind", N_("类别"), lambda one: _(KINDS[one.line.kind]), shown=False),
        Column("with", N_("和谁一起来"), lambda one: one.line.along_with, shown=False, of_person=True),
        Column("team", N_("团队"), lambda one: one.line.team, shown=False),
        Column("code", N_("报名码"), lambda one: one.line.short_code, kind="nowrap", shown=False),
        made,
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


def _state(one: Line) -> str:
    word = _(STATE_LABELS[State(one.line.state)])
    return _("%(word)s，第 %(n)s 位", word=word, n=one.line.place) if one.line.place else word


def _minor(one: Line) -> str | None:
    of = one.line.minor
    if not of.mark:
        return None
    words = [_(_MARKS[of.mark])]
    if of.lacks_consent:
        words.append(_(_NO_CONSENT))
    if of.company:
        words.append(_("陪同或接送：%(name)s", name=of.company))
    elif of.company == "":
        words.append(_(_ALONE))
    return _("，").join(words)


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
    yield Filter("minor", N_("未成年人"), words, where=lambda value: MINORS[value])
    if living:
        yield Filter(
            "came",
            N_("签到"),
            [("yes", N_("已签到")), ("no", N_("没有签到"))],
            where=lambda value: came() if value == "yes" else ~came(),
        )
