"""DoneAct: what somebody did and can take back for a quarter of an hour; and why they cannot any more."""

from collections.abc import Collection
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import JSON, Index, String, cast, delete, or_, select, update
from sqlalchemy.orm import Mapped, mapped_column

from webapp.core import clock
from webapp.core.db import Base, Id, session
from webapp.core.errors import Conflict, Expired, N_, NotAllowed
from webapp.core.looks import Looks

LASTS = timedelta(minutes=15)
_AT_ONCE = 100  # persons looked for at once
KEPT = timedelta(days=1)  # what it takes to put things back holds names; it is soon gone


class DoneAct(Base):
    """Something a person did that they can take back for a quarter of an hour; `kept` is what it takes."""

    __tablename__ = "done_act"
    __looks__ = Looks(("undone_at",), says=lambda row: N_("已撤回") if row.undone_at else None)
    __table_args__ = (
        Index("ix_done_act_person_id", "person_id", "until"),
        Index("ix_done_act_until", "until"),
        Index("ix_done_act_about_id", "about_id"),
    )

    id: Mapped[Id]
    person_id: Mapped[str | None] = mapped_column(String(18))  # None: a guest, known by their browser
    text: Mapped[str] = mapped_column(String(200))  # a marked sentence
    details: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)  # fills it
    about_type: Mapped[str] = mapped_column(String(40))  # the audit's subject
    about_id: Mapped[str] = mapped_column(String(40))
    permission: Mapped[str] = mapped_column(String(40), default="")  # held then, and wanted for an undo
    organisation_id: Mapped[str | None] = mapped_column(String(18))
    own_way: Mapped[str] = mapped_column(
        String(20), default=""
    )  # key of ways: undone by an area's own use case
    kept: Mapped[list[Any]] = mapped_column(JSON, default=list)
    made_at: Mapped[datetime]
    until: Mapped[datetime]
    undone_at: Mapped[datetime | None]

    @property
    def is_open(self) -> bool:
        """Whether it can still be taken back."""
        return self.undone_at is None and clock.now() < self.until


class AlreadyTakenBack(Conflict):
    """Twice, or in two tabs."""

    sentence = N_("这一步已经撤回过了，没有重复撤回。")
    code = "already_taken_back"


class TooLateToTakeBack(Expired):
    """The quarter of an hour is over."""

    sentence = N_("已经过了可以撤回的 15 分钟（到%(until)s）。")
    code = "too_late_to_take_back"


class NotYoursToTakeBack(NotAllowed):
    """Somebody else did it, or one may not do such a thing any more."""

    sentence = N_("这一步不是您做的，或您已经没有这项权限，不能撤回。请找做这一步的人。")
    code = "not_yours_to_take_back"


class GoneOnFrom(Conflict):
    """Somebody changed it since, or something new stands in its place."""

    sentence = N_("这以后又有了改动，撤回会盖掉它，所以没有撤回。请打开这一项，看过再改。")
    code = "gone_on_from"


class ToldMeanwhile(Conflict):
    """A message of it has left the house."""

    sentence = N_("通知已经发出去了，不能撤回。请打电话说明，或在这一项里改回来。")
    code = "told_meanwhile"


class PersonGone(Conflict):
    """Who it is about has closed the account."""

    sentence = N_("这个人已经注销，不能撤回。")
    code = "person_gone"


def open_acts(person_id: str | None, known: Collection[str] = ()) -> list[DoneAct]:
    """What this person, or this guest's browser, can still take back, the newest first."""
    guests = DoneAct.person_id.is_(None) & DoneAct.id.in_(list(known))
    mine = DoneAct.person_id == person_id if person_id else guests
    wanted = select(DoneAct).where(mine, DoneAct.undone_at.is_(None), DoneAct.until > clock.now())
    return list(session().scalars(wanted.order_by(DoneAct.made_at.desc(), DoneAct.id.desc())))


def settle(act_id: str) -> None:
    """It was undone on its area's own page."""
    undone = update(DoneAct).where(DoneAct.id == act_id, DoneAct.undone_at.is_(None))
    session().execute(undone.values(undone_at=clock.now()))


def forget(*person_ids: str) -> None:
    """Whoever is gone takes nothing back, and nothing names them or puts back what was theirs."""
    if session().scalar(select(DoneAct.id).limit(1)) is None:
        return
    kept = cast(DoneAct.kept, String)
    for first in range(0, len(person_ids), _AT_ONCE):
        ids = person_ids[first : first + _AT_ONCE]
        named = (kept.contains(one, autoescape=True) for one in ids)
        gone = or_(DoneAct.person_id.in_(ids), DoneAct.about_id.in_(ids), *named)
        session().execute(delete(DoneAct).where(gone), execution_options={"synchronize_session": False})
