"""Whether what a message tells is still so, asked at the moment it leaves; what several reminders say as one."""

from typing import Any

from sqlalchemy import ColumnElement, Row, or_, select
from sqlalchemy.orm import aliased

from webapp.core import departing
from webapp.core.clock import Period
from webapp.core.db import session
from webapp.core.departing import Leaving, Text
from webapp.core.outbox import OutboxMessage
from webapp.core.timing import MessageKind, NotSent, Occasion
from webapp.events.domain import EventStatus, PositionKind
from webapp.events.models import Event, EventSession, Position
from webapp.people.models import Person
from webapp.signups.domain import LIVING, SignupStatus, last_moment, messages
from webapp.signups.domain.sharing import HandOverState
from webapp.signups.models import CallOut, HandOver, Signup
from webapp.signups.service import offer_notices, offer_times, taking_out

_Found = Row[*tuple[Any, ...]]
_OFF = frozenset({EventStatus.CANCELLED, EventStatus.POSTPONED})


def say_what_is_so() -> None:
    """Give the core, which knows no sign-ups, who knows them (webapp/areas.py)."""
    departing.looks |= {
        "signup": look_at_signup,
        "hand_over": look_at_hand_over,
        "call": look_at_call,
        "group": look_at_position,
    }
    departing.asked.join = join


def look_at_signup(one: Leaving) -> Text | NotSent | None:
    """Of a message about a sign-up. An offer is written as it leaves: until when it stands counts from then."""
    row = session().execute(_signup(Signup.id == one.about_id)).first()
    if row is None:
        return NotSent.SETTLED
    present = messages.Present(
        status=row.status,
        is_on=_is_on(row, whole=one.kind.name in messages.OF_SEVERAL - {messages.REMINDER.name}),
        is_postponed=row.event_status == EventStatus.POSTPONED,
        occasion=_occasion(row),
        others_live=one.kind.name in messages.OF_SEVERAL and _others_live(one, row),
    )
    why = messages.why_not(one.kind, present, one.at)
    if why is not None:
        return why
    if one.kind is messages.TAKEN_OUT and not taking_out.has_left(row.id):
        return NotSent.SETTLED  # nothing of ours stands in their calendar
    if one.kind is messages.RESTORED and _never_left(messages.CANCELLED, row.id):
        return NotSent.SETTLED  # they have not heard that it was off
    return _offer(one) if one.kind is messages.OFFERED else None


def _offer(one: Leaving) -> Text | NotSent:
    until = offer_times.deadline_if_told(one.about_id, one.at)
    if until is None or until <= one.at:
        return NotSent.CLOSED
    return offer_notices.offer_as_it_leaves(one.about_id, one.key, until)


def look_at_hand_over(one: Leaving) -> NotSent | None:
    """Of a message about a shift that is to go to another: who is asked hears of it only while it is asked."""
    row = (
        session()
        .execute(select(HandOver.state, HandOver.signup_id).where(HandOver.id == one.about_id))
        .one_or_none()
    )
    if row is None:
        return NotSent.SETTLED
    if one.kind is not messages.HAND_OVER_ASKED:
        is_news = row.state != HandOverState.WITHDRAWN or not _never_left(
            messages.HAND_OVER_ASKED, one.about_id
        )
        return None if is_news else NotSent.SETTLED
    held = session().execute(_signup(Signup.id == row.signup_id)).first()
    is_so = row.state == HandOverState.ASKED and held is not None and _is_on(held)
    return None if is_so else NotSent.SETTLED


def _never_left(kind: MessageKind, about_id: str) -> bool:
    """Whether the message to which this one answers was given up before it left."""
    wanted = select(OutboxMessage.id).where(
        OutboxMessage.about_id == about_id,
        OutboxMessage.kind == kind.name,
        OutboxMessage.state == "lapsed",
        OutboxMessage.error.is_(None),
    )
    return session().scalar(wanted.limit(1)) is not None


def look_at_call(one: Leaving) -> NotSent | None:
    """Of a call for help: the shift still lacks people, and takes place."""
    row = (
        session()
        .execute(
            select(
                EventSession.cancelled_at,
                Event.status.label("event_status"),
                Position.taken,
                Position.capacity,
            )
            .select_from(CallOut)
            .join(Position, Position.id == CallOut.position_id)
            .join(EventSession, EventSession.id == Position.session_id)
            .join(Event, Event.id == EventSession.event_id)
            .where(CallOut.id == one.about_id)
        )
        .first()
    )
    is_so = row is not None and _is_on(row) and row.taken < row.capacity
    return None if is_so else NotSent.SETTLED


def look_at_position(one: Leaving) -> NotSent | None:
    """Of a line to the organisers' group: a shift that lacked people in the evening may have them in the morning."""
    if one.kind is not messages.SHORT:
        return None
    row = (
        session()
        .execute(
            select(
                EventSession.cancelled_at,
                Event.status.label("event_status"),
                Position.taken,
                Position.min_count,
            )
            .select_from(Position)
            .join(EventSession, EventSession.id == Position.session_id)
            .join(Event, Event.id == EventSession.event_id)
            .where(Position.id == one.about_id)
        )
        .first()
    )
    is_so = row is not None and _is_on(row) and row.taken < row.min_count
    return None if is_so else NotSent.SETTLED


def join(texts: list[Text]) -> Text:
    """Several reminders at once are one message."""
    titles = "；".join(dict.fromkeys(one.subject.partition("：")[2] for one in texts))
    return Text(f"提醒：{titles}", "\n\n".join(one.body for one in texts))


def _signup(*conditions: ColumnElement[bool]) -> Any:
    return (
        select(
            Signup.id,
            Signup.status,
            Signup.person_id,
            Signup.session_id,
            Signup.course_id,
            Position.kind,
            EventSession.starts_at,
            EventSession.ends_at,
            EventSession.event_id,
            EventSession.cancelled_at,
            Event.status.label("event_status"),
            Person.phone,
        )
        .join(Position, Position.id == Signup.position_id)
        .join(EventSession, EventSession.id == Signup.session_id)
        .join(Event, Event.id == EventSession.event_id)
        .join(Person, Person.id == Signup.person_id)
        .where(*conditions)
    )


def _is_on(row: _Found, *, whole: bool = False) -> bool:
    """Whether it takes place; of the whole event, whatever became of this session."""
    return (whole or row.cancelled_at is None) and row.event_status not in _OFF


def _occasion(row: _Found) -> Occasion:
    is_volunteer = row.kind == PositionKind.VOLUNTEER
    door = last_moment(Period(row.starts_at, row.ends_at), is_volunteer=is_volunteer)
    return Occasion(row.starts_at, row.ends_at, door)


def _others_live(one: Leaving, row: _Found) -> bool:
    """Whether one of the sign-ups lives that the message is about: of a course, of an event, of a family."""
    other, held, person = aliased(Signup), aliased(EventSession), aliased(Person)
    wanted = (
        select(other.id)
        .join(held, held.id == other.session_id)
        .join(person, person.id == other.person_id)
        .where(other.status.in_(LIVING))
    )
    if one.kind is messages.REMINDER:
        same = [person.id == row.person_id, *([person.phone == row.phone] if row.phone else [])]
        wanted = wanted.where(
            other.session_id == row.session_id, other.status == SignupStatus.CONFIRMED, or_(*same)
        )
    elif one.kind is messages.COURSE:
        wanted = wanted.where(other.course_id == row.course_id)
    else:
        wanted = wanted.where(held.event_id == row.event_id, other.person_id == row.person_id)
    return session().scalar(wanted.limit(1)) is not None
