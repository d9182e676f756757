"""A confirmation sheet that came back, held against our records: what agrees and what does not. Plain Python."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from webapp.core import spelling
from webapp.core.errors import N_
from webapp.pages.domain.exchange import Column, HeadingsMissing, recognise

_DAY = re.compile(r"(\d{4})[-/.年](\d{1,2})[-/.月](\d{1,2})日?(?:[ T].*)?")
_DAY_IN_ONE = re.compile(r"(\d{4})(\d{2})(\d{2})")
_HOURS = re.compile(r"(\d{1,5}(?:\.\d{1,4})?)(?:小时|h)?", re.IGNORECASE)
_TENTH = Decimal("0.1")
_LOOK_FOR_HEADS = 10  # a title and a remark may stand above the headings

NO_WHO = N_("没有全国志愿者编号，也没有姓名加手机号，认不出是谁。")
NO_WHAT = N_("没有活动名称，也没有场次编号，认不出是哪一场。")
NO_DAY = N_("日期看不懂，请写成 2026-11-28。")
NO_HOURS = N_("时长看不懂，请写小时数，如 2.5。")


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
    """A row nobody can read, and why."""

    row: int  # as the spreadsheet program counts
    sentence: str


@dataclass(frozen=True)
class Comparison:
    """What agrees and what does not, in the order of the day."""

    same: int
    differ: Sequence[tuple[Service, Service]]  # ours, theirs
    only_here: Sequence[Service]
    only_there: Sequence[Service]


@dataclass(frozen=True)
class Confirmation:
    """A sheet as it was read."""

    rows: Sequence[Service]
    faults: Sequence[Fault]


def read_rows(table: Sequence[Sequence[str]], columns: Sequence[Column]) -> Confirmation:
    """Rows of a sheet under the headings of our export of hours. Raises HeadingsMissing."""
    at, places = _headings(table, columns)
    rows, faults = [], []
    for number, cells in enumerate(table[at + 1 :], start=at + 2):
        given = {key: cells[place].strip() if place < len(cells) else "" for key, place in places.items()}
        if not any(given.values()):
            continue
        read = _service(given)
        if isinstance(read, Service):
            rows.append(read)
        else:
            faults.append(Fault(number, read))
    return Confirmation(rows, faults)


def _headings(table: Sequence[Sequence[str]], columns: Sequence[Column]) -> tuple[int, dict[str, int]]:
    head = {one.key: one.head for one in columns}
    best: tuple[int, dict[str, int]] = (0, {})
    for at, cells in enumerate(table[:_LOOK_FOR_HEADS]):
        places = recognise(cells, columns)
        if len(places) > len(best[1]):
            best = at, places
    found = best[1].keys()
    missing = [head[key] for key in ("date", "hours") if key not in found]
    if "number" not in found and not {"name", "phone"} <= found:
        missing.append(head["number"])
    if "title" not in found and "session_id" not in found:
        missing.append(head["title"])
    if missing:
        raise HeadingsMissing(heads="”、“".join(missing))
    return best


def _service(given: Mapping[str, str]) -> Service | str:
    """The row, or the sentence that says why it is none."""
    number, name = given.get("number", "").upper(), spelling.name_form(given.get("name", ""))
    phone, title = digits_of(given.get("phone", "")), given.get("title", "")
    on = _day(given.get("date", ""))
    hours = _hours(given.get("hours", ""))
    added = _hours(given["added_hours"]) if "added_hours" in given else Decimal(0)
    if not number and not (name and phone):
        return NO_WHO
    if not title and not given.get("session_id"):
        return NO_WHAT
    if on is None:
        return NO_DAY
    if hours is None or added is None or not (given.get("hours") or given.get("added_hours")):
        return NO_HOURS
    told_apart = added if "added_hours" in given else None
    return Service(number, name, phone, title, given.get("session_id", ""), on, hours, told_apart)


def digits_of(phone: str) -> str:
    """A telephone number as it is compared: digits and stars, without the country's code."""
    found = re.sub(r"[^\d*]", "", spelling.compact(phone))
    return found[2:] if len(found) == 13 and found.startswith("86") else found


def _day(text: str) -> date | None:
    found = _DAY.fullmatch(text) or _DAY_IN_ONE.fullmatch(text)
    try:
        return date(*map(int, found.groups())) if found else None
    except ValueError:
        return None


def _hours(text: str) -> Decimal | None:
    """Nothing is none; None for what is no number."""
    text = "".join(spelling.compact(text).split())
    if not text:
        return Decimal(0)
    found = _HOURS.fullmatch(text)
    return Decimal(found[1]).quantize(_TENTH) if found else None


Key = tuple[str, ...]


def compare(ours: Sequence[Service], theirs: Sequence[Service]) -> Comparison:
    """Hold theirs against ours: by number, else name and telephone; by session if all of theirs say it, else by
    title and day. Several rows of one person at one session are added up, on both sides.
    """
    by_session = bool(theirs) and all(one.session_id for one in theirs)
    apart = all(one.added is not None for one in theirs)
    people = _people(ours)
    here = _summed([((one.person_id, *_what(one, by_session)), one) for one in ours])
    there = _summed([((_who(one, people), *_what(one, by_session)), one) for one in theirs])
    both = [(here[key], there[key]) for key in here if key in there]
    differ = [pair for pair in both if not _agree(*pair, apart=apart)]
    return Comparison(
        same=len(both) - len(differ),
        differ=sorted(differ, key=lambda pair: _order(pair[0])),
        only_here=sorted((one for key, one in here.items() if key not in there), key=_order),
        only_there=sorted((one for key, one in there.items() if key not in here), key=_order),
    )


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


def _who(one: Service, people: Mapping[Key, str]) -> str:
    """Our id of the person; else something no id of ours is."""
    by_number = people.get(("number", one.number)) if one.number else None
    by_phone = people.get((one.name, one.phone)) if one.phone else None
    return by_number or by_phone or f"? {one.number or one.name + one.phone}"


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
