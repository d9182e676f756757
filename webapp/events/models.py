"""Event, EventTask, EventSession, Position, Question, Cancellation."""

from datetime import datetime
from typing import Any

from sqlalchemy import (
    JSON,
    CheckConstraint,
    ColumnElement,
    ForeignKey,
    Index,
    String,
    Text,
    UniqueConstraint,
    and_,
    false,
    text,
)
from sqlalchemy.dialects.postgresql import TSVECTOR
from sqlalchemy.orm import Mapped, mapped_column, relationship

from webapp.core import clock
from webapp.core.clock import Period
from webapp.core.db import Base, CreatedAt, Id
from webapp.core.errors import N_
from webapp.core.looks import Looks
from webapp.core.recording import COUNTED, RISES
from webapp.core.removal import GOES_ALONG, LET_GO, holds
from webapp.events.domain import (
    COUNTING_STATUSES,
    POSITION_NAME_LIMIT,
    REASON_LIMIT,
    STATUS_LABELS,
    TITLE_LIMIT,
    Dates,
    EventStatus,
    SessionState,
    session_state,
)
from webapp.organisations.models import Organisation
from webapp.plan.models import EventType, PlanTask
from webapp.venues.models import Venue


class Event(Base):
    """Something published as one, at one or more times and places."""

    __tablename__ = "event"
    __looks__ = Looks(
        ("status", "revision"), says=lambda row: STATUS_LABELS[EventStatus(row.status)], audited="event"
    )
    __table_args__ = (
        Index("ix_event_status_organisation_id", "status", "organisation_id"),
        Index("ix_event_type_slug", "type_slug"),
    )

    id: Mapped[Id]
    organisation_id: Mapped[str] = mapped_column(ForeignKey("organisation.id"), index=True)
    type_slug: Mapped[str] = mapped_column(ForeignKey("event_type.slug"))
    title: Mapped[str] = mapped_column(String(TITLE_LIMIT))
    summary: Mapped[str] = mapped_column(Text, default="")
    bring: Mapped[str] = mapped_column(String(300), default="")  # what to bring
    risk_statement: Mapped[str] = mapped_column(Text, default="")
    audiences: Mapped[list[str]] = mapped_column(JSON, default=list)
    status: Mapped[str] = mapped_column(String(12), default="draft")  # EventStatus
    cancel_reason: Mapped[str | None] = mapped_column(String(REASON_LIMIT))
    is_demo: Mapped[bool] = mapped_column(default=False)
    revision: Mapped[int] = mapped_column(default=1, info=RISES)  # of two editors one must look
    created_by: Mapped[str | None] = mapped_column(ForeignKey("person.id"))
    created_at: Mapped[CreatedAt]
    updated_at: Mapped[datetime] = mapped_column(default=clock.now, onupdate=clock.now)
    published_at: Mapped[datetime | None]
    cancelled_at: Mapped[datetime | None]
    postponed_at: Mapped[datetime | None]  # since when it has no date; None again once it has one

    organisation: Mapped[Organisation] = relationship(lazy="joined")
    type: Mapped[EventType] = relationship(lazy="joined")
    sessions: Mapped[list["EventSession"]] = relationship(
        back_populates="event", order_by="EventSession.starts_at, EventSession.id", lazy="raise"
    )
    tasks: Mapped[list[PlanTask]] = relationship(
        secondary="event_task", order_by="PlanTask.plan_id, PlanTask.position", lazy="raise", viewonly=True
    )


class EventWords(Base):
    """What an event is found by (core/words.py): its texts in the one form they are compared in, and their tokens.

    An index of each database's own stands over `words`: GIN, and on SQLite the table `event_words_index`, which
    triggers of the migration keep. So it is written, undone and deleted with the row.
    """

    __tablename__ = "event_words"
    __table_args__ = (
        Index("ix_event_words_words", "words", postgresql_using="gin").ddl_if(dialect="postgresql"),
    )

    number: Mapped[int] = mapped_column(primary_key=True)  # SQLite's index knows rows by number
    event_id: Mapped[str] = mapped_column(
        ForeignKey("event.id", ondelete="CASCADE", info=GOES_ALONG), unique=True
    )
    title: Mapped[str] = mapped_column(Text)
    summary: Mapped[str] = mapped_column(Text)
    more: Mapped[str] = mapped_column(Text)  # kind, unit, sessions, places, tasks: one a line
    words: Mapped[str] = mapped_column(Text().with_variant(TSVECTOR(), "postgresql"))


