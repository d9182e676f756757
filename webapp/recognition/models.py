"""HoursRule, WorkYear, ServiceRecord, Objection, Star, Certificate, CommendationList, Commendation."""

from datetime import date, datetime
from typing import Any

from sqlalchemy import JSON, CheckConstraint, ForeignKey, Index, String, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from webapp.core import clock
from webapp.core.db import Base, CreatedAt, Id
from webapp.core.errors import N_
from webapp.core.looks import Looks
from webapp.core.recording import RISES
from webapp.core.removal import holds
from webapp.events.models import EventSession
from webapp.organisations.models import Organisation
from webapp.people.models import Person
from webapp.recognition.domain import (
    CERTIFICATE_STATUS_LABELS,
    NOTE_LIMIT,
    NUMBER_LIMIT,
    RECORD_STATUS_LABELS,
    STAR_STATE_LABELS,
    TITLE_LIMIT,
    CertificateStatus,
    RecordStatus,
)
from webapp.recognition.domain.commendations import DECISION_LABELS, Decision
from webapp.recognition.domain.standing import RecordState, record_state
from webapp.recognition.domain.workdays import WORK_NOTICE_LIMIT


class HoursRule(Base):
    """How minutes are counted; a change is a new version, and each record says under which it was made."""

    __tablename__ = "hours_rule"
    __looks__ = Looks(("version",), decided=(("made_by", "created_at"),))

    version: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    early_minutes: Mapped[int]  # before the start, that still count
    late_minutes: Mapped[int]  # after the end, that count without a leader's word
    min_share: Mapped[int]  # percent of the planned time below which it is "in part"
    confirm_days: Mapped[int]  # for the leader to confirm a missing sign-out
    notice_days: Mapped[int]  # working days of public notice
    made_by: Mapped[str | None] = mapped_column(ForeignKey("person.id"))
    created_at: Mapped[CreatedAt]


class WorkYear(Base):
    """What the office says of a year's working days, over what the calendar of the country knows."""

    __tablename__ = "work_year"
    __looks__ = Looks(("revision",), decided=(("changed_by", "changed_at"),))
    __table_args__ = (CheckConstraint("year BETWEEN 2000 AND 2200", name="possible"),)

    year: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    off: Mapped[list[str]] = mapped_column(JSON, default=list)  # ISO days
    worked: Mapped[list[str]] = mapped_column(JSON, default=list)
    # The office has compared the year with the State Council's notice: its days will not move any more.
    is_announced: Mapped[bool] = mapped_column(default=False)
    notice: Mapped[str] = mapped_column(String(WORK_NOTICE_LIMIT), default="")  # 国办发明电〔2026〕6号
    revision: Mapped[int] = mapped_column(default=1, info=RISES)
    changed_by: Mapped[str | None] = mapped_column(ForeignKey("person.id"))
    changed_at: Mapped[datetime] = mapped_column(default=clock.now, onupdate=clock.now)


