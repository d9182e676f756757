"""The people of a session as the one table: its lines, columns, filters, and what is done with those chosen."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

from flask import request

from webapp.attendance import queries as attendance
from webapp.attendance.domain import EARLY, LATE, Grade
from webapp.attendance.queries import RosterRow
from webapp.core import clock
from webapp.core.errors import N_
from webapp.core.listing import ON_A_PAGE, Act, Column, Filter, Named, Table, by_name, named
from webapp.events.models import EventSession
from webapp.pages.views.people_acts import ANSWERS, TAKE_OFF
from webapp.pages.views.people_words import (
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
from webapp.signups.domain import LIVING, SignupStatus
from webapp.signups.domain.standing import STATE_LABELS
from webapp.signups.models import Signup
from webapp.signups.queries import RosterLine
from webapp.signups.queries import roster as signed_up


@dataclass(frozen=True)
class SheetLine:
    """One sign-up on the day sheet."""

    line: RosterLine
    at_door: RosterRow | None
    name: str  # as whoever looks may see it
    with_name: str = ""  # the same of whom they came along with

    @property
    def id(self) -> str:
        """Of the sign-up."""
        return self.line.signup_id

    @property
    def is_masked(self) -> bool:
        """Whether the reader does not learn who it is: then the short code alone finds them."""
        return self.name != self.line.name

    @property
    def in_at(self) -> datetime | None:
        """When they came."""
        return self.at_door.in_at if self.at_door else None

    @property
    def grade(self) -> str | None:
        """How it is known that they came: `named` or `roster`; None where they did not."""
        if self.at_door is None or self.at_door.in_at is None:
            return None
        return "roster" if self.at_door.grade == Grade.ROSTER else "named"

    @property
    def is_missing(self) -> bool:
        """Whether they have a place and did not come."""
        return self.line.status == SignupStatus.CONFIRMED and self.in_at is None

    @property
    def out_at(self) -> datetime | None:
        """When they left."""
        return self.at_door.out_at if self.at_door else None


def sheet_lines(session_id: str, named: Callable[[str], str]) -> list[SheetLine]:
    """Everybody on the list with what is known of them at the door; `named` says how their reader sees a name."""
    at_door = {row.signup: row for row in attendance.roster(session_id)}
    came = [one for one, row in at_door.items() if row.in_at and row.status not in LIVING]  # let in, and came
    lines = signed_up(session_id, also=came)
    return [
        SheetLine(
            line,
            at_door.get(line.signup_id),
            named(line.name),
            named(line.along_with) if line.along_with else "",
        )
        for line in lines
    ]


def sheet_table(
    rows: Sequence[SheetLine], acts: Sequence[Act] = (), acts_at: str = "", *, may_call: bool = False
) -> Table:
    """The table of these lines; who may call takes it away with the telephones."""
    return Table(
        columns=_columns(has_buttons=bool(acts_at)),
        filters=list(_filters(rows)),
        words=_words,
        acts=acts,
        acts_at=acts_at,
        reason=REASON if _takes_reason(acts) else "",
        seen=Signup,
        find_by=FIND_BY,
        files=may_call,
        size=ON_A_PAGE,
    )


def _takes_reason(acts: Sequence[Act]) -> bool:
    return any(one.key in {"decline", "take_off"} for one in acts)


def acts_for(session: EventSession, rows: Sequence[SheetLine]) -> list[Act]:
    """What can be done with these people now: answers while some wait, arrivals while the doors are open."""
    now, acts = clock.now(), list[Act]()
    is_over = session.ends_at <= now
    if not session.is_held:
        return acts
    if not is_over and any(one.line.status == SignupStatus.PENDING for one in rows):
        acts += ANSWERS
    is_open = session.starts_at - EARLY <= now <= session.ends_at + LATE
    if is_open and any(one.is_missing for one in rows):
        acts.append(Act("came", N_("登记已到"), "check-circle"))
    if not is_over and rows:
        acts.append(TAKE_OFF)
    return acts


def _words(row: SheetLine) -> Named:
    phone = None if row.is_masked else row.line.phone
    return named(row.name, phone=phone, short_code=row.line.short_code)


def _columns(*, has_buttons: bool) -> list[Column]:
    columns = [
        Column(
            "name",
            N_("姓名"),
            lambda one: one.name,
            lambda one: by_name(one.name),
            kind="head",
            of_person=True,
        ),
        phone_column(),
        Column(
            "position", N_("岗位"), position_words, lambda one: by_name(position_words(one)), is_plain=True
        ),
        Column(
            "state", N_("报名"), state_words, lambda one: (one.line.state, one.line.place or 0), is_plain=True
        ),
        Column("in", N_("签到"), lambda one: one.in_at, lambda one: one.in_at, kind="nowrap"),
        Column("out", N_("签退"), lambda one: one.out_at, lambda one: one.out_at, kind="nowrap"),
        Column("minor", MINOR, _minor, shown=False, of_person=True),
        code_column(),
        Column("with", N_("和谁一起来"), lambda one: one.with_name, shown=False, of_person=True),
        made_column(),
    ]
    buttons = Column("acts", "", lambda one: None, kind="tight", in_file=False)
    return [*columns, buttons] if has_buttons else columns


def _minor(row: SheetLine) -> str | None:
    return minor_words(row.line.minor, with_name=not row.is_masked)


def _filters(rows: Sequence[SheetLine]) -> Iterator[Filter]:
    """Those that tell some lines from others; one that stands in the address stays until it is taken away."""
    states = {row.line.state for row in rows}
    if len(states) > 1 or "state" in request.args:
        asked = request.args.get("state")
        offered = [(str(one), word) for one, word in STATE_LABELS.items() if one in states or one == asked]
        yield Filter("state", N_("报名"), offered, lambda one, value: one.line.state == value)
    positions = {row.line.position_id: position_words(row) for row in rows}
    if len(positions) > 1:
        places = list(positions.items())
        yield Filter("position", N_("岗位"), places, lambda one, value: one.line.position_id == value)
    if any(row.in_at for row in rows) or "came" in request.args:
        yield Filter("came", N_("签到"), CAME, _came)
    if any(row.line.minor.mark for row in rows) or "minor" in request.args:
        words = [("minor", MINOR), ("no_consent", NO_CONSENT)]
        yield Filter("minor", MINOR, words, _is_minor)


def _came(row: SheetLine, value: str) -> bool:
    return row.in_at is not None if value == "yes" else row.is_missing


def _is_minor(row: SheetLine, value: str) -> bool:
    return row.line.minor.lacks_consent if value == "no_consent" else bool(row.line.minor.mark)
