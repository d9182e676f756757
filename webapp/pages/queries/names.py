"""What rows are called in the sentences of the history: one statement per kind, however many rows."""

from collections.abc import Callable, Collection, Mapping
from typing import Any

from sqlalchemy import Row, Select, bindparam, select
from sqlalchemy.orm import aliased

from webapp.attendance.models import Attendance, Device, HeadCount, Scan
from webapp.calendars.models import Subscription
from webapp.core import erasing, options
from webapp.core.db import session
from webapp.core.erasing import Erasure
from webapp.core.errors import N_, Said, Words
from webapp.core.outbox import OutboxMessage
from webapp.events.models import Event, EventSession, Position, Question
from webapp.organisations.models import Organisation
from webapp.pages.domain.exchange import KIND_LABELS
from webapp.people.models import ApiToken, Person
from webapp.plan.models import EventType, Plan, PlanTask, Target
from webapp.recognition.models import (
    Certificate,
    Commendation,
    CommendationList,
    Objection,
    ServiceRecord,
    Star,
)
from webapp.resources.models import Booking, Resource
from webapp.signups.models import CourseSignup, Notice, Signup, Telling
from webapp.venues.models import District, Venue
from webapp.volunteers.models import Course, Skill, Team

Named = dict[str, Any]


class PersonName(str):
    """The name of a person: written as whoever reads it may know it."""

    __slots__ = ()


class EventOrSession(Said):
    """An event or one of its sessions: its own history need not say of every line which one it is."""

    __slots__ = ("event_id", "session_id")

    def __init__(
        self, event_id: str, session_id: str | None, sentence: str, values: Mapping[str, Any]
    ) -> None:
        super().__init__(sentence, values)
        self.event_id, self.session_id = event_id, session_id

    def shortened(self, event_id: str | None, session_id: str | None) -> Any:
        """How it is called in the history of that event, or of that session of it."""
        if event_id is None or self.event_id != event_id:
            return self
        if self.session_id is None:
            return THIS_EVENT
        return THIS_SESSION if self.session_id == session_id else Said(_ITS_SESSION, self.values)


class PersonAt(Said):
    """A person (`name`) and what they signed up for or came to (`of`)."""

    __slots__ = ()


THIS_EVENT, THIS_SESSION = Words(N_("这个活动")), Words(N_("这一场"))
_ITS_SESSION = N_("%(when)s那一场")
_TITLE, _QUOTED = N_("《%(title)s》"), N_("“%(name)s”")
_SESSION, _OF = N_("《%(title)s》%(when)s"), N_("%(name)s（%(of)s）")
_WHEN = (
    Event.title,
    EventSession.title.label("part"),
    EventSession.starts_at,
    EventSession.event_id,
    EventSession.id.label("session_id"),
)


def _ids(wanted: Any, key: Any) -> Select[Any]:
    found: Select[Any] = wanted.where(key.in_(bindparam("ids", expanding=True)))
    return found


def _session_of(row: Any) -> Any:
    """A session as its event and its time; without one nothing."""
    if row.starts_at is None:
        return Words(N_("没有场次"))
    title = f"{row.title} · {row.part}" if row.part else row.title
    return EventOrSession(row.event_id, row.session_id, _SESSION, {"title": title, "when": row.starts_at})


def _person_at(row: Any) -> Any:
    """A person and the session in question."""
    of = _session_of(row)
    return PersonAt(_OF, {"name": PersonName(row.name), "of": of}) if row.name else of


def _at(key: Any, at: Any, *columns: Any, through: tuple[Any, ...] = ()) -> Select[Any]:
    """Rows of a session."""
    wanted: Any = select(key.label("id"), *_WHEN, *columns).select_from(key.class_)
    for model, on in through:
        wanted = wanted.outerjoin(model, on)
    if key.class_ is not EventSession:
        wanted = wanted.outerjoin(EventSession, EventSession.id == at)
    return _ids(wanted.outerjoin(Event, Event.id == EventSession.event_id), key)


