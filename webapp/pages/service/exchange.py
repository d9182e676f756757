"""Exports under the office's headings, and a confirmation sheet held against our hours. Every one is noted."""

from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any

from webapp.core import audit, options
from webapp.core.errors import N_
from webapp.core.sheets import Sheet
from webapp.core.spelling import name_form
from webapp.core.tables.draft import Draft
from webapp.organisations.domain import Permission
from webapp.organisations.queries import organisations_seen, permissions_of
from webapp.pages.domain.confirmation import Comparison, Service, compare
from webapp.pages.domain.confirmation_sheet import Confirmation, read_draft
from webapp.pages.domain.exchange import (
    KIND_LABELS,
    Column,
    Kind,
    Wanted,
    check,
    columns_of,
    to_keep,
)
from webapp.pages.service.exchange_people import Row, Scope, teams, volunteers
from webapp.pages.service.exchange_sessions import activities, hours
from webapp.people.domain import mask_phone, show_phone

HEADINGS = options.hidden("exchange_headings", {}, label=N_("导出表格的表头"))


def governs(person_id: str) -> bool:
    """Whether this person speaks for the office."""
    return Permission.GOVERN in permissions_of(person_id)


def columns(kind: Kind) -> list[Column]:
    """A kind's columns with the headings that hold now."""
    return columns_of(kind, HEADINGS.get())


def keep_headings(made: Mapping[Kind, Sequence[Column]], *, by: str) -> None:
    """Other headings from now on; noted with those before."""
    HEADINGS.set({kind.value: to_keep(some) for kind, some in made.items()}, by=by)


def export(wanted: Wanted, file_type: str, *, by: str) -> Sheet:
    """The table, and a note of who took it. Raises PeriodTurned, NotForYou, ReasonMissing."""
    check(wanted, governs=governs(by))
    seen = organisations_seen(by, Permission.MANAGE_EVENTS)
    rows = _rows(wanted, Scope(seen, wanted.from_on, wanted.until_on))
    facts: dict[str, Any] = {
        "count": len(rows),
        "file": file_type,
        "from_on": wanted.from_on.isoformat(),
        "until_on": wanted.until_on.isoformat(),
        "with_open": wanted.with_open,
        "organisations": seen,
    }
    audit.record("exchange.export", "exchange", wanted.kind, by=by, **facts)
    if wanted.full:
        reason = wanted.reason.strip()
        audit.record("exchange.reveal", "exchange", wanted.kind, by=by, count=len(rows), reason=reason)
    shown = [one for one in columns(wanted.kind) if one.is_on]
    phone = show_phone if wanted.full else mask_phone
    cells = [
        [phone(row["phone"]) if one.key == "phone" else row.get(one.key) for one in shown] for row in rows
    ]
    return Sheet(KIND_LABELS[wanted.kind], [one.head for one in shown], cells)


def _rows(wanted: Wanted, scope: Scope) -> list[Row]:
    if wanted.kind is Kind.VOLUNTEERS:
        return volunteers(scope)
    if wanted.kind is Kind.TEAMS:
        return teams(scope)
    if wanted.kind is Kind.ACTIVITIES:
        return activities(scope)
    return hours(scope, with_open=wanted.with_open)


def hold_against(draft: Draft, *, by: str) -> tuple[Confirmation, Comparison]:
    """A confirmation sheet beside our final hours of the days it speaks of; changes nothing, and is noted.

    Raises HeadingsMissing.
    """
    read = read_draft(draft)
    ours: list[Service] = []
    if read.rows:
        days = [one.on for one in read.rows]
        seen = organisations_seen(by, Permission.MANAGE_EVENTS)
        ours = [_service(row) for row in hours(Scope(seen, min(days), max(days)))]
    found = compare(ours, read.rows)
    audit.record(
        "exchange.compare", "exchange", Kind.HOURS, by=by, rows=len(read.rows), unreadable=len(read.faults),
        same=found.same, differ=len(found.differ), only_here=len(found.only_here),
        only_there=len(found.only_there),
    )  # fmt: skip
    return read, found


def _service(row: Row) -> Service:
    return Service(
        number=row["number"] or "",
        name=name_form(row["name"]),
        phone=show_phone(row["phone"]),
        masked=mask_phone(row["phone"]),
        title=row["title"],
        session_id=row["session_id"],
        on=row["date"],
        hours=Decimal(str(row["hours"])),
        added=Decimal(str(row["added_hours"])),
        person_id=row["person_id"],
    )


def differences(read: Confirmation, found: Comparison) -> list[Sheet]:
    """What does not agree, as tables to work through; telephones masked."""
    who = ["全国志愿者编号", "姓名", "联系方式", "活动名称", "场次编号", "服务日期"]
    pairs = [
        [*_who(ours), _number(ours.hours), _number(ours.added), _number(theirs.hours), _number(theirs.added)]
        for ours, theirs in found.differ
    ]
    alone = ["服务时长（小时）", "补录时长（小时）"]
    here, there = (
        [[*_who(one), _number(one.hours), _number(one.added)] for one in some]
        for some in (found.only_here, found.only_there)
    )
    both = ["本系统：服务时长", "本系统：补录时长", "回执：服务时长", "回执：补录时长"]
    return [
        Sheet("时长不同", [*who, *both], pairs),
        Sheet("只在本系统", [*who, *alone], here),
        Sheet("只在回执", [*who, *alone], there),
        Sheet(
            "读不懂的行",
            ["第几行", "原因"],
            [
                [one.row, "".join(wrong.sentence % wrong.params for wrong in one.faults)]
                for one in read.faults
            ],
        ),
    ]


def _who(one: Service) -> list[Any]:
    return [one.number, one.name, one.masked or mask_phone(one.phone), one.title, one.session_id, one.on]


def _number(value: Decimal | None) -> float | None:
    return None if value is None else float(value)
