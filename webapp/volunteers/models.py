"""Volunteer, Skill, VolunteerSkill, Course, Training, Team, TeamMembership, TeamRequest, PositionRequirement."""

from datetime import date, datetime

from sqlalchemy import JSON, CheckConstraint, ForeignKey, Index, String, Text, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from webapp.core import clock
from webapp.core.db import Base, CreatedAt, Id
from webapp.core.errors import N_
from webapp.core.looks import Looks
from webapp.core.removal import GOES_ALONG
from webapp.events.models import EventSession
from webapp.organisations.models import Organisation
from webapp.people.models import Person
from webapp.volunteers.domain import NAME_LIMIT, NOTE_LIMIT, NUMBER_LIMIT
from webapp.volunteers.domain.rules import MEMBER_STATE_LABELS, REQUEST_STATE_LABELS

_LIVING = "state IN ('asked', 'member')"


class Volunteer(Base):
    """The profile of a person who serves. Everything in it is optional."""

    __tablename__ = "volunteer"

    person_id: Mapped[str] = mapped_column(ForeignKey("person.id"), primary_key=True)
    number: Mapped[str | None] = mapped_column(String(NUMBER_LIMIT))  # 全国志愿者编号, if they have one
    age_band: Mapped[str | None] = mapped_column(String(10))  # AgeBand
    age_band_on: Mapped[date | None]  # the day it was said: asked again after a year
    districts: Mapped[list[str]] = mapped_column(JSON, default=list)  # codes of county-level districts
    times: Mapped[list[str]] = mapped_column(JSON, default=list)  # "1-am" … "7-eve": when they can come
    languages: Mapped[list[str]] = mapped_column(JSON, default=list)
    note: Mapped[str] = mapped_column(String(NOTE_LIMIT), default="")
    takes_calls: Mapped[bool] = mapped_column(default=True)  # may be asked when a shift lacks people
    created_at: Mapped[CreatedAt]
    updated_at: Mapped[datetime] = mapped_column(default=clock.now, onupdate=clock.now)

    person: Mapped[Person] = relationship(lazy="joined")


class Skill(Base):
    """A skill the office lists: 急救, 讲解, 驾驶 …"""

    __tablename__ = "skill"
    __looks__ = Looks(("name", "needs_certificate", "closed_at"), audited="skill")

    id: Mapped[Id]
    name: Mapped[str] = mapped_column(String(NAME_LIMIT), unique=True)
    needs_certificate: Mapped[bool] = mapped_column(
        default=False
    )  # counts only once someone looked at the paper
    rank: Mapped[int] = mapped_column(default=0)
    closed_at: Mapped[datetime | None]


class VolunteerSkill(Base):
    """A person has a skill, perhaps with a certificate that runs out."""

    __tablename__ = "volunteer_skill"
    __looks__ = Looks(
        ("certificate", "expires_on", "checked_at"),
        says=lambda row: N_("证书已核对") if row.checked_at else N_("证书还没核对"),
        decided=(("checked_by", "checked_at"),),
        audited="person",
        subject_id="person_id",
    )
    __table_args__ = (UniqueConstraint("person_id", "skill_id"),)

    id: Mapped[Id]
    person_id: Mapped[str] = mapped_column(ForeignKey("person.id"))
    skill_id: Mapped[str] = mapped_column(ForeignKey("skill.id"), index=True)
    certificate: Mapped[str] = mapped_column(String(NAME_LIMIT), default="")
    expires_on: Mapped[date | None]
    checked_by: Mapped[str | None] = mapped_column(ForeignKey("person.id"))  # who saw the certificate
    checked_at: Mapped[datetime | None]
    created_at: Mapped[CreatedAt]

    skill: Mapped[Skill] = relationship(lazy="joined")
    person: Mapped[Person] = relationship(foreign_keys=[person_id], lazy="raise")


class Course(Base):
    """A training that is given again and again; positions may ask for it."""

    __tablename__ = "course"
    __looks__ = Looks(("name", "valid_months", "closed_at"), audited="course")

    id: Mapped[Id]
    name: Mapped[str] = mapped_column(String(NAME_LIMIT), unique=True)
    valid_months: Mapped[int | None]  # None: for ever
    closed_at: Mapped[datetime | None]


class Training(Base):
    """Someone was trained: what, by whom, when, how long (志愿服务条例 2017 art. 16 and 19)."""

    __tablename__ = "training"
    __looks__ = Looks(
        ("voided_at",),
        says=lambda row: N_("已作废") if row.voided_at else N_("有效"),
        decided=(("voided_by", "voided_at"),),
    )
    __table_args__ = (
        CheckConstraint("minutes > 0", name="takes_time"),
        Index("ix_training_person_id", "person_id"),
    )

    id: Mapped[Id]
    person_id: Mapped[str] = mapped_column(ForeignKey("person.id"))
    course_id: Mapped[str] = mapped_column(ForeignKey("course.id"), index=True)
    organisation_id: Mapped[str] = mapped_column(ForeignKey("organisation.id"))
    held_on: Mapped[date]
    minutes: Mapped[int]
    place: Mapped[str] = mapped_column(String(NAME_LIMIT), default="")
    recorded_by: Mapped[str | None] = mapped_column(ForeignKey("person.id"))
    created_at: Mapped[CreatedAt]
    voided_at: Mapped[datetime | None]
    voided_by: Mapped[str | None] = mapped_column(ForeignKey("person.id"))

    course: Mapped[Course] = relationship(lazy="joined")
    organisation: Mapped[Organisation] = relationship(lazy="joined")
    person: Mapped[Person] = relationship(foreign_keys=[person_id], lazy="raise")


