"""How old someone is who signs up, and what follows: one judgement for every way in.

Page, guest, course, list, team, staff, walk-in, hand-over, companion, swap, program: each of them asks judge_age() and
require_cleared() (a list: many_minors.py) before a place is taken, and whoever takes an offer still_cleared().
"""

from dataclasses import dataclass, replace

from webapp.core.db import get_row
from webapp.people.queries import standing_guardianship
from webapp.people.service.guardians import Guardian, settle_age
from webapp.signups.domain import SignupExtra
from webapp.signups.domain.giving import (
    Given,
    GuardianGiven,
    GuardianNeeded,
    GuardianNeededAsKnown,
    check_company,
)
from webapp.signups.models import Signup
from webapp.signups.queries.ages import known_age_of
from webapp.signups.service.consents import agree
from webapp.volunteers.domain import (
    Age,
    AgeDisagrees,
    Fits,
    band_of_today,
    compare,
    needs_guardian,
)


@dataclass(frozen=True)
class Vouched:
    """What is said about a minor beside their age, and by whom it may be asked."""

    guardian: GuardianGiven | None = None
    with_guardian: bool = False  # it is the guardian who comes along
    age_confirmed: bool = False
    can_ask: bool = False
    both: bool = False  # they want it beside what they have elsewhere at that hour


NOBODY = Vouched()


def vouched_by(given: Given) -> Vouched:
    """The same of what was said on a form or by a program."""
    return Vouched(given.guardian, given.with_guardian, given.age_confirmed, given.can_ask, given.both)


def judge_age(
    person_id: str, extra: SignupExtra, *, by: str | None, is_known: bool, vouched: Vouched = NOBODY
) -> SignupExtra:
    """What a sign-up carries of the age: what is said now, held against what was said before.

    `by` is who signs them up, None for themselves; `is_known` False where nobody ever said their age. Raises
    AgeDisagrees.
    """
    said = extra.age_band
    if said is None and not is_known:
        return extra
    staff = _staff(person_id, by)
    known = known_age_of(person_id) if is_known else None
    band = judged_band(known, said, confirmed=vouched.age_confirmed and staff is not None)
    if known and said and staff and vouched.age_confirmed and compare(known, said) != Fits.AGREES:
        settle_age(person_id, said, by=staff)
    return replace(extra, age_band=band, age_said=said is not None)


def require_cleared(
    person_id: str, extra: SignupExtra, *, by: str | None, vouched: Vouched = NOBODY
) -> SignupExtra:
    """Of a minor: a guardian agrees, and who comes along is known. A consent that is given now is kept.

    Raises GuardianNeeded, GuardianIsChild, GuardianIsMinor, ConsentWithdrawn, CompanyNeeded, CompanyNotSaid.
    """
    if not needs_guardian(extra.age_band):
        return extra
    guardian = _require_guardian(person_id, vouched, by=_staff(person_id, by), is_said=extra.age_said)
    if vouched.with_guardian:
        extra = replace(extra, company=guardian)
    check_company(extra.age_band, extra.company, can_ask=vouched.can_ask)
    return extra


def _staff(person_id: str, by: str | None) -> str | None:
    """Who does it for someone else; None for whoever signs up for themselves."""
    return by if by not in {None, person_id} else None


def still_cleared(signup_id: str, person_id: str) -> None:
    """Of someone who waited: what was learned of their age meanwhile counts. Raises GuardianNeeded."""
    band = band_of_today(known_age_of(person_id), None)
    made = get_row(Signup, signup_id)
    if needs_guardian(band or made.age_band) and standing_guardianship(person_id) is None:
        raise GuardianNeeded


def judged_band(known: Age | None, said: str | None, *, confirmed: bool) -> str | None:
    """The band to go by; raises AgeDisagrees where someone would be older than they can be."""
    if known and said and compare(known, said) == Fits.OLDER:
        if confirmed:
            return said
        raise AgeDisagrees
    return band_of_today(known, said)


def _require_guardian(person_id: str, vouched: Vouched, *, by: str | None, is_said: bool) -> str:
    """Who agrees, by name; the consent is kept where it is given now."""
    given = vouched.guardian
    if given is not None:
        method = "oral" if by else "web"
        agree(person_id, Guardian(given.name, given.phone), method=method, recorded_by=by)
        return given.name
    standing = standing_guardianship(person_id)
    if standing is None:
        raise GuardianNeeded if is_said else GuardianNeededAsKnown
    return standing.guardian_name
