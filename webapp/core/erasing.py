"""Erasure: what will be erased, how much and when. Announced a week before, done in small steps, and held by a word.

An area names a `Kind`: how long it is kept, how to count, find and erase what is older. What was announced is what is
erased: no more than was kept too long on that day, however the rule is changed meanwhile. Jobs do it (pages/jobs.py).
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import CheckConstraint, Index, String, select, text
from sqlalchemy.orm import Mapped, mapped_column

from webapp.core import audit, clock
from webapp.core.db import Base, Id, get_row, lock_row, session
from webapp.core.errors import Conflict, N_
from webapp.core.looks import Looks

NOTICE = timedelta(days=8)  # at least a week, whatever hour it is
HOUR = timedelta(hours=2)  # of the night: the city sleeps
WHY_LIMIT = 200
LATEST = timedelta(days=10)  # from the end of its time: one batch is announced when the one before is done
_OPEN = text("ended_at IS NULL")


class Erasure(Base):
    """One batch: everything of a kind whose time was over before a moment."""

    __tablename__ = "erasure"
    __looks__ = Looks(
        ("seen_at", "held_at", "ended_at"),
        says=lambda row: N_("先不删") if row.held_at else N_("知道了") if row.seen_at else None,
        decided=(("seen_by", "seen_at"), ("held_by", "held_at")),
    )
    __table_args__ = (
        # Of each kind one batch is announced at a time.
        Index("uq_erasure_open", "kind", unique=True, sqlite_where=_OPEN, postgresql_where=_OPEN),
        CheckConstraint("(held_at IS NULL) = (held_why IS NULL)", name="held_why"),
        CheckConstraint("count >= 0 AND erased >= 0", name="numbers"),
    )

    id: Mapped[Id]
    kind: Mapped[str] = mapped_column(String(20))
    before: Mapped[datetime]
    count: Mapped[int]  # when it was announced
    announced_at: Mapped[datetime]
    due_at: Mapped[datetime]
    reached: Mapped[str] = mapped_column(String(40), default="")  # ids up to here were looked at
    erased: Mapped[int] = mapped_column(default=0)
    seen_at: Mapped[datetime | None]  # somebody of the office has taken note
    seen_by: Mapped[str | None] = mapped_column(String(18))
    held_at: Mapped[datetime | None]
    held_by: Mapped[str | None] = mapped_column(String(18))
    held_why: Mapped[str | None] = mapped_column(String(WHY_LIMIT))
    ended_at: Mapped[datetime | None]


class AlreadyErased(Conflict):
    """There is nothing left to hold."""

    sentence = N_("这一批已经删除完了。")
    code = "already_erased"


@dataclass(frozen=True)
class Kind:
    """Something whose time ends. `find` gives ids after another one, in order; `erase` looks at each once more."""

    key: str
    label: str  # a marked sentence: what is erased
    kept: Callable[[], timedelta]
    count: Callable[[datetime], int]
    find: Callable[[datetime, str, int], Sequence[str]]
    erase: Callable[[Sequence[str], datetime], int]


@dataclass(frozen=True)
class Plan:
    """A batch to be announced."""

    kind: Kind
    before: datetime
    due_at: datetime
    count: int


_kinds: dict[str, Kind] = {}


def register(kind: Kind) -> None:
    """Let it be announced and erased from now on."""
    _kinds[kind.key] = kind


def kind_of(erasure: Erasure) -> Kind:
    """What a batch is of."""
    return _kinds[erasure.kind]


def label_of(key: str) -> str:
    """The marked name of a kind; its key where nobody erases it any more."""
    return _kinds[key].label if key in _kinds else key


def to_announce() -> list[Plan]:
    """What has to be announced today; only reads, since counting takes its time."""
    now = clock.now()
    due = clock.start_of_day(clock.local_date(now + NOTICE)) + HOUR
    running = set(session().scalars(select(Erasure.kind).where(Erasure.ended_at.is_(None))))
    plans = []
    for kind in _kinds.values():
        if kind.key not in running:
            before = due - kind.kept()
            plans.append(Plan(kind, before, due, kind.count(before)))
    return [plan for plan in plans if plan.count]


def announce(plan: Plan) -> None:
    """Write a batch down; one that another worker announced a moment ago stays the only one."""
    is_open = select(Erasure.id).where(Erasure.kind == plan.kind.key, Erasure.ended_at.is_(None))
    if session().scalar(is_open) is None:
        session().add(
            Erasure(
                kind=plan.kind.key,
                before=plan.before,
                count=plan.count,
                announced_at=clock.now(),
                due_at=plan.due_at,
            )
        )


def due() -> list[str]:
    """Batches whose day has come and that nobody holds."""
    wanted = select(Erasure.id).where(
        Erasure.ended_at.is_(None), Erasure.held_at.is_(None), Erasure.due_at <= clock.now()
    )
    return list(session().scalars(wanted.order_by(Erasure.due_at, Erasure.id)))


def find(erasure_id: str, limit: int) -> Sequence[str]:
    """The next of a batch; none while somebody holds it."""
    batch = get_row(Erasure, erasure_id)
    if batch.held_at is not None or batch.ended_at is not None:
        return ()
    return kind_of(batch).find(_before(batch), batch.reached, limit)


def erase(erasure_id: str, ids: Sequence[str]) -> None:
    """Erase these of a batch, unless somebody holds it since they were found."""
    batch = lock_row(Erasure, erasure_id)
    if batch.held_at is None and batch.ended_at is None:
        batch.erased += kind_of(batch).erase(ids, _before(batch))
        batch.reached = max(ids)


def end(erasure_id: str) -> None:
    """Nothing is left of it; one that somebody holds stays open."""
    batch = lock_row(Erasure, erasure_id)
    if batch.held_at is None and batch.ended_at is None:
        batch.ended_at = clock.now()
        audit.record("erasure.end", "erasure", batch.id, by=None, kind=batch.kind, erased=batch.erased)


def _before(batch: Erasure) -> datetime:
    """A rule that keeps longer since it was announced holds at once, one that keeps shorter is announced anew."""
    return min(batch.before, clock.now() - kind_of(batch).kept())


# --- what the office says to it ----------------------------------------------------------------------------------


def take_note(erasure_id: str, *, by: str) -> None:
    """The office knows; nobody need be told again."""
    batch = lock_row(Erasure, erasure_id)
    batch.seen_at, batch.seen_by = batch.seen_at or clock.now(), batch.seen_by or by


def hold(erasure_id: str, why: str, *, by: str) -> None:
    """Erase nothing more of it until it is let go; raises AlreadyErased."""
    batch = lock_row(Erasure, erasure_id)
    if batch.ended_at is not None:
        raise AlreadyErased
    if batch.held_at is None:
        batch.held_at, batch.held_by, batch.held_why = clock.now(), by, why[:WHY_LIMIT]
        audit.record("erasure.hold", "erasure", batch.id, by=by, kind=batch.kind, why=batch.held_why)


def let_go(erasure_id: str, *, by: str) -> None:
    """Erase it on its day, or from now on where that is over."""
    batch = lock_row(Erasure, erasure_id)
    if batch.held_at is not None:
        batch.held_at = batch.held_by = batch.held_why = None
        audit.record("erasure.let_go", "erasure", batch.id, by=by, kind=batch.kind)


def list_open() -> list[Erasure]:
    """What is announced and not yet done, soonest first."""
    still = select(Erasure).where(Erasure.ended_at.is_(None)).order_by(Erasure.due_at, Erasure.id)
    return list(session().scalars(still))


def list_erasures(*, ended: int = 10) -> list[Erasure]:
    """What is announced, and the last that were done."""
    done = select(Erasure).where(Erasure.ended_at.is_not(None)).order_by(Erasure.ended_at.desc()).limit(ended)
    return [*list_open(), *session().scalars(done)]
