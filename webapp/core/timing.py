"""When a message leaves, and when it is worth nothing any more. Plain Python; see docs/decisions/0033.

Every message tells a fact of some kind. The kind says until when such a message is of use and whether it may ring
at night; next_step() decides from that what becomes of one message now.
"""

from dataclasses import dataclass
from datetime import datetime, time, timedelta
from enum import StrEnum

from webapp.core.clock import CITY_ZONE, local

REACH = timedelta(hours=3)  # after the night: what begins before is too near for a message in the morning
FORTNIGHT = timedelta(days=14)
LONGEST_PAUSE = timedelta(hours=1)  # between two tries
SHORTEST_PAUSE = timedelta(minutes=1)


class Until(StrEnum):
    """Until when messages of a kind are of use."""

    START = "start"  # of what they tell of: a reminder, an invitation
    END = "end"  # of it: a confirmation, a move, a cancellation
    DOOR = "door"  # until a place can be taken at all: an offer
    FORTNIGHT = "fortnight"  # news that has no hour: thanks, certificates, teams
    DAY = "day"  # of the day it was written for: what waits today


class Night(StrEnum):
    """What messages of a kind do at night."""

    AT_ONCE = "at_once"  # leave: somebody waits for this one, at any hour (a code to sign in)
    NEAR = "near"  # leave when it begins so early that the morning is too late
    LOST = "lost"  # leave only if they were worth nothing in the morning
    MORNING = "morning"  # wait for the morning, always


class NotSent(StrEnum):
    """Why a message did not leave."""

    BEGUN = "begun"
    OVER = "over"
    CLOSED = "closed"  # the place can be taken no more, or the time to answer is over
    OLD = "old"
    PAST = "past"  # the day it was written for is over
    REPLACED = "replaced"  # a newer message says more
    SETTLED = "settled"  # what it tells is not so any more
    REFUSED = "refused"  # no such mailbox or number
    NO_GATEWAY = "no_gateway"
    NO_SMS = "no_sms"  # a fixed line


_TOO_LATE = {
    Until.START: NotSent.BEGUN,
    Until.END: NotSent.OVER,
    Until.DOOR: NotSent.CLOSED,
    Until.FORTNIGHT: NotSent.OLD,
    Until.DAY: NotSent.PAST,
}


@dataclass(frozen=True)
class Occasion:
    """The hours of what a message tells of."""

    begins_at: datetime
    ends_at: datetime
    door: datetime | None = None  # until when a place can be taken; without it: the beginning


@dataclass(frozen=True)
class MessageKind:
    """What all messages that tell the same kind of fact have in common. Nothing has a default: each kind says it."""

    name: str  # "signup.moved"; what stands before the point says who knows whether it is still so
    until: Until
    night: Night
    # Newer messages of these kinds about the same sign-up take the place of this one while it has not left.
    replaced_by: tuple[str, ...]
    joins: bool  # those due at once for one recipient leave as one message
    in_inbox: bool = True  # stands among the person's own messages on the site

    def of(self, key: str, about_id: str | None = None) -> "Fact":
        """A fact of this kind; the same key is told once."""
        return Fact(self, key, about_id)

    def use_by(self, occasion: Occasion) -> datetime | None:
        """When it is of no use any more, for what has an hour."""
        if self.until == Until.START:
            return occasion.begins_at
        if self.until == Until.DOOR:
            return occasion.door or occasion.begins_at
        return occasion.ends_at if self.until in {Until.END, Until.DAY} else None

    @property
    def too_late(self) -> NotSent:
        """Why it is not sent after that."""
        return _TOO_LATE[self.until]


@dataclass(frozen=True)
class Fact:
    """What one message tells: of which kind, under which key, about what, and when that is."""

    kind: MessageKind
    key: str
    about_id: str | None = None
    occasion: Occasion | None = None


kinds: dict[str, MessageKind] = {}


def declare(
    name: str,
    *,
    until: Until,
    night: Night,
    replaced_by: tuple[str, ...] = (),
    joins: bool = False,
    in_inbox: bool = True,
) -> MessageKind:
    """Declare a kind of message; its name stands in the outbox."""
    if name in kinds:
        raise ValueError(f"two kinds of message are called {name}")
    kinds[name] = MessageKind(name, until, night, replaced_by, joins, in_inbox)
    return kinds[name]


