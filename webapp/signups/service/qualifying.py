"""Whether someone meets what a position asks for; read only where it asks for something."""

from dataclasses import replace
from datetime import date

from webapp.signups.domain import LacksSkill, NotEligible, NotInTeam, NotTrained, TooYoung
from webapp.volunteers import queries as volunteers
from webapp.volunteers.domain import Lacks, first_lack

_REFUSALS: dict[Lacks, type[NotEligible]] = {
    Lacks.SKILL: LacksSkill,
    Lacks.TRAINING: NotTrained,
    Lacks.TEAM: NotInTeam,
}


def require_qualified(position_id: str, person_id: str, *, on: date, age_band: str | None = None) -> None:
    """Raise what says which requirement of the position the person does not meet on the day of the session.

    `age_band` is what was said when signing up; it goes before what the profile says. Raises TooYoung, NotInTeam,
    LacksSkill, NotTrained.
    """
    wanted = volunteers.requirements_of([position_id]).get(position_id)
    if wanted is None:
        return
    has = volunteers.qualifications_of([person_id], on=on)[person_id]
    if age_band is not None:
        has = replace(has, age_band=age_band)
    lack = first_lack(wanted, has)
    if lack == Lacks.AGE:
        raise TooYoung(age=wanted.min_age)
    if lack is not None:
        raise _REFUSALS[lack](names=volunteers.lack_words(position_id, lack))
