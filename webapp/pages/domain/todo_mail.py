"""The mail of a day's 待办: how it stands with somebody's wish, and whether one is due now. Plain Python."""

from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum

from webapp.core import clock
from webapp.core.errors import Conflict, Expired, N_
from webapp.core.timing import Night, Until, declare

HOUR = 8  # of the city's clock; later where the house sends nothing so early
LAST_HOUR = 18  # from then on a server that comes back leaves it for tomorrow
ROWS, SESSIONS = 20, 8  # so many stand in the mail, the rest is counted
CONFIRM_DAYS = 14
CONFIRM, END = "todo mail: this mailbox is mine", "todo mail: no more"  # what a link was signed for

DAY = declare("todo.day", until=Until.DAY, night=Night.MORNING, in_inbox=False)
ASK = declare("todo.ask", until=Until.FORTNIGHT, night=Night.AT_ONCE, in_inbox=False)


class CannotBeSent(Conflict):
    """The installation or the account cannot do it; the page says why."""

    sentence = N_("现在收不到每天的待办邮件，原因写在“我的账号”里。")
    code = "todo_mail_impossible"


class LinkIsOver(Expired):
    """The link of an earlier address, or of a wish that was ended."""

    sentence = N_(
        "这个确认链接已经不管用了：登录邮箱改过，或已经说了不再收。要收的话，请在“我的账号”里再选一次。"
    )
    code = "todo_mail_link_over"


class Standing(StrEnum):
    """How it stands with somebody's wish."""

    NO_GATEWAY = "no_gateway"  # this installation sends no mail
    NO_SITE = "no_site"  # nor knows its own address: links would lead nowhere
    NO_MAILBOX = "no_mailbox"  # their account has no mail address
    OFF = "off"
    UNCONFIRMED = "unconfirmed"  # wanted; nobody has answered from that mailbox
    ON = "on"

    @property
    def is_possible(self) -> bool:
        """Whether it may be offered at all."""
        return self in {Standing.OFF, Standing.UNCONFIRMED, Standing.ON}


class Chosen(StrEnum):
    """What comes of choosing it."""

    ON = "on"
    ASKED = "asked"  # the mailbox was sent a question
    WAITS = "waits"  # it was within this hour


WHY_NOT = {
    Standing.NO_GATEWAY: N_("这里还没有接通邮件，所以现在不能发。接通以后，可以在这一页选择。"),
    Standing.NO_SITE: N_("这里还没有设好网站自己的网址，信里的链接会打不开，所以现在不能发。"),
    Standing.NO_MAILBOX: N_("账号里没有邮箱。先填上登录邮箱，再回来选择。"),
}


@dataclass(frozen=True)
class Wish:
    """What a person said, as it is kept."""

    is_wanted: bool
    confirmed_for: str | None = None
    last_on: date | None = None


def standing(wish: Wish | None, mailbox: str | None, *, has_gateway: bool, has_site: bool) -> Standing:
    """How it stands; `mailbox` is the fingerprint of the account's address."""
    if not has_gateway:
        return Standing.NO_GATEWAY
    if not has_site:
        return Standing.NO_SITE
    if mailbox is None:
        return Standing.NO_MAILBOX
    if wish is None or not wish.is_wanted:
        return Standing.OFF
    return Standing.ON if wish.confirmed_for == mailbox else Standing.UNCONFIRMED


def hour_of(day_begins: int) -> int:
    """At what hour it leaves, where the house sends nothing before another."""
    return max(HOUR, day_begins)


def is_time(now: datetime, *, hour: int, is_workday: bool) -> bool:
    """Whether mails of the day leave now: also when the server comes back late, but not in the evening."""
    return is_workday and hour <= clock.local(now).hour < LAST_HOUR


def is_over(now: datetime, *, hour: int) -> bool:
    """Whether today's have left, so that who chooses it now gets the first one on the next day."""
    return clock.local(now).hour >= hour


def gets_one(wish: Standing, *, works_here: bool, last_on: date | None, today: date) -> bool:
    """Whether this person's day is to be seen to: once, and only who still wants it and still works here."""
    return wish == Standing.ON and works_here and (last_on is None or last_on < today)
