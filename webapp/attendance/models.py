"""Device, DeviceSession, ScanChain, Scan, Attendance, HeadCount, EvidencePhoto, Wall, LedgerEntry, LedgerTotal."""

from datetime import date, datetime
from typing import Any

from sqlalchemy import JSON, BigInteger, CheckConstraint, ForeignKey, Index, String, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from webapp.attendance.domain import CODE_LIMIT, DEVICE_LIMIT, NONCE_LIMIT, NOTE_LIMIT, looks
from webapp.attendance.domain.phones import DEVICE_NAME_LIMIT
from webapp.core import clock
from webapp.core.db import Base, CreatedAt, Id
from webapp.core.errors import N_
from webapp.core.removal import GOES_ALONG, holds

_STANDS: dict[str, Any] = {
    "unique": True,
    "sqlite_where": text("annulled_at IS NULL"),
    "postgresql_where": text("annulled_at IS NULL"),
}
_COUNTED, _HEADS = holds(N_("记到账上的数字")), holds(N_("现场点数"))


class Device(Base):
    """A phone, a tablet or a browser that scans: paired for named sessions, or a scanner's own."""

    __tablename__ = "device"
    __looks__ = looks.DEVICE
    __table_args__ = (
        # Whoever is not signed in has a token, and a pairing ends.
        CheckConstraint(
            "kind = 'browser' OR (expires_at IS NOT NULL AND secret_hash IS NOT NULL)", name="pairing_ends"
        ),
        CheckConstraint("(paired_at IS NULL) = (token_hash IS NULL) OR kind = 'browser'", name="paired_once"),
        Index("ix_device_person_id", "person_id"),
    )

    id: Mapped[Id]
    name: Mapped[str] = mapped_column(String(DEVICE_NAME_LIMIT))
    kind: Mapped[str] = mapped_column(String(8))  # DeviceKind
    # Who answers for it: the scanner who signed in, or the one who showed the pairing code.
    person_id: Mapped[str] = mapped_column(ForeignKey("person.id"))
    secret_hash: Mapped[str | None] = mapped_column(String(64), unique=True)  # of the pairing code
    secret_expires_at: Mapped[datetime | None]
    token_hash: Mapped[str | None] = mapped_column(String(64), unique=True)  # of its cookie
    created_at: Mapped[CreatedAt]
    paired_at: Mapped[datetime | None]
    expires_at: Mapped[datetime | None]  # None: as long as its person may scan
    revoked_at: Mapped[datetime | None]
    revoked_by: Mapped[str | None] = mapped_column(ForeignKey("person.id"))
    last_seen_at: Mapped[datetime | None]
    # Ours minus the phone's: what must be added to the phone's time. Measured at pairing and at every sync.
    clock_offset_ms: Mapped[int | None] = mapped_column(BigInteger)
    clock_measured_at: Mapped[datetime | None]


class DeviceSession(Base):
    """A session a paired device may scan for."""

    __tablename__ = "device_session"

    device_id: Mapped[str] = mapped_column(ForeignKey("device.id"), primary_key=True)
    session_id: Mapped[str] = mapped_column(
        ForeignKey("event_session.id", info=GOES_ALONG), primary_key=True, index=True
    )


class ScanChain(Base):
    """One unbroken row of scans of a device; a device whose memory was wiped begins another.

    Its key is derived (core.tokens), given to the phone once, and stored nowhere.
    """

    __tablename__ = "scan_chain"

    id: Mapped[Id]
    device_id: Mapped[str] = mapped_column(ForeignKey("device.id"), index=True)
    started_at: Mapped[CreatedAt]


