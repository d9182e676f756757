"""Entries of the audit, each as the sentence in which whoever looks may read it."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Select, false, or_, select, true

from webapp.core.audit import AuditEntry, Via
from webapp.core.db import session
from webapp.core.deeds import UNDONE, deed_of
from webapp.core.errors import N_, Said, Words
from webapp.core.i18n import filled
from webapp.core.indexed import stands
from webapp.core.listing import Query
from webapp.core.matching import Sought
from webapp.organisations.domain import Permission
from webapp.organisations.queries import names_for, organisations_seen
from webapp.pages.queries.names import (
    THIS_EVENT,
    THIS_SESSION,
    EventOrSession,
    PersonAt,
    PersonName,
    names_of,
)
from webapp.people.models import PersonWords

NAMESAKES = 300  # people of one name whose acts are looked for
_SYSTEM, _SOMEBODY = Words(N_("系统")), Words(N_("系统或本人"))
_NOT_SIGNED_IN, _SELF = Words(N_("没有登录的人")), Words(N_("本人"))
_GONE = Words(N_("已经删除的一项"))
_NO_NAME = Words(N_("一个人"))
_ANYBODY = "王某某"

Ways = Mapping[str, Mapping[str, Any]]  # names by kind and id


@dataclass(frozen=True)
class Told:
    """One entry as it is read."""

    id: str
    at: datetime
    text: str  # the sentence, in the reader's language
    who: str
    actor_id: str | None
    kind: str
    via: str
    event_id: str | None  # as long as there is one
    organisation: str


@dataclass(frozen=True)
class Reader:
    """Who reads it, and where: a history of one event, or of one session, does not say which one in every line."""

    person_id: str
    event_id: str | None = None
    session_id: str | None = None


def history(where: ColumnElement[bool], *, to: Reader) -> Query:
    """Those entries, the newest first, as this person reads them."""
    wanted: Select[Any] = select(AuditEntry).where(where)
    usual = (AuditEntry.at.desc(), AuditEntry.id.desc())
    return Query(wanted, AuditEntry.id, usual, lambda rows: told(rows, to=to), is_capped=True)


def of_organisations(person_id: str, *, within: str | None) -> ColumnElement[bool]:
    """What a person may read of everything: of the organisations they make events for, or look at."""
    seen = organisations_seen(person_id, Permission.MANAGE_EVENTS, Permission.INSPECT, within=within)
    return true() if seen is None else AuditEntry.organisation_id.in_(seen)


def of_person(q: str, *, by: str) -> ColumnElement[bool]:
    """Done by or to somebody called so, where names are told to the one who looks (names_for)."""
    node = Sought(q).node
    if node is None:
        return false()
    wanted = select(PersonWords.person_id).where(stands(PersonWords, node)).limit(NAMESAKES)
    ids = list(session().scalars(wanted))  # given as values: the database then goes by its index of persons
    works_at = organisations_seen(by, Permission.MANAGE_EVENTS)
    named = true() if works_at is None else AuditEntry.organisation_id.in_(works_at)
    return or_(AuditEntry.actor_id.in_(ids), AuditEntry.person_id.in_(ids)) & named


def told(entries: Sequence[AuditEntry], *, to: Reader) -> list[Told]:
    """Each in a sentence; one statement for every kind of row that is named, however many entries."""
    names, named = _names(entries), names_for(to.person_id)
    return [_told(one, names, Reading(to, _as_told(named, one.organisation_id or ""))) for one in entries]


def _as_told(named: Callable[[str, str], str], organisation_id: str) -> Callable[[str], str]:
    return lambda name: named(name, organisation_id)


@dataclass(frozen=True)
class Reading:
    """How names are written in one entry."""

    reader: Reader
    written: Callable[[str], Any]

    @property
    def is_whole(self) -> bool:
        """Whether names are told to this reader."""
        return bool(self.written(_ANYBODY) == _ANYBODY)

    def of(self, value: Any) -> Any:
        """A name with the persons in it as they may be read, and without what the page says already."""
        if isinstance(value, PersonName):
            return self.written(str(value))
        if isinstance(value, EventOrSession):
            return value.shortened(self.reader.event_id, self.reader.session_id)
        if isinstance(value, PersonAt) and self.of(value.values["of"]) in (THIS_EVENT, THIS_SESSION):
            return self.of(value.values["name"])
        if isinstance(value, Said):
            return Said(value.sentence, {key: self.of(one) for key, one in value.values.items()})
        return value


def _names(entries: Sequence[AuditEntry]) -> Ways:
    wanted: dict[str, set[str]] = {}
    for kind, row_id in _rows(entries):
        wanted.setdefault(kind, set()).add(str(row_id))
    return {kind: names_of(kind, ids) for kind, ids in wanted.items()}


def _rows(entries: Sequence[AuditEntry]) -> Iterable[tuple[str, Any]]:
    for one in entries:
        yield one.subject_type, one.subject_id
        if one.actor_id:
            yield "person", one.actor_id
        if one.event_id:
            yield "event", one.event_id
        if one.organisation_id:
            yield "organisation", one.organisation_id
        yield from deed_of(one.action).rows(one.details)


def _told(entry: AuditEntry, names: Ways, reading: Reading) -> Told:
    def name(kind: str, row_id: Any) -> Any:
        return reading.of(names.get(kind, {}).get(str(row_id), _GONE))

    is_own = entry.actor_id is not None and entry.actor_id == entry.person_id
    it = names.get(entry.subject_type, {}).get(entry.subject_id, _GONE)
    who = _who(entry, name)
    known = {
        "who": who,
        "it": (replace(reading, written=lambda _name: _SELF) if is_own else reading).of(it),
        "event": name("event", entry.event_id),
        "action": entry.action,
    }
    if entry.action == UNDONE and reading.is_whole:  # what was done may name people
        known["what"] = Said(entry.details.get("text", ""), entry.details.get("details") or {})
    said = deed_of(entry.action).told(entry.details, known, name)
    return Told(
        entry.id,
        entry.at,
        filled(said.sentence, said.values),
        filled("%(who)s", {"who": who}),
        entry.actor_id,
        entry.kind,
        entry.via,
        entry.event_id if entry.event_id in names.get("event", {}) else None,
        str(names.get("organisation", {}).get(entry.organisation_id or "", "")),
    )


def _who(entry: AuditEntry, name: Callable[[str, Any], Any]) -> Any:
    if entry.actor_id:
        found = name("person", entry.actor_id)
        return _NO_NAME if found is _GONE else found
    if not entry.via:
        return _SOMEBODY
    return _SYSTEM if entry.via == Via.SYSTEM else _NOT_SIGNED_IN