class Team(Base):
    """Volunteers under a leader, hosted by an organisation."""

    __tablename__ = "team"
    __looks__ = Looks(
        ("name", "kind", "about", "leader_id", "closed_at"),
        says=lambda row: N_("团队已解散") if row.closed_at else None,
        audited="team",
    )

    id: Mapped[Id]
    name: Mapped[str] = mapped_column(String(NAME_LIMIT), unique=True)
    kind: Mapped[str] = mapped_column(String(20))  # TeamKind
    organisation_id: Mapped[str] = mapped_column(ForeignKey("organisation.id"), index=True)
    leader_id: Mapped[str] = mapped_column(ForeignKey("person.id"), index=True)
    about: Mapped[str] = mapped_column(Text, default="")
    is_demo: Mapped[bool] = mapped_column(default=False)
    created_at: Mapped[CreatedAt]
    closed_at: Mapped[datetime | None]

    organisation: Mapped[Organisation] = relationship(lazy="joined")
    leader: Mapped[Person] = relationship(lazy="raise")


class TeamMembership(Base):
    """Someone asked to join a team, is in it, or was. Rows stay: leaving keeps history."""

    __tablename__ = "team_membership"
    __looks__ = Looks(
        ("state",),
        says=lambda row: MEMBER_STATE_LABELS[row.state],
        decided=(("", "left_at"), ("decided_by", "decided_at")),
        audited="team",
        subject_id="team_id",
        name="person_id",
    )
    __table_args__ = (
        Index(
            "uq_team_membership_living",
            "team_id",
            "person_id",
            unique=True,
            sqlite_where=text(_LIVING),
            postgresql_where=text(_LIVING),
        ),
        Index("ix_team_membership_person_id_state", "person_id", "state"),
    )

    id: Mapped[Id]
    team_id: Mapped[str] = mapped_column(ForeignKey("team.id"))
    person_id: Mapped[str] = mapped_column(ForeignKey("person.id"))
    state: Mapped[str] = mapped_column(String(10))  # MemberState
    note: Mapped[str] = mapped_column(String(NOTE_LIMIT), default="")  # what they wrote when asking
    asked_at: Mapped[CreatedAt]
    decided_at: Mapped[datetime | None]
    decided_by: Mapped[str | None] = mapped_column(ForeignKey("person.id"))
    left_at: Mapped[datetime | None]

    team: Mapped[Team] = relationship(lazy="joined")
    person: Mapped[Person] = relationship(foreign_keys=[person_id], lazy="raise")


class TeamRequest(Base):
    """A team is asked to staff a session; its leader answers by signing members up, or says no."""

    __tablename__ = "team_request"
    __looks__ = Looks(
        ("state",),
        says=lambda row: REQUEST_STATE_LABELS[row.state],
        decided=(("answered_by", "answered_at"),),
    )
    __table_args__ = (UniqueConstraint("session_id", "team_id"),)

    id: Mapped[Id]
    session_id: Mapped[str] = mapped_column(ForeignKey("event_session.id", info=GOES_ALONG))
    team_id: Mapped[str] = mapped_column(ForeignKey("team.id"), index=True)
    note: Mapped[str] = mapped_column(String(NOTE_LIMIT), default="")
    asked_by: Mapped[str] = mapped_column(ForeignKey("person.id"))
    asked_at: Mapped[CreatedAt]
    state: Mapped[str] = mapped_column(String(10), default="asked")  # asked | accepted | declined
    answer: Mapped[str] = mapped_column(String(NOTE_LIMIT), default="")
    answered_at: Mapped[datetime | None]
    answered_by: Mapped[str | None] = mapped_column(ForeignKey("person.id"))

    team: Mapped[Team] = relationship(lazy="joined")
    session: Mapped[EventSession] = relationship(lazy="joined")


class PositionRequirement(Base):
    """A position asks for a skill, a training or a team: one of the three in each row."""

    __tablename__ = "position_requirement"
    __table_args__ = (
        CheckConstraint(
            "(CASE WHEN skill_id IS NULL THEN 0 ELSE 1 END) + (CASE WHEN course_id IS NULL THEN 0 ELSE 1 END)"
            " + (CASE WHEN team_id IS NULL THEN 0 ELSE 1 END) = 1",
            name="asks_for_one_thing",
        ),
        Index("ix_position_requirement_position_id", "position_id"),
    )

    id: Mapped[Id]
    position_id: Mapped[str] = mapped_column(ForeignKey("position.id", info=GOES_ALONG))
    skill_id: Mapped[str | None] = mapped_column(ForeignKey("skill.id"))
    course_id: Mapped[str | None] = mapped_column(ForeignKey("course.id"))
    team_id: Mapped[str | None] = mapped_column(ForeignKey("team.id"))

    skill: Mapped[Skill | None] = relationship(lazy="joined")
    course: Mapped[Course | None] = relationship(lazy="joined")
    team: Mapped[Team | None] = relationship(lazy="joined")