class Scan(Base):
    """Every attempt, accepted or refused, with the answer it got."""

    __tablename__ = "scan"
    __looks__ = looks.SCAN
    __table_args__ = (
        # Promise 3: a repeated nonce gets the stored first answer.
        UniqueConstraint("device", "nonce"),
        # A link of a chain exists once.
        UniqueConstraint("chain_id", "counter"),
        CheckConstraint("(settled_at IS NULL) = (settlement IS NULL)", name="settled_how"),
        Index("ix_scan_session_id_received_at", "session_id", "received_at"),
        # What people still have to settle.
        Index(
            "ix_scan_open_flag",
            "session_id",
            sqlite_where=text("flag IS NOT NULL AND settled_at IS NULL"),
            postgresql_where=text("flag IS NOT NULL AND settled_at IS NULL"),
        ),
    )

    id: Mapped[Id]
    session_id: Mapped[str] = mapped_column(ForeignKey("event_session.id", info=GOES_ALONG))
    signup_id: Mapped[str | None] = mapped_column(ForeignKey("signup.id"), index=True)
    device: Mapped[str] = mapped_column(String(DEVICE_LIMIT))
    nonce: Mapped[str] = mapped_column(String(NONCE_LIMIT))
    kind: Mapped[str] = mapped_column(String(8), default="pass")  # ScanKind
    direction: Mapped[str] = mapped_column(String(3))
    method: Mapped[str] = mapped_column(String(10))
    code: Mapped[str] = mapped_column(String(CODE_LIMIT))  # as read; a pass code is stored without its proof
    outcome: Mapped[str] = mapped_column(String(20))
    # Whether it speaks for someone's presence: attendance is what the valid, standing scans of a sign-up say.
    valid: Mapped[bool] = mapped_column(default=False)
    answer: Mapped[dict[str, Any]] = mapped_column(JSON)
    scanned_at: Mapped[datetime]  # the phone's time
    clock_offset_ms: Mapped[int | None] = mapped_column(BigInteger)  # to be added to it, as the phone knew it
    at: Mapped[datetime]  # the moment it counts at
    received_at: Mapped[datetime]  # ours
    by_person_id: Mapped[str] = mapped_column(ForeignKey("person.id"))
    offline: Mapped[bool] = mapped_column(default=False)
    rehearsal: Mapped[bool] = mapped_column(default=False)  # counts for nothing
    verdict: Mapped[str | None] = mapped_column(String(10))  # Verdict: what the phone itself answered
    chain_id: Mapped[str | None] = mapped_column(ForeignKey("scan_chain.id"))
    counter: Mapped[int | None]
    chain_mac: Mapped[str | None] = mapped_column(String(43))
    relayed_by: Mapped[str | None] = mapped_column(ForeignKey("person.id"))  # who else brought it
    flag: Mapped[str | None] = mapped_column(String(16))  # Flag: why people should look at it
    settled_at: Mapped[datetime | None]
    settled_by: Mapped[str | None] = mapped_column(ForeignKey("person.id"))
    settlement: Mapped[str | None] = mapped_column(String(10))  # Settlement
    settle_note: Mapped[str | None] = mapped_column(String(NOTE_LIMIT))
    annulled_at: Mapped[datetime | None]


class Attendance(Base):
    """Someone came. At most one that stands per sign-up, and per person and session."""

    __tablename__ = "attendance"
    __looks__ = looks.ATTENDANCE
    __table_args__ = (
        Index("uq_attendance_signup_id", "signup_id", **_STANDS),
        # One person once, whatever passes they showed.
        Index("uq_attendance_person_id_session_id", "person_id", "session_id", **_STANDS),
        CheckConstraint("out_at IS NULL OR out_at >= in_at", name="out_after_in"),
        Index("ix_attendance_session_id", "session_id"),
    )

    id: Mapped[Id]
    signup_id: Mapped[str] = mapped_column(ForeignKey("signup.id"))
    person_id: Mapped[str] = mapped_column(ForeignKey("person.id"))  # the sign-up's
    session_id: Mapped[str] = mapped_column(ForeignKey("event_session.id", info=holds(N_("签到"))))
    grade: Mapped[str] = mapped_column(String(10))  # scan | roster
    in_at: Mapped[datetime]
    out_at: Mapped[datetime | None]
    in_scan_id: Mapped[str] = mapped_column(ForeignKey("scan.id", info=holds(N_("签到"))))
    out_scan_id: Mapped[str | None] = mapped_column(ForeignKey("scan.id", info=holds(N_("签退"))))
    entered_late: Mapped[bool] = mapped_column(default=False)  # from a paper sheet, after the session
    created_at: Mapped[CreatedAt]
    annulled_at: Mapped[datetime | None]
    annulled_by: Mapped[str | None] = mapped_column(ForeignKey("person.id"))
    annul_reason: Mapped[str | None] = mapped_column(String(NOTE_LIMIT))


class HeadCount(Base):
    """People counted on the spot, by audience group. A correction annuls the old row."""

    __tablename__ = "head_count"
    __looks__ = looks.HEAD_COUNT
    __table_args__ = (CheckConstraint("count > 0", name="positive"),)

    id: Mapped[Id]
    session_id: Mapped[str] = mapped_column(ForeignKey("event_session.id", info=_HEADS), index=True)
    audience: Mapped[str] = mapped_column(String(20))
    count: Mapped[int]
    method: Mapped[str] = mapped_column(String(10))  # CountMethod
    note: Mapped[str] = mapped_column(String(NOTE_LIMIT), default="")
    # Made by a phone at the door.
    scan_id: Mapped[str | None] = mapped_column(ForeignKey("scan.id", info=_HEADS), unique=True)
    counted_on: Mapped[date] = mapped_column(
        default=clock.today
    )  # of a session's several days, the one it is of
    by_person_id: Mapped[str] = mapped_column(ForeignKey("person.id"))
    created_at: Mapped[CreatedAt]
    annulled_at: Mapped[datetime | None]
    annulled_by: Mapped[str | None] = mapped_column(ForeignKey("person.id"))
    annul_reason: Mapped[str | None] = mapped_column(String(NOTE_LIMIT))