class ServiceRecord(Base):
    """One volunteer's service at one session, or time added by hand. A correction voids it and makes another."""

    __tablename__ = "service_record"
    __looks__ = Looks(
        ("status", "turnout", "minutes", "added_minutes", "in_at", "out_at"),
        says=lambda row: RECORD_STATUS_LABELS[RecordStatus(row.status)],
        decided=(("voided_by", "voided_at"), ("confirmed_by", "confirmed_at")),
        audited="service_record",
    )
    __table_args__ = (
        CheckConstraint("minutes >= 0 AND added_minutes >= 0", name="minutes_not_negative"),
        # Measured and hand-added time never share a row.
        CheckConstraint("minutes = 0 OR added_minutes = 0", name="one_kind_of_time"),
        # Time added by hand counts only with a reason, and a second person's word.
        CheckConstraint(
            "added_minutes = 0 OR (reason <> '' AND (status IN ('proposed', 'void') OR"
            " (confirmed_by IS NOT NULL AND confirmed_by <> created_by)))",
            name="added_time_has_two_people",
        ),
        CheckConstraint("status <> 'void' OR void_reason <> ''", name="void_has_a_reason"),
        # One standing record of measured time per sign-up.
        Index(
            "uq_service_record_signup_id",
            "signup_id",
            unique=True,
            sqlite_where=text("status <> 'void' AND source <> 'added'"),
            postgresql_where=text("status <> 'void' AND source <> 'added'"),
        ),
        Index("ix_service_record_person_id_status", "person_id", "status"),
        Index("ix_service_record_status_notice_until", "status", "notice_until"),
        Index("ix_service_record_session_id", "session_id"),
        Index("ix_service_record_organisation_id_status", "organisation_id", "status"),
    )

    id: Mapped[Id]
    person_id: Mapped[str] = mapped_column(ForeignKey("person.id"))
    organisation_id: Mapped[str] = mapped_column(ForeignKey("organisation.id"))  # who organised, and records
    session_id: Mapped[str] = mapped_column(ForeignKey("event_session.id", info=holds(N_("服务时长"))))
    signup_id: Mapped[str | None] = mapped_column(ForeignKey("signup.id"))
    team_id: Mapped[str | None] = mapped_column(ForeignKey("team.id"), index=True)
    turnout: Mapped[str] = mapped_column(String(12))  # Turnout
    source: Mapped[str] = mapped_column(String(10))  # RecordSource
    status: Mapped[str] = mapped_column(String(12))  # RecordStatus
    rule_version: Mapped[int] = mapped_column(ForeignKey("hours_rule.version"))
    served_on: Mapped[date]  # the city's day on which they came, else the session's first
    in_at: Mapped[datetime | None]
    out_at: Mapped[datetime | None]
    minutes: Mapped[int] = mapped_column(default=0)  # from actual in and out
    added_minutes: Mapped[int] = mapped_column(default=0)  # by hand; never added to the others silently
    reason: Mapped[str] = mapped_column(String(NOTE_LIMIT), default="")
    created_by: Mapped[str | None] = mapped_column(ForeignKey("person.id"))  # None: the rule itself
    created_at: Mapped[CreatedAt]
    confirmed_by: Mapped[str | None] = mapped_column(ForeignKey("person.id"))
    confirmed_at: Mapped[datetime | None]
    notice_from: Mapped[date | None]
    notice_until: Mapped[date | None]  # the last day of the notice
    final_at: Mapped[datetime | None]
    voided_at: Mapped[datetime | None]
    voided_by: Mapped[str | None] = mapped_column(ForeignKey("person.id"))
    void_reason: Mapped[str] = mapped_column(String(NOTE_LIMIT), default="")
    replaces_id: Mapped[str | None] = mapped_column(ForeignKey("service_record.id"))

    session: Mapped[EventSession] = relationship(lazy="raise")
    person: Mapped[Person] = relationship(foreign_keys=[person_id], lazy="raise")

    @property
    def state(self) -> RecordState:
        """What it is now."""
        return record_state(
            self.status,
            came=self.in_at is not None,
            minutes=self.minutes + self.added_minutes,
            notice_until=self.notice_until,
            today=clock.today(),
        )


class Objection(Base):
    """A volunteer says that a record, or a no-show, is not right; staff answer."""

    __tablename__ = "objection"
    __looks__ = Looks(
        ("answered_at",),
        says=lambda row: N_("已答复") if row.answered_at else N_("还没有答复"),
        decided=(("answered_by", "answered_at"),),
    )

    id: Mapped[Id]
    record_id: Mapped[str] = mapped_column(ForeignKey("service_record.id"), index=True)
    person_id: Mapped[str] = mapped_column(ForeignKey("person.id"))
    text: Mapped[str] = mapped_column(String(NOTE_LIMIT))
    made_at: Mapped[CreatedAt]
    answer: Mapped[str] = mapped_column(String(NOTE_LIMIT), default="")
    answered_by: Mapped[str | None] = mapped_column(ForeignKey("person.id"))
    answered_at: Mapped[datetime | None]

    record: Mapped[ServiceRecord] = relationship(lazy="joined")


class Star(Base):
    """A volunteer applied for a level of stars, and someone granted or declined it."""

    __tablename__ = "star"
    __looks__ = Looks(
        ("state",), says=lambda row: STAR_STATE_LABELS[row.state], decided=(("decided_by", "decided_at"),)
    )
    __table_args__ = (
        Index(
            "uq_star_person_id_level",
            "person_id",
            "level",
            unique=True,
            sqlite_where=text("state <> 'declined'"),
            postgresql_where=text("state <> 'declined'"),
        ),
        CheckConstraint("state <> 'granted' OR decided_by IS NOT NULL", name="granted_by_someone"),
    )

    id: Mapped[Id]
    person_id: Mapped[str] = mapped_column(ForeignKey("person.id"))
    level: Mapped[int]
    minutes: Mapped[int]  # final minutes when applying
    hours_needed: Mapped[int | None]  # of that level when applying: what is raised later does not bind it
    state: Mapped[str] = mapped_column(String(10), default="applied")  # applied | granted | declined
    applied_at: Mapped[CreatedAt]
    decided_by: Mapped[str | None] = mapped_column(ForeignKey("person.id"))
    decided_at: Mapped[datetime | None]
    note: Mapped[str] = mapped_column(String(NOTE_LIMIT), default="")


