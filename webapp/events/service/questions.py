"""Use cases: ask something of everyone who signs up, change it, put it elsewhere, ask it no longer."""

from typing import Any

from webapp.core import audit, clock
from webapp.core.db import session
from webapp.core.errors import NotFound
from webapp.events.domain.questions import (
    QUESTIONS_MAX,
    BadCondition,
    QuestionDraft,
    QuestionInUse,
    TooManyQuestions,
    check_draft,
)
from webapp.events.models import Question
from webapp.events.queries.questions import as_asked, list_questions
from webapp.events.service import editing


def add_question(event_id: str, draft: QuestionDraft, *, by: str | None) -> Question:
    """One more question, at the end. Raises TooManyQuestions and what check_draft raises."""
    editing.require_open(editing.take_event(event_id, by=by))
    present = list_questions(event_id)
    if len(present) >= QUESTIONS_MAX:
        raise TooManyQuestions
    draft = check_draft(draft, as_asked(present))
    made = Question(event_id=event_id, rank=max((one.rank for one in present), default=-1) + 1)
    _write(made, draft)
    session().add(made)
    session().flush()
    audit.record("question.add", "question", made.id, by=by, event=event_id)
    return made


def change_question(event_id: str, question_id: str, draft: QuestionDraft, *, by: str | None) -> None:
    """Other words, choices or conditions; answers given stay as they were.

    Raises NotFound, QuestionInUse when another question waits for an answer that would no longer exist, and what
    check_draft raises.
    """
    present, place = _take(event_id, question_id, by=by)
    question = present[place]
    draft = check_draft(draft, as_asked(present[:place]))
    before = _told(question)
    _write(question, draft)
    _require_conditions(present)
    audit.record("question.change", "question", question_id, by=by, before=before, after=_told(question))


def _told(question: Question) -> dict[str, Any]:
    return {"text": question.text, "kind": question.kind, "choices": question.choices}


def move_question(event_id: str, question_id: str, *, up: bool, by: str | None) -> None:
    """One place up or down; at the end nothing happens. Raises NotFound, QuestionInUse."""
    present, place = _take(event_id, question_id, by=by)
    other = place - 1 if up else place + 1
    if not 0 <= other < len(present):
        return
    present[place], present[other] = present[other], present[place]
    _require_conditions(present)
    for rank, one in enumerate(present):
        one.rank = rank
    audit.record("question.move", "question", question_id, by=by, up=up)


def remove_question(event_id: str, question_id: str, *, by: str | None) -> None:
    """Ask it no longer; answers given stay. Raises NotFound, QuestionInUse."""
    present, place = _take(event_id, question_id, by=by)
    question = present.pop(place)
    _require_conditions(present)
    question.removed_at = clock.now()
    audit.record("question.remove", "question", question_id, by=by, event=event_id, text=question.text)


def _take(event_id: str, question_id: str, *, by: str | None) -> tuple[list[Question], int]:
    """The locked event's questions and the place of this one among them."""
    editing.require_open(editing.take_event(event_id, by=by))
    present = list_questions(event_id)
    place = next((number for number, one in enumerate(present) if one.id == question_id), None)
    if place is None:
        raise NotFound
    return present, place


def _write(question: Question, draft: QuestionDraft) -> None:
    question.kind, question.text, question.choices = draft.kind, draft.text, list(draft.choices)
    question.is_required, question.asked_of = draft.is_required, draft.asked_of
    question.shown_if_id, question.shown_if_answer = draft.shown_if_id, draft.shown_if_answer


def _require_conditions(ordered: list[Question]) -> None:
    """Each condition still names an earlier question and one of its answers; raises QuestionInUse."""
    asked = as_asked(ordered)
    for place, one in enumerate(asked):
        draft = QuestionDraft(
            one.kind,
            one.text,
            one.choices,
            asked_of=one.asked_of,
            shown_if_id=one.shown_if_id,
            shown_if_answer=one.shown_if_answer,
        )
        try:
            check_draft(draft, asked[:place])
        except BadCondition:
            raise QuestionInUse(text=one.text) from None
