"""The code on the wall: what it shows now, what an opened one is, who may press, what is odd about its use."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import func, select

from webapp.attendance.domain import Direction, Method
from webapp.attendance.domain.phones import WallMode
from webapp.attendance.domain.wall import (
    MANY_PEOPLE,
    NUMBER_LENGTH,
    CodeState,
    Visit,
    VisitOver,
    WallClosed,
    WallCode,
    crowds,
    judge,
    read_wall_code,
    seconds_left,
    step_at,
)
from webapp.attendance.models import Attendance, Scan, Wall
from webapp.core import clock, tokens
from webapp.core.db import session
from webapp.core.errors import N_
from webapp.events.models import Event, EventSession, Position
from webapp.signups.domain import LIVING
from webapp.signups.models import Signup
from webapp.signups.queries.standing import STANDING_COLUMNS, state_of_row

_PROOF, _NUMBER = "wall code", "wall number"


def _prove(text: str) -> str:
    return tokens.mac(_PROOF, text, length=16)


def find(session_id: str) -> Wall | None:
    """The session's wall, open or closed."""
    return session().get(Wall, session_id)


@dataclass(frozen=True)
class Shown:
    """What the wall shows at this moment, and for how many seconds yet."""

    code: str
    left: float


def shown_now(wall: Wall) -> Shown:
    """The code for the screen or the sheet; raises WallClosed."""
    if wall.closed_at is not None:
        raise WallClosed
    now, mode = clock.now(), WallMode(wall.mode)
    is_printed = mode == WallMode.PRINTED
    code = WallCode(
        wall.session_id, mode, 0 if is_printed else wall.serial, 0 if is_printed else step_at(now)
    )
    return Shown(code.text + _prove(code.text), seconds_left(now))


def number_of(wall: Wall) -> str:
    """The six figures to be spoken in the room; another one with every serial."""
    proof = tokens.mac(_NUMBER, f"{wall.session_id}:{wall.serial}")
    number = 0
    for letter in proof:
        number = number * 32 + "abcdefghijklmnopqrstuvwxyz234567".index(letter)
    return f"{number % 10**NUMBER_LENGTH:0{NUMBER_LENGTH}d}"


@dataclass(frozen=True)
class Opened:
    """An opened code: what it is, and of which session and wall where it is genuine."""

    state: CodeState
    code: WallCode | None = None
    wall: Wall | None = None


def open_code(text: str) -> Opened:
    """Judge a code by the server's clock, at the moment it is opened."""
    read = read_wall_code(text, _prove)
    if read is None or not tokens.same(read[1], read[2]):
        return Opened(CodeState.FOREIGN)
    code, wall = read[0], find(read[0].session_id)
    is_open = wall is not None and wall.closed_at is None
    state = judge(
        code,
        mode=wall.mode if wall is not None and is_open else None,
        serial=wall.serial if wall is not None else 0,
        now=clock.now(),
    )
    return Opened(state, code, wall)


def wall_of(visit: Visit) -> Wall:
    """The wall a visit may still use; raises WallClosed, and VisitOver when the code was renewed since."""
    wall = find(visit.session_id)
    if wall is None or wall.closed_at is not None:
        raise WallClosed
    is_paper_without_number = visit.mode == WallMode.PRINTED and not visit.has_number
    if wall.mode != visit.mode or (wall.serial != visit.serial and not is_paper_without_number):
        raise VisitOver
    return wall


@dataclass(frozen=True)
class Place:
    """A sign-up of the person who pressed, and what the button does for it."""

    signup_id: str
    position: str
    state: str  # signups.domain.standing.State, now
    in_at: datetime | None
    out_at: datetime | None

    @property
    def next_direction(self) -> Direction | None:
        """Coming, going, or nothing more to do."""
        if self.in_at is None:
            return Direction.IN
        return Direction.OUT if self.out_at is None else None


def places_of(person_id: str, session_id: str) -> list[Place]:
    """Living sign-ups of one person for one session."""
    rows = session().execute(
        select(Signup.id, Position.name, Attendance.in_at, Attendance.out_at, *STANDING_COLUMNS)
        .join(Position, Position.id == Signup.position_id)
        .join(EventSession, EventSession.id == Signup.session_id)
        .join(Event, Event.id == EventSession.event_id)
        .outerjoin(Attendance, (Attendance.signup_id == Signup.id) & Attendance.annulled_at.is_(None))
        .where(Signup.person_id == person_id, Signup.session_id == session_id, Signup.status.in_(LIVING))
        .order_by(Position.rank, Signup.id)
    )
    return [Place(row.id, row.name, state_of_row(row), row.in_at, row.out_at) for row in rows]


# --- odd patterns ------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Pattern:
    """Something worth a look; nobody is blocked for it. `sentence` is marked, `params` fill it."""

    kind: str  # one_phone | crowd
    sentence: str
    params: dict[str, Any]
    at: datetime


_ONE_PHONE = N_("同一部手机给 %(count)s 人签到")
_CROWD = N_("10 秒内有 %(count)s 人签到")


def patterns(session_id: str) -> list[Pattern]:
    """Odd uses of the wall at a session, the latest first, in two statements: one phone for many people, many people
    at one moment.
    """
    counted = (
        Scan.session_id == session_id,
        Scan.method == Method.WALL,
        Scan.valid,
        Scan.annulled_at.is_(None),
        Scan.rehearsal.is_(False),
    )
    people = func.count(Scan.signup_id.distinct())
    phones = session().execute(
        select(people, func.max(Scan.at)).where(*counted).group_by(Scan.device).having(people >= MANY_PEOPLE)
    )
    found = [Pattern("one_phone", _ONE_PHONE, {"count": count}, at) for count, at in phones]
    coming = session().scalars(
        select(Scan.at).where(*counted, Scan.direction == Direction.IN).order_by(Scan.at)
    )
    found += [Pattern("crowd", _CROWD, {"count": count}, at) for at, count in crowds(coming.all())]
    return sorted(found, key=lambda one: one.at, reverse=True)
