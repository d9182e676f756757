"""Sign up with all that is said along with it: answers, age band, a guardian's consent."""

from collections.abc import Mapping

from sqlalchemy import delete, insert

from webapp.core import audit, clock
from webapp.core.db import get_row, session
from webapp.events.domain.questions import to_keep
from webapp.events.queries.questions import asking_for
from webapp.people.service.guardians import settle_age
from webapp.signups.domain import SignupExtra
from webapp.signups.domain.giving import Given
from webapp.signups.models import Answer, Signup
from webapp.signups.queries.answers import answers_of
from webapp.signups.service.consents import follow_age
from webapp.signups.service.minors import vouched_by
from webapp.signups.service.taking import sign_up_seeing


def apply(position_id: str, person_id: str, *, by: str | None, source: str, given: Given) -> Signup:
    """sign_up(), with what was said along with it.

    Raises what sign_up() raises, and AnswersIncomplete; after any of them the transaction must end.
    """
    extra = SignupExtra(age_band=given.age_band, company=given.company, course_id=given.course_id)
    made, facts = sign_up_seeing(
        position_id, person_id, by=by, source=source, extra=extra, vouched=vouched_by(given)
    )
    if facts.asks:  # most events ask nothing, and a rush need not read that they do not
        write_answers(made.id, to_keep(asking_for(position_id).questions, given.answers))
    return made


def write_answers(signup_id: str, answers: Mapping[str, str]) -> None:
    """Put these in the place of what was answered before."""
    current, now = session(), clock.now()
    current.execute(delete(Answer).where(Answer.signup_id == signup_id))
    rows = [
        {"signup_id": signup_id, "question_id": question_id, "value": value, "answered_at": now}
        for question_id, value in answers.items()
    ]
    if rows:
        current.execute(insert(Answer), rows)


def change_answers(signup: Signup, answers: Mapping[str, str], *, by: str) -> bool:
    """Answer anew; whether anything changed. Raises AnswersIncomplete.

    Answers to questions no longer asked stay as they are.
    """
    questions = asking_for(signup.position_id).questions
    before = answers_of(signup.id)
    asked = {one.id for one in questions}
    kept = {name: value for name, value in before.items() if name not in asked} | to_keep(questions, answers)
    if kept == before:
        return False
    write_answers(signup.id, kept)
    audit.record("answers.change", "signup", signup.id, by=by)
    return True


def set_age_band(signup_id: str, band: str | None, *, by: str) -> None:
    """Staff learn how old someone is: it holds from now on, for all they signed up for. Nothing said: no change."""
    signup = get_row(Signup, signup_id)
    if not band or band == signup.age_band:
        return
    audit.record("signup.age_band", "signup", signup_id, by=by, before=signup.age_band, after=band)
    settle_age(signup.person_id, band, by=by)
    follow_age(signup.person_id)
