"""Signup."""

from datetime import datetime

from sqlalchemy import ForeignKey, Index, String, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from webapp.core import clock
from webapp.core.db import Base, CreatedAt, Id
from webapp.events.models import EventSession, Position
from webapp.people.models import Person
from webapp.signups.domain import HOLDS_PLACE, LIVING, REASON_LIMIT, SHORT_CODE_LENGTH

_LIVING_SQL = "status IN (" + ", ".join(f"'{status}'" for status in sorted(LIVING)) + ")"


class Signup(Base):
    """A person's promise to take a place. Whether they came is Attendance."""

    __tablename__ = "signup"
    __table_args__ = (
        # Promise 2: at most one living sign-up per person and position.
        Index(
            "uq_signup_position_id_person_id",
            "position_id",
            "person_id",
            unique=True,
            sqlite_where=text(_LIVING_SQL),
            postgresql_where=text(_LIVING_SQL),
        ),
        Index("uq_signup_session_id_short_code", "session_id", "short_code", unique=True),
        Index("ix_signup_person_id_status", "person_id", "status"),
        Index("ix_signup_waitlist", "position_id", "status", "priority", "waitlisted_at"),
    )

    id: Mapped[Id]
    position_id: Mapped[str] = mapped_column(ForeignKey("position.id"))
    session_id: Mapped[str] = mapped_column(ForeignKey("event_session.id"))  # the position's, for short codes
    person_id: Mapped[str] = mapped_column(ForeignKey("person.id"))
    status: Mapped[str] = mapped_column(String(12))  # SignupStatus
    source: Mapped[str] = mapped_column(String(10))  # self | guest | staff | api
    created_by: Mapped[str | None] = mapped_column(ForeignKey("person.id"))
    created_at: Mapped[CreatedAt]
    updated_at: Mapped[datetime] = mapped_column(default=clock.now, onupdate=clock.now)
    waitlisted_at: Mapped[datetime | None]
    priority: Mapped[int] = mapped_column(default=0)
    confirmed_at: Mapped[datetime | None]
    cancelled_at: Mapped[datetime | None]
    cancel_reason: Mapped[str | None] = mapped_column(String(REASON_LIMIT))
    # The pass: its code is derived from id and serial (signups/domain.py); a new serial voids the old code.
    pass_serial: Mapped[int] = mapped_column(default=1)
    short_code: Mapped[str] = mapped_column(
        String(SHORT_CODE_LENGTH)
    )  # typed at the door, unique in the session

    position: Mapped[Position] = relationship(lazy="joined")
    session: Mapped[EventSession] = relationship(lazy="raise")
    person: Mapped[Person] = relationship(foreign_keys=[person_id], lazy="raise")

    @property
    def is_living(self) -> bool:
        """Whether it still stands: neither declined, expired nor cancelled."""
        return self.status in LIVING

    @property
    def holds_place(self) -> bool:
        """Whether a place of the position is theirs."""
        return self.status in HOLDS_PLACE
