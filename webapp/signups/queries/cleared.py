"""Whether a minor may come: a guardian's standing consent."""

from sqlalchemy import exists, or_

from webapp.people.models import Guardianship
from webapp.signups.models import Signup
from webapp.volunteers.domain import AgeBand

# A minor without a guardian's standing consent is judged again at the door (PIPL art. 31).
MINOR_CLEARED = or_(
    Signup.age_band.is_(None),
    Signup.age_band == AgeBand.ADULT.value,
    exists().where(Guardianship.person_id == Signup.person_id, Guardianship.withdrawn_at.is_(None)),
)
