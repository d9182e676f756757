"""Use cases of sign-ups: take a place, give it back, hand it on, follow what becomes of the event."""

from webapp.signups.service.approving import Decision, approve, ask_again, decline
from webapp.signups.service.followers import (
    on_capacity_raised,
    on_event_cancelled,
    on_event_postponed,
    on_event_resumed,
    on_rescheduled,
    on_session_cancelled,
    who_clashes,
    who_is_told,
)
from webapp.signups.service.leaving import cancel_signup, take_back_arrivals
from webapp.signups.service.offering import (
    accept_offer,
    decline_offer,
    expire_offers,
    positions_with_stale_offers,
)
from webapp.signups.service.ordering import move_in_queue
from webapp.signups.service.places import positions_to_fill, promote
from webapp.signups.service.reissuing import reissue_pass
from webapp.signups.service.restoring import on_uncancelled
from webapp.signups.service.taking import seat_arrival, sign_up
from webapp.signups.service.taking_back import on_put_back

__all__ = [
    "Decision",
    "accept_offer",
    "approve",
    "ask_again",
    "cancel_signup",
    "decline",
    "decline_offer",
    "expire_offers",
    "move_in_queue",
    "on_capacity_raised",
    "on_event_cancelled",
    "on_event_postponed",
    "on_event_resumed",
    "on_put_back",
    "on_rescheduled",
    "on_session_cancelled",
    "on_uncancelled",
    "positions_to_fill",
    "positions_with_stale_offers",
    "promote",
    "reissue_pass",
    "seat_arrival",
    "sign_up",
    "take_back_arrivals",
    "who_clashes",
    "who_is_told",
]
