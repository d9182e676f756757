"""What a form showed of a thing, carried by the form; the decision is refused where it is not so any more.

A table says in `__looks__` what its forms show. Every form to a route under `@decides` carries a short mark of that;
the mark is looked at in the transaction of the decision, before it (docs/decisions/0029).
"""

import hashlib
import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import cache
from operator import attrgetter
from typing import Any

from sqlalchemy import select, text

from webapp.core import audit, clock
from webapp.core.auth import loaders
from webapp.core.db import Base, db, session
from webapp.core.errors import ChangedMeanwhile, N_, Refusal, Words
from webapp.core.looks import Looks

_LETTERS = 12  # of a mark
_EARLIER = timedelta(
    seconds=10
)  # a decision is dated when its transaction begins: a page may be made meanwhile
_AT_ONCE = 1000  # marks of one form
_ABSENT = "none"  # the mark of what was not there


@dataclass(frozen=True)
class Mark:
    """One row as a page showed it."""

    table: str
    row_id: str
    digest: str
    at: datetime

    def __str__(self) -> str:
        return f"{self.table}:{self.row_id}:{self.digest}:{int(self.at.timestamp() * 1000):x}"

    @property
    def what(self) -> str:
        """The same whenever the page was made."""
        return f"{self.table}:{self.row_id}:{self.digest}"


class DecidedMeanwhile(ChangedMeanwhile):
    """It was decided since the page was opened: what is so now, who said so, and when."""

    row: Any = None
    is_own = False  # whoever asks said so themselves
    sentence = N_("这一页打开以后，%(who)s在%(at)s改过，现在是“%(now)s”。请看过再定。")


class IsOtherwise(DecidedMeanwhile):
    """It is otherwise now; nobody in particular said so."""

    sentence = N_("这一页打开以后有了变化，现在是“%(now)s”。请看过再定。")


class EditedMeanwhile(DecidedMeanwhile):
    """What is no state, but words and numbers, was changed by someone."""

    sentence = N_("这一页打开以后，%(who)s在%(at)s改过这一项。请核对后再保存。")


class EditedBySomeone(DecidedMeanwhile):
    """The same, and nobody in particular did."""

    sentence = N_("这一页打开以后，这一项有了改动。请核对后再保存。")


class IsGone(DecidedMeanwhile):
    """What the page spoke of is not there any more."""

    sentence = N_("这一页打开以后，这一项已经删掉了，没有再改什么。")


@dataclass
class Change:
    """What became of a row since: for a sentence about it."""

    row: Any
    who: str | None = None
    at: datetime | None = None
    is_known: bool = field(default=False)


class SeveralMeanwhile(DecidedMeanwhile):
    """Of several on a list, some were decided since the page was opened."""

    sentence = N_("这一页打开以后有了变化，什么也没有处理。%(all)s请看过再定。")


class OfOne(DecidedMeanwhile):
    """One of them, by name."""

    sentence = N_("%(name)s（%(who)s在%(at)s改过，现在是“%(now)s”）。")


class OneIsOtherwise(DecidedMeanwhile):
    """The same, and nobody in particular said so."""

    sentence = N_("%(name)s（现在是“%(now)s”）。")


def mark_of(row: Any, *, at: datetime | None = None) -> Mark:
    """How the row looks now; `at` for an answer that is the same while the row is."""
    return Mark(row.__tablename__, id_of(row), _digest(row), at or clock.now())


def mark_of_none(model: type[Base], row_id: str) -> Mark:
    """That there is no such row."""
    return Mark(model.__tablename__, row_id, _ABSENT, clock.now())


def id_of(row: Any) -> str:
    """The row's key as a text."""
    return ",".join(str(getattr(row, key.key)) for key in type(row).__mapper__.primary_key)


def _digest(row: Any) -> str:
    values = [attrgetter(name)(row) for name in row.__looks__.columns]
    return hashlib.sha256(json.dumps(values, default=str).encode()).hexdigest()[:_LETTERS]


def marks_in(texts: Iterable[str]) -> list[Mark]:
    """The marks a form sent; what is none is left out."""
    found = [_read(one) for one in list(texts)[:_AT_ONCE]]
    return [one for one in found if one is not None]


def _read(sent: str) -> Mark | None:
    parts = sent.split(":")
    if len(parts) != 4 or parts[0] not in _tables() or not parts[1].isascii() or not parts[1].isprintable():
        return None
    try:
        at = datetime.fromtimestamp(int(parts[3][:12], 16) / 1000, UTC)
    except (ValueError, OverflowError, OSError):
        return None
    return Mark(parts[0], parts[1], parts[2], at)


@cache
def _tables() -> dict[str, type[Base]]:
    return {
        mapper.class_.__tablename__: mapper.class_
        for mapper in Base.registry.mappers
        if hasattr(mapper.class_, "__looks__")
    }


