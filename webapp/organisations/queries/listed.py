"""The office's list of organisations, and of the people of one."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Select, func, select
from sqlalchemy.orm import joinedload

from webapp.core.listing import Query, loaded
from webapp.organisations.models import Membership, Organisation
from webapp.people.models import Person

MEMBERS = (
    select(func.count())
    .select_from(Membership)
    .where(Membership.organisation_id == Organisation.id)
    .correlate(Organisation)
    .scalar_subquery()
)


@dataclass(frozen=True)
class UnitRow:
    """An organisation on the list."""

    unit: Organisation
    members: int

    @property
    def id(self) -> str:
        """Of the organisation."""
        return self.unit.id

    @property
    def name(self) -> str:
        """As the plan names it."""
        return self.unit.name


def listed_units() -> Select[Any]:
    """Open organisations and how many people work for each; see `as_rows`."""
    return select(Organisation, MEMBERS).where(Organisation.closed_at.is_(None))


def as_rows(found: Sequence[Any]) -> list[UnitRow]:
    """The rows of `listed_units`."""
    return [UnitRow(unit, members) for unit, members in found]


def listed_members(organisation_id: str) -> Query:
    """Memberships of one organisation with their persons, in the order they were given."""
    wanted: Any = (
        select(Membership.id)
        .join(Person, Person.id == Membership.person_id)
        .where(Membership.organisation_id == organisation_id)
    )
    usual = (Membership.created_at, Membership.id)
    return Query(wanted, Membership.id, usual, loaded(Membership, joinedload(Membership.person)))
