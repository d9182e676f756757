"""One person once: one place in a session, and what one is asked who has another elsewhere at that hour. Plain Python.

`rule` tells programs which of them it is; what is only asked names the field that says yes.
"""

from typing import Any

from webapp.core.errors import Conflict, N_

SAME_SESSION, SAME_HOUR = "same_session", "same_hour"
CHANGED_PLACE = N_("在同一场换了另一个名额")  # kept as the reason of a sign-up
NAMED_MOST = 5


class HasPlaceHere(Conflict):
    """In one session a person has one place: a shift or a seat."""

    sentence = N_(
        "您在这一场已经报了“%(position)s”，一个人在一场里只占一个名额。要换，请选“放下它，换成这一个”。"
    )
    code = "already_signed_up"
    field = "instead"

    def __init__(self, **params: Any) -> None:
        super().__init__(extra={"rule": SAME_SESSION}, **params)


class HasPlaceForAnother(HasPlaceHere):
    """The same, as said to whoever signs someone else up, or of whom we know a name and a telephone alone."""

    sentence = N_("这个人在这一场已经有名额，一个人在一场里只占一个。要换，请先取消原来的报名。")


class SameHour(Conflict):
    """They have something else at that hour, and one of the two is a seat: they are asked once whether both."""

    sentence = N_("您同一时间还报了%(others)s，两个都要吗？都要，请勾选“两个都要”再提交。")
    code = "overlap"
    field = "both"

    def __init__(self, **params: Any) -> None:
        super().__init__(extra={"rule": SAME_HOUR, "confirm": "both"}, **params)


class SameHourForAnother(SameHour):
    """As said to whoever signs someone else up: where that person goes is not told to them."""

    sentence = N_("这个人同一时间还报了另一场活动，两个都要吗？本人都要，请勾选“两个都要”再提交。")


class SameHourForNamed(SameHour):
    """Of several people those it is about."""

    sentence = N_("%(names)s同一时间还报了别的活动，两个都要吗？本人都要，请勾选“两个都要”再提交。")


def some_names(names: list[str]) -> str:
    """The first few of them."""
    return "、".join(names[:NAMED_MOST]) + ("…" if len(names) > NAMED_MOST else "")
