"""Who gets a place, until when an offer stands, when one may sign up and take it back, clashes. Plain Python."""

from collections.abc import Iterable, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from webapp.core.clock import Period
from webapp.core.timing import WakingHours
from webapp.signups.domain.refusals import PositionFull
from webapp.signups.domain.states import LIVING, SignupSource, SignupStatus

SOON = timedelta(hours=24)  # when the session is as near as this, an offer is short
SECOND_THOUGHTS = timedelta(minutes=15)  # so long after taking a place one may always give it back


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


# --- offers -------------------------------------------------------------------------------------------------------


def can_answer(*, is_reachable: bool, source: str, has_account: bool) -> bool:
    """Whether an offer may be made; to others the place is given at once (docs/decisions/0010-offers.md).

    Who cannot be told cannot answer, nor can someone staff signed up who has no account: their telephone may be a
    neighbour's.
    """
    return is_reachable and (has_account or source != SignupSource.STAFF)


@dataclass(frozen=True)
class OfferTerms:
    """How long an offer stands, in hours in which people are awake."""

    length: timedelta
    short: timedelta  # when the session is near
    waking: WakingHours


def offer_until(*, since: datetime, period: Period, is_volunteer: bool, terms: OfferTerms) -> datetime:
    """When an offer ends of which its person was told at `since`. Its time stands still at night.

    `short` when the session is near; never after the place is of use: that is the start of a volunteer's shift, the
    end of a session for its audience.
    """
    length = terms.short if period.start - since <= SOON else terms.length
    return min(terms.waking.after(since, length), last_moment(period, is_volunteer=is_volunteer))


def offer_deadline(expires_at: datetime | None, told_at: datetime | None) -> datetime | None:
    """Until when someone has to answer an offer; None while its time has not begun.

    `expires_at` is true in the database at any moment: until its person was told (the message left, or somebody rang
    up) it is the last moment at which the place can be taken at all, so that nothing can end the offer before; from
    then on it is what offer_until() said. Pages show what this function returns: Signup.offer_deadline.
    """
    return expires_at if told_at is not None else None


def last_moment(period: Period, *, is_volunteer: bool) -> datetime:
    """Until when a place can be taken at all.

    A volunteer's window shuts when the shift starts, because a leader plans with the names known then; the
    audience may still sign up at the door while the session runs.
    """
    return period.start if is_volunteer else period.end


# --- when one may sign up -----------------------------------------------------------------------------------------


@dataclass(frozen=True)
class SetTimes:
    """When sign-up opens and closes where the organiser set it; None: at once, as late as possible."""

    opens_at: datetime | None = None
    closes_at: datetime | None = None


AT_ANY_TIME = SetTimes()


class Shut(StrEnum):
    """Why one cannot sign up now."""

    NOT_YET = "not_yet"
    CLOSED = "closed"


def why_shut(
    *,
    event_status: str,
    session_cancelled: bool,
    period: Period,
    is_volunteer: bool,
    now: datetime,
    times: SetTimes = AT_ANY_TIME,
) -> Shut | None:
    """None when one may sign up: published, not cancelled, not too late, within the times set.

    Who waits moves up without regard to `times`: those say when the list of names may grow.
    """
    is_off = event_status != "published" or session_cancelled
    if is_off or now >= last_moment(period, is_volunteer=is_volunteer):
        return Shut.CLOSED
    if times.closes_at is not None and now >= times.closes_at:
        return Shut.CLOSED
    if times.opens_at is not None and now < times.opens_at:
        return Shut.NOT_YET
    return None


def window_open(
    *,
    event_status: str,
    session_cancelled: bool,
    period: Period,
    is_volunteer: bool,
    now: datetime,
    times: SetTimes = AT_ANY_TIME,
) -> bool:
    """Whether one may sign up (why_shut)."""
    shut = why_shut(
        event_status=event_status,
        session_cancelled=session_cancelled,
        period=period,
        is_volunteer=is_volunteer,
        now=now,
        times=times,
    )
    return shut is None


def clash(period: Period, others: Iterable[tuple[Period, str]]) -> str | None:
    """Title of the first other shift that overlaps, or None."""
    return next((title for other, title in others if period.overlaps(other)), None)


# --- when one may take it back ------------------------------------------------------------------------------------


class Leave(StrEnum):
    """Whether a sign-up can be taken back."""

    MAY = "may"
    TOO_LATE = "too_late"  # by oneself; staff still may
    OVER = "over"


@dataclass(frozen=True)
class Held:
    """A sign-up as far as taking it back depends on it."""

    status: str
    period: Period
    cancel_hours: int
    since: datetime  # when the place was taken, else when it was asked for
    is_put_off: bool = False  # its event has no date, so nothing is too late


def leaving(held: Held, *, now: datetime, as_staff: bool = False) -> Leave:
    """Whether it can be taken back now.

    By oneself until `cancel_hours` before the start, and within ten minutes of taking the place; who has none yet
    (to be approved, waiting, offered) always; staff until the end.
    """
    if held.status not in LIVING or (now >= held.period.end and not held.is_put_off):
        return Leave.OVER
    if (
        as_staff
        or held.is_put_off
        or held.status != SignupStatus.CONFIRMED
        or now - held.since <= SECOND_THOUGHTS
    ):
        return Leave.MAY
    return Leave.MAY if now < cancel_until(held.period, held.cancel_hours) else Leave.TOO_LATE


def cancel_until(period: Period, cancel_hours: int) -> datetime:
    """Until when one may take a place back by oneself."""
    return period.start - timedelta(hours=cancel_hours)


def may_cancel(held: Held, *, now: datetime, as_staff: bool = False) -> bool:
    """Whether a sign-up can still be taken back (leaving)."""
    return leaving(held, now=now, as_staff=as_staff) == Leave.MAY


# --- the order of a waitlist --------------------------------------------------------------------------------------


@dataclass(frozen=True)
class InLine:
    """Someone in the order of a waitlist."""

    signup_id: str
    priority: int


def moved_to(queue: Sequence[InLine], signup_id: str, place: int) -> dict[str, int]:
    """Priorities that change when someone moves to a place (1 is next) of the queue, which is in order.

    Everyone up to that place gets a priority of their own above the rest, so the order stands whoever joins later;
    behind it nothing changes.
    """
    order = [one for one in queue if one.signup_id != signup_id]
    (moving,) = (one for one in queue if one.signup_id == signup_id)
    order.insert(place - 1, moving)
    rest = order[place].priority if place < len(order) else 0
    wanted = {one.signup_id: rest + place - number for number, one in enumerate(order[:place])}
    before = {one.signup_id: one.priority for one in queue}
    return {one: priority for one, priority in wanted.items() if before[one] != priority}
