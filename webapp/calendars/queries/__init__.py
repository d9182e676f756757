"""Reads of calendars."""

from webapp.calendars.queries.booked import resource_token
from webapp.calendars.queries.feeds import entries_between, entry_of_signup, last_change, name_of
from webapp.calendars.queries.mixes import as_kept, calendar_of, choices, wishes_of
from webapp.calendars.queries.subscriptions import (
    Subscribed,
    addresses_of_centres,
    feeds_silent,
    find_subscribed,
    get_subscription,
    is_fetched,
    is_silent,
    list_subscriptions,
    token_of,
)

__all__ = [
    "Subscribed",
    "addresses_of_centres",
    "as_kept",
    "calendar_of",
    "choices",
    "entries_between",
    "entry_of_signup",
    "feeds_silent",
    "find_subscribed",
    "get_subscription",
    "is_fetched",
    "is_silent",
    "last_change",
    "list_subscriptions",
    "name_of",
    "resource_token",
    "token_of",
    "wishes_of",
]
