"""What others asked of a person and put them down for, as part of their own data: statements, without the words."""

from typing import Any

from sqlalchemy import Select, case, literal, or_, select

from webapp.core.errors import N_
from webapp.events.models import Event, EventSession, Position
from webapp.recognition.models import Commendation, CommendationList
from webapp.signups.models import Called, CallOut, CourseSignup, HandOver, Signup, Unmet


def asked_of(person_id: str) -> list[tuple[str, str, Select[*tuple[Any, ...]], str]]:
    """Key, title, statement and columns of each section, in the form own_data.gather() takes."""
    called = "title=活动 starts_at=开始 position=岗位 called_at=收到招募 declined_at=说来不了"
    handed = (
        "title=活动 starts_at=开始 position=岗位 side=谁交给谁 state=状态 note=附言 asked_at=提出时间"
        " settled_at=了结时间"
    )
    course = "title=系列 position_name=岗位 created_at=报名时间 cancelled_at=退出时间"
    asks = "title=活动 starts_at=开始 position=岗位 names=岗位要求 found_at=发现时间 state=结果 settled_at=决定时间"
    named = "title=名单 decision=决定 reason=理由 decided_at=决定时间"
    return [
        ("courses", N_("系列报名"), _courses(person_id), course),
        ("calls", N_("收到的招募"), _calls(person_id), called),
        ("hand_overs", N_("转交的岗位"), _hand_overs(person_id), handed),
        ("unmet", N_("岗位要求核对"), _unmet(person_id), asks),
        ("commendations", N_("表扬名单"), _commendations(person_id), named),
    ]


def _courses(person_id: str) -> Select[*tuple[Any, ...]]:
    columns = (Event.title, CourseSignup.position_name, CourseSignup.created_at, CourseSignup.cancelled_at)
    found = select(*columns).join(Event, Event.id == CourseSignup.event_id)
    return found.where(CourseSignup.person_id == person_id).order_by(CourseSignup.created_at, CourseSignup.id)


def _calls(person_id: str) -> Select[*tuple[Any, ...]]:
    return (
        select(
            Event.title,
            EventSession.starts_at,
            Position.name.label("position"),
            Called.called_at,
            Called.declined_at,
        )
        .join(CallOut, CallOut.id == Called.call_out_id)
        .join(Position, Position.id == CallOut.position_id)
        .join(EventSession, EventSession.id == Position.session_id)
        .join(Event, Event.id == EventSession.event_id)
        .where(Called.person_id == person_id)
        .order_by(Called.called_at, Called.id)
    )


def _hand_overs(person_id: str) -> Select[*tuple[Any, ...]]:
    """Both sides; who the other is stands in nobody's copy but their own."""
    given = HandOver.from_person_id == person_id
    return (
        select(
            Event.title,
            EventSession.starts_at,
            Position.name.label("position"),
            case((given, literal("given")), else_=literal("taken")).label("side"),
            HandOver.state,
            HandOver.note,
            HandOver.asked_at,
            HandOver.settled_at,
        )
        .join(Signup, Signup.id == HandOver.signup_id)
        .join(Position, Position.id == Signup.position_id)
        .join(EventSession, EventSession.id == Signup.session_id)
        .join(Event, Event.id == EventSession.event_id)
        .where(or_(given, HandOver.to_person_id == person_id))
        .order_by(HandOver.asked_at, HandOver.id)
    )


def _unmet(person_id: str) -> Select[*tuple[Any, ...]]:
    columns = (Unmet.names, Unmet.found_at, Unmet.state, Unmet.settled_at)
    return (
        select(Event.title, EventSession.starts_at, Position.name.label("position"), *columns)
        .join(Signup, Signup.id == Unmet.signup_id)
        .join(Position, Position.id == Signup.position_id)
        .join(EventSession, EventSession.id == Signup.session_id)
        .join(Event, Event.id == EventSession.event_id)
        .where(Signup.person_id == person_id)
        .order_by(Unmet.found_at, Unmet.id)
    )


def _commendations(person_id: str) -> Select[*tuple[Any, ...]]:
    columns = (CommendationList.title, Commendation.decision, Commendation.reason, Commendation.decided_at)
    found = select(*columns).join(CommendationList, CommendationList.id == Commendation.list_id)
    return found.where(Commendation.person_id == person_id).order_by(CommendationList.created_at)
