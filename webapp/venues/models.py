"""District and Venue."""

from datetime import datetime

from sqlalchemy import ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column, relationship

from webapp.core import clock
from webapp.core.db import Base, CreatedAt, Id
from webapp.core.looks import Looks
from webapp.organisations.models import Organisation
from webapp.venues.domain import ADDRESS_LIMIT, NAME_LIMIT


class District(Base):
    """A county-level district (parent None) or a township in one."""

    __tablename__ = "district"

    code: Mapped[str] = mapped_column(String(12), primary_key=True)
    name: Mapped[str] = mapped_column(String(40))
    kind: Mapped[str] = mapped_column(String(20))  # 区 | 县 | 县级市 | 街道 | 镇 | 乡 | other
    parent_code: Mapped[str | None] = mapped_column(ForeignKey("district.code"), index=True)


class Venue(Base):
    """A place where events happen."""

    __tablename__ = "venue"
    __looks__ = Looks(
        (
            *("name", "kind", "district_code", "township_code", "address", "latitude", "longitude"),
            *("organisation_id", "closed_at"),
        ),
        audited="venue",
    )
    __table_args__ = (Index("uq_venue_district_code_name", "district_code", "name", unique=True),)

    id: Mapped[Id]
    name: Mapped[str] = mapped_column(String(NAME_LIMIT))
    kind: Mapped[str] = mapped_column(String(20))  # key of VENUE_KINDS
    district_code: Mapped[str] = mapped_column(ForeignKey("district.code"))  # county level
    township_code: Mapped[str | None] = mapped_column(ForeignKey("district.code"))
    address: Mapped[str] = mapped_column(String(ADDRESS_LIMIT))
    latitude: Mapped[float | None]
    longitude: Mapped[float | None]
    # The centre that lives here: its people see what comes to this venue.
    organisation_id: Mapped[str | None] = mapped_column(ForeignKey("organisation.id"), index=True)
    created_at: Mapped[CreatedAt]
    updated_at: Mapped[datetime] = mapped_column(default=clock.now, onupdate=clock.now)
    closed_at: Mapped[datetime | None]

    district: Mapped[District] = relationship(foreign_keys=[district_code], lazy="joined")
    organisation: Mapped[Organisation | None] = relationship(lazy="raise")
