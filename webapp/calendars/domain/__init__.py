"""What an entry of a feed says of a session or a shift, and for how long. Plain Python."""

import re
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from enum import StrEnum

from webapp.core import clock
from webapp.core.errors import Expired, N_, RuleBroken
from webapp.events.domain import Dates, SessionState, session_state
from webapp.signups.domain import SignupStatus

PAST_DAYS = 31  # a feed begins this many days ago
CANCELLED_DAYS = 60  # a cancelled entry stays this long after its day, so that rare readers still see it
ENTRIES_MAX = 1000
SUMMARY_MAX = 300  # characters of an event's summary in an entry; the link leads to the rest
NAME_LIMIT = 60
CLIENT_LIMIT = 120
SUBSCRIPTIONS_MAX = 10
NOTE_FETCH_EVERY = timedelta(minutes=10)
SILENT_AFTER = timedelta(days=7)  # a subscription not fetched for so long is worth a word to its owner
TOKEN_PURPOSE = "calendar"  # noqa: S105  (what the MAC is for)
TOKEN_LENGTH = 32  # base-32 characters: 160 bits


class State(StrEnum):
    """How an entry stands."""

    PLANNED = "planned"
    POSTPONED = "postponed"
    CANCELLED = "cancelled"
    WAITING = "waiting"  # a shift that is not (yet) the person's: waitlisted, offered, to be approved


@dataclass(frozen=True)
class Look:
    """What calendar programs are told: STATUS, and whether the time is taken."""

    status: str
    opaque: bool


# Google hides STATUS:CANCELLED altogether, so in public and centre feeds a cancelled entry says it in its title
# and no longer takes up time; in a person's own feed it must free the diary (field.md B14).
LOOKS = {
    State.PLANNED: Look("CONFIRMED", opaque=True),
    State.POSTPONED: Look("TENTATIVE", opaque=False),
    State.CANCELLED: Look("CONFIRMED", opaque=False),
    State.WAITING: Look("TENTATIVE", opaque=False),
}
PERSONAL_LOOKS = LOOKS | {State.CANCELLED: Look("CANCELLED", opaque=False)}


class SubscriptionRevoked(Expired):
    """The address was cut off by its owner."""

    sentence = N_("这个日历地址已经停用，请从日历程序里删除它，或向地址的主人要新的。")
    code = "subscription_revoked"


class TooManySubscriptions(RuleBroken):
    """More addresses than anyone can look after."""

    sentence = N_("最多可以有 %(most)s 个日历地址，请先停用不用的。")
    code = "too_many_subscriptions"
    field = "name"


@dataclass(frozen=True)
class Entry:
    """One VEVENT, before it is text. Times are aware UTC, shown on the city's clock."""

    uid: str
    sequence: int
    starts_at: datetime
    ends_at: datetime
    created_at: datetime
    changed_at: datetime
    title: str
    place: str
    description: str
    path: str  # of the page that tells more, on this site
    status: str
    opaque: bool
    category: str = ""
    position: tuple[float, float] | None = None  # latitude, longitude (WGS 84)
    alarm: int | None = None  # minutes before
    is_waiting: bool = False  # a shift that is not (yet) the person's

    @property
    def when(self) -> str:
        """2026-11-28 09:00–11:00, or both days where it does not end on the first."""
        starts, ends = clock.local(self.starts_at), clock.local(self.ends_at)
        return (
            f"{starts:%Y-%m-%d %H:%M}–{ends:%H:%M}"
            if starts.date() == ends.date()
            else f"{starts:%Y-%m-%d %H:%M}–{ends:%Y-%m-%d %H:%M}"
        )

    @property
    def is_all_day(self) -> bool:
        """From midnight to midnight in the city: written as days, so that it stands above the hours of a day."""
        return all(clock.local(moment).time() == time.min for moment in (self.starts_at, self.ends_at))


@dataclass(frozen=True)
class Calendar:
    """A whole feed, before it is text."""

    name: str
    description: str
    entries: tuple[Entry, ...]


@dataclass(frozen=True)
class Scope:
    """Which feed: all, venue, district, organisation, type, task (of a plan), event, or a person's own."""

    kind: str
    id: str = ""
    plan: str | None = None


ALARMS = (15, 60, 180, 1440)  # minutes before: what an address may ask for


@dataclass(frozen=True)
class Wishes:
    """What an address shows, as its owner chose it.

    Places (venues, districts, organisations) are added up; types, audiences and tasks narrow them down. Nothing chosen
    but `own` is one's own shifts alone.
    """

    venues: tuple[str, ...] = ()
    districts: tuple[str, ...] = ()
    organisations: tuple[str, ...] = ()
    types: tuple[str, ...] = ()
    audiences: tuple[str, ...] = ()
    tasks: tuple[str, ...] = ()
    own: bool = False

    @property
    def has_events(self) -> bool:
        """Whether anything but one's own shifts is asked for."""
        return any((self.venues, self.districts, self.organisations, self.types, self.audiences, self.tasks))


WISHES_MAX = 40  # of one kind


class NothingWished(RuleBroken):
    """An address that would always be empty."""

    sentence = N_("请至少选一项要显示的内容。")
    code = "nothing_wished"
    field = "own"


@dataclass(frozen=True)
class Window:
    """From when on entries are shown. It moves at midnight only, so that a feed is the same all day."""

    living_from: datetime
    cancelled_from: datetime


def window_on(day: date) -> Window:
    """The window of a day in the city."""
    return Window(
        clock.start_of_day(day - timedelta(days=PAST_DAYS)),
        clock.start_of_day(day - timedelta(days=CANCELLED_DAYS)),
    )


