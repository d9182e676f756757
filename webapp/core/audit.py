"""AuditEntry: who did what to what, and when. Written in the same transaction as the act."""

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, Index, String, select
from sqlalchemy.orm import Mapped, mapped_column

from webapp.core import clock
from webapp.core.db import Base, Id, session


class AuditEntry(Base):
    """One act worth answering for."""

    __tablename__ = "audit_entry"
    __table_args__ = (Index("ix_audit_entry_subject", "subject_type", "subject_id", "at"),)

    id: Mapped[Id]
    at: Mapped[datetime]
    actor_id: Mapped[str | None] = mapped_column(String(18))  # no foreign key: the entry outlives the person
    action: Mapped[str] = mapped_column(String(60))
    subject_type: Mapped[str] = mapped_column(String(40))
    subject_id: Mapped[str] = mapped_column(String(40))
    details: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)


def record(action: str, subject_type: str, subject_id: str, *, by: str | None, **details: Any) -> None:
    """Note that person `by` (None for the system) did `action`, e.g. record("event.cancel", "event", id, by=…)."""
    session().add(
        AuditEntry(
            at=clock.now(),
            actor_id=by,
            action=action,
            subject_type=subject_type,
            subject_id=subject_id,
            details=details,
        )
    )


def last_of(subject_type: str, subject_id: str, *, since: datetime) -> AuditEntry | None:
    """The newest act upon a subject since then; looking at it is none."""
    looks = (AuditEntry.action.not_like("%.reveal%"), AuditEntry.action.not_like("%.download"))
    return session().scalar(
        select(AuditEntry)
        .where(
            AuditEntry.subject_type == subject_type,
            AuditEntry.subject_id == subject_id,
            AuditEntry.at > since,
            *looks,
        )
        .order_by(AuditEntry.at.desc(), AuditEntry.id.desc())
        .limit(1)
    )


def is_recorded(action: str, subject: tuple[str, str], *, by: str, since: datetime) -> bool:
    """Whether this person has done this, to the subject of that type and id, since then."""
    wanted = select(AuditEntry.id).where(
        AuditEntry.subject_type == subject[0],
        AuditEntry.subject_id == subject[1],
        AuditEntry.at > since,
        AuditEntry.action == action,
        AuditEntry.actor_id == by,
    )
    return session().scalar(wanted.limit(1)) is not None