class EventTask(Base):
    """An event serves a plan task."""

    __tablename__ = "event_task"

    event_id: Mapped[str] = mapped_column(ForeignKey("event.id", info=GOES_ALONG), primary_key=True)
    task_id: Mapped[str] = mapped_column(
        ForeignKey("plan_task.id", info=holds(N_("活动"))), primary_key=True, index=True
    )


class EventSession(Base):
    """A dated occurrence people sign up for: a lecture, one class of a course, one stop of a tour."""

    __tablename__ = "event_session"
    __looks__ = Looks(
        ("title", "starts_at", "ends_at", "venue_id", "cancelled_at", "event.status"),
        says=lambda row: N_("这一场已取消") if row.cancelled_at else None,
        audited="event_session",
    )
    __table_args__ = (
        CheckConstraint("ends_at > starts_at", name="ends_after_start"),
        Index("ix_event_session_starts_at", "starts_at"),
        Index("ix_event_session_venue_id_starts_at", "venue_id", "starts_at"),
    )

    id: Mapped[Id]
    event_id: Mapped[str] = mapped_column(ForeignKey("event.id", info=GOES_ALONG), index=True)
    title: Mapped[str] = mapped_column(
        String(TITLE_LIMIT), default=""
    )  # 第二课, 桦南站; empty when one session
    venue_id: Mapped[str] = mapped_column(ForeignKey("venue.id"))
    starts_at: Mapped[datetime]
    ends_at: Mapped[datetime]
    cancelled_at: Mapped[datetime | None]  # this session alone; a cancelled event cancels all
    cancel_reason: Mapped[str | None] = mapped_column(String(REASON_LIMIT))
    moved_at: Mapped[datetime | None]  # when its time or place was last changed
    uid: Mapped[str] = mapped_column(String(120), unique=True)  # calendar UID, for ever
    sequence: Mapped[int] = mapped_column(default=0, info=RISES)  # calendar SEQUENCE
    created_at: Mapped[CreatedAt]
    # Calendar LAST-MODIFIED: set by services whenever anything a feed shows of this session changes,
    # also when it stands in the event (title, summary, status) or the venue.
    updated_at: Mapped[datetime] = mapped_column(default=clock.now)

    event: Mapped[Event] = relationship(back_populates="sessions", lazy="joined")
    venue: Mapped[Venue] = relationship(lazy="joined")
    positions: Mapped[list["Position"]] = relationship(
        back_populates="session", order_by="Position.rank, Position.id", lazy="raise"
    )

    @classmethod
    def to_come(cls, event: Event) -> ColumnElement[bool]:
        """Sessions of the event that are not over; one that lost its date by a postponement is still to come."""
        since = [event.postponed_at] if event.postponed_at is not None else []
        return and_(cls.event_id == event.id, cls.ends_at > min([clock.now(), *since]))

    @property
    def is_held(self) -> bool:
        """Whether it takes place, or did: what came of it counts."""
        return self.event.status in COUNTING_STATUSES and self.cancelled_at is None

    @property
    def dates(self) -> Dates:
        """What its state depends on (events.domain.session_state); the event is loaded."""
        return Dates(
            event_status=self.event.status,
            session_cancelled=self.cancelled_at is not None,
            period=Period(self.starts_at, self.ends_at),
            off_at=self.event.postponed_at or self.event.cancelled_at,
        )

    @property
    def state(self) -> SessionState:
        """What it is now."""
        return session_state(self.dates, clock.now())


