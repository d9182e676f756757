"""Reads: who is on the list of a session, for its organisers."""

from collections.abc import Collection
from dataclasses import dataclass, fields
from datetime import datetime
from typing import Any

from sqlalchemy import or_, select

from webapp.core.db import session
from webapp.events.models import Event, EventSession, Position
from webapp.people.domain import mask_phone, show_phone
from webapp.people.models import Person
from webapp.signups.domain import LIVING, SignupStatus
from webapp.signups.models import Signup
from webapp.signups.queries.companions import together
from webapp.signups.queries.guardians import NO_MINOR, MinorFacts, minor_columns, minor_from
from webapp.signups.queries.standing import STANDING_COLUMNS, state_of_row
from webapp.signups.queries.waitlists import waiting_order


@dataclass(frozen=True)
class RosterLine:
    """One sign-up as the organiser sees it. Lists show the telephone's masked form until it is asked for."""

    signup_id: str
    person_id: str
    name: str
    phone: str | None
    position_id: str
    position: str
    kind: str
    status: str
    state: str  # domain.standing.State, now
    short_code: str
    source: str
    created_at: datetime
    place: int | None  # on the waitlist
    minor: MinorFacts = NO_MINOR
    along_with: str = ""  # whom they came along with; they stand below

    @property
    def masked_phone(self) -> str:
        """138****5678."""
        return mask_phone(self.phone)

    @property
    def shown_phone(self) -> str:
        """13812345678, once it was asked for."""
        return show_phone(self.phone)


_OWN = frozenset(one.name for one in fields(RosterLine))
# What is read of a sign-up, its person and its position for a line.
LINE_COLUMNS: tuple[Any, ...] = (
    Signup.id.label("signup_id"),
    Signup.person_id,
    Person.name,
    Person.phone,
    Signup.position_id,
    Position.name.label("position"),
    Position.kind,
    Signup.short_code,
    Signup.source,
    Signup.created_at,
)


def roster(session_id: str, also: Collection[str] = ()) -> list[RosterLine]:
    """Living sign-ups of a session: by position, those with a place in the order they came, then the waitlist.

    `also` names sign-ups that are listed whatever became of them.
    """
    rows = session().execute(
        select(
            *LINE_COLUMNS,
            *STANDING_COLUMNS,
            *minor_columns(),
        )
        .join(Person, Person.id == Signup.person_id)
        .join(Position, Position.id == Signup.position_id)
        .join(EventSession, EventSession.id == Signup.session_id)
        .join(Event, Event.id == EventSession.event_id)
        .where(Signup.session_id == session_id, or_(Signup.status.in_(LIVING), Signup.id.in_(also)))
        .order_by(Position.rank, Position.id, Signup.status == SignupStatus.WAITLISTED, *waiting_order())
    )
    lines: list[RosterLine] = []
    waiting: dict[str, int] = {}
    for row in rows:
        place = None
        if row.status == SignupStatus.WAITLISTED:
            place = waiting[row.position_id] = waiting.get(row.position_id, 0) + 1
        own = {name: value for name, value in row._asdict().items() if name in _OWN}
        lines.append(RosterLine(**own, state=state_of_row(row), place=place, minor=minor_from(row)))
    return together(lines, session_id, lambda line: line.signup_id)
