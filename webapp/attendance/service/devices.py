"""Pairing a phone for named sessions until a moment, beginning its chain, taking the pairing back."""

from collections.abc import Collection
from datetime import datetime

from sqlalchemy import update

from webapp.attendance.domain.phones import (
    DEVICE_NAME_LIMIT,
    PAIRING_CODE_LIFE,
    DeviceKind,
    PairingExpired,
    check_pairing,
)
from webapp.attendance.models import Device, DeviceSession, ScanChain
from webapp.core import audit, clock, spelling, tokens
from webapp.core.db import lock_row, session

PAIRING, CODE_LETTERS = "pairing", 8  # 40 bits, ten minutes, and few guesses


def pairing_code(device: Device) -> str:
    """The code that pairs this phone, as it is typed: two groups of four letters."""
    code = tokens.mac(PAIRING, device.id, length=CODE_LETTERS).upper()
    return f"{code[:4]}-{code[4:]}"


# Letters of a code that are read as figures it never has.
_MISREAD = str.maketrans("018", "OIB")


def _read(code: str) -> str:
    """A code as it was meant: without spaces and hyphens, in capitals, whatever width it was typed in."""
    plain = spelling.compact(code).upper().translate(_MISREAD)
    return "".join(letter for letter in plain if letter.isalnum())


def offer_pairing(
    *, name: str, kind: DeviceKind, session_ids: Collection[str], until: datetime, by: str
) -> Device:
    """A phone that may be paired within ten minutes; raises PairingTooLong, NoSession.

    The caller has checked that `by` may pair phones for these sessions.
    """
    now = clock.now()
    check_pairing(until, frozenset(session_ids), now)
    device = Device(
        name=name[:DEVICE_NAME_LIMIT],
        kind=kind,
        person_id=by,
        secret_hash="",
        secret_expires_at=now + PAIRING_CODE_LIFE,
        expires_at=until,
    )
    device.secret_hash = tokens.new_token()  # stands in until the row has its id
    session().add(device)
    session().flush()
    device.secret_hash = tokens.fingerprint(_read(pairing_code(device)))
    session().add_all(DeviceSession(device_id=device.id, session_id=one) for one in sorted(set(session_ids)))
    audit.record("device.offer", "device", device.id, by=by, sessions=sorted(set(session_ids)))
    return device


def pair(code: str) -> tuple[Device, str]:
    """The phone this code pairs and its cookie's secret; of two who use a code one gets it. Raises PairingExpired."""
    token, now = tokens.new_token(), clock.now()
    won = session().execute(
        update(Device)
        .where(
            Device.secret_hash == tokens.fingerprint(_read(code)),
            Device.secret_expires_at > now,
            Device.paired_at.is_(None),
            Device.revoked_at.is_(None),
        )
        .values(paired_at=now, last_seen_at=now, token_hash=tokens.fingerprint(token))
        .returning(Device.id)
    )
    device_id = won.scalar_one_or_none()
    if device_id is None:
        raise PairingExpired
    audit.record("device.pair", "device", device_id, by=None)
    return session().get_one(Device, device_id, populate_existing=True), token


def revoke(device_id: str, *, by: str | None) -> Device:
    """The phone may scan no more; what it hands in afterwards is kept for people to settle. Twice is once.

    By nobody (None): whoever answered for it is gone.
    """
    device = lock_row(Device, device_id)
    if device.revoked_at is None:
        device.revoked_at, device.revoked_by = clock.now(), by
        audit.record("device.revoke", "device", device_id, by=by)
    return device


def browser_of(person_id: str, device_id: str | None, *, name: str) -> Device:
    """The browser a scanner is signed in with: the one named, if it is theirs, else a new one."""
    device = session().get(Device, device_id) if device_id else None
    if device is None or device.kind != DeviceKind.BROWSER or device.person_id != person_id:
        device = Device(name=name[:DEVICE_NAME_LIMIT], kind=DeviceKind.BROWSER, person_id=person_id)
        session().add(device)
        session().flush()
    return device


def begin_chain(device: Device) -> ScanChain:
    """A new chain of this phone."""
    chain = ScanChain(device_id=device.id)
    session().add(chain)
    session().flush()
    return chain


def seen(device: Device, *, sent_at: datetime | None) -> None:
    """The phone was heard of; `sent_at` is the time on its own clock, and what it lacks of ours is noted."""
    now = clock.now()
    values: dict[str, object] = {"last_seen_at": now}
    if sent_at is not None:
        values |= {"clock_offset_ms": round((now - sent_at).total_seconds() * 1000), "clock_measured_at": now}
    session().execute(update(Device).where(Device.id == device.id).values(**values))