def _of_person(key: Any, at: Any, person: Any, through: tuple[Any, ...] = ()) -> Select[Any]:
    """Rows of a person at a session."""
    return _at(key, at, Person.name, through=(*through, (Person, Person.id == person)))


def _plain(key: Any, name: Any) -> Select[Any]:
    return _ids(select(key.label("id"), name.label("name")), key)


def _titled(key: Any, event: Any) -> Select[Any]:
    return _ids(
        select(key.label("id"), Event.title, Event.id.label("event_id")).join(Event, Event.id == event), key
    )


def _with_person(key: Any, person: Any, *columns: Any) -> Select[Any]:
    return _ids(select(key.label("id"), Person.name, *columns).join(Person, Person.id == person), key)


def _of_event(key: Any, person: Any, event: Any, *through: tuple[Any, Any]) -> Select[Any]:
    wanted: Any = select(key.label("id"), Person.name, Event.title, Event.id.label("event_id")).select_from(
        key.class_
    )
    for model, on in (*through, (Event, Event.id == event), (Person, Person.id == person)):
        wanted = wanted.join(model, on)
    return _ids(wanted, key)


_member = aliased(Team)
_LISTED: Any = (
    select(Commendation.id, Person.name, _member.name.label("team"))
    .outerjoin(Person, Person.id == Commendation.person_id)
    .outerjoin(_member, _member.id == Commendation.team_id)
)


def _quoted(row: Row[Any]) -> Said:
    return Said(_QUOTED, {"name": row.name})


def _event(row: Row[Any]) -> Said:
    return EventOrSession(row.event_id, None, _TITLE, {"title": row.title})


def _in_event(row: Row[Any]) -> Said:
    return PersonAt(_OF, {"name": PersonName(row.name), "of": _event(row)})


def _and_more(sentence: str, **values: Callable[[Any], Any]) -> Callable[[Row[Any]], Said]:
    return lambda row: Said(sentence, {name: value(row) for name, value in values.items()})


def _who(row: Row[Any]) -> PersonName:
    return PersonName(row.name)


_SESSIONS = (_at(EventSession.id, EventSession.id), _session_of)
_TICKET = (Signup, Signup.id == Scan.signup_id)
_RECORD = (ServiceRecord, ServiceRecord.id == Objection.record_id)
_TOLD = (Notice, Notice.id == Telling.notice_id)
_THING = (Resource, Resource.id == Booking.resource_id)