class EvidencePhoto(Base):
    """A photo of a session, or of one head-count, kept once. The file lies in DATA_DIR/photos under its id."""

    __tablename__ = "evidence_photo"
    __looks__ = looks.PHOTO
    __table_args__ = (
        CheckConstraint("size > 0 AND width > 0 AND height > 0", name="is_a_picture"),
        Index(
            "uq_evidence_photo_session_id_original_sha256",
            "session_id",
            "original_sha256",
            unique=True,
            sqlite_where=text("removed_at IS NULL"),
            postgresql_where=text("removed_at IS NULL"),
        ),
    )

    id: Mapped[Id]
    # Of a session that was never published: the files are swept up with those that have no row.
    session_id: Mapped[str] = mapped_column(ForeignKey("event_session.id", info=GOES_ALONG))
    headcount_id: Mapped[str | None] = mapped_column(ForeignKey("head_count.id"), index=True)
    caption: Mapped[str] = mapped_column(String(NOTE_LIMIT), default="")
    sha256: Mapped[str] = mapped_column(String(64))  # of the file as kept, without place and camera
    original_sha256: Mapped[str] = mapped_column(String(64))  # of the file as it was sent
    size: Mapped[int]  # bytes, as kept
    width: Mapped[int]
    height: Mapped[int]
    by_person_id: Mapped[str] = mapped_column(ForeignKey("person.id"))
    created_at: Mapped[CreatedAt]
    removed_at: Mapped[datetime | None]
    removed_by: Mapped[str | None] = mapped_column(ForeignKey("person.id"))
    removed_reason: Mapped[str | None] = mapped_column(String(NOTE_LIMIT))


class Wall(Base):
    """The code on the wall of a session; its texts are derived from the serial, so a new serial ends the old ones."""

    __tablename__ = "wall"
    __looks__ = looks.WALL

    session_id: Mapped[str] = mapped_column(ForeignKey("event_session.id", info=GOES_ALONG), primary_key=True)
    mode: Mapped[str] = mapped_column(String(8))  # WallMode
    serial: Mapped[int] = mapped_column(default=1)
    opened_at: Mapped[CreatedAt]
    opened_by: Mapped[str] = mapped_column(ForeignKey("person.id"))
    closed_at: Mapped[datetime | None]


class LedgerEntry(Base):
    """What one fact counts for one task, under one version of the rules. Corrections are rows of the other sign.

    The dimensions are copied here on purpose: the figure of last year must not change because a venue moved.
    """

    __tablename__ = "ledger_entry"
    __table_args__ = (
        CheckConstraint("quantity <> 0", name="not_zero"),
        CheckConstraint("reach >= 0 AND reach <= 3", name="reach_known"),
        # Rows of one fact alternate: counted, reversed, counted again. Two who write the same step meet here.
        UniqueConstraint(
            *("session_id", "task_id", "source_id", "metric", "rule_version", "step"),
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
    task_id: Mapped[str] = mapped_column(ForeignKey("plan_task.id", info=_COUNTED))
    session_id: Mapped[str] = mapped_column(ForeignKey("event_session.id", info=_COUNTED))
    source_id: Mapped[str] = mapped_column(String(18))  # an attendance or head-count; of 场次 the session
    metric: Mapped[str] = mapped_column(String(12))  # Metric
    grade: Mapped[str] = mapped_column(String(10))  # Grade
    # Reach: whether this row, of all tasks the fact serves, stands for it in the figures of section, plan and city.
    reach: Mapped[int]
    quantity: Mapped[int]  # negative: a reversal
    occurred_on: Mapped[date]  # the city's day on which they came; of 场次 the first that the plan holds
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

    task_id: Mapped[str] = mapped_column(ForeignKey("plan_task.id", info=_COUNTED), primary_key=True)
    reach: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    metric: Mapped[str] = mapped_column(String(12), primary_key=True)
    grade: Mapped[str] = mapped_column(String(10), primary_key=True)
    month: Mapped[str] = mapped_column(String(7), primary_key=True)  # 2026-11
    district_code: Mapped[str] = mapped_column(String(12), primary_key=True)
    organisation_id: Mapped[str] = mapped_column(String(18), primary_key=True)
    audience: Mapped[str] = mapped_column(String(20), primary_key=True)
    quantity: Mapped[int]