class Position(Base):
    """Places of one kind in one session."""

    __tablename__ = "position"
    __looks__ = Looks(
        (
            *("name", "kind", "capacity", "waitlist", "min_count", "min_age", "needs_approval"),
            *("opens_at", "closes_at", "cancel_hours", "session.starts_at", "session.cancelled_at"),
        ),
        audited="position",
    )
    __table_args__ = (
        # Promise 1 stands in the table itself: no code path can overbook.
        CheckConstraint("taken >= 0 AND taken <= capacity", name="taken_within_capacity"),
        CheckConstraint("capacity >= 0", name="capacity_not_negative"),
        UniqueConstraint("session_id", "name"),
        CheckConstraint("min_count >= 0", name="min_count_not_negative"),
        CheckConstraint("cancel_hours >= 0", name="cancel_hours_not_negative"),
        CheckConstraint(
            "closes_at IS NULL OR opens_at IS NULL OR closes_at > opens_at", name="closes_after_opens"
        ),
    )

    id: Mapped[Id]
    session_id: Mapped[str] = mapped_column(ForeignKey("event_session.id", info=GOES_ALONG))
    name: Mapped[str] = mapped_column(String(POSITION_NAME_LIMIT))
    kind: Mapped[str] = mapped_column(String(10))  # PositionKind
    capacity: Mapped[int]
    taken: Mapped[int] = mapped_column(default=0, info=COUNTED)  # confirmed and offered sign-ups
    waitlist: Mapped[bool] = mapped_column(default=True)
    rank: Mapped[int] = mapped_column(default=0)
    # Requirements. Skills, trainings and teams stand in volunteers.PositionRequirement.
    min_count: Mapped[int] = mapped_column(default=0, server_default="0")  # fewer than this is understaffed
    min_age: Mapped[int | None]  # 14, 16 or 18
    needs_approval: Mapped[bool] = mapped_column(default=False, server_default=false())
    opens_at: Mapped[
        datetime | None
    ]  # sign-up opens and closes; None: at once, and when the rule says (window_open)
    closes_at: Mapped[datetime | None]
    # Until so many hours before the start one may cancel oneself; afterwards staff do, with a reason.
    cancel_hours: Mapped[int] = mapped_column(default=0, server_default="0")

    session: Mapped[EventSession] = relationship(back_populates="positions", lazy="joined")


class Question(Base):
    """Something asked of everyone who signs up for an event. Answers are for its organisers alone."""

    __tablename__ = "question"
    __looks__ = Looks(
        (
            *("asked_of", "kind", "text", "choices", "is_required", "shown_if_id", "shown_if_answer"),
            *("rank", "removed_at"),
        ),
        says=lambda row: N_("已经不再问") if row.removed_at else None,
        audited="question",
    )
    __table_args__ = (Index("ix_question_event_id_rank", "event_id", "rank"),)

    id: Mapped[Id]
    event_id: Mapped[str] = mapped_column(ForeignKey("event.id", info=GOES_ALONG))
    asked_of: Mapped[str] = mapped_column(String(10))  # all | volunteer | audience
    kind: Mapped[str] = mapped_column(String(10))  # QuestionKind: text | choice | number | tick
    text: Mapped[str] = mapped_column(String(200))
    choices: Mapped[list[str]] = mapped_column(JSON, default=list)
    is_required: Mapped[bool] = mapped_column(default=False)
    # Shown only when the answer to an earlier question of the event is this one.
    shown_if_id: Mapped[str | None] = mapped_column(ForeignKey("question.id", info=LET_GO))
    shown_if_answer: Mapped[str | None] = mapped_column(String(200))
    rank: Mapped[int] = mapped_column(default=0)
    created_at: Mapped[CreatedAt]
    removed_at: Mapped[datetime | None]  # no longer asked; answers given stay


class Cancellation(Base):
    """An event or one session was cancelled; it can be undone until `undo_until`."""

    __tablename__ = "cancellation"
    __looks__ = Looks(
        ("undone_at",),
        says=lambda row: N_("取消已撤销") if row.undone_at else N_("已取消"),
        decided=(("undone_by", "undone_at"),),
    )
    __table_args__ = (
        # What is cancelled is not cancelled again, unless it was undone between.
        Index(
            "uq_cancellation_event_id",
            "event_id",
            unique=True,
            sqlite_where=text("session_id IS NULL AND undone_at IS NULL"),
            postgresql_where=text("session_id IS NULL AND undone_at IS NULL"),
        ),
        Index(
            "uq_cancellation_session_id",
            "session_id",
            unique=True,
            sqlite_where=text("undone_at IS NULL"),
            postgresql_where=text("undone_at IS NULL"),
        ),
        Index("ix_cancellation_event_id_made_at", "event_id", "made_at"),
    )

    id: Mapped[Id]
    event_id: Mapped[str] = mapped_column(ForeignKey("event.id", info=holds(N_("取消记录"))))
    session_id: Mapped[str | None] = mapped_column(
        ForeignKey("event_session.id", info=holds(N_("取消记录")))
    )  # None: the whole event
    status_before: Mapped[str] = mapped_column(String(12))  # EventStatus of the event
    # What followers need to put back, each under a name of its own: ids and states, nothing of persons.
    kept: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)
    made_by: Mapped[str | None] = mapped_column(ForeignKey("person.id"))
    made_at: Mapped[datetime] = mapped_column(default=clock.now)
    undo_until: Mapped[datetime]
    leaves_at: Mapped[datetime]  # when messages of it leave: at once where the event is near
    undone_at: Mapped[datetime | None]
    undone_by: Mapped[str | None] = mapped_column(ForeignKey("person.id"))
