"""Rows of a list of people: those that can be used, and what is wrong with the others. Plain Python."""

from dataclasses import dataclass
from typing import Any

from webapp.core.tables.draft import CellFault


@dataclass(frozen=True)
class Named:
    """Someone to be signed up. Telephones are in E.164."""

    name: str
    phone: str | None = None
    age_band: str | None = None
    guardian_name: str = ""
    guardian_phone: str | None = None
    company: str | None = None  # the adult who comes along; "" nobody; None: not said
    person_id: str | None = None  # chosen among those known, and so not looked for by name


@dataclass(frozen=True)
class Row:
    """A row that can be used, with its number as the one who typed it counts."""

    number: int
    typed: str
    person: Named


@dataclass(frozen=True)
class RowFault:
    """A row that cannot be used: everything that is wrong with it, cell by cell, beside what was typed."""

    number: int
    typed: str
    faults: tuple[CellFault, ...]

    @property
    def sentence(self) -> str:
        """The first fault, marked for translation."""
        return self.faults[0].sentence

    @property
    def params(self) -> dict[str, Any]:
        """Its parameters."""
        return dict(self.faults[0].params)


@dataclass(frozen=True)
class Reading:
    """What was understood, what was not, and words about what was passed over."""

    rows: tuple[Row, ...] = ()
    faults: tuple[RowFault, ...] = ()
    passed: tuple[tuple[str, dict[str, Any]], ...] = ()