_OFF = {
    SessionState.EVENT_CANCELLED: State.CANCELLED,
    SessionState.SESSION_CANCELLED: State.CANCELLED,
    SessionState.POSTPONED: State.POSTPONED,
}


def state_of_session(dates: Dates) -> State:
    """State of a session in feeds for everyone. Feeds stand still, so the hour says nothing here."""
    return _OFF.get(session_state(dates, dates.period.start), State.PLANNED)


def state_of_shift(session: State, signup_status: str) -> State:
    """State of a person's shift: the sign-up's own end or the session's, whichever frees the diary."""
    if signup_status in {SignupStatus.CANCELLED, SignupStatus.DECLINED, SignupStatus.EXPIRED}:
        return State.CANCELLED
    if session in {State.CANCELLED, State.POSTPONED}:
        return session
    return State.PLANNED if signup_status == SignupStatus.CONFIRMED else State.WAITING


# How far a sign-up has come. It only rises, so that it can be added to the session's own SEQUENCE; when approval is
# asked anew, a round is added.
_STEPS = {
    SignupStatus.PENDING: 0,
    SignupStatus.WAITLISTED: 0,
    SignupStatus.OFFERED: 1,
    SignupStatus.CONFIRMED: 2,
}
_LAST_STEP = 3
# When a sign-up came into one of these states is known from its row's last change.
NO_MOMENT_OF_THEIR_OWN = frozenset(
    {SignupStatus.PENDING, SignupStatus.OFFERED, SignupStatus.EXPIRED, SignupStatus.DECLINED}
)


def shift_sequence(session_sequence: int, signup_status: str, *, rounds: int = 0) -> int:
    """SEQUENCE of a person's shift: rises with the session's (time, place, status) and with the sign-up's state."""
    return session_sequence + rounds * _LAST_STEP + _STEPS.get(SignupStatus(signup_status), _LAST_STEP)


def shift_uid(signup_id: str, session_uid: str) -> str:
    """UID of a shift: not the session's, which the same calendar may hold from another feed."""
    return f"su-{signup_id}@{session_uid.rpartition('@')[2]}"


def place_of(name: str, address: str, district: str, *, online: bool = False) -> str:
    """长青社区服务中心（向阳区长安路 12 号）; the district stands once."""
    if online or not address:
        return name
    return f"{name}（{address if address.startswith(district) else district + address}）"


def shorten(text: str, most: int = SUMMARY_MAX) -> str:
    """At most that many characters, with … where something was left out."""
    text = text.strip()
    return text if len(text) <= most else text[: most - 1].rstrip() + "…"


def cut_note(scope: Scope, first: Entry, count: int) -> Entry:
    """Stands where a feed was cut: says how many entries do not fit, at the time of the first of them."""
    return Entry(
        uid=f"more-{scope.kind}-{scope.plan or ''}{scope.id}@kepuxing.invalid",
        sequence=0,
        starts_at=first.starts_at,
        ends_at=first.ends_at,
        created_at=first.created_at,
        changed_at=first.changed_at,
        title=f"从这里起还有 {count} 场没有列出，请到网站上查看",
        place="",
        description=f"一个日历最多列出 {ENTRIES_MAX} 条。",
        path="/events/",
        status=LOOKS[State.CANCELLED].status,
        opaque=False,
    )


def last_entry(subscription_id: str, revoked_at: datetime) -> Entry:
    """All that an address says once it was cut off, on the day it was: programs delete the rest by themselves."""
    day = clock.start_of_day(clock.local_date(revoked_at))
    return Entry(
        uid=f"over-{subscription_id}@kepuxing.invalid",
        sequence=0,
        starts_at=day,
        ends_at=day + timedelta(days=1),
        created_at=revoked_at,
        changed_at=revoked_at,
        title="这个日历地址已经停用",
        place="",
        description="不会再更新了。请从日历程序里删除这个订阅；还要看的话，向给您地址的人要新的。",
        path="/help",
        status=LOOKS[State.CANCELLED].status,
        opaque=False,
    )


_CLIENTS = (
    (r"vdirsyncer", "vdirsyncer"),
    (r"khal|ICSx5|DAVx5", "ICSx⁵"),
    (r"Google-Calendar|GoogleCalendar|Google Calendar", "Google 日历"),
    (r"Thunderbird|Lightning", "Thunderbird"),
    (r"Microsoft|Outlook|Exchange", "Outlook"),
    (r"MIUI|XiaoMi|Xiaomi", "小米日历"),
    (r"Huawei|HarmonyOS|HONOR", "华为日历"),
    (r"iOS|iPhone|iPad|dataaccessd|CFNetwork|macOS|Mac_OS|CalendarAgent|remindd", "苹果日历"),
    (r"WPS|Kingsoft", "WPS 日历"),
    (r"TickTick|Dida", "滴答清单"),
    (r"Mozilla/|MicroMessenger", "浏览器"),
)


def client_name(user_agent: str) -> str:
    """The reading program's name as its owner knows it, else the first word it gives itself."""
    for pattern, name in _CLIENTS:
        if re.search(pattern, user_agent, re.IGNORECASE):
            return name
    return re.split(r"[\s/(;]", user_agent.strip(), maxsplit=1)[0][:30]


def clean_client(user_agent: str) -> str:
    """A User-Agent header as it may be stored."""
    return "".join(character for character in user_agent if character.isprintable())[:CLIENT_LIMIT]
