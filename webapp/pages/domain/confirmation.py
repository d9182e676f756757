"""A confirmation sheet that came back, held against our records: what agrees and what does not. Plain Python."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from webapp.core.tables.draft import CellFault


@dataclass(frozen=True)
class Service:
    """Someone's time at one session, as one side has it; hours in steps of a tenth."""

    number: str  # 全国志愿者编号
    name: str
    phone: str  # digits, or masked
    title: str
    session_id: str
    on: date
    hours: Decimal
    added: Decimal | None = None  # None: this side does not tell them apart
    person_id: str = ""  # ours alone
    masked: str = ""  # ours alone: the telephone as our exports show it


@dataclass(frozen=True)
class Fault:
    """A row nobody can read, and everything that is wrong with it."""

    row: int  # as the spreadsheet program counts
    faults: tuple[CellFault, ...]

    @property
    def sentence(self) -> str:
        """The first of them, marked for translation."""
        return self.faults[0].sentence


@dataclass(frozen=True)
class Comparison:
    """What agrees and what does not, in the order of the day."""

    same: int
    differ: Sequence[tuple[Service, Service]]  # ours, theirs
    only_here: Sequence[Service]
    only_there: Sequence[Service]


Key = tuple[str, ...]


def compare(ours: Sequence[Service], theirs: Sequence[Service]) -> Comparison:
    """Hold theirs against ours: by session if all of theirs say it, else by title and day; of the people there by
    number, by name and telephone, or by the name alone. Several rows of one person at one
    session are added up, on both sides. So our own export, held against ourselves, agrees to the last row.
    """
    by_session = bool(theirs) and all(one.session_id for one in theirs)
    apart = all(one.added is not None for one in theirs)
    here = _summed([((one.person_id, *_what(one, by_session)), one) for one in ours])
    there = _summed(_keyed(ours, theirs, by_session=by_session, apart=apart))
    both = [(here[key], there[key]) for key in here if key in there]
    differ = [pair for pair in both if not _agree(*pair, apart=apart)]
    return Comparison(
        same=len(both) - len(differ),
        differ=sorted(differ, key=lambda pair: _order(pair[0])),
        only_here=sorted((one for key, one in here.items() if key not in there), key=_order),
        only_there=sorted((one for key, one in there.items() if key not in here), key=_order),
    )


def _keyed(
    ours: Sequence[Service], theirs: Sequence[Service], *, by_session: bool, apart: bool
) -> list[tuple[Key, Service]]:
    """Each of theirs with whom and what it is about. Who may be several is, row by row, the one whose row agrees."""
    people = _people(ours)
    there: dict[Key, list[Service]] = {}
    for one in ours:
        there.setdefault(_what(one, by_session), []).append(one)
    found: list[tuple[Key, Service]] = []
    unsure: list[tuple[Key, Service]] = []
    for one in theirs:
        what = _what(one, by_session)
        may_be = _who(one, people, there.get(what, ()))
        if len(may_be) == 1:
            found.append(((may_be[0], *what), one))
        else:
            unsure.append((what, one))
    # Rows that agree take theirs first, so that one that differs is not held against a stranger's.
    used: set[int] = set()
    for is_equal in (True, False):
        left = []
        for what, one in unsure:
            some = [mine for mine in there.get(what, ()) if id(mine) not in used and _may_be(mine, one)]
            some = [mine for mine in some if not is_equal or _agree(mine, one, apart=apart)]
            if some:
                used.add(id(some[0]))
                found.append(((some[0].person_id, *what), one))
            else:
                left.append((what, one))
        unsure = left
    return [*found, *(((f"? {one.number or one.name + one.phone}", *what), one) for what, one in unsure)]


def _may_be(mine: Service, one: Service) -> bool:
    """Whether a row may be about this person: the same name, and nothing against it."""
    other_number = bool(mine.number and one.number) and mine.number.upper() != one.number
    other_phone = bool(mine.phone and one.phone) and one.phone not in {mine.phone, mine.masked}
    return mine.name == one.name and not other_number and not other_phone


def _order(one: Service) -> tuple[date, str, str]:
    return one.on, one.title, one.name


def _what(one: Service, by_session: bool) -> Key:
    return (
        (one.session_id, one.on.isoformat())
        if by_session
        else ("".join(one.title.split()), one.on.isoformat())
    )


def _people(ours: Sequence[Service]) -> dict[Key, str]:
    """Whom a number, or a name with a telephone, means; "" where it may mean two."""
    found: dict[Key, str] = {}
    for one in ours:
        keys: list[Key] = [("number", one.number.upper())] if one.number else []
        if one.phone:
            keys += [(one.name, one.phone), (one.name, one.masked)]
        for key in set(keys):
            found[key] = one.person_id if found.get(key, one.person_id) == one.person_id else ""
    return found


def _who(one: Service, people: Mapping[Key, str], there: Sequence[Service]) -> list[str]:
    """Our ids of whom it may be about; none where we know nobody like that."""
    by_number = people.get(("number", one.number)) if one.number else None
    by_phone = people.get((one.name, one.phone)) if one.phone else None
    if sure := by_number or by_phone:
        return [sure]
    return list(dict.fromkeys(mine.person_id for mine in there if _may_be(mine, one)))


def _summed(rows: Sequence[tuple[Key, Service]]) -> dict[Key, Service]:
    found: dict[Key, Service] = {}
    for key, one in rows:
        before = found.get(key)
        found[key] = one if before is None else _plus(before, one)
    return found


def _plus(first: Service, more: Service) -> Service:
    added = None if first.added is None or more.added is None else first.added + more.added
    values = {name: getattr(first, name) for name in first.__dataclass_fields__}
    return Service(**(values | {"hours": first.hours + more.hours, "added": added}))


def _agree(ours: Service, theirs: Service, *, apart: bool) -> bool:
    added = ours.added or Decimal(0)
    if apart:
        return (ours.hours, added) == (theirs.hours, theirs.added)
    return ours.hours + added == theirs.hours + (theirs.added or Decimal(0))
