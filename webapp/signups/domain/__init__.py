"""States of a sign-up, who gets a place, clashes, pass codes, refusals. Plain Python."""

import re
import unicodedata
from collections.abc import Iterable, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from webapp.core.clock import Period
from webapp.core.errors import Conflict, N_, NotAllowed

REASON_LIMIT = 300
GUEST_LINK_PURPOSE = (
    "guest sign-up"  # of the link that lets someone without an account see and cancel one sign-up
)
SHORT_CODE_LENGTH = 6
# No 0/o, 1/i/l, u/v mix-ups when read aloud or written by hand.
SHORT_CODE_ALPHABET = "23456789ABCDEFGHJKMNPQRSTWXYZ"


class SignupStatus(StrEnum):
    """States of a sign-up (design.md 3)."""

    PENDING = "pending"
    CONFIRMED = "confirmed"
    DECLINED = "declined"
    WAITLISTED = "waitlisted"
    OFFERED = "offered"
    EXPIRED = "expired"
    CANCELLED = "cancelled"


class SignupSource(StrEnum):
    """Who brought a sign-up in, and how."""

    SELF = "self"
    GUEST = "guest"
    STAFF = "staff"
    API = "api"


@dataclass(frozen=True)
class SignupExtra:
    """What a sign-up may carry beyond who and where."""

    age_band: str | None = None  # volunteers.domain.AgeBand, as said when signing up
    team_id: str | None = None  # their team signs them up
    course_id: str | None = None  # one of a whole course (CourseSignup)
    with_signup_id: str | None = None  # comes along with that one


STATUS_LABELS = {
    SignupStatus.PENDING: N_("待审核"),
    SignupStatus.CONFIRMED: N_("已报名"),
    SignupStatus.DECLINED: N_("未通过"),
    SignupStatus.WAITLISTED: N_("候补中"),
    SignupStatus.OFFERED: N_("待确认"),
    SignupStatus.EXPIRED: N_("已过期"),
    SignupStatus.CANCELLED: N_("已取消"),
}

LIVING = frozenset(
    {SignupStatus.PENDING, SignupStatus.CONFIRMED, SignupStatus.WAITLISTED, SignupStatus.OFFERED}
)
HOLDS_PLACE = frozenset({SignupStatus.CONFIRMED, SignupStatus.OFFERED})


class AlreadySignedUp(Conflict):
    """One living sign-up per person and position."""

    sentence = N_("这个人已经报过这个名，不用再报。")
    code = "already_signed_up"


class SignupClosed(Conflict):
    """Over, begun, cancelled or not published."""

    sentence = N_("这个场次的报名已经结束。")
    code = "closed"


class PositionFull(Conflict):
    """Full, and no waitlist is kept."""

    sentence = N_("名额已满，这个岗位不设候补。")
    code = "closed"


class OverlappingShift(Conflict):
    """No two shifts at the same time."""

    sentence = N_("您在“%(event)s”已有同一时间的岗位，时间重叠，不能同时报名。")
    code = "overlap"


class NotEligible(NotAllowed):
    """Volunteer positions are for people with an account: hours need someone to belong to."""

    sentence = N_("志愿者岗位需要先注册账号，再报名。")
    code = "not_eligible"


class MayNotSignUpOthers(NotAllowed):
    """Only staff sign up others."""

    sentence = N_("您没有替别人报这个名的权限。")
    code = "not_allowed"


class AlreadyOver(Conflict):
    """A sign-up that is no longer living, or whose session is over, cannot be cancelled."""

    sentence = N_("这个报名已经取消或活动已经结束，不能再取消。")
    code = "closed"


# Kept as the reason of a sign-up that ended because its session moved.
MOVED_INTO_CLASH = N_("改期后与另一个岗位时间重叠")


@dataclass(frozen=True)
class Waiting:
    """Someone on a waitlist."""

    signup_id: str
    person_id: str


def next_from_waitlist(
    queue: Sequence[Waiting], *, free: int, clashing: AbstractSet[str] = frozenset()
) -> list[Waiting]:
    """Who moves up when `free` places are open.

    `queue` is in the order of the list; persons in `clashing` have another shift at that time: they are passed
    over and keep their place on the list.
    """
    able = [waiting for waiting in queue if waiting.person_id not in clashing]
    return able[: max(0, free)]


def place_for(*, took_place: bool, waitlist: bool) -> SignupStatus:
    """Confirmed when a place was taken, else waitlisted; raises PositionFull where no waitlist is kept."""
    if took_place:
        return SignupStatus.CONFIRMED
    if waitlist:
        return SignupStatus.WAITLISTED
    raise PositionFull


def window_open(
    *, event_status: str, session_cancelled: bool, period: Period, is_volunteer: bool, now: datetime
) -> bool:
    """Whether one may sign up: published, not cancelled, and not too late.

    A volunteer's window shuts when the shift starts, because a leader plans with the names known then; the
    audience may still sign up at the door while the session runs.
    """
    if event_status != "published" or session_cancelled:
        return False
    return now < (period.start if is_volunteer else period.end)


def clash(period: Period, others: Iterable[tuple[Period, str]]) -> str | None:
    """Title of the first other shift that overlaps, or None."""
    return next((title for other, title in others if period.overlaps(other)), None)


def may_cancel(*, status: str, period: Period, now: datetime) -> bool:
    """Whether a sign-up can still be taken back: living, and its session not over."""
    return status in LIVING and now < period.end


# --- the short code ---------------------------------------------------------------------------------------------
_NOT_CODE = re.compile(r"[\s·.,_-]+")


def read_short_code(text: str) -> str | None:
    """A short code as typed at the door, in its one spelling; None when it cannot be one."""
    code = _NOT_CODE.sub("", unicodedata.normalize("NFKC", text)).upper()
    is_code = len(code) == SHORT_CODE_LENGTH and all(sign in SHORT_CODE_ALPHABET for sign in code)
    return code if is_code else None


def show_short_code(code: str) -> str:
    """In two groups, so that it can be read aloud: 7K2 M9Q."""
    half = SHORT_CODE_LENGTH // 2
    return f"{code[:half]} {code[half:]}"


# --- the pass ---------------------------------------------------------------------------------------------------
# code = signup id (18) + serial (2, base 29) + MAC (16): whoever has it was given it, and it names its sign-up
# without a look-up table. `core.tokens.mac` makes the MAC; the purpose keeps it from fitting anything else.
PASS_PURPOSE = "pass"  # noqa: S105  (a name, not a secret)
_ID, _SERIAL, _MAC = 18, 2, 16
PASS_CODE_LENGTH = _ID + _SERIAL + _MAC


def pass_body(signup_id: str, serial: int) -> str:
    """The part of a pass code that is signed."""
    base = len(SHORT_CODE_ALPHABET)
    high, low = divmod(serial, base)
    if not 0 < serial < base * base:
        raise ValueError("serial out of range")
    return signup_id + (SHORT_CODE_ALPHABET[high] + SHORT_CODE_ALPHABET[low]).lower()


def split_pass_code(code: str) -> tuple[str, int, str, str] | None:
    """(signup id, serial, body, MAC) of something shaped like a pass code, else None."""
    text = code.strip().lower()
    if len(text) != PASS_CODE_LENGTH or not text.isascii() or not text.isalnum():
        return None
    body, mac = text[: _ID + _SERIAL], text[_ID + _SERIAL :]
    try:
        high, low = (SHORT_CODE_ALPHABET.lower().index(character) for character in body[_ID:])
    except ValueError:
        return None
    return body[:_ID], high * len(SHORT_CODE_ALPHABET) + low, body, mac
