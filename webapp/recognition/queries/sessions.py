"""The hours of one session, a row per sign-up, as its organisers see them."""

from collections.abc import Callable
from dataclasses import dataclass, field

from sqlalchemy import select

from webapp.core.db import session
from webapp.events.models import Position
from webapp.people.models import Person
from webapp.recognition.domain import RecordSource, RecordStatus
from webapp.recognition.models import ServiceRecord
from webapp.recognition.queries.records import no_shows, objections_of
from webapp.signups.models import Signup


@dataclass
class SignupHours:
    """What is written about one sign-up."""

    signup_id: str
    person_id: str
    display_name: str
    short_code: str
    position: str
    measured: ServiceRecord | None = None
    added: list[ServiceRecord] = field(default_factory=list)
    void: list[ServiceRecord] = field(default_factory=list)
    objections: int = 0  # that nobody has answered
    no_shows: int = 0  # of the person, in the last 180 days, anywhere


def hours_of_session(session_id: str, named: Callable[[str], str] = str) -> list[SignupHours]:
    """Every sign-up of which something is written, by position. Three statements.

    `named` says how their reader sees a name.
    """
    rows = session().execute(
        select(ServiceRecord, Person.name, Position.name.label("position"), Signup.short_code)
        .join(Person, Person.id == ServiceRecord.person_id)
        .join(Signup, Signup.id == ServiceRecord.signup_id)
        .join(Position, Position.id == Signup.position_id)
        .where(ServiceRecord.session_id == session_id)
        .order_by(Position.rank, Position.id, Signup.created_at, ServiceRecord.created_at, ServiceRecord.id)
    )
    found: dict[str, SignupHours] = {}
    for record, name, position, short_code in rows:
        key = str(record.signup_id)
        one = found.setdefault(key, SignupHours(key, record.person_id, named(name), short_code, position))
        if record.status == RecordStatus.VOID:
            one.void.append(record)
        elif record.source == RecordSource.ADDED:
            one.added.append(record)
        else:
            one.measured = record
    _count_into(list(found.values()))
    return list(found.values())


def _count_into(rows: list[SignupHours]) -> None:
    missing = no_shows([one.person_id for one in rows])
    records = {record.id: one for one in rows for record in [one.measured, *one.added] if record}
    for one in rows:
        one.no_shows = missing.get(one.person_id, 0)
    for record_id, objections in objections_of(list(records)).items():
        records[record_id].objections += sum(each.answered_at is None for each in objections)
