"""Resource and Booking."""

from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from webapp.core import clock
from webapp.core.db import Base, CreatedAt, Id
from webapp.core.errors import N_
from webapp.core.looks import Looks
from webapp.core.removal import GOES_ALONG
from webapp.events.models import EventSession
from webapp.organisations.models import Organisation
from webapp.resources.domain import NAME_LIMIT, NOTE_LIMIT


class Resource(Base):
    """A thing that an organisation lends to its sessions."""

    __tablename__ = "resource"
    __looks__ = Looks(
        ("name", "kind", "note", "feed_serial", "closed_at"),
        says=lambda row: N_("已停用") if row.closed_at else None,
        audited="resource",
    )
    __table_args__ = (
        UniqueConstraint("organisation_id", "name"),
        CheckConstraint("length(name) > 0", name="has_name"),
    )

    id: Mapped[Id]
    organisation_id: Mapped[str] = mapped_column(ForeignKey("organisation.id"))
    name: Mapped[str] = mapped_column(String(NAME_LIMIT))
    kind: Mapped[str] = mapped_column(String(20))  # key of KINDS
    note: Mapped[str] = mapped_column(String(NOTE_LIMIT), default="")
    feed_serial: Mapped[int] = mapped_column(default=1)  # another number makes another calendar address
    created_at: Mapped[CreatedAt]
    updated_at: Mapped[datetime] = mapped_column(default=clock.now, onupdate=clock.now)
    closed_at: Mapped[datetime | None]

    organisation: Mapped[Organisation] = relationship(lazy="joined")


class Booking(Base):
    """A thing goes to a session. Released ones stay: calendars that showed them say so."""

    __tablename__ = "booking"
    __looks__ = Looks(
        ("released_at",),
        says=lambda row: N_("这一场不再用它") if row.released_at else N_("已安排给这一场"),
        audited="booking",
    )
    __table_args__ = (
        Index(
            "uq_booking_resource_id_session_id",
            "resource_id",
            "session_id",
            unique=True,
            sqlite_where=text("released_at IS NULL"),
            postgresql_where=text("released_at IS NULL"),
        ),
    )

    id: Mapped[Id]
    resource_id: Mapped[str] = mapped_column(ForeignKey("resource.id"))
    session_id: Mapped[str] = mapped_column(ForeignKey("event_session.id", info=GOES_ALONG), index=True)
    created_by: Mapped[str | None] = mapped_column(ForeignKey("person.id"))
    created_at: Mapped[CreatedAt]
    released_at: Mapped[datetime | None]

    resource: Mapped[Resource] = relationship(lazy="joined")
    session: Mapped[EventSession] = relationship(lazy="joined")
