"""The door without a phone: several names ticked at once, a signed sheet entered later, everyone out. Plain Python."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from webapp.attendance.domain import CLOCK_TOLERANCE, EARLY, LATE, CountMethod, Direction, Method, Outcome
from webapp.core.clock import Period
from webapp.core.errors import Conflict, Expired, N_, RuleBroken

# How long after a session its signed sheet may be entered.
PAPER_LIMIT = timedelta(days=14)
TICKS_LIMIT = 2000  # names on one page
# How long the same figure for the same group may be the same people, counted once more.
SAME_HEADS = timedelta(minutes=10)


class NotHeld(Conflict):
    """Nobody came to what did not happen."""

    sentence = N_("这个场次没有举办（未发布或已取消），不能登记签到。")
    code = "event_cancelled"


class NothingToPhotograph(Conflict):
    """There is nothing to be seen of what did not happen."""

    sentence = N_("这个场次没有举办（未发布或已取消），不能添加照片。")
    code = "event_cancelled"


class NothingTicked(RuleBroken):
    """A page was sent without a tick."""

    sentence = N_("还没有勾选任何人。")
    code = "nothing_ticked"


class DoorsClosed(RuleBroken):
    """Whoever is entered now is entered late, and the entry must say so."""

    sentence = N_("签到时间已过，请用“从签到表补录”。")
    code = "doors_closed"


class SheetTooEarly(RuleBroken):
    """While the session lasts, names are ticked as people come."""

    sentence = N_("活动还没有结束。现在到的人请用“按名单签到”，结束后再按签到表补录。")
    code = "sheet_too_early"


class SheetTooLate(Expired):
    """After two weeks nobody remembers; hours are corrected by people, with a reason."""

    sentence = N_("活动结束超过 14 天，不能再按签到表补录。")
    code = "sheet_too_late"
    http_status = 409


class TimeMissing(RuleBroken):
    """A sheet says when."""

    sentence = N_("请填写时间，签到表上没有写的，填活动开始或结束的时间。")
    code = "time_missing"


class TimeAhead(RuleBroken):
    """It has not happened yet."""

    sentence = N_("这个时间还没有到。")
    code = "time_ahead"


class OutsideDoors(RuleBroken):
    """Nobody comes so early or so late."""

    sentence = N_("时间要在活动开始前 2 小时到结束后 2 小时之间。")
    code = "outside_doors"


class LeftBeforeComing(RuleBroken):
    """In comes before out."""

    sentence = N_("签退时间不能早于签到时间。")
    code = "left_before_coming"
    field = "left_at"


@dataclass(frozen=True)
class Ticks:
    """What one page of names said: who came, who left, and when. None is the moment it is sent."""

    came: Sequence[str]  # sign-up ids
    left: Sequence[str]
    came_at: datetime | None
    left_at: datetime | None
    nonce: str
    from_sheet: bool = False

    @property
    def method(self) -> Method:
        """How it is known."""
        return Method.PAPER if self.from_sheet else Method.ROSTER

    def moment(self, direction: Direction, now: datetime) -> datetime:
        """When they came or left."""
        return (self.came_at if direction == Direction.IN else self.left_at) or now

    def signups(self, direction: Direction) -> Sequence[str]:
        """Whom the ticks of this direction are about."""
        return self.came if direction == Direction.IN else self.left


def check_ticks(ticks: Ticks, period: Period, now: datetime) -> None:
    """Raise what is wrong with a page of ticks as a whole."""
    if not ticks.came and not ticks.left:
        raise NothingTicked
    _check_when(period, now, from_sheet=ticks.from_sheet)
    for ids, at, field in ((ticks.came, ticks.came_at, "came_at"), (ticks.left, ticks.left_at, "left_at")):
        if ids:
            _check_time(at, period, now, field=field, must_say=ticks.from_sheet)
    if ticks.came and ticks.left and ticks.moment(Direction.OUT, now) < ticks.moment(Direction.IN, now):
        raise LeftBeforeComing


def _check_when(period: Period, now: datetime, *, from_sheet: bool) -> None:
    if from_sheet and now < period.end:
        raise SheetTooEarly
    if from_sheet and now > period.end + PAPER_LIMIT:
        raise SheetTooLate
    if not from_sheet and now >= period.end + LATE:
        raise DoorsClosed


def _check_time(at: datetime | None, period: Period, now: datetime, *, field: str, must_say: bool) -> None:
    if at is None:
        if must_say:
            raise TimeMissing(field=field)
        at = now
    if at > now + CLOCK_TOLERANCE:
        raise TimeAhead(field=field)
    if not period.start - EARLY <= at < period.end + LATE:
        raise OutsideDoors(field=field)


def left_at(at: datetime, in_at: datetime) -> datetime | None:
    """When someone left who came at `in_at`; None when `at` is before that by more than clocks differ.

    Pages know minutes and phones know seconds: within the tolerance, out is not before in.
    """
    if at < in_at - CLOCK_TOLERANCE:
        return None
    return max(at, in_at)


def leaving_at(now: datetime, period: Period) -> datetime:
    """When everyone still in is taken to have left: now, and at the latest when the doors closed."""
    return min(now, period.end + LATE)


@dataclass(frozen=True)
class NotTaken:
    """A tick that was not taken, and why."""

    signup_id: str
    display_name: str
    outcome: Outcome | None  # None: they left before they came
    lacks: str | None = None
    state: str | None = None  # of the sign-up


@dataclass(frozen=True)
class Taken:
    """What became of a page of ticks."""

    came: int = 0
    left: int = 0
    not_taken: Sequence[NotTaken] = ()


class CountedBefore(Conflict):
    """The same page was sent a second time."""

    sentence = N_("这一页刚才已经登记过了，没有重复登记。")
    code = "counted_before"


class CountedJustNow(Conflict):
    """A page that was opened anew says what the one before it said: perhaps the same people."""

    sentence = N_(
        "%(at)s您刚登记过%(audience)s %(count)s 人。如果这是另外一批人，请勾选“是另外一批人”，再按一次登记。"
    )
    code = "counted_just_now"
    field = "others"


class NotThatDay(RuleBroken):
    """People are counted on a day of the session that has come."""

    sentence = N_("请从这一场已经到了的日子里选一天。")
    code = "not_that_day"
    field = "day"


class NotGone(Conflict):
    """There is no exit to take back."""

    sentence = N_("这个人没有签退，或者签退已经撤销。")
    code = "not_gone"


@dataclass(frozen=True)
class Heads:
    """People counted on the spot, as one page says it; `nonce` names the page.

    `others` says that they are not those whom the same person has just counted.
    """

    audience: str
    count: int
    method: CountMethod
    note: str = ""
    nonce: str = ""
    others: bool = True
    day: date | None = None  # of a session's several days; None: today, or its nearest day
