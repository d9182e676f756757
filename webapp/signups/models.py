"""Signup, CourseSignup, Answer, HandOver, CallOut, Called, Notice, Telling, Unmet."""

from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, Text, UniqueConstraint, text, true
from sqlalchemy.orm import Mapped, mapped_column, relationship

from webapp.core import clock
from webapp.core.db import Base, CreatedAt, Id
from webapp.core.errors import N_
from webapp.core.removal import GOES_ALONG, holds
from webapp.events.models import Event, EventSession, Position
from webapp.people.domain import NAME_LIMIT
from webapp.people.models import Person
from webapp.signups.domain import (
    HOLDS_PLACE,
    LIVING,
    REASON_LIMIT,
    SHORT_CODE_LENGTH,
    looks,
    offer_deadline,
)

_LIVING_SQL = "status IN (" + ", ".join(f"'{status}'" for status in sorted(LIVING)) + ")"
_ONE_PLACE_SQL = "status = 'confirmed' AND counts_with_id IS NULL"


def _of_few(name: str, *columns: str, which: str) -> Index:
    return Index(name, *columns, sqlite_where=text(which), postgresql_where=text(which))


class Signup(Base):
    """A person's promise to take a place. Whether they came is Attendance."""

    __tablename__ = "signup"
    __looks__ = looks.SIGNUP
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
        # One person once: in a session nobody has two places. Those who had two before this rule count as one
        # (`counts_with_id`), and a held offer is a question, not a place yet.
        Index(
            "uq_signup_session_id_person_id",
            "session_id",
            "person_id",
            unique=True,
            sqlite_where=text(_ONE_PLACE_SQL),
            postgresql_where=text(_ONE_PLACE_SQL),
        ),
        Index("uq_signup_session_id_short_code", "session_id", "short_code", unique=True),
        Index("ix_signup_person_id_status", "person_id", "status"),
        Index("ix_signup_waitlist", "position_id", "status", "priority", "waitlisted_at"),
        # An offer has an end, and nothing else has one.
        CheckConstraint("(status = 'offered') = (offer_expires_at IS NOT NULL)", name="an_offer_expires"),
        Index("ix_signup_offer_expires_at", "offer_expires_at"),
        # Few come along with somebody, few wait for somebody (待办): the others need no entry.
        _of_few("ix_signup_with_signup_id", "with_signup_id", which="with_signup_id IS NOT NULL"),
        _of_few("ix_signup_pending", "position_id", which="status = 'pending'"),
        _of_few(
            "ix_signup_minor", "session_id", "age_band", which="age_band IS NOT NULL AND age_band <> 'adult'"
        ),
        _of_few("ix_signup_cancelled_at", "cancelled_at", which="cancelled_at IS NOT NULL"),
    )

    id: Mapped[Id]
    position_id: Mapped[str] = mapped_column(ForeignKey("position.id", info=holds(N_("报名"))))
    # The position's, for short codes.
    session_id: Mapped[str] = mapped_column(ForeignKey("event_session.id", info=holds(N_("报名"))))
    person_id: Mapped[str] = mapped_column(ForeignKey("person.id"))
    status: Mapped[str] = mapped_column(String(12))  # SignupStatus
    source: Mapped[str] = mapped_column(String(10))  # self | guest | staff | api
    created_by: Mapped[str | None] = mapped_column(ForeignKey("person.id"))
    # The centre whose staff signed them up: its own people, whoever of its staff asks.
    centre_id: Mapped[str | None] = mapped_column(ForeignKey("organisation.id"), index=True)
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

    # While offered: the place is held until then. What the person is shown is offer_deadline.
    offer_expires_at: Mapped[datetime | None]
    offered_at: Mapped[datetime | None]  # when the last offer was made
    offer_told_at: Mapped[
        datetime | None
    ]  # when its message left, or somebody rang up: its time runs from then
    decided_at: Mapped[datetime | None]  # approved or declined, where the position needs approval
    decided_by: Mapped[str | None] = mapped_column(ForeignKey("person.id"))
    decline_reason: Mapped[str | None] = mapped_column(String(REASON_LIMIT))
    # How often approval was asked anew: SEQUENCE in calendars rises with it, so that it never falls.
    rounds: Mapped[int] = mapped_column(default=0, server_default="0")
    age_band: Mapped[str | None] = mapped_column(String(10))  # AgeBand, as said or known then; no birthday
    # Whether it was said then; else it was gathered from earlier words, and is no word itself.
    age_said: Mapped[bool] = mapped_column(default=True, server_default=true())
    # Who comes along with a child or fetches it; empty: nobody, as was said; none: nobody was asked.
    company: Mapped[str | None] = mapped_column(String(NAME_LIMIT))
    team_id: Mapped[str | None] = mapped_column(ForeignKey("team.id"), index=True)  # signed up by their team
    course_id: Mapped[str | None] = mapped_column(ForeignKey("course_signup.id"), index=True)
    with_signup_id: Mapped[str | None] = mapped_column(ForeignKey("signup.id"))  # comes along with that one
    # A second place in the session, from before the rule: whoever comes with it came with that other one.
    counts_with_id: Mapped[str | None] = mapped_column(ForeignKey("signup.id"), index=True)

    position: Mapped[Position] = relationship(lazy="joined")
    session: Mapped[EventSession] = relationship(lazy="raise")
    person: Mapped[Person] = relationship(foreign_keys=[person_id], lazy="raise")

    @property
    def is_living(self) -> bool:
        """Whether it still stands: neither declined, expired nor cancelled."""
        return self.status in LIVING

    @property
    def offer_deadline(self) -> datetime | None:
        """Until when an offer has to be answered; None while its person has not been told of it."""
        return offer_deadline(self.offer_expires_at, self.offer_told_at)

    @property
    def holds_place(self) -> bool:
        """Whether a place of the position is theirs."""
        return self.status in HOLDS_PLACE


