"""WorkerBeat: that the worker lives, and what time it was agreed to be; whether a clock can be believed is asked here.

The agreed time goes on by a counter nobody can set (core/machine.py), over restarts of the worker too; core/judged.py
decides. See docs/decisions/0034.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import String, select, text
from sqlalchemy.orm import Mapped, mapped_column

from webapp.core import audit, clock, machine
from webapp.core.db import Base, db, session
from webapp.core.errors import Conflict, N_
from webapp.core.judged import Reading, Verdict, is_confirmed, judge_clock

STALE = timedelta(minutes=10)
_NOTHING = timedelta(0)


class WorkerBeat(Base):
    """When the worker was last alive, in agreed time; /readyz and the office's page warn when that is long ago."""

    __tablename__ = "worker_beat"

    name: Mapped[str] = mapped_column(String(20), primary_key=True)
    seen_at: Mapped[datetime]  # agreed: by its clock while that is believed, by what it ran since then
    said_at: Mapped[datetime | None]  # what its clock said
    verdict: Mapped[str] = mapped_column(String(8), default=Verdict.AGREES)
    boot: Mapped[str | None] = mapped_column(String(120))  # with `ran`: see core/machine.py
    ran: Mapped[float | None]
    stood_still: Mapped[bool] = mapped_column(
        default=False
    )  # not all the way since it was believed is measured
    apart: Mapped[float] = mapped_column(
        default=0.0
    )  # seconds the database's clock is ahead, when last believed
    confirmed: Mapped[datetime | None]  # somebody's word that this was the right time
    confirmed_by: Mapped[str | None] = mapped_column(String(18))


class OtherTime(Conflict):
    """The clock says something else than what the person saw, or is believed again."""

    sentence = N_("电脑的时间又变了，请再看一次现在的时间。")
    code = "other_time"


@dataclass(frozen=True)
class Beat:
    """What a beat found: whether the clock is believed, and the time jobs go by."""

    verdict: Verdict
    time: datetime
    went_back: bool = False  # turns that lie ahead of it were taken by a time that did not count

    @property
    def is_believed(self) -> bool:
        """Whether what erases, expires, tells or settles may go on."""
        return self.verdict == Verdict.AGREES


def beat() -> Beat:
    """Say that the worker is alive, and judge its clock; in the caller's transaction."""
    mark = session().get(WorkerBeat, "worker", with_for_update=True, populate_existing=True)
    now, running, offset = clock.wall(), machine.running(), _offset()
    if mark is None:
        mark = WorkerBeat(
            name="worker", seen_at=now, boot=running.boot, ran=running.seconds, stood_still=False
        )
        mark.apart, mark.verdict = 0.0, Verdict.AGREES
        session().add(mark)
    before, reading = mark.seen_at, _reading(mark, now, running, offset)
    verdict = judge_clock(reading)
    if verdict != Verdict.AGREES and is_confirmed(now, mark.confirmed):
        verdict = Verdict.AGREES
    if verdict == Verdict.AGREES:
        mark.seen_at, mark.stood_still, mark.apart = now, False, offset or 0.0
        mark.confirmed = mark.confirmed_by = None
    else:
        mark.seen_at, mark.stood_still = before + (reading.ran or _NOTHING), reading.stood_still
    mark.said_at, mark.verdict, mark.boot, mark.ran = now, verdict, running.boot, running.seconds
    return Beat(verdict, mark.seen_at, went_back=mark.seen_at < before)


def judge() -> Beat:
    """The clock of this process and machine, judged by the worker's last beat; writes nothing."""
    mark, now = _mark(), clock.wall()
    if mark is None:
        return Beat(Verdict.AGREES, now)
    offset = _offset()
    reading = _reading(mark, now, machine.running(), offset)
    verdict = judge_clock(reading)
    if reading.ran is None and offset is not None and verdict != Verdict.AGREES:
        # Another machine than the worker's, or this one started anew: here only the database's clock is shared.
        verdict = judge_clock(Reading(now, None, apart=reading.apart))
    agrees = verdict == Verdict.AGREES
    return Beat(verdict, now if agrees else mark.seen_at + (reading.ran or _NOTHING))


def is_believed() -> bool:
    """Whether what ends by time may be ended now. In a job the question was asked when the job began."""
    return clock.is_steady() or judge().is_believed


