"""Records that wait for somebody's word, for the one table: what is objected to first, then the oldest."""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from sqlalchemy import ColumnElement, and_, case, or_, select, union_all
from sqlalchemy.orm import joinedload

from webapp.core.db import session
from webapp.core.listing import Query, holding
from webapp.events.models import Event, EventSession
from webapp.organisations.domain import WORKS_WITH_PEOPLE, Permission
from webapp.organisations.queries import organisations_seen
from webapp.people.models import Person
from webapp.people.queries.finding import called
from webapp.recognition.domain import RecordStatus
from webapp.recognition.models import Objection, ServiceRecord
from webapp.recognition.queries.records import OPEN_OBJECTION, objections_of


class Wait(StrEnum):
    """What a record waits for."""

    ANSWER = "answer"  # somebody says that it is not right
    SECOND = "second"  # added by hand: another person's word
    LEFT = "left"  # when they left
    ABSENT = "absent"  # why they did not come


WAITS: dict[Wait, ColumnElement[bool]] = {
    Wait.ANSWER: OPEN_OBJECTION,
    Wait.SECOND: ServiceRecord.status == RecordStatus.PROPOSED,
    Wait.LEFT: and_(ServiceRecord.status == RecordStatus.TO_CONFIRM, ServiceRecord.in_at.is_not(None)),
    Wait.ABSENT: and_(ServiceRecord.status == RecordStatus.TO_CONFIRM, ServiceRecord.in_at.is_(None)),
}


@dataclass(frozen=True)
class Waiting:
    """A record with what is said against it."""

    record: ServiceRecord
    objections: Sequence[Objection]  # that nobody has answered

    @property
    def id(self) -> str:
        """Of the record."""
        return self.record.id

    @property
    def wait(self) -> Wait:
        """What it waits for; an objection comes first, since the answer may settle the rest."""
        if self.objections:
            return Wait.ANSWER
        if self.record.status == RecordStatus.PROPOSED:
            return Wait.SECOND
        return Wait.LEFT if self.record.in_at else Wait.ABSENT


def waiting(person_id: str, *, within: str | None = None) -> Query:
    """Those of the organisations this person works for or inspects. Two statements more than the list's own."""
    seen = organisations_seen(person_id, Permission.MANAGE_EVENTS, Permission.INSPECT, within=within)
    asked = [RecordStatus.TO_CONFIRM, RecordStatus.PROPOSED]
    wait = union_all(  # each by its own index
        select(ServiceRecord.id).where(ServiceRecord.status.in_(asked)),
        select(Objection.record_id).where(Objection.answered_at.is_(None)),
    )
    wanted: Any = (
        select(ServiceRecord.id)
        .join(Person, Person.id == ServiceRecord.person_id)
        .join(EventSession, EventSession.id == ServiceRecord.session_id)
        .join(Event, Event.id == EventSession.event_id)
        .where(ServiceRecord.id.in_(wait))
    )
    if seen is not None:
        wanted = wanted.where(ServiceRecord.organisation_id.in_(seen))
    first = case((OPEN_OBJECTION, 0), else_=1)
    return Query(wanted, ServiceRecord.id, (first, ServiceRecord.created_at, ServiceRecord.id), _read)


def _read(ids: Sequence[str]) -> list[Waiting]:
    found = session().scalars(
        select(ServiceRecord)
        .where(ServiceRecord.id.in_(ids))
        .options(joinedload(ServiceRecord.person), joinedload(ServiceRecord.session))
    )
    records, said = {one.id: one for one in found}, objections_of(ids)
    return [
        Waiting(records[one], [each for each in said.get(one, ()) if each.answered_at is None]) for one in ids
    ]


class Readable:
    """What a person may find and sort these records by: names only where they may read them."""

    def __init__(self, person_id: str) -> None:
        self._where = organisations_seen(person_id, *WORKS_WITH_PEOPLE)

    def search(self, word: str) -> ColumnElement[bool]:
        """Whose event or person is meant by this word."""
        name = called(word, ServiceRecord.person_id)
        if self._where is not None:
            name = and_(name, ServiceRecord.organisation_id.in_(self._where))
        return or_(holding(Event.title)(word), name)

    @property
    def name(self) -> Any:
        """The name; None where it is masked."""
        if self._where is None:
            return Person.name
        return case((ServiceRecord.organisation_id.in_(self._where), Person.name))


def named_records(ids: Sequence[str]) -> dict[str, tuple[str, str]]:
    """Name and organisation of each record's person."""
    rows = session().execute(
        select(ServiceRecord.id, Person.name, ServiceRecord.organisation_id)
        .join(Person, Person.id == ServiceRecord.person_id)
        .where(ServiceRecord.id.in_(ids))
    )
    return {key: (name, organisation_id) for key, name, organisation_id in rows}