class CourseSignup(Base):
    """One sign-up for a whole course: a living one is followed by a Signup for every coming session."""

    __tablename__ = "course_signup"
    __looks__ = looks.COURSE_SIGNUP
    __table_args__ = (
        Index(
            "uq_course_signup_living",
            "event_id",
            "position_name",
            "person_id",
            unique=True,
            sqlite_where=text("cancelled_at IS NULL"),
            postgresql_where=text("cancelled_at IS NULL"),
        ),
    )

    id: Mapped[Id]
    event_id: Mapped[str] = mapped_column(ForeignKey("event.id", info=holds(N_("报名"))))
    position_name: Mapped[str] = mapped_column(String(40))  # of the same kind and name in each session
    kind: Mapped[str] = mapped_column(String(10))
    person_id: Mapped[str] = mapped_column(ForeignKey("person.id"), index=True)
    created_by: Mapped[str | None] = mapped_column(ForeignKey("person.id"))
    created_at: Mapped[CreatedAt]
    cancelled_at: Mapped[datetime | None]


class Answer(Base):
    """What someone answered to a question of the event, when signing up."""

    __tablename__ = "answer"

    signup_id: Mapped[str] = mapped_column(ForeignKey("signup.id"), primary_key=True)
    question_id: Mapped[str] = mapped_column(
        ForeignKey("question.id", info=holds(N_("报名时的回答"))), primary_key=True, index=True
    )
    value: Mapped[str] = mapped_column(Text)  # text, the choice, the number as typed, "yes"
    answered_at: Mapped[datetime] = mapped_column(default=clock.now, onupdate=clock.now)


class HandOver(Base):
    """A volunteer asks a named other to take their shift; it is theirs until the other accepts."""

    __tablename__ = "hand_over"
    __looks__ = looks.HAND_OVER
    __table_args__ = (
        Index(
            "uq_hand_over_open",
            "signup_id",
            unique=True,
            sqlite_where=text("state = 'asked'"),
            postgresql_where=text("state = 'asked'"),
        ),
        CheckConstraint("to_person_id <> from_person_id", name="to_another"),
    )

    id: Mapped[Id]
    signup_id: Mapped[str] = mapped_column(ForeignKey("signup.id"))  # the shift as the first one has it
    from_person_id: Mapped[str] = mapped_column(ForeignKey("person.id"), index=True)
    to_person_id: Mapped[str] = mapped_column(ForeignKey("person.id"), index=True)
    state: Mapped[str] = mapped_column(String(10), default="asked")  # asked | accepted | declined | withdrawn
    note: Mapped[str] = mapped_column(String(REASON_LIMIT), default="")
    asked_at: Mapped[CreatedAt]
    settled_at: Mapped[datetime | None]
    new_signup_id: Mapped[str | None] = mapped_column(ForeignKey("signup.id"))  # as the second one has it


