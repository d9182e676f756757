"""The minors of a list: how old each is, who agreed, who comes along; few statements however long the list."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy import select

from webapp.core.db import session
from webapp.core.errors import Refusal
from webapp.core.spelling import name_key
from webapp.people.models import Guardianship
from webapp.people.service.guardians import Guardian
from webapp.signups.domain import SignupExtra
from webapp.signups.domain.giving import ChildCannot, ChildrenOnList, GuardianNeeded, check_company
from webapp.signups.domain.rows import Named
from webapp.signups.models import Signup
from webapp.signups.queries.ages import known_ages
from webapp.signups.service import consents
from webapp.signups.service.minors import judged_band
from webapp.volunteers.domain import Company, company_for, needs_guardian


@dataclass(frozen=True)
class Minors:
    """What each of a list carries, by person, and the guardians to be written down."""

    extras: dict[str, SignupExtra]
    guardians: dict[str, Guardian]

    def extra(self, person_id: str) -> SignupExtra:
        """What this person's sign-up carries."""
        return self.extras[person_id]


def settle_many(wanted: Mapping[str, Named]) -> Minors:
    """What minors.py does for one: raises ChildrenOnList with all that is lacking of all of them."""
    known, ids = known_ages(list(wanted)), list(wanted)
    standing, company = _standing(ids), _company_before(ids)
    found = Minors({}, {})
    against: list[Refusal] = []
    for person_id, one in wanted.items():
        try:
            band = judged_band(known.get(person_id), one.age_band, confirmed=False)
            comes = one.company
            if comes is None and one.person_id and company_for(band) != Company.FREE:
                comes = company.get(person_id)  # the same people again: as the last time
            if needs_guardian(band):
                _add_guardian(found, person_id, one, standing.get(person_id))
                check_company(band, comes, can_ask=False)
        except Refusal as refusal:
            against.append(ChildCannot(name=one.name, reason=refusal))
            continue
        found.extras[person_id] = SignupExtra(band, age_said=one.age_band is not None, company=comes)
    if against:
        raise ChildrenOnList(reasons=against)
    return found


def _add_guardian(found: Minors, person_id: str, one: Named, standing: tuple[str, str] | None) -> None:
    if one.guardian_phone:
        if standing != (name_key(one.guardian_name), one.guardian_phone):
            found.guardians[person_id] = Guardian(one.guardian_name, one.guardian_phone)
    elif standing is None:
        raise GuardianNeeded


def _standing(ids: Sequence[str]) -> dict[str, tuple[str, str]]:
    """Name and telephone of the consent that stands, by person."""
    rows = session().execute(
        select(Guardianship.person_id, Guardianship.guardian_name, Guardianship.guardian_phone)
        .where(Guardianship.person_id.in_(ids), Guardianship.withdrawn_at.is_(None))
        .order_by(Guardianship.given_at, Guardianship.id)
    )
    return {row.person_id: (name_key(row.guardian_name), row.guardian_phone) for row in rows}


def _company_before(ids: Sequence[str]) -> dict[str, str]:
    rows = session().execute(
        select(Signup.person_id, Signup.company)
        .where(Signup.person_id.in_(ids), Signup.company.is_not(None))
        .order_by(Signup.created_at, Signup.id)
    )
    return {row.person_id: row.company for row in rows if row.company is not None}


def keep_guardians(found: Minors, *, by: str) -> None:
    """Write down who agreed by word of mouth; each of them gets their link."""
    for person_id, guardian in found.guardians.items():
        consents.agree(person_id, guardian, method="oral", recorded_by=by)