def _reading(mark: WorkerBeat, now: datetime, running: machine.Running, offset: float | None) -> Reading:
    ran = None
    if mark.boot == running.boot and mark.ran is not None and running.seconds >= mark.ran - 1:
        ran = timedelta(seconds=max(0.0, running.seconds - mark.ran))
    return Reading(
        now,
        mark.seen_at,
        ran,
        stood_still=mark.stood_still or ran is None,
        apart=None if offset is None else timedelta(seconds=offset - mark.apart),
        is_witnessed=(offset is not None and not _is_local()) or machine.is_synchronised(),
    )


def _offset() -> float | None:
    """Seconds by which the database's clock is ahead of ours; None where it has none but this machine's."""
    if db.engine.dialect.name != "postgresql" or clock.is_frozen():
        return None
    before = clock.wall()
    there: Any = session().scalar(text("SELECT clock_timestamp()"))
    middle = before + (clock.wall() - before) / 2
    return float((there - middle).total_seconds())


def _is_local() -> bool:
    """Whether the database runs on this machine, so that its clock is no second witness."""
    return db.engine.url.host in {None, "", "localhost", "127.0.0.1", "::1"}


def _mark() -> WorkerBeat | None:
    return session().scalar(
        select(WorkerBeat).where(WorkerBeat.name == "worker").execution_options(populate_existing=True)
    )


# --- what is told of it ------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Trouble:
    """A clock that is not believed: the worker's, by its last beat, else that of the process that asks."""

    verdict: Verdict
    says: datetime
    agreed: datetime
    is_here: bool  # the clock of this process; the worker's is believed
    is_confirmed: bool = False  # somebody gave their word, and the worker has not looked since


def trouble() -> Trouble | None:
    """What is wrong with the clocks, or None."""
    mark, here = _mark(), judge()
    if mark is not None and mark.verdict != Verdict.AGREES:
        said = mark.said_at or mark.seen_at
        return Trouble(
            Verdict(mark.verdict), said, mark.seen_at, is_here=False, is_confirmed=mark.confirmed is not None
        )
    if not here.is_believed:
        return Trouble(here.verdict, clock.wall(), here.time, is_here=True)
    return None


def in_words(found: Trouble) -> str:
    """The same for those who look after the machine."""
    whose = "this process's clock" if found.is_here else "the worker's clock"
    what = f"{whose} says {_minute(found.says)}, {found.verdict} of the agreed time {_minute(found.agreed)}"
    waits = "offers are not ended" if found.is_here else "nothing is erased, ended, sent or settled"
    so = (
        "confirmed: the worker goes on at its next beat"
        if found.is_confirmed
        else "set the clock or confirm it"
    )
    return f"{what}: {waits}; {so}"


def _minute(moment: datetime) -> str:
    return f"{clock.local(moment):%Y-%m-%d %H:%M}"


def confirm(said: datetime, *, by: str | None) -> None:
    """Take a person's word that what the worker's clock said is the right time; raises OtherTime.

    The worker goes on by its clock from its next beat.
    """
    mark = session().get(WorkerBeat, "worker", with_for_update=True, populate_existing=True)
    if mark is None or mark.verdict == Verdict.AGREES or not is_confirmed(mark.said_at or mark.seen_at, said):
        raise OtherTime
    mark.confirmed, mark.confirmed_by = said, by
    audit.record(
        "clock.confirm", "worker", "worker", by=by, said=said.isoformat(), agreed=mark.seen_at.isoformat()
    )


def last_beat() -> datetime | None:
    """When the worker was last alive."""
    return db.session.scalar(select(WorkerBeat.seen_at).where(WorkerBeat.name == "worker"))


def silent_for() -> timedelta | None:
    """How long the worker was not seen: measured where it runs on this machine, else by the clock; None: never seen."""
    mark = _mark()
    if mark is None:
        return None
    reading = _reading(mark, clock.wall(), machine.running(), None)
    return (
        max(_NOTHING, clock.wall() - (mark.said_at or mark.seen_at)) if reading.ran is None else reading.ran
    )


def is_late() -> bool:
    """Whether no worker was seen for ten minutes."""
    silent = silent_for()
    return silent is None or silent > STALE
