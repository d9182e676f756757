"""States of a sign-up, and what it may carry. Plain Python."""

from dataclasses import dataclass
from enum import StrEnum

from webapp.core.errors import N_

REASON_LIMIT = 300
GUEST_LINK_PURPOSE = (
    "guest sign-up"  # of the link that lets someone without an account see and cancel one sign-up
)


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
    WALK_IN = "walk_in"  # came to the door without having signed up


@dataclass(frozen=True)
class SignupExtra:
    """What a sign-up may carry beyond who and where."""

    age_band: str | None = None  # volunteers.domain.AgeBand: as said, or as known from before
    age_said: bool = True  # False: nobody said it this time
    company: str | None = None  # the adult who comes along; "" nobody does; None nobody was asked
    team_id: str | None = None  # their team signs them up
    course_id: str | None = None  # one of a whole course (CourseSignup)
    with_signup_id: str | None = None  # comes along with that one


LIVING = frozenset(
    {SignupStatus.PENDING, SignupStatus.CONFIRMED, SignupStatus.WAITLISTED, SignupStatus.OFFERED}
)
HOLDS_PLACE = frozenset({SignupStatus.CONFIRMED, SignupStatus.OFFERED})

# Kept as the reason of a sign-up: until version 0007 a move took the place away of who had another shift then.
MOVED_INTO_CLASH = N_("改期后与另一个岗位时间重叠")
# Kept as the reason where a guardian took the consent back; the state's sentence goes by it.
GUARDIAN_WITHDREW = N_("监护人不再同意，报名已取消")
CHOSE_ANOTHER = N_("与另一个岗位时间重叠，本人选了另一个")


class Decided(StrEnum):
    """What became of someone on the list of those who ask for approval."""

    APPROVED = "approved"  # and a place taken
    WAITS = "waits"  # approved, but full: on the waitlist
    DECLINED = "declined"
    FULL = "full"  # no place and no waitlist: still to be decided
    BUSY = "busy"  # has another shift at that time: still to be decided
    SHUT = "shut"  # the session has begun, ended or is off: still to be decided
    BEFORE = "before"  # decided or taken back before: nothing done


DECIDED_LABELS = {
    Decided.APPROVED: N_("已通过，占了一个名额"),
    Decided.WAITS: N_("已通过，名额满了，排进候补"),
    Decided.DECLINED: N_("已婉拒"),
    Decided.FULL: N_("名额满了，也不设候补，还在待审核里"),
    Decided.BUSY: N_("同一时间已有别的岗位，还在待审核里"),
    Decided.SHUT: N_("场次已经开始、结束或取消，不能再通过"),
    Decided.BEFORE: N_("之前已经处理过，这次没有改动"),
}
