"""The office's list of organisations."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Select, func, select

from webapp.organisations.models import Membership, Organisation

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
