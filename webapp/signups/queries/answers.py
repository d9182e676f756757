"""Reads: what people answered when signing up."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select

from webapp.core.db import session
from webapp.events.models import Event, EventSession, Position, Question
from webapp.events.queries.questions import asking_for, list_ever_asked
from webapp.people.domain import mask_phone, show_phone
from webapp.people.models import Person
from webapp.signups.domain import LIVING
from webapp.signups.models import Answer, Signup
from webapp.signups.queries.standing import STANDING_COLUMNS, state_of_row


def answers_of(signup_id: str) -> dict[str, str]:
    """Question id → answer, of one sign-up."""
    rows = session().execute(
        select(Answer.question_id, Answer.value)
        .where(Answer.signup_id == signup_id)
        .order_by(Answer.question_id)
    )
    return {row.question_id: row.value for row in rows}


def is_asked(signup: Signup) -> bool:
    """Whether there is something to answer, or was: the holder's pages then lead to it."""
    return bool(asking_for(signup.position_id).questions) or bool(answers_of(signup.id))


@dataclass(frozen=True)
class AnswerLine:
    """One sign-up with its answers, in the order of the questions."""

    signup_id: str
    session_id: str
    name: str
    phone: str | None
    position: str
    session_title: str
    starts_at: datetime
    state: str  # domain.standing.State, now
    answers: tuple[str, ...]

    @property
    def masked_phone(self) -> str:
        """138****5678."""
        return mask_phone(self.phone)

    @property
    def shown_phone(self) -> str:
        """13812345678, once it was asked for."""
        return show_phone(self.phone)


@dataclass(frozen=True)
class AnswerSheet:
    """Everything answered to the questions of an event."""

    questions: Sequence[Question]
    lines: Sequence[AnswerLine]


def answer_sheet(event_id: str) -> AnswerSheet:
    """Living sign-ups of the event with their answers, by session, position and time of signing up.

    Three statements, however many answered.
    """
    questions, given = list_ever_asked(event_id), _answers_by_signup(event_id)
    answered = {question_id for answers in given.values() for question_id in answers}
    questions = [one for one in questions if one.removed_at is None or one.id in answered]
    rows = session().execute(
        select(
            Signup.id,
            Signup.session_id,
            Person.name,
            Person.phone,
            Position.name.label("position"),
            EventSession.title,
            *STANDING_COLUMNS,
        )
        .join(Person, Person.id == Signup.person_id)
        .join(Position, Position.id == Signup.position_id)
        .join(EventSession, EventSession.id == Signup.session_id)
        .join(Event, Event.id == EventSession.event_id)
        .where(EventSession.event_id == event_id, Signup.status.in_(LIVING))
        .order_by(EventSession.starts_at, Position.rank, Signup.created_at, Signup.id)
    )
    lines = [
        AnswerLine(
            row.id,
            row.session_id,
            row.name,
            row.phone,
            row.position,
            row.title,
            row.starts_at,
            state_of_row(row),
            tuple(given.get(row.id, {}).get(one.id, "") for one in questions),
        )
        for row in rows
    ]
    return AnswerSheet(questions, lines)


def _answers_by_signup(event_id: str) -> dict[str, dict[str, str]]:
    given: dict[str, dict[str, str]] = {}
    for row in session().execute(
        select(Answer.signup_id, Answer.question_id, Answer.value)
        .join(Question, Question.id == Answer.question_id)
        .where(Question.event_id == event_id)
    ):
        given.setdefault(row.signup_id, {})[row.question_id] = row.value
    return given


@dataclass(frozen=True)
class GivenAnswer:
    """A question and what one person said to it."""

    question: str
    kind: str
    value: str


def answers_to(signup_ids: Sequence[str]) -> dict[str, list[GivenAnswer]]:
    """What was answered with each of these sign-ups, in the order of the questions. One statement."""
    found: dict[str, list[GivenAnswer]] = {}
    for row in session().execute(
        select(Answer.signup_id, Question.text, Question.kind, Answer.value)
        .join(Question, Question.id == Answer.question_id)
        .where(Answer.signup_id.in_(signup_ids))
        .order_by(Answer.signup_id, Question.removed_at.is_not(None), Question.rank, Question.id)
    ):
        found.setdefault(row.signup_id, []).append(GivenAnswer(row.text, row.kind, row.value))
    return found
