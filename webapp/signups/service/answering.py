"""A message is answered from the message: one entrance for whatever it asks, without signing in."""

from sqlalchemy import select

from webapp.core import audit, clock
from webapp.core.db import get_row, session
from webapp.events.domain.questions import AskedOf
from webapp.events.models import Position
from webapp.events.queries.questions import list_questions
from webapp.people import service as people
from webapp.signups.domain import SignupSource
from webapp.signups.domain.telling import AnswerElsewhere, Ask
from webapp.signups.models import Called, CallOut
from webapp.signups.queries.answering import Question
from webapp.signups.service.choosing import choose
from webapp.signups.service.handing import accept_hand_over, decline_hand_over
from webapp.signups.service.offering import accept_offer, decline_offer
from webapp.signups.service.taking import sign_up


def answer(question: Question, value: str, *, seen: str, both: bool = False) -> None:
    """Do what the person answered; `both`: beside what they have elsewhere at that hour.

    Who says yes has ticked that they know the risks, where there are any. Raises whatever the use case raises, and
    AnswerElsewhere.
    """
    person_id, subject_id, yes = question.person.id, question.subject_id, value == "yes"
    if yes and question.has_risk:
        purpose = f"risk:{question.position.session.event_id}"
        people.record_consent(person_id, purpose, method="web")
    match question.ask:
        case Ask.OFFER:
            (accept_offer if yes else decline_offer)(subject_id, by=person_id)
        case Ask.HAND_OVER if yes:
            accept_hand_over(subject_id, by=person_id, both=both)
        case Ask.HAND_OVER:
            decline_hand_over(subject_id, by=person_id)
        case Ask.CHOOSE:
            choose(subject_id, keep_this=value == "this", seen=seen, by=person_id)
        case Ask.CALL:
            _answer_call(subject_id, person_id, yes=yes, both=both)


def _answer_call(call_out_id: str, person_id: str, *, yes: bool, both: bool) -> None:
    position = get_row(Position, get_row(CallOut, call_out_id).position_id)
    if not yes:
        wanted = select(Called).where(Called.call_out_id == call_out_id, Called.person_id == person_id)
        called = session().scalars(wanted).one()
        called.declined_at = called.declined_at or clock.now()
        audit.record("call_out.decline", "position", position.id, by=person_id, call_out=call_out_id)
        return
    asked = {AskedOf.ALL, AskedOf.VOLUNTEER}
    if any(one.is_required and one.asked_of in asked for one in list_questions(position.session.event_id)):
        raise AnswerElsewhere
    sign_up(position.id, person_id, by=person_id, source=SignupSource.SELF, both=both)
