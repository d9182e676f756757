"""What units have of all that their first day takes: a telephone, a place, an event, a helper, a phone."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import ScalarSelect, Select, String, cast, exists, func, or_, select

from webapp.attendance.domain.beginning import Beginning
from webapp.attendance.models import Device, DeviceSession
from webapp.core import clock
from webapp.core.db import session
from webapp.events.models import Event, EventSession
from webapp.organisations.domain import MAY_SCAN
from webapp.organisations.models import Membership, Organisation
from webapp.venues.models import Venue


def beginnings(organisation_ids: Sequence[str], *, person_id: str) -> list[Beginning]:
    """Of these units, by name, as this person sees them (a helper is somebody else); one statement."""
    rows = session().execute(_wanted(person_id).where(Organisation.id.in_(organisation_ids)))
    return [Beginning(**row) for row in rows.mappings()]


def _wanted(person_id: str) -> Select[*tuple[Any, ...]]:
    of = Event.organisation_id == Organisation.id
    published = exists().where(of, Event.published_at.is_not(None))
    scans = or_(*(cast(Membership.permissions, String).contains(f'"{one}"') for one in sorted(MAY_SCAN)))
    helper = exists().where(
        Membership.organisation_id == Organisation.id, Membership.person_id != person_id, scans
    )
    paired = (
        select(Device.id)
        .join(DeviceSession, DeviceSession.device_id == Device.id)
        .join(EventSession, EventSession.id == DeviceSession.session_id)
        .join(Event, Event.id == EventSession.event_id)
        .where(of, Device.paired_at.is_not(None))
        .correlate(Organisation)
        .exists()
    )
    return select(
        Organisation.id.label("organisation_id"),
        Organisation.name.label("name"),
        (func.coalesce(Organisation.phone, "") != "").label("has_phone"),
        exists().where(Venue.closed_at.is_(None)).label("has_venue"),
        published.label("has_published"),
        helper.label("has_helper"),
        paired.label("has_paired"),
        _draft().label("draft_id"),
        _next_session().label("session_id"),
    ).order_by(Organisation.name)


def _draft() -> ScalarSelect[str]:
    wanted = select(Event.id).where(
        Event.organisation_id == Organisation.id, Event.published_at.is_(None), Event.cancelled_at.is_(None)
    )
    return wanted.order_by(Event.created_at, Event.id).limit(1).correlate(Organisation).scalar_subquery()


def _next_session() -> ScalarSelect[str]:
    wanted = (
        select(EventSession.id)
        .join(Event, Event.id == EventSession.event_id)
        .where(
            Event.organisation_id == Organisation.id,
            Event.published_at.is_not(None),
            EventSession.cancelled_at.is_(None),
            EventSession.ends_at > clock.now(),
        )
    )
    return (
        wanted.order_by(EventSession.starts_at, EventSession.id)
        .limit(1)
        .correlate(Organisation)
        .scalar_subquery()
    )
