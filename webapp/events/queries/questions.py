"""Reads: the questions of an event."""

from collections.abc import Iterable

from sqlalchemy import select

from webapp.core.db import session
from webapp.events.domain.questions import Asked, AskedOf
from webapp.events.models import EventSession, Position, Question


def list_questions(event_id: str) -> list[Question]:
    """The event's questions that are asked, in order."""
    return list(
        session().scalars(
            select(Question)
            .where(Question.event_id == event_id, Question.removed_at.is_(None))
            .order_by(Question.rank, Question.id)
        )
    )


def list_ever_asked(event_id: str) -> list[Question]:
    """The same with those no longer asked, which come last: their answers stay."""
    wanted = select(Question).where(Question.event_id == event_id)
    return list(
        session().scalars(wanted.order_by(Question.removed_at.is_not(None), Question.rank, Question.id))
    )


def as_asked(questions: Iterable[Question]) -> list[Asked]:
    """Rows as the rules of the domain take them."""
    return [
        Asked(
            id=one.id,
            kind=one.kind,
            text=one.text,
            choices=tuple(one.choices),
            is_required=one.is_required,
            asked_of=one.asked_of,
            shown_if_id=one.shown_if_id,
            shown_if_answer=one.shown_if_answer,
        )
        for one in questions
    ]


def questions_for_position(position_id: str) -> list[Asked]:
    """What whoever signs up for this position is asked, in order: one statement."""
    wanted = (
        select(Question)
        .join(EventSession, EventSession.event_id == Question.event_id)
        .join(Position, Position.session_id == EventSession.id)
        .where(
            Position.id == position_id,
            Question.removed_at.is_(None),
            Question.asked_of.in_([AskedOf.ALL, Position.kind]),
        )
        .order_by(Question.rank, Question.id)
    )
    return as_asked(session().scalars(wanted))
