"""How a record of service stands now: the one function pages, lists and files ask. Plain Python."""

from datetime import date, datetime
from enum import StrEnum
from typing import Protocol

from webapp.core.errors import N_
from webapp.recognition.domain import RecordStatus


class RecordState(StrEnum):
    """All that a record can be now."""

    TO_CONFIRM = "to_confirm"
    UNEXPLAINED = "unexplained"  # nobody saw them: waits for what was the matter
    PROPOSED = "proposed"
    NOTICED = "noticed"
    NOTICED_EMPTY = "noticed_empty"  # nothing to count, and still open to an objection
    NOTICE_OVER = (
        "notice_over"  # not entered yet: the job has not come by, or an objection waits for its answer
    )
    FINAL = "final"
    SETTLED = "settled"  # final, and nothing to count
    VOID = "void"


ENTERED = frozenset({RecordState.FINAL, RecordState.SETTLED})

# With %(day)s where it says until when.
RECORD_STATE_LABELS = {
    RecordState.TO_CONFIRM: N_("待确认"),
    RecordState.UNEXPLAINED: N_("没有签到，等说明"),
    RecordState.PROPOSED: N_("待复核"),
    RecordState.NOTICED: N_("公示到%(day)s"),
    RecordState.NOTICED_EMPTY: N_("%(day)s前可提异议"),
    RecordState.NOTICE_OVER: N_("公示期满，还没入账"),
    RecordState.FINAL: N_("已入账"),
    RecordState.SETTLED: N_("已定"),
    RecordState.VOID: N_("已作废"),
}


def record_state(
    status: str, *, came: bool, minutes: int, notice_until: date | None, today: date
) -> RecordState:
    """The state of a record on a day: a notice ends with its day, not when the job comes by."""
    if status == RecordStatus.TO_CONFIRM:
        return RecordState.TO_CONFIRM if came else RecordState.UNEXPLAINED
    if status == RecordStatus.NOTICED:
        if notice_until is not None and notice_until < today:
            return RecordState.NOTICE_OVER
        return RecordState.NOTICED if minutes else RecordState.NOTICED_EMPTY
    if status == RecordStatus.FINAL:
        return RecordState.FINAL if minutes else RecordState.SETTLED
    return RecordState(status)


class Seen(Protocol):
    """What a page shows of a record."""

    @property
    def status(self) -> str: ...  # noqa: D102
    @property
    def turnout(self) -> str: ...  # noqa: D102
    @property
    def minutes(self) -> int: ...  # noqa: D102
    @property
    def added_minutes(self) -> int: ...  # noqa: D102
    @property
    def out_at(self) -> datetime | None: ...  # noqa: D102


def seen_as(record: Seen) -> str:
    """What a page shows of a record, in a few letters: what was changed meanwhile looks different."""
    out = record.out_at.isoformat() if record.out_at else "-"
    return f"{record.status}.{record.turnout}.{record.minutes}.{record.added_minutes}.{out}"
