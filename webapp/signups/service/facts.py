"""What a message says of a sign-up, and where to reach its person."""

from collections.abc import Iterable
from typing import Any

from flask_babel import force_locale
from sqlalchemy import ColumnElement, Row, Select, func, select

from webapp.core.db import session
from webapp.core.i18n import LOCALES, format_range
from webapp.events.domain import EventStatus
from webapp.events.models import Event, EventSession, Position
from webapp.people.domain import contact_for
from webapp.people.models import Account, Person
from webapp.people.queries import channels
from webapp.signups.models import Signup
from webapp.signups.queries.cleared import MINOR_CLEARED
from webapp.venues.models import Venue

_AT_ONCE = 500  # so many ids in one statement


def when_of(row: Row[*tuple[Any, ...]]) -> str:
    """The session's day and hours, in Chinese; of one put off, that nobody knows them."""
    with force_locale(LOCALES["zh"]):
        planned = format_range(row.starts_at, row.ends_at)
    return f"新时间待定（原定{planned}）" if row.event_status == EventStatus.POSTPONED else planned


def facts(signup_ids: Iterable[str]) -> list[Row[*tuple[Any, ...]]]:
    """What a message says, for each sign-up, in the order they were made."""
    ids = list(signup_ids)
    found: list[Row[*tuple[Any, ...]]] = []
    for first in range(0, len(ids), _AT_ONCE):
        found += session().execute(facts_where(Signup.id.in_(ids[first : first + _AT_ONCE]))).all()
    return found


def facts_where(*conditions: ColumnElement[bool]) -> Select[*tuple[Any, ...]]:
    """The same for sign-ups that meet conditions, with where to reach the person (see contact())."""
    return (
        select(
            Signup.id,
            Signup.person_id,
            Signup.session_id,
            Signup.status,
            Signup.created_by,
            Signup.created_at,
            Signup.confirmed_at,
            Signup.course_id,
            Signup.short_code,
            Position.name.label("position"),
            Position.kind.label("position_kind"),
            Event.id.label("event_id"),
            Event.title,
            Event.status.label("event_status"),
            MINOR_CLEARED.label("is_cleared"),
            EventSession.starts_at,
            EventSession.ends_at,
            EventSession.sequence,
            Venue.name.label("venue"),
            Person.name.label("person"),
            Account.id.label("account_id"),
            Account.email,
            func.coalesce(Account.phone, Person.phone).label("phone"),
        )
        .select_from(Signup)
        .join(Position, Position.id == Signup.position_id)
        .join(EventSession, EventSession.id == Signup.session_id)
        .join(Event, Event.id == EventSession.event_id)
        .join(Venue, Venue.id == EventSession.venue_id)
        .join(Person, Person.id == Signup.person_id)
        .outerjoin(Account, Account.person_id == Signup.person_id)
        .where(*conditions)
        .order_by(EventSession.starts_at, Signup.created_at, Signup.id)
    )


UNCLEARED = "参加的人不满 18 岁，还没有监护人同意，登记了同意才能参加，请看报名页。"


def contact(row: Row[*tuple[Any, ...]]) -> tuple[str, str] | None:
    """Channel and recipient, as people.queries.contact_of() has them, of a row of facts()."""
    return contact_for(row.email, row.phone, channels())
