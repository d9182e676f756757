"""Passes to be printed and handed over: whose a member of staff may print for a session, and what stands on a card."""

import base64
from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import ColumnElement, or_, select
from sqlalchemy.orm import joinedload

from webapp.core import qr
from webapp.core.db import session
from webapp.events.domain import PositionKind
from webapp.events.models import EventSession, Position
from webapp.organisations.domain import Permission
from webapp.organisations.queries import may, permissions_at
from webapp.signups.domain import NoCardsYet, SignupStatus, show_short_code
from webapp.signups.models import Signup
from webapp.signups.queries.centres import centres_of
from webapp.signups.queries.passes import pass_address, pass_code
from webapp.signups.queries.standing import standings_of

ON_A_PAGE = 10
CARDS = "cards"  # the kind of long task that makes a PDF of them


@dataclass(frozen=True)
class Card:
    """What one card shows."""

    name: str
    position: str
    code: str
    qr: str  # data URI


_WHO_ASKS = frozenset({Permission.MANAGE_EVENTS, Permission.SIGN_UP_OTHERS, Permission.GOVERN})


def passes_to_print(
    person_id: str, event_session: EventSession, *, signup_ids: Sequence[str] = ()
) -> list[Signup]:
    """Confirmed sign-ups of the session with their persons: all the audience for those who manage the event, else
    those the person's own centre signed up. With ids only these, of any position. By position, then by age of sign-up.
    Only what opens the door: no paper says a time that does not stand, or lets a minor think that all is done.
    """
    wanted: list[ColumnElement[bool]] = [
        Signup.session_id == event_session.id,
        Signup.status == SignupStatus.CONFIRMED,
    ]
    if signup_ids:
        wanted.append(Signup.id.in_(signup_ids))
    else:
        wanted.append(Position.kind == PositionKind.AUDIENCE)
    if not may(person_id, Permission.MANAGE_EVENTS, event_session.event.organisation_id):
        centres = [one.id for one in centres_of(person_id)]
        wanted.append(or_(Signup.created_by == person_id, Signup.centre_id.in_(centres)))
    found = list(
        session().scalars(
            select(Signup)
            .join(Position, Position.id == Signup.position_id)
            .where(*wanted)
            .options(joinedload(Signup.person))
            .order_by(Position.rank, Position.id, Signup.created_at, Signup.id)
        )
    )
    stands = standings_of(found)
    found = [one for one in found if stands[one.id].has_pass]
    if not found and _WHO_ASKS & permissions_at(person_id, event_session.event.organisation_id):
        raise NoCardsYet
    return found


def pages_of_cards(signups: Sequence[Signup], base_url: str) -> list[list[Card]]:
    """Their cards, ten on a page; `base_url` begins the address in each code."""
    cards = [_card(one, base_url) for one in signups]
    return [cards[first : first + ON_A_PAGE] for first in range(0, len(cards), ON_A_PAGE)]


def _card(signup: Signup, base_url: str) -> Card:
    drawn = qr.for_paper(pass_address(base_url, pass_code(signup)))
    return Card(
        name=signup.person.name,
        position=signup.position.name,
        code=show_short_code(signup.short_code),
        qr="data:image/png;base64," + base64.b64encode(drawn).decode(),
    )
