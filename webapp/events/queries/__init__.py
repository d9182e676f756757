"""Reads of events: one of them, what the public finds, and what staff work with."""

from webapp.events.queries.carrying import Going, going_along, uncounted
from webapp.events.queries.found import list_public
from webapp.events.queries.one import (
    get_cancellation_for,
    get_event,
    get_event_for,
    get_position,
    get_position_for,
    get_public_event,
    get_session,
    get_session_for,
    undoable,
)
from webapp.events.queries.programs import (
    check_access_at,
    check_session_access,
    get_visible_event,
    load_events,
    may_access_session,
    positions_of,
)
from webapp.events.queries.public import EventFilter, EventItem, Page, by_day, is_for, task_named
from webapp.events.queries.seats import Seats, seats_of, seats_of_events
from webapp.events.queries.staff import (
    list_sessions,
    list_unpublished,
    sessions_to_scan,
    understaffed,
)

__all__ = [
    "EventFilter",
    "EventItem",
    "Going",
    "Page",
    "Seats",
    "by_day",
    "check_access_at",
    "check_session_access",
    "get_cancellation_for",
    "get_event",
    "get_event_for",
    "get_position",
    "get_position_for",
    "get_public_event",
    "get_session",
    "get_session_for",
    "get_visible_event",
    "going_along",
    "is_for",
    "list_public",
    "list_sessions",
    "list_unpublished",
    "load_events",
    "may_access_session",
    "positions_of",
    "seats_of",
    "seats_of_events",
    "sessions_to_scan",
    "task_named",
    "uncounted",
    "understaffed",
    "undoable",
]
