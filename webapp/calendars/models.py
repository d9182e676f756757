"""Subscription."""

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, CheckConstraint, ForeignKey, String
from sqlalchemy.orm import Mapped, mapped_column, relationship

from webapp.core import clock
from webapp.core.db import Base, CreatedAt, Id
from webapp.core.errors import N_
from webapp.core.looks import Looks
from webapp.organisations.models import Organisation


class Subscription(Base):
    """One revocable feed address: a person's own shifts, or what comes to a centre."""

    __tablename__ = "subscription"
    __looks__ = Looks(
        ("name", "fingerprint", "wanted", "alarm_minutes", "language", "revoked_at"),
        says=lambda row: N_("已停用") if row.revoked_at else None,
        audited="subscription",
    )
    __table_args__ = (CheckConstraint("(person_id IS NULL) <> (organisation_id IS NULL)", name="one_owner"),)

    id: Mapped[Id]
    person_id: Mapped[str | None] = mapped_column(ForeignKey("person.id"), index=True)
    organisation_id: Mapped[str | None] = mapped_column(ForeignKey("organisation.id"), index=True)
    name: Mapped[str] = mapped_column(String(60))
    fingerprint: Mapped[str] = mapped_column(String(64), unique=True)
    # Wishes (domain.py), as their owner chose them; None: what such an owner would choose.
    wanted: Mapped[dict[str, Any] | None] = mapped_column(JSON)
    alarm_minutes: Mapped[int | None]
    language: Mapped[str] = mapped_column(String(2), default="zh", server_default="zh")
    created_by: Mapped[str] = mapped_column(ForeignKey("person.id"))
    created_at: Mapped[CreatedAt]
    chosen_at: Mapped[datetime] = mapped_column(default=clock.now)  # when its owner last said what it shows
    revoked_at: Mapped[datetime | None]
    last_fetched_at: Mapped[datetime | None]
    last_client: Mapped[str | None] = mapped_column(String(120))
    fetch_count: Mapped[int] = mapped_column(default=0)

    organisation: Mapped[Organisation | None] = relationship()
