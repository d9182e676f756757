"""What is next with an event: one act, which follows from how it stands. Plain Python."""

from dataclasses import dataclass
from enum import StrEnum

from webapp.events.domain import EventStatus


class Act(StrEnum):
    """What its page offers first."""

    MEND = "mend"  # see what is missing
    SUBMIT = "submit"
    PUBLISH = "publish"
    RESUME = "resume"
    NEXT = "next"  # people and door of the session that is on or comes next
    HOURS = "hours"
    CLOSE = "close"
    OUTCOME = "outcome"
    UNDO = "undo"


@dataclass(frozen=True)
class Standing:
    """An event and who looks at it, as far as the next act depends on them."""

    status: EventStatus
    may_change: bool
    waits_for_office: bool
    is_complete: bool
    has_next: bool
    is_over: bool
    hours_wait: bool
    can_be_undone: bool = False


def next_act(of: Standing) -> Act | None:
    """The one act; None where nothing is to be done by this person now."""
    if of.status in {EventStatus.DRAFT, EventStatus.SUBMITTED}:
        return _before(of) if of.may_change else None
    if of.status == EventStatus.CANCELLED:
        return Act.UNDO if of.may_change and of.can_be_undone else None
    if of.status == EventStatus.POSTPONED:
        if not of.may_change:
            return None
        return Act.RESUME if of.is_complete else Act.MEND
    if of.has_next:
        return Act.NEXT
    return _after(of)


def _before(of: Standing) -> Act | None:
    if not of.is_complete:
        return Act.MEND
    if not of.waits_for_office:
        return Act.PUBLISH
    return Act.SUBMIT if of.status == EventStatus.DRAFT else None


def _after(of: Standing) -> Act | None:
    if of.may_change and of.hours_wait:
        return Act.HOURS
    if of.may_change and of.is_over and of.status == EventStatus.PUBLISHED:
        return Act.CLOSE
    return Act.OUTCOME