_WAYS: Mapping[str, tuple[Select[Any], Callable[[Row[Any]], Any]]] = {
    "event": (_ids(select(Event.id, Event.title, Event.id.label("event_id")), Event.id), _event),
    "notice": (_titled(Notice.id, Notice.event_id), _event),
    "event_session": _SESSIONS,
    "session": _SESSIONS,
    "position": (
        _at(Position.id, Position.session_id, Position.name),
        _and_more(N_("%(session)s的“%(name)s”"), session=_session_of, name=lambda row: row.name),
    ),
    "question": (_plain(Question.id, Question.text), _quoted),
    "signup": (_of_person(Signup.id, Signup.session_id, Signup.person_id), _person_at),
    "scan": (_of_person(Scan.id, Scan.session_id, Signup.person_id, (_TICKET,)), _person_at),
    "attendance": (_of_person(Attendance.id, Attendance.session_id, Attendance.person_id), _person_at),
    "service_record": (
        _of_person(ServiceRecord.id, ServiceRecord.session_id, ServiceRecord.person_id),
        _person_at,
    ),
    "objection": (
        _of_person(Objection.id, ServiceRecord.session_id, Objection.person_id, (_RECORD,)),
        _person_at,
    ),
    "head_count": (
        _at(HeadCount.id, HeadCount.session_id, HeadCount.count),
        _and_more(N_("%(session)s %(count)s 人"), session=_session_of, count=lambda row: row.count),
    ),
    "booking": (
        _at(Booking.id, Booking.session_id, Resource.name, through=(_THING,)),
        _and_more(N_("%(session)s的“%(name)s”"), session=_session_of, name=lambda row: row.name),
    ),
    "course_signup": (_of_event(CourseSignup.id, CourseSignup.person_id, CourseSignup.event_id), _in_event),
    "telling": (_of_event(Telling.id, Telling.person_id, Notice.event_id, _TOLD), _in_event),
    "person": (_plain(Person.id, Person.name), _who),
    "certificate": (
        _with_person(Certificate.id, Certificate.person_id),
        _and_more(N_("%(name)s的服务证明"), name=_who),
    ),
    "star": (
        _with_person(Star.id, Star.person_id, Star.level),
        _and_more(N_("%(name)s的 %(level)s 星"), name=_who, level=lambda row: row.level),
    ),
    "commendation": (
        _ids(_LISTED, Commendation.id),
        lambda row: PersonName(row.name) if row.name else row.team,
    ),
    "commendation_list": (
        _plain(CommendationList.id, CommendationList.title),
        _and_more(N_("表彰名单“%(name)s”"), name=lambda row: row.name),
    ),
    "team": (_plain(Team.id, Team.name), _and_more(N_("团队“%(name)s”"), name=lambda row: row.name)),
    "organisation": (_plain(Organisation.id, Organisation.name), lambda row: row.name),
    "venue": (_plain(Venue.id, Venue.name), lambda row: row.name),
    "district": (_plain(District.code, District.name), lambda row: Words(row.name)),
    "event_type": (_plain(EventType.slug, EventType.label), lambda row: Words(row.name)),
    "plan": (_plain(Plan.id, Plan.title), _quoted),
    "plan_task": (_plain(PlanTask.id, PlanTask.title), _quoted),
    "target": (_plain(Target.id, Target.indicator), lambda row: row.name),
    "skill": (_plain(Skill.id, Skill.name), _quoted),
    "course": (_plain(Course.id, Course.name), _quoted),
    "resource": (_plain(Resource.id, Resource.name), _quoted),
    "device": (_plain(Device.id, Device.name), _quoted),
    "subscription": (_plain(Subscription.id, Subscription.name), _quoted),
    "api_token": (_plain(ApiToken.id, ApiToken.name), _quoted),
    "outbox_message": (_plain(OutboxMessage.id, OutboxMessage.subject), _quoted),
    "erasure": (_plain(Erasure.id, Erasure.kind), lambda row: Words(erasing.label_of(row.name))),
}


def _year(year: str) -> Any:
    return Said(N_("%(year)s 年"), {"year": year})


# A list as a whole, of which a file was taken.
_LISTS = {
    "scan": N_("要核对的记录"),
    "unmet": N_("不再符合岗位要求的人"),
    "notice": N_("请电话告知"),
    "certificate": N_("服务证明"),
    "service_record": N_("等确认的时长"),
    "team": N_("团队"),
    "volunteer_skill": N_("技能证书"),
    "training": N_("培训记录"),
    "audit_entry": N_("操作记录"),
    "outbox_message": N_("发出的消息"),
}
_ALL = "all"

# What has no row: its key says what it is.
_KEYS: Mapping[str, Callable[[str], Any]] = {
    "option": lambda key: Words(options.label_of(key)),
    "exchange": lambda key: Words(dict(KIND_LABELS).get(key, key)),  # type: ignore[call-overload]
    "work_year": _year,
}


def names_of(kind: str, ids: Collection[str]) -> Named:
    """What these rows are called; one that is gone is left out."""
    if kind in _KEYS:
        return {one: _KEYS[kind](one) for one in ids}
    found = {_ALL: Words(_LISTS[kind])} if _ALL in ids and kind in _LISTS else {}
    if kind not in _WAYS:
        return found
    wanted, made = _WAYS[kind]
    return found | {row.id: made(row) for row in session().execute(wanted, {"ids": list(ids)})}
