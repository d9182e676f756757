"""Reads for pages of offers, approval and waitlists; until when a sign-up may be taken back."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Row, func, literal_column, select

from webapp.core import clock
from webapp.core.clock import Period
from webapp.core.db import session
from webapp.core.errors import NotFound
from webapp.events.domain import EventStatus, SessionState
from webapp.events.models import Event, EventSession, Position
from webapp.organisations import queries as organisations
from webapp.organisations.domain import Permission
from webapp.people.domain import mask_phone, show_phone
from webapp.people.models import Person
from webapp.signups.domain import Held, Leave, SignupStatus, cancel_until, leaving, offer_deadline
from webapp.signups.models import Signup
from webapp.signups.queries import waiting_order
from webapp.signups.queries.guardians import MinorFacts, minor_columns, minor_from
from webapp.volunteers.models import Team


@dataclass(frozen=True)
class Line:
    """One of those who wait, were made an offer or ask for approval, as organisers see them."""

    signup_id: str
    person_id: str
    name: str
    phone: str | None
    since: datetime  # joined the list, was made the offer, asked
    until: datetime | None  # of the offer; None: the person has not been told of it yet
    place: int | None  # on the waitlist
    is_moved: bool  # staff put them ahead
    team: str | None
    age_band: str | None  # as they said when signing up
    is_cleared: bool  # no minor, or a guardian's consent stands
    minor: MinorFacts

    @property
    def masked_phone(self) -> str:
        """138****5678."""
        return mask_phone(self.phone)

    @property
    def shown_phone(self) -> str:
        """13812345678, once it was asked for."""
        return show_phone(self.phone)


def leave_of(signup: Signup, *, as_staff: bool = False) -> Leave:
    """Whether it may be taken back now; pages and the use case follow the same rule."""
    return leaving(held_of(signup), now=clock.now(), as_staff=as_staff)


def held_of(signup: Signup) -> Held:
    """The sign-up as the rule of taking back sees it; its position and session are loaded."""
    held = signup.position.session
    return Held(
        status=signup.status,
        period=Period(held.starts_at, held.ends_at),
        cancel_hours=signup.position.cancel_hours,
        since=signup.confirmed_at or signup.created_at,
        is_put_off=held.state == SessionState.POSTPONED,
    )


def last_cancel(signup: Signup) -> datetime:
    """Until when its person may take it back."""
    held = held_of(signup)
    return cancel_until(held.period, held.cancel_hours)


def get_managed_position(person_id: str, position_id: str) -> Position:
    """A position of an event the person manages, with session and event; raises NotFound."""
    wanted = (
        select(Position)
        .join(EventSession, EventSession.id == Position.session_id)
        .join(Event, Event.id == EventSession.event_id)
        .where(Position.id == position_id)
        .execution_options(populate_existing=True)
    )
    found = session().scalar(wanted)
    if found is None:
        raise NotFound
    if not organisations.may(person_id, Permission.MANAGE_EVENTS, found.session.event.organisation_id):
        raise NotFound
    return found


def waiting_lines(position_id: str) -> list[Line]:
    """Those who wait, in the order in which they move up."""
    lines = _lines(position_id, SignupStatus.WAITLISTED)
    return [replace(one, place=number) for number, one in enumerate(lines, 1)]


def offered_lines(position_id: str) -> list[Line]:
    """Those for whom a place is held, by when that ends."""
    return sorted(_lines(position_id, SignupStatus.OFFERED), key=lambda one: one.until or one.since)


def pending_lines(position_id: str) -> list[Line]:
    """Those who ask for approval, in the order in which they asked."""
    return sorted(_lines(position_id, SignupStatus.PENDING), key=lambda one: (one.since, one.signup_id))


def _pending() -> ColumnElement[bool]:
    """Written out, so that the index of the few that wait is seen to hold all of them."""
    return Signup.status == literal_column(f"'{SignupStatus.PENDING}'")


def positions_to_decide(organisations: Collection[str] | None) -> Sequence[Row[*tuple[Any, ...]]]:
    """Positions of these organisations (None: of all) that people ask to be approved for, and how many; soonest first.
    Where it is one person, `signup_id` and `who` are theirs.

    Only while it can be decided: a published event, a session that has not begun.
    """
    wanted = (
        select(
            Position.id,
            Position.name,
            Event.title,
            Event.organisation_id,
            EventSession.starts_at,
            func.count(Signup.id).label("number"),
            func.min(Signup.id).label("signup_id"),
            func.min(Person.name).label("who"),
        )
        .join(Signup, Signup.position_id == Position.id)
        .join(Person, Person.id == Signup.person_id)
        .join(EventSession, EventSession.id == Position.session_id)
        .join(Event, Event.id == EventSession.event_id)
        .where(
            _pending(),
            Event.status == EventStatus.PUBLISHED,
            EventSession.cancelled_at.is_(None),
            EventSession.starts_at > clock.now(),
        )
        .group_by(Position.id, Event.title, Event.organisation_id, EventSession.starts_at)
        .order_by(EventSession.starts_at, Position.id)
    )
    if organisations is not None:
        wanted = wanted.where(Event.organisation_id.in_(organisations))
    return session().execute(wanted).all()


def _lines(position_id: str, status: SignupStatus) -> list[Line]:
    rows = session().execute(
        select(
            Signup.id,
            Signup.person_id,
            Signup.age_band,
            *minor_columns(),
            Person.name,
            Person.phone,
            Signup.created_at,
            Signup.waitlisted_at,
            Signup.offered_at,
            Signup.offer_expires_at,
            Signup.offer_told_at,
            Signup.priority,
            Team.name.label("team"),
        )
        .join(Person, Person.id == Signup.person_id)
        .outerjoin(Team, Team.id == Signup.team_id)
        .where(Signup.position_id == position_id, Signup.status == status)
        .order_by(*waiting_order())
    )
    moment = {SignupStatus.WAITLISTED: "waitlisted_at", SignupStatus.OFFERED: "offered_at"}.get(status, "")
    return [
        Line(
            signup_id=row.id,
            person_id=row.person_id,
            name=row.name,
            phone=row.phone,
            since=getattr(row, moment, None) or row.created_at,
            until=offer_deadline(row.offer_expires_at, row.offer_told_at),
            place=None,
            is_moved=row.priority > 0,
            team=row.team,
            age_band=row.age_band,
            is_cleared=not row.minor_lacks,
            minor=minor_from(row),
        )
        for row in rows
    ]
