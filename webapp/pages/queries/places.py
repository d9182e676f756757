"""Where what an entry of the audit is about belongs: its event, session and organisation, and the person it is of.

One statement per kind of subject, asked at the end of the transaction that did it (core/audit.py).
"""

from collections.abc import Collection, Mapping, Sequence
from typing import Any

from sqlalchemy import Select, bindparam, func, null, select

from webapp.attendance.models import Attendance, Device, DeviceSession, HeadCount, Scan
from webapp.calendars.models import Subscription
from webapp.core.audit import Place
from webapp.core.db import session
from webapp.core.outbox import OutboxMessage
from webapp.events.models import Event, EventSession, Position, Question
from webapp.organisations.models import Organisation
from webapp.people.models import ApiToken, Person
from webapp.recognition.models import Certificate, Commendation, Objection, ServiceRecord, Star
from webapp.resources.models import Booking, Resource
from webapp.signups.models import CourseSignup, Notice, Signup, Telling
from webapp.venues.models import Venue
from webapp.volunteers.models import Team


def _way(
    key: Any,
    *through: tuple[Any, Any],
    at: Any = None,
    event: Any = None,
    unit: Any = None,
    person: Any = None,
) -> Select[Any]:
    """From a row to where it belongs: `at` is its session, whose event and organisation follow from it."""
    own, joins = key.class_, list(through)
    if at is not None and own is not EventSession:
        joins.append((EventSession, EventSession.id == at))
    event = EventSession.event_id if at is not None else event
    if event is not None and own is not Event:
        joins.append((Event, Event.id == event))
    unit = Event.organisation_id if event is not None else unit
    columns: Sequence[tuple[str, Any]] = (
        ("id", key), ("event_id", event), ("session_id", at), ("organisation_id", unit), ("person_id", person)
    )  # fmt: skip
    wanted: Any = select(*((null() if column is None else column).label(name) for name, column in columns))
    wanted = wanted.select_from(own)
    for model, on in joins:
        wanted = wanted.outerjoin(model, on)
    return wanted.where(key.in_(bindparam("ids", expanding=True)))


_FIRST = select(func.min(DeviceSession.session_id)).where(DeviceSession.device_id == Device.id)
_RECORD = (ServiceRecord, ServiceRecord.id == Objection.record_id)
_SESSION = _way(EventSession.id, at=EventSession.id)
_WAYS: Mapping[str, Select[Any]] = {
    "event": _way(Event.id, event=Event.id),
    "event_session": _SESSION,
    "session": _SESSION,  # as cards and walls call it
    "position": _way(Position.id, at=Position.session_id),
    "question": _way(Question.id, event=Question.event_id),
    "signup": _way(Signup.id, at=Signup.session_id, person=Signup.person_id),
    "course_signup": _way(CourseSignup.id, event=CourseSignup.event_id, person=CourseSignup.person_id),
    "notice": _way(Notice.id, event=Notice.event_id),
    "telling": _way(
        Telling.id, (Notice, Notice.id == Telling.notice_id), event=Notice.event_id, person=Telling.person_id
    ),
    "outbox_message": _way(
        OutboxMessage.id,
        (Signup, Signup.id == OutboxMessage.about_id),
        at=Signup.session_id,
        person=OutboxMessage.person_id,
    ),
    "scan": _way(Scan.id, (Signup, Signup.id == Scan.signup_id), at=Scan.session_id, person=Signup.person_id),
    "attendance": _way(Attendance.id, at=Attendance.session_id, person=Attendance.person_id),
    "head_count": _way(HeadCount.id, at=HeadCount.session_id),
    "device": _way(Device.id, at=_FIRST.scalar_subquery(), person=Device.person_id),
    "service_record": _way(ServiceRecord.id, at=ServiceRecord.session_id, person=ServiceRecord.person_id),
    "objection": _way(Objection.id, _RECORD, at=ServiceRecord.session_id, person=Objection.person_id),
    "certificate": _way(Certificate.id, unit=Certificate.organisation_id, person=Certificate.person_id),
    "star": _way(Star.id, person=Star.person_id),
    "commendation": _way(Commendation.id, person=Commendation.person_id),
    "booking": _way(Booking.id, at=Booking.session_id),
    "resource": _way(Resource.id, unit=Resource.organisation_id),
    "venue": _way(Venue.id, unit=Venue.organisation_id),
    "team": _way(Team.id, unit=Team.organisation_id),
    "organisation": _way(Organisation.id, unit=Organisation.id),
    "subscription": _way(Subscription.id, unit=Subscription.organisation_id, person=Subscription.person_id),
    "person": _way(Person.id, person=Person.id),
    "api_token": _way(ApiToken.id, person=ApiToken.person_id),
}


def places_of(kind: str, ids: Collection[str]) -> dict[str, Place]:
    """Where these rows belong; what is not there, or of a kind that belongs nowhere, is left out."""
    if kind not in _WAYS:
        return {}
    return {
        row.id: Place(row.event_id, row.session_id, row.organisation_id, row.person_id)
        for row in session().execute(_WAYS[kind], {"ids": list(ids)})
    }
