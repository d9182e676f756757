"""A parent or guardian agrees that a minor takes part, and may take it back (PIPL art. 31, art. 15)."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import cast

from sqlalchemy import Table, insert, select, update
from sqlalchemy.dialects import postgresql, sqlite

from webapp.core import audit, clock
from webapp.core.config import current_settings
from webapp.core.db import new_id, session
from webapp.core.errors import NotFound
from webapp.people.domain import Withdrawn, check_guardian_name, normal_name
from webapp.people.models import Guardianship, Person, SettledAge
from webapp.people.queries import standing_guardianship


@dataclass(frozen=True)
class Guardian:
    """Who agrees: a name, and a telephone in E.164 at which the unit can ask."""

    name: str
    phone: str


def record_guardian(
    person_id: str,
    guardian: Guardian,
    *,
    method: str,
    recorded_by: str | None = None,
    since: datetime | None = None,
) -> str:
    """Keep that this guardian agreed, in the present version of the text; `method` is web, oral or link.

    The same guardian's standing consent is not written twice, unless it was given before `since`. Returns the id of
    the consent that stands. Raises BadName, GuardianIsChild.
    """
    found = standing_guardianship(person_id)
    version = current_settings().policy_version
    same = found and (found.guardian_name, found.guardian_phone, found.policy_version) == (
        normal_name(guardian.name),
        guardian.phone,
        version,
    )
    if found and same and (since is None or found.given_at >= since):
        return found.id
    return record_guardians({person_id: guardian}, method=method, recorded_by=recorded_by)[person_id]


def record_guardians(
    given: Mapping[str, Guardian], *, method: str, recorded_by: str | None
) -> dict[str, str]:
    """The same for many minors at once: person id → guardian; the ids of the consents by person id."""
    if not given:
        return {}
    session().flush()
    children = session().execute(select(Person.id, Person.name).where(Person.id.in_(given)))
    for child in children:
        check_guardian_name(child.name, given[child.id].name)
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
    session().execute(insert(Guardianship), rows)
    return {str(row["person_id"]): str(row["id"]) for row in rows}


def withdraw_guardian(
    person_id: str, *, by: str | None, reason: str = "", how: Withdrawn = Withdrawn.STAFF
) -> None:
    """The guardian no longer agrees: none of the consents stands any more. Raises NotFound when none stood.

    What hangs on it is ended by signups/service/consents.py, which calls this.
    """
    now = clock.now()
    ended = session().scalars(
        update(Guardianship)
        .where(Guardianship.person_id == person_id, Guardianship.withdrawn_at.is_(None))
        .values(withdrawn_at=now, withdrawn_how=how)
        .returning(Guardianship.id)
        .execution_options(synchronize_session=False)
    )
    if not ended.all():
        raise NotFound
    session().expire_all()
    audit.record("guardian.withdraw", "person", person_id, by=by, reason=reason, how=how)


def settle_age(person_id: str, band: str, *, by: str | None) -> None:
    """Staff (`by`) or the guardian behind their link (None) say how old someone is; it ends a disagreement.

    One statement and no lock of the person: it stands before places are taken, and those are locked first.
    """
    now, connection = clock.now(), session().connection()
    before = session().scalar(select(SettledAge.band).where(SettledAge.person_id == person_id))
    said = {"band": band, "said_at": now, "said_by": by}
    kind = postgresql.insert if connection.dialect.name == "postgresql" else sqlite.insert
    written = kind(cast("Table", SettledAge.__table__)).values(person_id=person_id, **said)
    connection.execute(written.on_conflict_do_update(index_elements=["person_id"], set_=said))
    session().expire_all()
    audit.record("age.settle", "person", person_id, by=by, before=before, after=band)
