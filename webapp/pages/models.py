"""TodoMail: who wants the day's 待办 by mail in the morning."""

from datetime import date, datetime

from sqlalchemy import CheckConstraint, ForeignKey, String
from sqlalchemy.orm import Mapped, mapped_column

from webapp.core.db import Base
from webapp.core.removal import GOES_ALONG


class TodoMail(Base):
    """Somebody's wish for the mail of the day. It stays when they end it: choosing it again needs no new proof."""

    __tablename__ = "todo_mail"
    __table_args__ = (CheckConstraint("language IN ('zh', 'en')", name="known_language"),)

    person_id: Mapped[str] = mapped_column(ForeignKey("person.id", info=GOES_ALONG), primary_key=True)
    wanted: Mapped[bool]
    language: Mapped[str] = mapped_column(String(2))
    asked_at: Mapped[datetime]
    # Fingerprint of the address whose mailbox answered: with another one in the account nothing is sent.
    confirmed_for: Mapped[str | None] = mapped_column(String(64))
    last_on: Mapped[date | None]  # the last day that was seen to, whether or not something waited
