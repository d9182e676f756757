"""How a sign-up stands now: the one function every page, message, list and door asks. Plain Python.

What befell the event comes first, then what became of the sign-up itself, then the hour. Whether somebody came is
not said here: that is attendance.
"""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from webapp.core.errors import N_
from webapp.events.domain import DOORS_CLOSE, Dates, SessionState, session_state
from webapp.signups.domain.states import SignupStatus


class State(StrEnum):
    """All that a sign-up can be now. Programs read these words (`state`); people read STATE_LABELS."""

    PENDING = "pending"
    CONFIRMED = "confirmed"
    NO_CONSENT = "no_consent"  # a place, and no guardian who agrees: never asked, or taken back
    WAITLISTED = "waitlisted"
    OFFERED = "offered"
    OFFER_OVER = "offer_over"  # also while the job that ends offers has not come by
    DECLINED = "declined"
    CANCELLED = "cancelled"  # the sign-up, not the session
    POSTPONED = "postponed"
    EVENT_CANCELLED = "event_cancelled"
    SESSION_CANCELLED = "session_cancelled"
    NOT_PUBLISHED = "not_published"
    OVER = "over"


# The word for it: on lists, as a heading, over the whole screen of a scanner. Of nobody and to nobody.
STATE_LABELS = {
    State.PENDING: N_("等待审核"),
    State.CONFIRMED: N_("已报名"),
    State.NO_CONSENT: N_("没有监护人同意"),
    State.WAITLISTED: N_("候补中"),
    State.OFFERED: N_("有空位，等待确认"),
    State.OFFER_OVER: N_("确认的时间已经过了"),
    State.DECLINED: N_("没有通过审核"),
    State.CANCELLED: N_("报名已取消"),
    State.POSTPONED: N_("已延期，新时间待定"),
    State.EVENT_CANCELLED: N_("活动已取消"),
    State.SESSION_CANCELLED: N_("这一场已取消"),
    State.NOT_PUBLISHED: N_("活动还没有发布"),
    State.OVER: N_("已结束"),
}

# The sentence for it, where there is room for one: at the door, to programs, at the wall, beside a name on a list.
STATE_SENTENCES = {
    State.PENDING: N_("报名还没有通过审核"),
    State.CONFIRMED: N_("已经报名，有名额"),
    State.NO_CONSENT: N_("不满 18 岁，还没有监护人同意，请找组织者登记"),
    State.WAITLISTED: N_("还在候补，没有名额"),
    State.OFFERED: N_("有空位，名额留着，还没有确认参加"),
    State.OFFER_OVER: N_("没有按时确认，名额已经让出去了"),
    State.DECLINED: N_("报名没有通过审核"),
    State.CANCELLED: N_("这个报名已经取消"),
    State.POSTPONED: N_("活动延期了，新时间待定"),
    State.EVENT_CANCELLED: N_("这个活动已经取消"),
    State.SESSION_CANCELLED: N_("这个场次已经取消"),
    State.NOT_PUBLISHED: N_("活动还没有发布"),
    State.OVER: N_("这一场已经结束"),
}

# What its holder does now.
STATE_ADVICE = {
    State.PENDING: N_("主办方看过、通过了，二维码会出现在这里。没有通过请不要前往。"),
    State.CONFIRMED: N_("到场时给签到员看二维码，或报六位编号。"),
    State.NO_CONSENT: N_("参加的人不满 18 岁，要有监护人同意才能参加。登记了同意，二维码会出现在这里。"),
    State.WAITLISTED: N_("前面有人取消，就轮到您，二维码会出现在这里。没有轮到请不要前往。"),
    State.OFFERED: N_("请在这之前确认，过时就给后面的人。确认以后二维码会出现在这里。"),
    State.OFFER_OVER: N_("为您留的名额过了确认时间，已经让出去了。还想参加，可以再报一次名。"),
    State.DECLINED: N_("请不要前往。欢迎看看别的活动。"),
    State.CANCELLED: N_("这个二维码不能再用来签到。"),
    State.POSTPONED: N_("请不要按原来的时间前往。您的报名还保留着，新时间定了会告诉您。"),
    State.EVENT_CANCELLED: N_("请不要前往，报名随活动取消了。"),
    State.SESSION_CANCELLED: N_("请不要前往，报名随这一场取消了。"),
    State.NOT_PUBLISHED: N_("主办方还没有发布这个活动。"),
    State.OVER: N_("谢谢您的参与，二维码不再用来签到。"),
}

