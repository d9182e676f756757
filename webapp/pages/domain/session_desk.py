"""What is next at a session, by the clock. Plain Python."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from webapp.attendance.domain import EARLY


class SessionAct(StrEnum):
    """The one act a session's pages offer first."""

    APPROVE = "approve"
    SIGN_UP = "sign_up"
    SCAN = "scan"
    REVIEW = "review"
    HOURS = "hours"


@dataclass(frozen=True)
class Moment:
    """A session at one moment, for one person."""

    starts_at: datetime
    ends_at: datetime
    now: datetime
    may_scan: bool
    may_sign_up: bool
    flags: int  # records to look at, where the person decides about them
    hours: int  # hours to confirm, where the person confirms them
    pending: int = 0  # people who ask for a place, where the person answers them


def next_at(moment: Moment) -> SessionAct | None:
    """Before: answer those who ask, find people. On the day: let them in. After: what is to be settled, the hours."""
    if moment.now >= moment.ends_at:
        if moment.flags:
            return SessionAct.REVIEW
        return SessionAct.HOURS if moment.hours else None
    if moment.may_scan and moment.now >= moment.starts_at - EARLY:
        return SessionAct.SCAN
    sign_up = SessionAct.SIGN_UP if moment.may_sign_up else None
    return SessionAct.APPROVE if moment.pending else sign_up
