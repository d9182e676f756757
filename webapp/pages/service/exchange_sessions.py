"""Rows of activities held and of hours served for export, keyed by column; telephones as they are kept."""

from datetime import timedelta
from typing import Any

from sqlalchemy import ColumnElement, Select, func, select

from webapp.attendance.domain import Grade
from webapp.attendance.models import Attendance, HeadCount
from webapp.core import clock
from webapp.core.db import session
from webapp.events.domain import COUNTING_STATUSES, PositionKind
from webapp.events.models import Event, EventSession, Position
from webapp.organisations.models import Organisation
from webapp.pages.service.exchange_people import Row, Scope, in_hours
from webapp.people.models import Person
from webapp.plan.models import EventType
from webapp.recognition.domain import RECORD_SOURCE_LABELS, RECORD_STATUS_LABELS, RecordSource, RecordStatus
from webapp.recognition.domain.standing import RECORD_STATE_LABELS, RecordState, record_state
from webapp.recognition.models import ServiceRecord
from webapp.signups.models import Signup
from webapp.venues.models import District, Venue
from webapp.volunteers.models import Team, Volunteer


def activities(scope: Scope) -> list[Row]:
    """Sessions that were held in these days: published, not called off, over. Four statements."""
    held = _held(scope)
    meant = select(EventSession.id).join(Event, Event.id == EventSession.event_id).where(*held)
    found = session().execute(
        select(
            EventSession.id, EventSession.title, EventSession.starts_at, EventSession.ends_at, Event.title,
            Event.audiences, Organisation.name, EventType.label, District.name, Venue.name, Venue.address,
        )
        .join(Event, Event.id == EventSession.event_id)
        .join(Organisation, Organisation.id == Event.organisation_id)
        .join(EventType, EventType.slug == Event.type_slug)
        .join(Venue, Venue.id == EventSession.venue_id)
        .join(District, District.code == Venue.district_code)
        .where(*held)
        .order_by(EventSession.starts_at, EventSession.id)
    )  # fmt: skip
    planned, came, counted = _planned(meant), _came(meant), _counted(meant)
    rows = []
    for (
        one,
        part,
        starts_at,
        ends_at,
        title,
        audiences,
        organisation,
        label,
        district,
        place,
        address,
    ) in found:
        starts, ends = clock.local(starts_at), clock.local(ends_at)
        row: Row = {"session_id": one, "title": title, "session_title": part, "organisation": organisation}
        row |= {"type": label, "date": starts.date(), "starts": f"{starts:%H:%M}", "ends": _end(starts, ends)}
        row |= {"district": district, "place": place, "address": address, "audiences": "、".join(audiences)}
        row |= _people(one, planned, came)
        rows.append(row | {"counted": counted.get(one, 0)})
    return rows


def _people(one: str, planned: dict[tuple[str, str], int], came: dict[tuple[str, str, str], int]) -> Row:
    """Planned and come of one session, each grade for itself."""
    row: Row = {}
    for word, kind in (("volunteers", PositionKind.VOLUNTEER), ("audience", PositionKind.AUDIENCE)):
        row[f"{word}_planned"] = planned.get((one, kind), 0)
        for name, grade in (("came", Grade.SCAN), ("ticked", Grade.ROSTER)):
            row[f"{word}_{name}"] = came.get((one, kind, grade), 0)
    return row


def _held(scope: Scope) -> list[ColumnElement[bool]]:
    return [
        EventSession.starts_at >= clock.start_of_day(scope.from_on),
        EventSession.starts_at < clock.start_of_day(scope.until_on + timedelta(days=1)),
        EventSession.ends_at <= clock.now(),
        EventSession.cancelled_at.is_(None),
        Event.status.in_(COUNTING_STATUSES),
        *scope.of(Event.organisation_id),
    ]


def _end(starts: Any, ends: Any) -> str:
    """The hour; with its day when it is another one."""
    return f"{ends:%H:%M}" if ends.date() == starts.date() else f"{ends:%Y-%m-%d %H:%M}"