class Certificate(Base):
    """志愿服务证明. What it says is fixed when it is issued: `lines` is a copy, not a look-up."""

    __tablename__ = "certificate"
    __looks__ = Looks(
        ("status",),
        says=lambda row: CERTIFICATE_STATUS_LABELS[CertificateStatus(row.status)],
        decided=(("ended_by", "ended_at"), ("issued_by", "issued_at"), ("accepted_by", "accepted_at")),
    )
    __table_args__ = (
        CheckConstraint(
            "status NOT IN ('issued', 'revoked') OR (number IS NOT NULL AND issued_at IS NOT NULL)",
            name="issued_has_a_number",
        ),
        Index("ix_certificate_person_id", "person_id"),
        Index("ix_certificate_organisation_id_status", "organisation_id", "status"),
    )

    id: Mapped[Id]
    number: Mapped[str | None] = mapped_column(String(NUMBER_LIMIT), unique=True)
    person_id: Mapped[str] = mapped_column(ForeignKey("person.id"))
    organisation_id: Mapped[str] = mapped_column(
        ForeignKey("organisation.id")
    )  # who organised, and certifies
    from_on: Mapped[date]
    until_on: Mapped[date]
    purpose: Mapped[str] = mapped_column(String(NOTE_LIMIT), default="")
    status: Mapped[str] = mapped_column(String(10), default="applied")  # CertificateStatus
    applied_at: Mapped[CreatedAt]
    accepted_at: Mapped[datetime | None]
    accepted_by: Mapped[str | None] = mapped_column(ForeignKey("person.id"))
    issued_at: Mapped[datetime | None]
    issued_by: Mapped[str | None] = mapped_column(ForeignKey("person.id"))
    ended_at: Mapped[datetime | None]  # rejected or revoked
    ended_by: Mapped[str | None] = mapped_column(ForeignKey("person.id"))
    end_reason: Mapped[str] = mapped_column(String(NOTE_LIMIT), default="")
    # As printed, from the day of issue on.
    holder: Mapped[str] = mapped_column(String(60), default="")
    holder_number: Mapped[str] = mapped_column(String(30), default="")  # 全国志愿者编号
    issuer: Mapped[str] = mapped_column(String(TITLE_LIMIT), default="")
    head: Mapped[str] = mapped_column(String(60), default="")  # 负责人
    handler: Mapped[str] = mapped_column(String(60), default="")  # 经办人
    contact: Mapped[str] = mapped_column(String(60), default="")
    remarks: Mapped[str] = mapped_column(String(NOTE_LIMIT), default="")
    minutes: Mapped[int] = mapped_column(default=0)
    added_minutes: Mapped[int] = mapped_column(default=0)
    lines: Mapped[list[dict[str, Any]]] = mapped_column(JSON, default=list)

    organisation: Mapped[Organisation] = relationship(lazy="joined")
    person: Mapped[Person] = relationship(foreign_keys=[person_id], lazy="raise")


class CommendationList(Base):
    """A list of volunteers or teams put up for commendation, by rules on figures; people decide."""

    __tablename__ = "commendation_list"
    __looks__ = Looks(
        ("closed_at",),
        says=lambda row: N_("已定稿") if row.closed_at else N_("还没有定稿"),
        decided=(("closed_by", "closed_at"),),
        audited="commendation_list",
    )

    id: Mapped[Id]
    title: Mapped[str] = mapped_column(String(TITLE_LIMIT))
    kind: Mapped[str] = mapped_column(String(10))  # volunteer | team
    from_on: Mapped[date]
    until_on: Mapped[date]
    thresholds: Mapped[dict[str, int]] = mapped_column(JSON)
    made_by: Mapped[str] = mapped_column(ForeignKey("person.id"))
    created_at: Mapped[CreatedAt]
    closed_at: Mapped[datetime | None]
    closed_by: Mapped[str | None] = mapped_column(ForeignKey("person.id"))


class Commendation(Base):
    """One name on a list, with the figures it stands there for and what was decided."""

    __tablename__ = "commendation"
    __looks__ = Looks(
        ("decision", "reason", "evidence"),
        says=lambda row: DECISION_LABELS[Decision(row.decision)] if row.decision else N_("还没有决定"),
        decided=(("decided_by", "decided_at"),),
        audited="commendation",
    )
    __table_args__ = (
        UniqueConstraint("list_id", "person_id"),
        UniqueConstraint("list_id", "team_id"),
        CheckConstraint(
            "(person_id IS NULL AND team_id IS NOT NULL) OR (person_id IS NOT NULL AND team_id IS NULL)",
            name="person_or_team",
        ),
    )

    id: Mapped[Id]
    list_id: Mapped[str] = mapped_column(ForeignKey("commendation_list.id"))
    person_id: Mapped[str | None] = mapped_column(ForeignKey("person.id"))
    team_id: Mapped[str | None] = mapped_column(ForeignKey("team.id"))
    evidence: Mapped[dict[str, Any]] = mapped_column(JSON)  # figures as they were
    decision: Mapped[str | None] = mapped_column(String(10))  # chosen | passed
    reason: Mapped[str] = mapped_column(String(NOTE_LIMIT), default="")
    decided_by: Mapped[str | None] = mapped_column(ForeignKey("person.id"))
    decided_at: Mapped[datetime | None]
