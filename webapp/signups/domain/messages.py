"""Kinds of messages about sign-ups: until when each is of use, whether it rings at night, while what it is still so."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from webapp.core.timing import MessageKind, Night, NotSent, Occasion, Until, declare
from webapp.signups.domain.states import HOLDS_PLACE, LIVING, SignupStatus

_MOVES = ("signup.moved", "signup.postponed", "signup.resumed", "signup.cancelled")

# --- somebody has a place, waits, or has to answer
MADE = declare("signup.made", until=Until.END, night=Night.NEAR, replaced_by=("signup.moved",))
COURSE = declare("signup.course", until=Until.END, night=Night.NEAR)
WAITS = declare("signup.waits", until=Until.END, night=Night.NEAR)
ASKED = declare("signup.asked", until=Until.END, night=Night.NEAR)
APPROVED = declare("signup.approved", until=Until.END, night=Night.NEAR)
DECLINED = declare("signup.declined", until=Until.END, night=Night.NEAR)
MOVED_UP = declare("signup.moved_up", until=Until.END, night=Night.NEAR, replaced_by=("signup.moved",))
OFFERED = declare("signup.offered", until=Until.DOOR, night=Night.NEAR)
ACCEPTED = declare("signup.accepted", until=Until.END, night=Night.NEAR, replaced_by=("signup.moved",))
EXPIRED = declare("signup.expired", until=Until.END, night=Night.MORNING)
WITHDRAWN = declare("signup.withdrawn", until=Until.END, night=Night.NEAR)
CHOSEN = declare("signup.chosen", until=Until.END, night=Night.NEAR)
PASS = declare("signup.pass", until=Until.END, night=Night.NEAR)
LEFT_COURSE = declare("signup.left_course", until=Until.END, night=Night.NEAR)
TAKEN_OUT = declare("signup.taken_out", until=Until.END, night=Night.NEAR)
# --- what it rests on: requirements, guardians, whoever brought them along
UNMET = declare("signup.unmet", until=Until.START, night=Night.NEAR)
ALONE = declare("signup.alone", until=Until.END, night=Night.MORNING)
STAFF_ACTS = declare("staff.acts", until=Until.START, night=Night.NEAR)
STAFF_KNOWS = declare("staff.knows", until=Until.FORTNIGHT, night=Night.MORNING)
GUARDIAN = declare("guardian.told", until=Until.FORTNIGHT, night=Night.NEAR)
CONSENT_GONE = declare("group.consent", until=Until.END, night=Night.AT_ONCE)
# --- what they signed up for is another thing now
MOVED = declare("signup.moved", until=Until.END, night=Night.NEAR, replaced_by=_MOVES)
CLASH = declare(
    "signup.clash", until=Until.START, night=Night.NEAR, replaced_by=("signup.moved", "signup.clash")
)
POSTPONED = declare("signup.postponed", until=Until.END, night=Night.NEAR, replaced_by=("signup.resumed",))
RESUMED = declare("signup.resumed", until=Until.END, night=Night.NEAR, replaced_by=("signup.postponed",))
CANCELLED = declare("signup.cancelled", until=Until.END, night=Night.NEAR)
RESTORED = declare("signup.restored", until=Until.END, night=Night.NEAR)
REMINDER = declare(
    "signup.reminder",
    until=Until.START,
    night=Night.LOST,
    replaced_by=("signup.reminder", *_MOVES),
    joins=True,
)
# --- shifts given from hand to hand
HAND_OVER_ASKED = declare("hand_over.asked", until=Until.DOOR, night=Night.NEAR)
HAND_OVER_SETTLED = declare("hand_over.settled", until=Until.START, night=Night.NEAR)
CALLED = declare("call.asked", until=Until.START, night=Night.NEAR)
# --- the organisers' group
SHORT = declare("group.short", until=Until.START, night=Night.NEAR)
GIVEN_BACK = declare("group.given_back", until=Until.START, night=Night.NEAR)

# In which state the sign-up must be for the message to be true; those not named are true whatever it is.
_TRUE_OF: Mapping[str, frozenset[SignupStatus]] = {
    MADE.name: frozenset({SignupStatus.CONFIRMED}),
    WAITS.name: frozenset({SignupStatus.WAITLISTED}),
    ASKED.name: frozenset({SignupStatus.PENDING}),
    APPROVED.name: frozenset({SignupStatus.CONFIRMED, SignupStatus.WAITLISTED}),
    DECLINED.name: frozenset({SignupStatus.DECLINED}),
    MOVED_UP.name: frozenset({SignupStatus.CONFIRMED}),
    OFFERED.name: frozenset({SignupStatus.OFFERED}),
    ACCEPTED.name: frozenset({SignupStatus.CONFIRMED}),
    EXPIRED.name: frozenset({SignupStatus.EXPIRED}),
    PASS.name: HOLDS_PLACE,
    MOVED.name: LIVING,
    CLASH.name: HOLDS_PLACE,
    WITHDRAWN.name: frozenset(SignupStatus) - LIVING,
    CANCELLED.name: frozenset(SignupStatus) - LIVING,
    CHOSEN.name: frozenset(SignupStatus) - LIVING,
    UNMET.name: HOLDS_PLACE,
    ALONE.name: LIVING,
    TAKEN_OUT.name: frozenset(SignupStatus) - LIVING,
}
# These tell of several sign-ups: they are true while one of them lives.
OF_SEVERAL = frozenset({COURSE.name, POSTPONED.name, RESUMED.name, RESTORED.name, REMINDER.name})
_TRUE_OF_WHAT_IS_OFF = frozenset(
    one.name
    for one in (
        *(DECLINED, EXPIRED, WITHDRAWN, CHOSEN, LEFT_COURSE, TAKEN_OUT),
        *(CANCELLED, POSTPONED, HAND_OVER_SETTLED),
    )
)
# Whoever does not hear of these by message is rung up; the others have a list of their own, or can be missed.
CALL_INSTEAD = frozenset(one.name for one in (MADE, COURSE, ACCEPTED, PASS, CHOSEN, LEFT_COURSE))


def made(status: str) -> MessageKind:
    """The kind of message that says that somebody signed up, by what came of it."""
    return {SignupStatus.WAITLISTED: WAITS, SignupStatus.PENDING: ASKED}.get(SignupStatus(status), MADE)


@dataclass(frozen=True)
class Present:
    """A sign-up as it is when a message about it is to leave."""

    status: str
    is_on: bool  # neither cancelled nor put off
    is_postponed: bool
    occasion: Occasion
    others_live: bool = False  # of the sign-ups a message of several tells of, one lives


def why_not(kind: MessageKind, present: Present, at: datetime) -> NotSent | None:
    """Why the message is not true any more, or None."""
    if not present.is_on and kind.name not in _TRUE_OF_WHAT_IS_OFF:
        return NotSent.SETTLED
    if kind.name in OF_SEVERAL:
        is_so = present.others_live and (kind is not POSTPONED or present.is_postponed)
    else:
        is_so = SignupStatus(present.status) in _TRUE_OF.get(kind.name, frozenset(SignupStatus))
    if not is_so:
        return NotSent.SETTLED
    use_by = kind.use_by(present.occasion)
    is_late = use_by is not None and use_by <= at and (kind.name not in OF_SEVERAL or kind is REMINDER)
    return kind.too_late if is_late else None