# What was queued before version 0015 does not say what it tells.
UNKNOWN = MessageKind("", Until.FORTNIGHT, Night.NEAR, (), joins=False)


def kind_of(name: str) -> MessageKind:
    """The kind of a stored message."""
    return kinds.get(name, UNKNOWN)


# --- night ---------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class WakingHours:
    """The hours in which people may be rung up by their phone, on the city's clocks."""

    opens: int = 7
    closes: int = 22

    def is_night(self, moment: datetime) -> bool:
        """Whether people sleep."""
        return not self.opens <= local(moment).hour < self.closes

    def next(self, moment: datetime) -> datetime:
        """The moment itself by day, else the end of the night."""
        if not self.is_night(moment):
            return moment
        here = local(moment)
        day = here.date() + timedelta(days=1 if here.hour >= self.closes else 0)
        return datetime.combine(day, time(self.opens), tzinfo=CITY_ZONE).astimezone(moment.tzinfo)

    def after(self, moment: datetime, length: timedelta) -> datetime:
        """When so much time has passed, nights not counted."""
        at, left = self.next(moment), length
        while (today := self._evening(at) - at) < left:
            at, left = self.next(at + today), left - today
        return at + left

    def _evening(self, moment: datetime) -> datetime:
        day = local(moment).date() + timedelta(days=self.closes // 24)
        return datetime.combine(day, time(self.closes % 24), tzinfo=CITY_ZONE).astimezone(moment.tzinfo)


# --- what becomes of a message -------------------------------------------------------------------------------------


class Do(StrEnum):
    """What becomes of a message now."""

    SEND = "send"
    WAIT = "wait"  # and look again at a moment
    LAPSE = "lapse"  # never sent, and kept with the reason
    FAIL = "fail"  # somebody has to ring up


class Failure(StrEnum):
    """How the try just made went wrong."""

    FOR_GOOD = "for_good"
    TRY_AGAIN = "try_again"


@dataclass(frozen=True)
class Standing:
    """A message as far as the decision depends on it."""

    kind: MessageKind
    use_by: datetime
    begins_at: datetime | None = None  # what it tells of
    rings: bool = True  # at a person's phone; a program does not sleep
    attempts: int = 0
    failure: Failure | None = None


@dataclass(frozen=True)
class Step:
    """What to do, when, and why."""

    do: Do
    at: datetime | None = None
    reason: NotSent | None = None


def next_step(one: Standing, *, now: datetime, hours: WakingHours) -> Step:
    """Send, wait until, lapse with a reason, or fail. The only place that decides it.

    Nothing is given up for having been tried often: what is still of use is tried until it is not. Only an address
    that does not exist ends at once, because somebody then has to use the telephone.
    """
    if one.use_by <= now:
        return Step(Do.LAPSE, reason=one.kind.too_late)
    if one.failure == Failure.FOR_GOOD:
        return Step(Do.FAIL, reason=NotSent.REFUSED)
    at = now if one.failure is None else now + _pause(one, now)
    if not may_ring(one, at, hours):
        at = hours.next(at)
    return Step(Do.SEND) if at == now else Step(Do.WAIT, at)


def may_ring(one: Standing, at: datetime, hours: WakingHours) -> bool:
    """Whether the message may leave at that moment, be it night."""
    if not one.rings or one.kind.night == Night.AT_ONCE or not hours.is_night(at):
        return True
    morning = hours.next(at)
    is_lost = one.use_by <= morning
    if one.kind.night == Night.NEAR:
        return is_lost or (one.begins_at is not None and one.begins_at < morning + REACH)
    return one.kind.night == Night.LOST and is_lost


def _pause(one: Standing, now: datetime) -> timedelta:
    """Longer each time, at most an hour, and shorter when what it tells of is near or its use nearly over."""
    pause = min(timedelta(minutes=2 ** min(one.attempts, 10)), LONGEST_PAUSE)
    if one.begins_at is not None and one.begins_at > now:
        pause = min(pause, (one.begins_at - now) / 4)
    return max(min(pause, (one.use_by - now) / 2), SHORTEST_PAUSE)
