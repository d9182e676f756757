"""Plan, PlanSection, PlanTask, their units, EventType, Target, SurveyResult."""

from datetime import date, datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import (
    JSON,
    CheckConstraint,
    ForeignKey,
    Numeric,
    String,
    Text,
    UniqueConstraint,
)
from sqlalchemy.orm import Mapped, mapped_column, relationship

from webapp.core.db import Base, CreatedAt, Id
from webapp.core.errors import N_
from webapp.core.looks import Looks
from webapp.core.removal import GOES_ALONG, holds
from webapp.organisations.models import Organisation
from webapp.plan.domain import CODE_LIMIT, SECTION_TITLE_LIMIT, TITLE_LIMIT, VOID_REASON_LIMIT


class Plan(Base):
    """One city's plan for one period."""

    __tablename__ = "plan"
    __table_args__ = (CheckConstraint("ends_on > starts_on", name="period"),)

    id: Mapped[Id]
    code: Mapped[str] = mapped_column(String(60), unique=True)  # jiamusi-2021-2025
    title: Mapped[str] = mapped_column(String(TITLE_LIMIT))
    starts_on: Mapped[date]
    ends_on: Mapped[date]  # last day, inclusive
    # preamble, guiding_thought, overall_goal, part_intros, report; vocabulary and units as the file lists them
    texts: Mapped[dict[str, Any]] = mapped_column(JSON)
    is_demo: Mapped[bool] = mapped_column(default=False)
    predecessor_id: Mapped[str | None] = mapped_column(ForeignKey("plan.id"))
    created_at: Mapped[CreatedAt]

    sections: Mapped[list["PlanSection"]] = relationship(
        back_populates="plan", order_by="PlanSection.position", lazy="raise"
    )


class PlanSection(Base):
    """A 行动, 工程 or 组织实施 chapter."""

    __tablename__ = "plan_section"
    __table_args__ = (UniqueConstraint("plan_id", "code"),)

    id: Mapped[Id]
    plan_id: Mapped[str] = mapped_column(ForeignKey("plan.id"))
    code: Mapped[str] = mapped_column(String(CODE_LIMIT))  # A1
    kind: Mapped[str] = mapped_column(String(20))  # action | project | implementation
    number: Mapped[str] = mapped_column(String(10))  # 一
    title: Mapped[str] = mapped_column(String(SECTION_TITLE_LIMIT))
    goal_text: Mapped[str] = mapped_column(Text)
    position: Mapped[int]

    plan: Mapped[Plan] = relationship(back_populates="sections", lazy="raise")
    tasks: Mapped[list["PlanTask"]] = relationship(
        back_populates="section", order_by="PlanTask.position", lazy="raise"
    )
    leads: Mapped[list[Organisation]] = relationship(
        secondary="section_lead", order_by="SectionLead.position", lazy="raise", viewonly=True
    )


class PlanTask(Base):
    """One task that events serve."""

    __tablename__ = "plan_task"
    __table_args__ = (UniqueConstraint("plan_id", "code"),)

    id: Mapped[Id]
    plan_id: Mapped[str] = mapped_column(ForeignKey("plan.id"))
    section_id: Mapped[str] = mapped_column(ForeignKey("plan_section.id", info=holds(N_("任务"))), index=True)
    code: Mapped[str] = mapped_column(String(CODE_LIMIT))  # A1-1
    title: Mapped[str] = mapped_column(String(SECTION_TITLE_LIMIT))
    text: Mapped[str] = mapped_column(Text)
    progress_mode: Mapped[str] = mapped_column(String(12))  # event | mixed | milestone | report
    suggested_types: Mapped[list[str]] = mapped_column(JSON)
    audiences: Mapped[list[str]] = mapped_column(JSON)
    dates: Mapped[list[dict[str, Any]]] = mapped_column(JSON)
    title_is_ours: Mapped[bool] = mapped_column(default=False)
    position: Mapped[int]

    plan: Mapped[Plan] = relationship(lazy="joined")
    section: Mapped[PlanSection] = relationship(back_populates="tasks", lazy="raise")
    units: Mapped[list[Organisation]] = relationship(
        secondary="task_unit", order_by="TaskUnit.position", lazy="raise", viewonly=True
    )


class SectionLead(Base):
    """A unit that leads a section (牵头单位)."""

    __tablename__ = "section_lead"

    section_id: Mapped[str] = mapped_column(ForeignKey("plan_section.id", info=GOES_ALONG), primary_key=True)
    organisation_id: Mapped[str] = mapped_column(ForeignKey("organisation.id"), primary_key=True, index=True)
    position: Mapped[int]


class TaskUnit(Base):
    """A unit responsible for a task (责任单位), in the order the plan names them."""

    __tablename__ = "task_unit"

    task_id: Mapped[str] = mapped_column(ForeignKey("plan_task.id", info=GOES_ALONG), primary_key=True)
    organisation_id: Mapped[str] = mapped_column(ForeignKey("organisation.id"), primary_key=True, index=True)
    position: Mapped[int]
    inferred: Mapped[bool] = mapped_column(default=False)  # the plan's text names no unit; we concluded it


class EventType(Base):
    """A kind of event, from the plan file's vocabulary."""

    __tablename__ = "event_type"

    slug: Mapped[str] = mapped_column(String(40), primary_key=True)
    label: Mapped[str] = mapped_column(String(60))
    position: Mapped[int]


class Target(Base):
    """A figure the plan promises that only a survey can show."""

    __tablename__ = "target"
    __table_args__ = (UniqueConstraint("plan_id", "indicator"),)

    id: Mapped[Id]
    plan_id: Mapped[str] = mapped_column(ForeignKey("plan.id"))
    indicator: Mapped[str] = mapped_column(String(60))  # 公民具备科学素质的比例
    value: Mapped[Decimal | None] = mapped_column(Numeric(9, 2))  # none: still to be set
    unit: Mapped[str] = mapped_column(String(10))
    year: Mapped[int]
    text: Mapped[str] = mapped_column(String(300))


class SurveyResult(Base):
    """One survey's figure, entered by hand with where it comes from. Corrections void the old row."""

    __tablename__ = "survey_result"
    __looks__ = Looks(
        ("voided_at",),
        says=lambda row: N_("已作废") if row.voided_at else None,
        decided=(("voided_by", "voided_at"),),
    )
    __table_args__ = (CheckConstraint("value >= 0", name="not_negative"),)

    id: Mapped[Id]
    target_id: Mapped[str] = mapped_column(ForeignKey("target.id"), index=True)
    year: Mapped[int]
    area: Mapped[str] = mapped_column(String(60))
    value: Mapped[Decimal] = mapped_column(Numeric(9, 2))
    sample_size: Mapped[int | None]
    source: Mapped[str] = mapped_column(String(200))
    entered_by: Mapped[str] = mapped_column(ForeignKey("person.id"))
    created_at: Mapped[CreatedAt]
    voided_at: Mapped[datetime | None]
    voided_by: Mapped[str | None] = mapped_column(ForeignKey("person.id"))
    void_reason: Mapped[str | None] = mapped_column(String(VOID_REASON_LIMIT))
