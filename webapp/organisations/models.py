"""Organisation and Membership."""

from datetime import datetime

from sqlalchemy import JSON, ForeignKey, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from webapp.core.db import Base, CreatedAt, Id
from webapp.core.looks import Looks
from webapp.organisations.domain import NAME_LIMIT
from webapp.people.models import Person


class Organisation(Base):
    """Who runs events or answers for tasks; named as the plan names it (市科协)."""

    __tablename__ = "organisation"
    __looks__ = Looks(
        ("name", "full_name", "kind", "phone", "needs_approval", "closed_at"), audited="organisation"
    )

    id: Mapped[Id]
    name: Mapped[str] = mapped_column(String(NAME_LIMIT), unique=True)
    full_name: Mapped[str | None] = mapped_column(String(NAME_LIMIT))
    kind: Mapped[str] = mapped_column(String(20))  # OrganisationKind
    phone: Mapped[str | None] = mapped_column(String(20))  # shown to the public
    # The office may require that it publishes this organisation's events.
    needs_approval: Mapped[bool] = mapped_column(default=False)
    created_at: Mapped[CreatedAt]
    closed_at: Mapped[datetime | None]


class Membership(Base):
    """What a person may do for an organisation."""

    __tablename__ = "membership"
    __looks__ = Looks(("permissions",), audited="organisation", subject_id="organisation_id")
    __table_args__ = (UniqueConstraint("person_id", "organisation_id"),)

    id: Mapped[Id]
    person_id: Mapped[str] = mapped_column(ForeignKey("person.id"))
    organisation_id: Mapped[str] = mapped_column(ForeignKey("organisation.id"), index=True)
    permissions: Mapped[list[str]] = mapped_column(JSON)
    created_at: Mapped[CreatedAt]

    organisation: Mapped[Organisation] = relationship(lazy="joined")
    person: Mapped[Person] = relationship(lazy="raise")