class CallOut(Base):
    """An organiser's call to fitting, free volunteers for a shift that lacks people."""

    __tablename__ = "call_out"

    id: Mapped[Id]
    position_id: Mapped[str] = mapped_column(ForeignKey("position.id", info=GOES_ALONG), index=True)
    note: Mapped[str] = mapped_column(String(REASON_LIMIT), default="")
    made_by: Mapped[str] = mapped_column(ForeignKey("person.id"))
    made_at: Mapped[CreatedAt]


class Called(Base):
    """Someone was called; counted so that nobody is asked more than a few times a week."""

    __tablename__ = "called"
    __table_args__ = (
        UniqueConstraint("call_out_id", "person_id"),
        Index("ix_called_person_id_called_at", "person_id", "called_at"),
    )

    id: Mapped[Id]
    call_out_id: Mapped[str] = mapped_column(ForeignKey("call_out.id", info=GOES_ALONG))
    person_id: Mapped[str] = mapped_column(ForeignKey("person.id"))
    called_at: Mapped[CreatedAt]
    declined_at: Mapped[datetime | None]  # they said that they cannot


class Notice(Base):
    """Something changed, and people have to know: one row for the fact, a Telling for each of them."""

    __tablename__ = "notice"
    __table_args__ = (Index("ix_notice_event_id_made_at", "event_id", "made_at"),)

    id: Mapped[Id]
    event_id: Mapped[str] = mapped_column(ForeignKey("event.id", info=holds(N_("通知记录"))))
    session_id: Mapped[str | None] = mapped_column(
        ForeignKey("event_session.id", info=holds(N_("通知记录"))), index=True
    )
    cancellation_id: Mapped[str | None] = mapped_column(ForeignKey("cancellation.id"), index=True)
    kind: Mapped[str] = mapped_column(String(20))  # NoticeKind
    script: Mapped[str] = mapped_column(Text, default="")  # what to say on the telephone; names nobody
    made_by: Mapped[str | None] = mapped_column(ForeignKey("person.id"))
    made_at: Mapped[CreatedAt]
    undone_at: Mapped[datetime | None]  # the cancellation was undone: nobody need be told any more

    event: Mapped[Event] = relationship(lazy="joined")


class Telling(Base):
    """One person has to know of it: by what they are told, and who rang them up."""

    __tablename__ = "telling"
    __looks__ = looks.TELLING
    __table_args__ = (
        UniqueConstraint("notice_id", "person_id"),
        CheckConstraint("told_at IS NOT NULL OR told_by IS NULL", name="told_by_whom_and_when"),
    )

    id: Mapped[Id]
    notice_id: Mapped[str] = mapped_column(ForeignKey("notice.id", info=GOES_ALONG))
    person_id: Mapped[str] = mapped_column(ForeignKey("person.id"), index=True)
    signup_id: Mapped[str | None] = mapped_column(ForeignKey("signup.id"), index=True)
    way: Mapped[str] = mapped_column(String(10))  # people.domain.Way, as it was then
    words: Mapped[str] = mapped_column(Text, default="")  # to this person alone; empty: the notice's script
    message_key: Mapped[str | None] = mapped_column(String(200), index=True)  # of the message in the outbox
    told_at: Mapped[datetime | None]
    told_by: Mapped[str | None] = mapped_column(ForeignKey("person.id"))

    notice: Mapped[Notice] = relationship(lazy="joined")


class Unmet(Base):
    """A shift whose holder no longer has what it asks for: theirs until an organiser keeps or releases it."""

    __tablename__ = "unmet"
    __looks__ = looks.UNMET
    __table_args__ = (
        Index(
            "uq_unmet_open",
            "signup_id",
            unique=True,
            sqlite_where=text("state = 'open'"),
            postgresql_where=text("state = 'open'"),
        ),
        CheckConstraint("(state = 'open') = (settled_at IS NULL)", name="settled_when"),
        Index("ix_unmet_state", "state"),
    )

    id: Mapped[Id]
    signup_id: Mapped[str] = mapped_column(ForeignKey("signup.id"), index=True)
    lack: Mapped[str] = mapped_column(String(10))  # volunteers.domain.Lacks
    names: Mapped[str] = mapped_column(String(REASON_LIMIT))  # what the shift asks for, as it was called then
    found_at: Mapped[CreatedAt]
    state: Mapped[str] = mapped_column(String(10), default="open")  # UnmetState
    settled_at: Mapped[datetime | None]
    settled_by: Mapped[str | None] = mapped_column(ForeignKey("person.id"))
