"""Phones that scan: which one asks, what it may scan for, what staff see of them."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, func, select

from webapp.attendance.domain import LATE, SCANNERS
from webapp.attendance.domain.phones import DeviceExpired, DeviceKind, DeviceRevoked
from webapp.attendance.models import Device, DeviceSession, Scan, ScanChain
from webapp.core import clock, tokens
from webapp.core.auth import is_scanner, paired_phone, the_person
from webapp.core.db import session
from webapp.core.errors import NotAllowed, NotFound
from webapp.events import queries as events
from webapp.events.models import Event, EventSession
from webapp.organisations.domain import Permission

OFFERERS = (Permission.MANAGE_EVENTS, Permission.GOVERN)  # who pairs phones


@dataclass(frozen=True)
class Scanner:
    """Who scans: a person, or a paired phone someone answers for."""

    person_id: str
    device: Device | None = None

    @property
    def before_a_crowd(self) -> bool:
        """Whether it is a tablet on which people check themselves in: everybody there reads its screen."""
        return self.device is not None and self.device.kind == DeviceKind.KIOSK


def paired(token: str, ended_too: bool = False) -> Device | None:
    """The phone of a cookie; raises DeviceExpired and DeviceRevoked unless `ended_too`."""
    device = session().scalar(select(Device).where(Device.token_hash == tokens.fingerprint(token)))
    if device is not None and not ended_too:
        if device.revoked_at is not None:
            raise DeviceRevoked
        if device.expires_at is not None and device.expires_at <= clock.now():
            raise DeviceExpired
    return device


def the_scanner() -> Scanner:
    """Who asks, in a view under `core.auth.scanner`."""
    phone = paired_phone()
    if phone is None:
        return Scanner(the_person().id)
    return Scanner(phone.person_id, session().get_one(Device, phone.id))


def scanner_or_none() -> Scanner | None:
    """Who asks, where anyone may; raises DeviceExpired and DeviceRevoked."""
    return the_scanner() if is_scanner(frozenset(SCANNERS)) else None


def may_scan(scanner: Scanner, session_id: str) -> bool:
    """Whether they may scan for this session. A phone may no more than whoever answers for it may."""
    try:
        check_may_scan(scanner, session_id)
    except (NotFound, NotAllowed):
        return False
    return True


def check_may_scan(scanner: Scanner, session_id: str) -> None:
    """Raise NotFound or NotAllowed unless they may."""
    if scanner.device is not None and not is_paired_for(scanner.device.id, session_id):
        raise NotFound
    events.check_session_access(scanner.person_id, session_id, *SCANNERS)


def is_paired_for(device_id: str, session_id: str) -> bool:
    """Whether the phone was paired for this session."""
    return session().get(DeviceSession, (device_id, session_id)) is not None


def sessions_of(scanner: Scanner) -> list[EventSession]:
    """What they may scan for now: a phone its own sessions until they are over, a person those of today."""
    if scanner.device is None:
        return events.sessions_to_scan(scanner.person_id, clock.now())
    found = session().scalars(
        select(EventSession)
        .join(DeviceSession, DeviceSession.session_id == EventSession.id)
        .where(DeviceSession.device_id == scanner.device.id, EventSession.ends_at > clock.now() - LATE)
        .order_by(EventSession.starts_at, EventSession.id)
    )
    return [one for one in found if may_scan(scanner, one.id)]


def device_for(person_id: str, device_id: str) -> Device:
    """A paired phone, for staff of an organisation whose session it scans for; raises NotFound."""
    device = session().get(Device, device_id)
    if device is not None and device.kind != DeviceKind.BROWSER:
        ids = session().scalars(select(DeviceSession.session_id).where(DeviceSession.device_id == device_id))
        if any(events.may_access_session(person_id, one, *OFFERERS) for one in ids):
            return device
    raise NotFound


@dataclass(frozen=True)
class PhoneLine:
    """A phone as staff see it."""

    device: Device
    sessions: list[EventSession]
    scans: int
    missing: int  # links of its chains that have not reached us

    @property
    def state(self) -> str:
        """waiting, lapsed (its code was never used), paired, expired, revoked."""
        device, now = self.device, clock.now()
        if device.revoked_at is not None:
            return "revoked"
        if device.paired_at is None:
            is_waiting = device.secret_expires_at is not None and device.secret_expires_at > now
            return "waiting" if is_waiting else "lapsed"
        return "paired" if device.expires_at is None or device.expires_at > now else "expired"


def phones_of_session(session_id: str) -> list[PhoneLine]:
    """Phones paired for a session, newest first."""
    wanted = select(DeviceSession.device_id).where(DeviceSession.session_id == session_id)
    return lines(wanted)


def listed_phones(organisations: Sequence[str] | None, *, since: datetime) -> Select[Any]:
    """Phones made since then for sessions of these organisations (None: of all); see `phone_rows`."""
    return select(Device).where(Device.id.in_(_paired_for(organisations, since).with_only_columns(Device.id)))


def words_of_phones(organisations: Sequence[str] | None, *, since: datetime) -> Select[*tuple[Any, ...]]:
    """What finds each of them: its name, and the events it is for."""
    return _paired_for(organisations, since).with_only_columns(Device.id, Device.name, Event.title)


def _paired_for(organisations: Sequence[str] | None, since: datetime) -> Select[Any]:
    wanted: Select[Any] = (
        select(Device)
        .join(DeviceSession, DeviceSession.device_id == Device.id)
        .join(EventSession, EventSession.id == DeviceSession.session_id)
        .join(Event, Event.id == EventSession.event_id)
        .where(Device.created_at > since)
    )
    return wanted if organisations is None else wanted.where(Event.organisation_id.in_(organisations))


def phone_rows(found: Sequence[Device]) -> list[PhoneLine]:
    """What staff see of the phones of a page, in its order."""
    there = {one.device.id: one for one in lines([one.id for one in found])}
    return [there[one.id] for one in found]


def is_in_state(state: str) -> ColumnElement[bool]:
    """As PhoneLine.state says it, asked of the database."""
    now, is_paired = clock.now(), Device.paired_at.is_not(None)
    is_waiting = func.coalesce(Device.secret_expires_at, now) > now
    is_over = func.coalesce(Device.expires_at, now + timedelta(days=1)) <= now
    ways = {
        "revoked": Device.revoked_at.is_not(None),
        "waiting": and_(~is_paired, is_waiting),
        "lapsed": and_(~is_paired, ~is_waiting),
        "paired": and_(is_paired, ~is_over),
        "expired": and_(is_paired, is_over),
    }
    return ways[state] if state == "revoked" else and_(Device.revoked_at.is_(None), ways[state])


def lines(device_ids: Sequence[str] | Select[str]) -> list[PhoneLine]:
    """What staff see of phones, newest first; four questions, however many phones."""
    devices = (
        session()
        .scalars(
            select(Device).where(Device.id.in_(device_ids)).order_by(Device.created_at.desc(), Device.id)
        )
        .all()
    )
    ids = [one.id for one in devices]
    held: dict[str, list[EventSession]] = {}
    rows = session().execute(
        select(DeviceSession.device_id, EventSession)
        .join(EventSession, EventSession.id == DeviceSession.session_id)
        .where(DeviceSession.device_id.in_(ids))
        .order_by(EventSession.starts_at, EventSession.id)
    )
    for device_id, one in rows:
        held.setdefault(device_id, []).append(one)
    counts = dict(
        session()
        .execute(select(Scan.device, func.count()).where(Scan.device.in_(ids)).group_by(Scan.device))
        .all()
    )
    missing: dict[str, int] = {}
    chains = session().execute(
        select(ScanChain.device_id, func.max(Scan.counter) - func.count(Scan.counter))
        .join(Scan, Scan.chain_id == ScanChain.id)
        .where(ScanChain.device_id.in_(ids))
        .group_by(ScanChain.id, ScanChain.device_id)
    )
    for device_id, gap in chains:
        missing[device_id] = missing.get(device_id, 0) + (gap or 0)
    return [
        PhoneLine(one, held.get(one.id, []), counts.get(one.id, 0), missing.get(one.id, 0)) for one in devices
    ]
