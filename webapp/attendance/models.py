"""Scan, Attendance, HeadCount, LedgerEntry, LedgerTotal."""

from datetime import date, datetime
from typing import Any

from sqlalchemy import JSON, CheckConstraint, ForeignKey, Index, String, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from webapp.attendance.domain import CODE_LIMIT, DEVICE_LIMIT, NONCE_LIMIT, NOTE_LIMIT
from webapp.core.db import Base, CreatedAt, Id


class Scan(Base):
    """Every attempt, accepted or refused, with the answer it got."""

    __tablename__ = "scan"
    __table_args__ = (
        # Promise 3: a repeated nonce gets the stored first answer.
        UniqueConstraint("device", "nonce"),
        Index("ix_scan_session_id_received_at", "session_id", "received_at"),
    )

    id: Mapped[Id]
    session_id: Mapped[str] = mapped_column(ForeignKey("event_session.id"))
    signup_id: Mapped[str | None] = mapped_column(ForeignKey("signup.id"), index=True)
    device: Mapped[str] = mapped_column(String(DEVICE_LIMIT))
    nonce: Mapped[str] = mapped_column(String(NONCE_LIMIT))
    direction: Mapped[str] = mapped_column(String(3))
    method: Mapped[str] = mapped_column(String(10))
    code: Mapped[str] = mapped_column(String(CODE_LIMIT))  # as read; a pass code is stored without its proof
    outcome: Mapped[str] = mapped_column(String(20))
    flagged: Mapped[bool] = mapped_column(
        default=False
    )  # made offline and would have been refused: for review
    answer: Mapped[dict[str, Any]] = mapped_column(JSON)
    scanned_at: Mapped[datetime]  # the phone's time
    received_at: Mapped[datetime]  # ours
    by_person_id: Mapped[str] = mapped_column(ForeignKey("person.id"))


class Attendance(Base):
    """Someone came. At most one that stands per sign-up (and so per session)."""

    __tablename__ = "attendance"
    __table_args__ = (
        Index(
            "uq_attendance_signup_id",
            "signup_id",
            unique=True,
            sqlite_where=text("annulled_at IS NULL"),
            postgresql_where=text("annulled_at IS NULL"),
        ),
        CheckConstraint("out_at IS NULL OR out_at >= in_at", name="out_after_in"),
        Index("ix_attendance_session_id", "session_id"),
    )

    id: Mapped[Id]
    signup_id: Mapped[str] = mapped_column(ForeignKey("signup.id"))
    session_id: Mapped[str] = mapped_column(ForeignKey("event_session.id"))
    grade: Mapped[str] = mapped_column(String(10))  # scan | roster
    in_at: Mapped[datetime]
    out_at: Mapped[datetime | None]
    in_scan_id: Mapped[str] = mapped_column(ForeignKey("scan.id"))
    out_scan_id: Mapped[str | None] = mapped_column(ForeignKey("scan.id"))
    created_at: Mapped[CreatedAt]
    annulled_at: Mapped[datetime | None]
    annulled_by: Mapped[str | None] = mapped_column(ForeignKey("person.id"))
    annul_reason: Mapped[str | None] = mapped_column(String(NOTE_LIMIT))


class HeadCount(Base):
    """People counted on the spot, by audience group. A correction annuls the old row."""

    __tablename__ = "head_count"
    __table_args__ = (CheckConstraint("count > 0", name="positive"),)

    id: Mapped[Id]
    session_id: Mapped[str] = mapped_column(ForeignKey("event_session.id"), index=True)
    audience: Mapped[str] = mapped_column(String(20))
    count: Mapped[int]
    method: Mapped[str] = mapped_column(String(10))  # counted | estimated
    note: Mapped[str] = mapped_column(String(NOTE_LIMIT), default="")
    by_person_id: Mapped[str] = mapped_column(ForeignKey("person.id"))
    created_at: Mapped[CreatedAt]
    annulled_at: Mapped[datetime | None]
    annulled_by: Mapped[str | None] = mapped_column(ForeignKey("person.id"))
    annul_reason: Mapped[str | None] = mapped_column(String(NOTE_LIMIT))


class LedgerEntry(Base):
    """What one fact counts for one task, under one version of the rules. Corrections are rows of the other sign.

    The dimensions are copied here on purpose: the figure of last year must not change because a venue moved.
    """

    __tablename__ = "ledger_entry"
    __table_args__ = (
        CheckConstraint("quantity <> 0", name="not_zero"),
        # Rows of one fact alternate: counted, reversed, counted again. Two processes writing the same step at the
        # same moment meet here.
        UniqueConstraint(
            "session_id",
            "task_id",
            "source_id",
            "metric",
            "rule_version",
            "step",
            name="uq_ledger_entry_step",
        ),
        Index("ix_ledger_entry_task_id_created_at", "task_id", "created_at"),
        # The rows that no total includes yet (see LedgerTotal).
        Index(
            "ix_ledger_entry_open",
            "task_id",
            sqlite_where=text("folded_at IS NULL"),
            postgresql_where=text("folded_at IS NULL"),
        ),
    )

    id: Mapped[Id]
    task_id: Mapped[str] = mapped_column(ForeignKey("plan_task.id"))
    session_id: Mapped[str] = mapped_column(ForeignKey("event_session.id"))
    # The fact: an attendance or head-count id; for 场次 the session itself.
    source_id: Mapped[str] = mapped_column(String(18))
    metric: Mapped[str] = mapped_column(String(12))  # Metric
    grade: Mapped[str] = mapped_column(String(10))  # Grade
    quantity: Mapped[int]  # negative: a reversal
    occurred_on: Mapped[date]  # the session's day in the city
    district_code: Mapped[str] = mapped_column(String(12))
    organisation_id: Mapped[str] = mapped_column(String(18))
    audience: Mapped[str] = mapped_column(String(20))
    rule_version: Mapped[int]
    step: Mapped[int]  # 0 counted, 1 reversed, 2 counted again …
    created_at: Mapped[CreatedAt]
    folded_at: Mapped[datetime | None]


class LedgerTotal(Base):
    """Sums of folded ledger rows, so that a page costs the same after a million check-ins.

    Written only by the fold job: it marks rows and adds them here in one transaction, so totals plus open rows
    are the whole ledger at any moment, and check-ins never wait for one shared row.
    """

    __tablename__ = "ledger_total"

    task_id: Mapped[str] = mapped_column(ForeignKey("plan_task.id"), primary_key=True)
    metric: Mapped[str] = mapped_column(String(12), primary_key=True)
    grade: Mapped[str] = mapped_column(String(10), primary_key=True)
    month: Mapped[str] = mapped_column(String(7), primary_key=True)  # 2026-11
    district_code: Mapped[str] = mapped_column(String(12), primary_key=True)
    organisation_id: Mapped[str] = mapped_column(String(18), primary_key=True)
    audience: Mapped[str] = mapped_column(String(20), primary_key=True)
    quantity: Mapped[int]
