"""Whether a clock can be believed: one plain decision.

Four things know something of the time: the clock of this machine; what was agreed at the worker's last beat; how long
it has run since, by a counter nobody can set; and the clock of the database's machine. See docs/decisions/0034.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

TOLERANCE = timedelta(minutes=2)  # what network time puts right now and then
MERE_STOP = timedelta(days=3)  # a weekend: believed with nobody's word but the clock's own
WITNESSED_STOP = timedelta(days=40)  # a holiday, a repair: believed where another clock says the same
CONFIRMED_FOR = timedelta(
    days=1
)  # a person's word is taken for this long, should the worker not run just then


class Verdict(StrEnum):
    """What is thought of a clock."""

    AGREES = "agrees"
    AHEAD = "ahead"
    BEHIND = "behind"


@dataclass(frozen=True)
class Reading:
    """What the witnesses say at one moment."""

    now: datetime  # by the clock that is judged
    agreed: datetime | None  # the agreed time of the last beat; None before the first
    ran: timedelta | None = None  # measured since then; None where the machine was off, or another one beat
    stood_still: bool = False  # part of the way since they last agreed was not measured
    apart: timedelta | None = (
        None  # by how much the database's clock left it since they last agreed; None: unknown
    )
    is_witnessed: bool = False  # another machine's clock, or network time, stands behind `now`


def judge_clock(reading: Reading) -> Verdict:
    """Whether `now` follows from what is known. Time that was measured is believed before any clock; over a stop that
    nobody measured the clock is believed for some days, for longer where another clock says the same.
    """
    if reading.apart is not None and abs(reading.apart) > TOLERANCE:
        return Verdict.BEHIND if reading.apart > timedelta(0) else Verdict.AHEAD
    if reading.agreed is None:
        return Verdict.AGREES
    gap = reading.now - reading.agreed - (reading.ran or timedelta(0))
    if gap < -TOLERANCE:
        return Verdict.BEHIND
    was_measured = reading.ran is not None and not reading.stood_still
    limit = WITNESSED_STOP if reading.is_witnessed else MERE_STOP
    return Verdict.AGREES if gap <= (TOLERANCE if was_measured else limit) else Verdict.AHEAD


def is_confirmed(now: datetime, said: datetime | None) -> bool:
    """Whether a person's word that `said` was the right time covers `now`."""
    return said is not None and -TOLERANCE <= now - said <= CONFIRMED_FOR
