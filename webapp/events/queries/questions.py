"""Reads: the questions of an event."""

from collections.abc import Iterable
from dataclasses import dataclass

from sqlalchemy import and_, select

from webapp.core.db import session
from webapp.core.errors import NotFound
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


@dataclass(frozen=True)
class Asking:
    """What kind of place it is, and what whoever takes it is asked, in order."""

    kind: str
    questions: list[Asked]


def asking_for(position_id: str) -> Asking:
    """The questions of a position, in one statement; raises NotFound."""
    wanted = (
        select(Position.kind, Question)
        .join(EventSession, Position.session_id == EventSession.id)
        .outerjoin(
            Question,
            and_(
                Question.event_id == EventSession.event_id,
                Question.removed_at.is_(None),
                Question.asked_of.in_([AskedOf.ALL, Position.kind]),
            ),
        )
        .where(Position.id == position_id)
        .order_by(Question.rank, Question.id)
    )
    rows = session().execute(wanted).all()
    if not rows:
        raise NotFound
    return Asking(rows[0].kind, as_asked(row.Question for row in rows if row.Question is not None))