def hold(marks: Iterable[Mark]) -> None:
    """Let nobody else decide on these rows before this transaction ends. Before any row of it is locked.

    SQLite has one writer at a time anyway.
    """
    if db.engine.dialect.name == "postgresql":
        for name in sorted({f"{one.table}:{one.row_id}" for one in marks}):
            session().execute(
                text("SELECT pg_advisory_xact_lock(hashtextextended(:name, 0))"), {"name": name}
            )


def check(marks: Iterable[Mark], *, by: str | None) -> None:
    """Raise DecidedMeanwhile where rows are not as they were shown to `by`."""
    changes = list(changes_since(marks))
    if not changes:
        return
    if len(changes) > 1 and all(one.row.__looks__.name for one in changes):
        raise SeveralMeanwhile(all=[_of_one(one, by) for one in changes])
    raise refusal_of(changes[0], by=by)


def changes_since(marks: Iterable[Mark]) -> Iterator["Change"]:
    """What is not as it was shown; raises IsGone."""
    tables = _tables()
    for mark in marks:
        row = session().get(tables[mark.table], _key(tables[mark.table], mark.row_id))
        if row is None and mark.digest != _ABSENT:
            raise IsGone
        if row is not None and _digest(row) != mark.digest:
            yield change_of(row, mark.at)


def now_of(marks: Iterable[Mark]) -> list[str]:
    """How the rows of these marks look now."""
    tables = _tables()
    found = [session().get(tables[one.table], _key(tables[one.table], one.row_id)) for one in marks]
    return [mark_of(row).what for row in found if row is not None]


def _key(model: type[Base], text: str) -> Any:
    """The key of that text: versions are numbers."""
    kind = model.__mapper__.primary_key[0].type.python_type
    return kind(text) if kind is str or text.isdecimal() else kind()


def _of_one(change: "Change", by: str | None) -> Refusal:
    looks: Looks = change.row.__looks__
    name = (loaders.name_of or str)(getattr(change.row, looks.name)) or ""
    now = Words((looks.says(change.row) if looks.says else None) or N_("有改动"))
    if not change.is_known or change.at is None:
        return OneIsOtherwise(name=name, now=now)
    return OfOne(name=name, now=now, who=_named(change.who, by), at=change.at)


def change_of(row: Any, since: datetime) -> Change:
    """Who changed the row since then, and when, as far as it was written down."""
    looks: Looks = row.__looks__
    said = [
        (getattr(row, at), getattr(row, who) if who else None)
        for who, at in looks.decided
        if getattr(row, at)
    ]
    if said:
        at, who = max(said, key=lambda one: one[0])
        if at >= since - _EARLIER:
            return Change(row, who, at, is_known=True)
    if looks.audited:
        subject_id = str(attrgetter(looks.subject_id)(row))
        entry = audit.last_of(looks.audited, subject_id, since=since - _EARLIER)
        if entry is not None:
            return Change(row, entry.actor_id, entry.at, is_known=True)
    return Change(row)


def refusal_of(change: Change, *, by: str | None) -> DecidedMeanwhile:
    """The refusal that says it."""
    says = change.row.__looks__.says
    now = says(change.row) if says else None
    more: dict[str, Any] = {}
    if change.is_known and change.at is not None:
        more = {"who": _named(change.who, by), "at": change.at}
    extra: dict[str, Any] = {"decided_at": change.at} if more else {}
    if now:
        kind = DecidedMeanwhile if more else IsOtherwise
        refusal = kind(now=Words(now), extra=extra | {"now": Words(now)}, **more)
    else:
        refusal = EditedMeanwhile(extra=extra, **more) if more else EditedBySomeone()
    refusal.row, refusal.is_own = change.row, by is not None and change.who == by
    return refusal


def _named(who: str | None, reader: str | None) -> str | Words:
    """Who it was, to this reader: people who work here read names."""
    if who is None:
        return Words(N_("系统或本人"))
    if who == reader:
        return Words(N_("您自己"))
    works_here = bool(reader and loaders.permissions and loaders.permissions(reader))
    name = loaders.name_of(who) if works_here and loaders.name_of else None
    return name or Words(N_("别人"))


def rows_or_none(model: type[Base], ids: Iterable[str]) -> list[Any]:
    """Each of these rows, or that there is none of that id."""
    wanted = list(ids)
    found = rows_of(model, wanted)
    return [found.get(one) or mark_of_none(model, one) for one in wanted]


def rows_of(model: type[Base], ids: Iterable[str]) -> dict[str, Any]:
    """Rows by id, in one question."""
    key = model.__mapper__.primary_key[0]
    return {
        id_of(one): one
        for one in session().scalars(select(model).where(key.in_([_key(model, one) for one in ids])))
    }
