"""Pages of events: the public list; the organisers' pages of events, of sessions, and of an event's states."""

from flask import Blueprint

blueprint = Blueprint("events", __name__)
blueprints = (blueprint,)

from webapp.events.views import (  # noqa: E402, F401  (they hang their routes on it)
    importing,
    manage,
    managed,
    plans,
    public,
    questions,
    sessions,
    states,
)
