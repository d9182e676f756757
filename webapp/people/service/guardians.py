"""A parent or guardian agrees that a minor takes part, and may take it back (PIPL art. 31, art. 15)."""

from collections.abc import Mapping
from dataclasses import dataclass

from sqlalchemy import insert, update

from webapp.core import audit, clock
from webapp.core.config import current_settings
from webapp.core.db import new_id, session
from webapp.core.errors import NotFound
from webapp.people.domain import normal_name
from webapp.people.models import Guardianship
from webapp.people.queries import standing_guardianship


@dataclass(frozen=True)
class Guardian:
    """Who agrees: a name, and a telephone in E.164 at which the unit can ask."""

    name: str
    phone: str


def record_guardian(
    person_id: str, guardian: Guardian, *, method: str, recorded_by: str | None = None
) -> None:
    """Keep that this guardian agreed, in the present version of the text; `method` is web or oral.

    The same guardian's standing consent is not written twice. Raises BadName.
    """
    found = standing_guardianship(person_id)
    version = current_settings().policy_version
    same = found and (found.guardian_name, found.guardian_phone, found.policy_version) == (
        normal_name(guardian.name),
        guardian.phone,
        version,
    )
    if not same:
        record_guardians({person_id: guardian}, method=method, recorded_by=recorded_by)


def record_guardians(given: Mapping[str, Guardian], *, method: str, recorded_by: str | None) -> None:
    """The same for many minors at once: person id → guardian."""
    if not given:
        return
    now, version = clock.now(), current_settings().policy_version
    rows = [
        {
            "id": new_id(),
            "person_id": person_id,
            "guardian_name": normal_name(guardian.name),
            "guardian_phone": guardian.phone,
            "policy_version": version,
            "given_at": now,
            "method": method,
            "recorded_by": recorded_by,
        }
        for person_id, guardian in given.items()
    ]
    session().flush()
    session().execute(insert(Guardianship), rows)


def withdraw_guardian(person_id: str, *, by: str, reason: str = "") -> None:
    """The guardian no longer agrees: none of the consents stands any more. Raises NotFound when none stood."""
    now = clock.now()
    ended = session().scalars(
        update(Guardianship)
        .where(Guardianship.person_id == person_id, Guardianship.withdrawn_at.is_(None))
        .values(withdrawn_at=now)
        .returning(Guardianship.id)
        .execution_options(synchronize_session=False)
    )
    if not ended.all():
        raise NotFound
    audit.record("guardian.withdraw", "person", person_id, by=by, reason=reason)
