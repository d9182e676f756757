"""Sign up with all that is said along with it: answers, age band, a guardian's consent."""

from collections.abc import Mapping

from sqlalchemy import delete, insert

from webapp.core import audit, clock
from webapp.core.db import get_row, session
from webapp.events.domain import PositionKind
from webapp.events.domain.questions import to_keep
from webapp.events.queries.questions import asking_for
from webapp.people.queries import standing_guardianship
from webapp.people.service.guardians import Guardian, record_guardian
from webapp.signups.domain import SignupExtra
from webapp.signups.domain.giving import Given, check_guardian
from webapp.signups.models import Answer, Signup
from webapp.signups.queries.answers import answers_of
from webapp.signups.service.taking import sign_up_seeing
from webapp.volunteers.domain import band_now, needs_guardian
from webapp.volunteers.queries import get_profile


def apply(position_id: str, person_id: str, *, by: str | None, source: str, given: Given) -> Signup:
    """sign_up(), with what was said along with it.

    Raises what sign_up() raises, and AnswersIncomplete, GuardianNeeded; after any of them the transaction must end.
    """
    extra = SignupExtra(age_band=given.age_band)
    made, facts = sign_up_seeing(position_id, person_id, by=by, source=source, extra=extra, both=given.both)
    if facts.asks:  # most events ask nothing, and a rush need not read that they do not
        write_answers(made.id, to_keep(asking_for(position_id).questions, given.answers))
    settle_minor(made, given, is_volunteer=facts.kind == PositionKind.VOLUNTEER, by=by)
    return made


def settle_minor(made: Signup, given: Given, *, is_volunteer: bool, by: str | None) -> None:
    """Judge a minor's sign-up and keep the guardian's consent; raises GuardianNeeded.

    A volunteer who said their age in the profile is not asked again; where the form says otherwise, the form counts.
    """
    band = given.age_band
    if band is None and is_volunteer:
        band = _band_in_profile(made.person_id)
        if band is not None:
            made.age_band = band
    if not needs_guardian(band):
        return
    if given.guardian is None:
        check_guardian([band], is_given=standing_guardianship(made.person_id) is not None)
        return
    agrees = Guardian(given.guardian.name, given.guardian.phone)
    is_oral = by not in {None, made.person_id}
    record_guardian(
        made.person_id, agrees, method="oral" if is_oral else "web", recorded_by=by if is_oral else None
    )


def _band_in_profile(person_id: str) -> str | None:
    profile = get_profile(person_id)
    return band_now(profile.age_band, profile.age_band_on, clock.today()) if profile else None


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
    """Staff learn how old someone is; nothing where nothing is said."""
    signup = get_row(Signup, signup_id)
    if band and band != signup.age_band:
        audit.record("signup.age_band", "signup", signup_id, by=by, before=signup.age_band, after=band)
        signup.age_band = band