def _planned(meant: Select[Any]) -> dict[tuple[str, str], int]:
    found = (
        select(Position.session_id, Position.kind, func.sum(Position.capacity))
        .where(Position.session_id.in_(meant))
        .group_by(Position.session_id, Position.kind)
    )
    return {(row[0], row[1]): int(row[2]) for row in session().execute(found)}


def _came(meant: Select[Any]) -> dict[tuple[str, str, str], int]:
    found = (
        select(Attendance.session_id, Position.kind, Attendance.grade, func.count())
        .join(Signup, Signup.id == Attendance.signup_id)
        .join(Position, Position.id == Signup.position_id)
        .where(Attendance.session_id.in_(meant), Attendance.annulled_at.is_(None))
        .group_by(Attendance.session_id, Position.kind, Attendance.grade)
    )
    return {(row[0], row[1], row[2]): int(row[3]) for row in session().execute(found)}


def _counted(meant: Select[Any]) -> dict[str, int]:
    found = (
        select(HeadCount.session_id, func.sum(HeadCount.count))
        .where(HeadCount.session_id.in_(meant), HeadCount.annulled_at.is_(None))
        .group_by(HeadCount.session_id)
    )
    return {row[0]: int(row[1]) for row in session().execute(found)}


def hours(scope: Scope, *, with_open: bool = False) -> list[Row]:
    """Time served in these days, measured and added apart; `with_open`: also what is not final yet. One statement."""
    meant = scope.served()
    if with_open:
        meant = [
            ServiceRecord.status != RecordStatus.VOID,
            ServiceRecord.source != RecordSource.ABSENT,
            ServiceRecord.served_on.between(scope.from_on, scope.until_on),
            *scope.of(ServiceRecord.organisation_id),
        ]
    record = ServiceRecord
    found = session().execute(
        select(
            record.session_id, record.person_id, Person.name, Person.phone, Volunteer.number, Event.title,
            EventSession.title.label("session_title"), record.served_on, Venue.name.label("place"), Event.audiences,
            Position.name.label("position"), Organisation.name.label("organisation"), Team.name.label("team"),
            record.in_at, record.out_at, record.minutes, record.added_minutes, record.reason, record.source,
            record.status, record.notice_until,
        )
        .join(Person, Person.id == record.person_id)
        .outerjoin(Volunteer, Volunteer.person_id == record.person_id)
        .join(EventSession, EventSession.id == record.session_id)
        .join(Event, Event.id == EventSession.event_id)
        .join(Venue, Venue.id == EventSession.venue_id)
        .join(Organisation, Organisation.id == record.organisation_id)
        .outerjoin(Team, Team.id == record.team_id)
        .outerjoin(Signup, Signup.id == record.signup_id)
        .outerjoin(Position, Position.id == Signup.position_id)
        .where(*meant)
        .order_by(record.served_on, record.session_id, record.person_id, record.id)
    )  # fmt: skip
    return [_served(one) for one in found.mappings()]


def _served(one: Any) -> Row:
    row = dict(one)
    row["date"] = row.pop("served_on")
    row["audiences"] = "、".join(row["audiences"])
    row["status"] = in_the_books(row)
    row["hours"], row["added_hours"] = in_hours(row.pop("minutes")), in_hours(row.pop("added_minutes"))
    row["source"] = RECORD_SOURCE_LABELS[RecordSource(row["source"])]
    return row


def in_the_books(row: dict[str, Any]) -> str:
    """What the record is now, in a word one can filter by; takes the day of its notice out of the row."""
    state = record_state(
        row["status"],
        came=row["in_at"] is not None,
        minutes=row["minutes"] + row["added_minutes"],
        notice_until=row.pop("notice_until"),
        today=clock.today(),
    )
    in_notice = state in {RecordState.NOTICED, RecordState.NOTICED_EMPTY}
    return RECORD_STATUS_LABELS[RecordStatus.NOTICED] if in_notice else RECORD_STATE_LABELS[state]
