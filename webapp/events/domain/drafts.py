"""What is asked for (drafts and changes), its checks, and the form in which text is searched. Plain Python."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from webapp.events.domain.refusals import (
    BadCancelHours,
    BadCapacity,
    BadMinAge,
    BadMinCount,
    ClosesBeforeOpens,
    PositionNameTaken,
    TooLong,
    TooMany,
    UnknownChoice,
    WordsMissing,
)
from webapp.events.domain.rules import (
    AUDIENCES,
    BRING_LIMIT,
    CANCEL_HOURS_MAX,
    CANCEL_HOURS_VOLUNTEER,
    CAPACITY_MAX,
    KIND_LABELS,
    MIN_AGES,
    POSITION_NAME_LIMIT,
    POSITIONS_MAX,
    REASON_LIMIT,
    RISK_LIMIT,
    SUMMARY_LIMIT,
    TITLE_LIMIT,
    PositionKind,
)


@dataclass(frozen=True)
class PositionDraft:
    """Places of one kind, as asked for."""

    name: str
    kind: str
    capacity: int
    waitlist: bool = True
    cancel_hours: int | None = None  # None: as usual for its kind

    @property
    def hours_to_cancel(self) -> int:
        """Until so many hours before the start people may cancel themselves."""
        usual = CANCEL_HOURS_VOLUNTEER if self.kind == PositionKind.VOLUNTEER else 0
        return usual if self.cancel_hours is None else self.cancel_hours


@dataclass(frozen=True)
class PositionRules:
    """Who may take a position, and when. Skills, trainings and teams are asked for in `volunteers`."""

    min_count: int = 0
    min_age: int | None = None
    needs_approval: bool = False
    opens_at: datetime | None = None
    closes_at: datetime | None = None
    cancel_hours: int = 0


@dataclass(frozen=True)
class SessionDraft:
    """A dated occurrence, as asked for. `id` is given when the same request may arrive twice."""

    title: str
    venue_id: str
    starts_at: datetime
    ends_at: datetime
    positions: Sequence[PositionDraft] = ()
    id: str | None = None


@dataclass(frozen=True)
class EventDraft:
    """An event, as asked for."""

    organisation_id: str
    type_slug: str
    title: str
    summary: str = ""
    bring: str = ""
    risk_statement: str = ""
    audiences: Sequence[str] = ()
    task_ids: Sequence[str] = ()
    sessions: Sequence[SessionDraft] = ()
    id: str | None = None
    is_demo: bool = False


@dataclass(frozen=True)
class EventChanges:
    """What is to be changed; None leaves as it is."""

    type_slug: str | None = None
    title: str | None = None
    summary: str | None = None
    bring: str | None = None
    risk_statement: str | None = None
    audiences: Sequence[str] | None = None
    task_ids: Sequence[str] | None = None


_LIMITS = {
    "title": TITLE_LIMIT,
    "summary": SUMMARY_LIMIT,
    "bring": BRING_LIMIT,
    "risk_statement": RISK_LIMIT,
    "reason": REASON_LIMIT,
    "name": POSITION_NAME_LIMIT,
}


_ONE_LINE = frozenset({"title", "bring", "name"})


def check_text(field: str, text: str, *, required: bool = False) -> str:
    """The text without outer spaces; raises WordsMissing or TooLong, naming the field."""
    text = " ".join(text.splitlines()).strip() if field in _ONE_LINE else text.strip()
    if required and not text:
        raise WordsMissing(field=field)
    if len(text) > _LIMITS[field]:
        raise TooLong(field=field, limit=_LIMITS[field])
    return text


def check_capacity(capacity: int, *, low: int = 1) -> int:
    """A possible number of places; raises BadCapacity."""
    if isinstance(capacity, bool) or not low <= capacity <= CAPACITY_MAX:
        raise BadCapacity(low=low, high=CAPACITY_MAX)
    return capacity


def check_positions(positions: Sequence[PositionDraft]) -> None:
    """Raise TooMany, PositionNameTaken, WordsMissing, TooLong, BadCapacity or UnknownChoice."""
    if len(positions) > POSITIONS_MAX:
        raise TooMany(field="positions", limit=POSITIONS_MAX)
    seen: set[str] = set()
    for position in positions:
        name = check_text("name", position.name, required=True)
        if name in seen:
            raise PositionNameTaken(name=name)
        seen.add(name)
        check_capacity(position.capacity)
        if position.kind not in KIND_LABELS:
            raise UnknownChoice(field="kind")
        check_cancel_hours(position.hours_to_cancel)


def check_cancel_hours(hours: int) -> int:
    """Hours before the start; raises BadCancelHours."""
    if isinstance(hours, bool) or not 0 <= hours <= CANCEL_HOURS_MAX:
        raise BadCancelHours(high=CANCEL_HOURS_MAX)
    return hours


def check_rules(rules: PositionRules, *, capacity: int) -> None:
    """Raise BadMinCount, BadMinAge, ClosesBeforeOpens or BadCancelHours."""
    if isinstance(rules.min_count, bool) or not 0 <= rules.min_count <= capacity:
        raise BadMinCount(capacity=capacity)
    if rules.min_age is not None and rules.min_age not in MIN_AGES:
        raise BadMinAge
    if rules.opens_at and rules.closes_at and rules.closes_at <= rules.opens_at:
        raise ClosesBeforeOpens
    check_cancel_hours(rules.cancel_hours)


def check_audiences(audiences: Sequence[str]) -> list[str]:
    """The groups in the plan's order, each once; raises UnknownChoice."""
    if set(audiences) - set(AUDIENCES):
        raise UnknownChoice(field="audiences")
    return [name for name in AUDIENCES if name in audiences]