_OFF = {
    SessionState.EVENT_CANCELLED: State.EVENT_CANCELLED,
    SessionState.SESSION_CANCELLED: State.SESSION_CANCELLED,
    SessionState.DRAFT: State.NOT_PUBLISHED,
    SessionState.SUBMITTED: State.NOT_PUBLISHED,
}
_ENDED = {
    SignupStatus.CANCELLED: State.CANCELLED,
    SignupStatus.DECLINED: State.DECLINED,
    SignupStatus.EXPIRED: State.OFFER_OVER,
}
OFFER_NOT_TOLD = N_(
    "请确认参不参加，不来就让给后面的人。确认以后二维码会出现在这里。"
)  # its time has not begun
# It is not for its holder to come: nothing of theirs opens a door.
NOT_COMING = frozenset(
    {State.CANCELLED, State.DECLINED, State.OFFER_OVER, State.POSTPONED, *_OFF.values()}
)  # fmt: skip
# Nothing can become of it any more but by signing up anew.
ENDED = frozenset({*_OFF.values(), *_ENDED.values(), State.OVER})


@dataclass(frozen=True)
class Promise:
    """A sign-up as far as its state depends on it."""

    status: str
    dates: Dates
    offer_until: datetime | None = None
    is_cleared: bool = True  # no minor, or a guardian's consent stands
    is_told: bool = True  # the time of the offer runs: its person knows of it (rules.offer_deadline)

    @property
    def has_place(self) -> bool:
        """Whether a place was given to them for good."""
        return self.status == SignupStatus.CONFIRMED


@dataclass(frozen=True)
class Standing:
    """How a sign-up stands, and all that is shown of it."""

    state: State
    place: int | None = None  # on the waitlist, where that is known
    until: datetime | None = None  # of an offer

    @property
    def label(self) -> str:
        """The marked word for it."""
        return STATE_LABELS[self.state]

    @property
    def sentence(self) -> str:
        """The marked sentence for it."""
        return STATE_SENTENCES[self.state]

    @property
    def advice(self) -> str:
        """What its holder does now, marked."""
        is_timeless = self.state == State.OFFERED and self.until is None
        return OFFER_NOT_TOLD if is_timeless else STATE_ADVICE[self.state]

    @property
    def has_pass(self) -> bool:
        """Whether the code opens the door: a page that shows it otherwise sends people out for nothing."""
        return self.state == State.CONFIRMED

    @property
    def has_date(self) -> bool:
        """Whether the time that is written down is the one to come at."""
        return self.state != State.POSTPONED

    @property
    def stands(self) -> bool:
        """Whether something can still come of it."""
        return self.state not in ENDED

    @property
    def is_off(self) -> bool:
        """Whether it is the event that does not take place, whatever became of the sign-up."""
        return self.state in _OFF.values()


def state_of(promise: Promise, now: datetime) -> State:
    """The state of a sign-up at a moment."""
    session = session_state(promise.dates, now)
    status = SignupStatus(promise.status)
    if session in _OFF:
        return _OFF[session]
    if status in _ENDED:
        return _ENDED[status]
    if status == SignupStatus.OFFERED and promise.offer_until is not None and promise.offer_until <= now:
        return State.OFFER_OVER
    if session == SessionState.POSTPONED:
        return State.POSTPONED
    doors_close = promise.dates.period.end + (DOORS_CLOSE if promise.has_place else 0 * DOORS_CLOSE)
    if now >= doors_close:
        return State.OVER
    if promise.has_place and not promise.is_cleared:
        return State.NO_CONSENT
    return State(status.value)


def standing(promise: Promise, now: datetime, *, place: int | None = None) -> Standing:
    """How a sign-up stands at a moment; `place` on its waitlist is only of who waits."""
    state = state_of(promise, now)
    return Standing(
        state,
        place=place if state == State.WAITLISTED else None,
        until=promise.offer_until if state == State.OFFERED and promise.is_told else None,
    )
