"""Use cases of events, and the hooks by which later areas follow them."""

from webapp.events.service.carrying import take_along
from webapp.events.service.copying import duplicate
from webapp.events.service.drafting import create_event, discard, update_event
from webapp.events.service.editing import same_dates
from webapp.events.service.hooks import (
    cancelled,
    capacity_raised,
    clashes,
    counting_changed,
    moved,
    people_told,
    persons_told,
    postponed,
    rescheduled,
    resumed,
    session_added,
    session_cancelled,
    uncancelled,
    who_clashes,
    who_is_told,
)
from webapp.events.service.importing import import_planned
from webapp.events.service.names import on_organisation_changed, on_venue_changed
from webapp.events.service.periods import answered
from webapp.events.service.positions import (
    add_position,
    change_position,
    remove_position,
    set_position_rules,
)
from webapp.events.service.publishing import (
    cancel,
    close,
    postpone,
    publish,
    publish_or_submit,
    submit,
    what_is_missing,
    withdraw,
)
from webapp.events.service.sessions import (
    add_session,
    cancel_session,
    remove_session,
    rename_session,
    reschedule,
)
from webapp.events.service.telling import Told, told_of_event, told_of_session
from webapp.events.service.undoing import undo

__all__ = [
    "Told",
    "add_position",
    "add_session",
    "answered",
    "cancel",
    "cancel_session",
    "cancelled",
    "capacity_raised",
    "change_position",
    "clashes",
    "close",
    "counting_changed",
    "create_event",
    "discard",
    "duplicate",
    "import_planned",
    "moved",
    "on_organisation_changed",
    "on_venue_changed",
    "people_told",
    "persons_told",
    "postpone",
    "postponed",
    "publish",
    "publish_or_submit",
    "remove_position",
    "remove_session",
    "rename_session",
    "reschedule",
    "rescheduled",
    "resumed",
    "same_dates",
    "session_added",
    "session_cancelled",
    "set_position_rules",
    "submit",
    "take_along",
    "told_of_event",
    "told_of_session",
    "uncancelled",
    "undo",
    "update_event",
    "what_is_missing",
    "who_clashes",
    "who_is_told",
    "withdraw",
]
