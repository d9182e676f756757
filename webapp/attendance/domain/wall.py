"""The code on the wall: its text, how long one is good, what is odd about its use. Plain Python.

A code is `<session 18><r|p><serial 4><step 8><proof 16>`: of a screen (`r`), another every half minute, or of a
sheet of paper (`p`), the same for ever, which is why a number spoken in the room goes with it. Read without regard
to case, because a QR in capitals is a smaller picture.
"""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from webapp.attendance.domain.phones import WallMode
from webapp.core.errors import Conflict, Expired, N_, RuleBroken

STEP = timedelta(seconds=30)
VISIT_LIFE = timedelta(minutes=10)  # from opening the code to pressing the button, signing in between them
NUMBER_LENGTH = 6
MANY_PEOPLE = 3  # of one phone
CROWD = 20  # people …
CROWD_SPAN = timedelta(seconds=10)  # … within so short a time

# Wrong tries alone are counted (Flask-Limiter's notation). A person types the number once; a thief types many.
TRIES_OF_ONE_PHONE = "5 per minute"
# A hall of 500 has one address and mistypes now and then; whoever throws the phone's mark away stops here.
WRONG_TRIES_OF_ONE_ADDRESS = "60 per minute"

_LETTERS = "0-9a-hjkmnp-tv-z"  # of our ids (Crockford's base 32)
_FORM = re.compile(
    rf"([{_LETTERS}]{{18}})([rp])([0-9a-f]{{4}})([0-9a-f]{{8}})([a-z2-7]{{16}})", re.IGNORECASE
)
_HIGHEST_SERIAL = 0xFFFF


class CodeState(StrEnum):
    """What a code that was opened turned out to be."""

    GOOD = "good"
    FOREIGN = "foreign"  # not written by this installation, cut off, or no code
    CLOSED = "closed"  # nobody has opened this wall, it was closed, or it shows the other kind of code
    OLD = "old"  # of a step that is over, or of before a renewal


@dataclass(frozen=True)
class WallCode:
    """What a code says."""

    session_id: str
    mode: WallMode
    serial: int  # 0 on paper: a new number does not make the sheet on the wall void
    step: int  # 0 on paper

    @property
    def text(self) -> str:
        """What is proved."""
        letter = "p" if self.mode == WallMode.PRINTED else "r"
        return f"{self.session_id}{letter}{self.serial & _HIGHEST_SERIAL:04x}{self.step:08x}"


@dataclass(frozen=True)
class Visit:
    """Someone's phone that opened a good code: for which session, of which serial, whether the number was given."""

    session_id: str
    serial: int
    mode: WallMode
    phone: str  # a random text, the same for a while
    has_number: bool

    @property
    def may_check_in(self) -> bool:
        """A code from a screen speaks for itself, one from paper needs the number."""
        return self.mode == WallMode.ROTATING or self.has_number


def step_at(moment: datetime) -> int:
    """The number of the half minute a moment lies in."""
    return int(moment.timestamp() // STEP.total_seconds())


def seconds_left(moment: datetime) -> float:
    """How long the code of this moment is still shown, more than 0 and at most 30 seconds."""
    length = STEP.total_seconds()
    return length - moment.timestamp() % length


def read_wall_code(text: str, prove: Callable[[str], str]) -> tuple[WallCode, str, str] | None:
    """What a text says, the proof it carries and the one it should carry; None when it is no wall code."""
    found = _FORM.fullmatch(text.strip().lower()) if text.isascii() else None
    if found is None:
        return None
    session_id, letter, serial, step, proof = found.groups()
    mode = WallMode.PRINTED if letter == "p" else WallMode.ROTATING
    code = WallCode(session_id, mode, int(serial, 16), int(step, 16))
    return code, proof, prove(code.text)


def judge(code: WallCode, *, mode: str | None, serial: int, now: datetime) -> CodeState:
    """A genuine code at a wall that shows `mode` (None: closed) under `serial`: good in its own half minute and the
    next one, because scanning and opening take their time.
    """
    if mode is None or code.mode != mode:
        return CodeState.CLOSED
    if code.mode == WallMode.PRINTED:
        return CodeState.GOOD
    if code.serial != serial & _HIGHEST_SERIAL:
        return CodeState.OLD
    return CodeState.GOOD if 0 <= step_at(now) - code.step <= 1 else CodeState.OLD


def read_number(text: str) -> str:
    """The spoken number as typed: spaces and full-width figures are no mistake."""
    figures = (str(int(sign)) for sign in text if sign.isdecimal())
    return "".join(figures)[: NUMBER_LENGTH + 1]


def show_number(number: str) -> str:
    """In two groups, to be read aloud: 482 913."""
    half = NUMBER_LENGTH // 2
    return f"{number[:half]} {number[half:]}"


def crowds(moments: Sequence[datetime]) -> list[tuple[datetime, int]]:
    """Times, in order, at which CROWD or more came within CROWD_SPAN: when it began, and how many in that span.

    Spans that run into each other are one, with the largest number.
    """
    found: list[tuple[datetime, int]] = []
    first, last_seen = 0, None
    for here, moment in enumerate(moments):
        while moment - moments[first] > CROWD_SPAN:
            first += 1
        many = here - first + 1
        if many < CROWD:
            continue
        if last_seen is not None and moment - last_seen <= CROWD_SPAN:
            began, most = found[-1]
            found[-1] = (began, max(most, many))
        else:
            found.append((moments[first], many))
        last_seen = moment
    return found


class WallClosed(Conflict):
    """There is no wall code to check in with now."""

    sentence = N_("这个场次现在没有开放墙码签到，请到签到台签到。")
    code = "wall_closed"


class VisitOver(Expired):
    """Too long ago that the code was opened, or it was renewed since."""

    sentence = N_("扫码后 10 分钟内有效，现在已经过了，或者墙上的码换过了。请再扫一次墙上的码。")
    code = "wall_visit_over"


class NumberNeeded(RuleBroken):
    """The sheet on the wall alone proves nothing."""

    sentence = N_("请先输入现场公布的 6 位数字。")
    code = "wall_number_needed"
    field = "number"


class WrongNumber(RuleBroken):
    """That is not what was said in the room."""

    sentence = N_("数字不对。请听现场工作人员再说一遍，注意数字可能刚换过。")
    code = "wall_number_wrong"
    field = "number"


class WrongShortCode(RuleBroken):
    """Nobody in this session has that code."""

    sentence = N_("这一场没有这个报名码。请看报名凭证上的 6 位报名码，也可以到签到台签到。")
    code = "wall_code_wrong"
    field = "code"


class SessionNotOpen(Conflict):
    """Nobody can come to it."""

    sentence = N_("这个场次没有发布或已取消，不能开放墙码。")
    code = "wall_session_not_open"
