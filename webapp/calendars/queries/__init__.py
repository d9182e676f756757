"""Reads of calendars."""

from webapp.calendars.queries.feeds import calendar_of, entries_between, entry_of_signup, last_change, name_of
from webapp.calendars.queries.subscriptions import (
    Subscribed,
    addresses_of_centres,
    count_silent,
    find_subscribed,
    get_subscription,
    list_subscriptions,
    token_of,
)

__all__ = [
    "Subscribed",
    "addresses_of_centres",
    "calendar_of",
    "count_silent",
    "entries_between",
    "entry_of_signup",
    "find_subscribed",
    "get_subscription",
    "last_change",
    "list_subscriptions",
    "name_of",
    "token_of",
]
