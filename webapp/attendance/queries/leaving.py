"""What hangs on whoever paired phones, and on a paired phone that ends."""

from collections.abc import Iterator, Sequence
from datetime import timedelta
from typing import Any

from sqlalchemy import ColumnElement, Row, Select, func, or_, select

from webapp.attendance.domain import SCANNERS
from webapp.attendance.domain.phones import DeviceKind
from webapp.attendance.models import Device, DeviceSession, Scan, ScanChain
from webapp.attendance.queries.devices import lines
from webapp.core import clock
from webapp.core.db import session
from webapp.core.errors import N_
from webapp.core.leaving import End, Ending, Hanging, Option, some_names
from webapp.events.models import Event, EventSession
from webapp.organisations.domain import Permission, with_implied
from webapp.organisations.models import Organisation
from webapp.organisations.queries import acting, rights_of
from webapp.people.models import Person

WAITED_FOR = timedelta(days=14)  # what a phone has not handed in by then it will hardly hand in
END_IT = "end"  # the option by which the phone ends


def key_of(organisation_id: str) -> str:
    """Under which it is chosen who answers for the phones at this organisation's sessions."""
    return f"phones:{organisation_id}"


def paired_phones(*conditions: ColumnElement[bool]) -> Select[*tuple[Any, ...]]:
    """Phone, session and host of each pairing that holds, for sessions that are not over, by start."""
    now = clock.now()
    return _pairings(
        Device.revoked_at.is_(None),
        Device.expires_at > now,
        or_(Device.paired_at.is_not(None), Device.secret_expires_at > now),
        *conditions,
    )


def _pairings(*conditions: ColumnElement[bool]) -> Select[*tuple[Any, ...]]:
    return (
        select(
            Device.id,
            Device.name,
            Device.person_id,
            EventSession.id.label("session_id"),
            EventSession.starts_at,
            Event.title,
            Event.organisation_id,
        )
        .join(DeviceSession, DeviceSession.device_id == Device.id)
        .join(EventSession, EventSession.id == DeviceSession.session_id)
        .join(Event, Event.id == EventSession.event_id)
        .where(
            Device.kind != DeviceKind.BROWSER,
            EventSession.ends_at > clock.now(),
            EventSession.cancelled_at.is_(None),
            *conditions,
        )
        .order_by(EventSession.starts_at, Device.id)
    )


def phones_lost(ending: Ending) -> Sequence[Row[*tuple[Any, ...]]]:
    """Pairings that scan no more, because whoever answers for them may not."""
    rows = session().execute(paired_phones(Device.person_id == ending.person_id)).all()
    if ending.end == End.ACCOUNT:
        return rows
    kept = _kept_rights(ending)
    everywhere = any(Permission.GOVERN in held for held in kept.values())
    return [
        row
        for row in rows
        if not everywhere and not kept.get(row.organisation_id, frozenset()) & set(SCANNERS)
    ]


def _kept_rights(ending: Ending) -> dict[str, frozenset[str]]:
    """What they may do where once it has ended."""
    return {
        one.id: with_implied(set(one.permissions) - (ending.left if one.id == ending.subject_id else set()))
        for one in rights_of(ending.person_id)
    }


def colleagues(organisation_id: str, *, besides: str) -> Sequence[Row[str, str]]:
    """Who else may pair phones there: id and name."""
    ids = [
        person
        for _, person, held in acting(organisation_id)
        if Permission.MANAGE_EVENTS in held and person != besides
    ]
    found = {
        row.id: row for row in session().execute(select(Person.id, Person.name).where(Person.id.in_(ids)))
    }
    return [found[one] for one in ids]


def phones_hanging(ending: Ending) -> Iterator[Hanging]:
    """Phones they paired, by host: they may be given to a colleague, else they end."""
    rows = phones_lost(ending)
    for organisation_id in dict.fromkeys(row.organisation_id for row in rows):
        own = [row for row in rows if row.organisation_id == organisation_id]
        unit = session().get_one(Organisation, organisation_id).name
        values = {
            "n": len({row.id for row in own}),
            "unit": unit,
            "names": some_names(row.title for row in own),
        }
        yield Hanging(
            N_("给%(unit)s的活动（%(names)s）配对了 %(n)s 台签到手机。"),
            values,
            key=key_of(organisation_id),
            options=(
                Option(END_IT, N_("停用，请单位重新配对")),
                *(
                    Option(one.id, N_("交给%(name)s"), {"name": one.name})
                    for one in colleagues(organisation_id, besides=ending.person_id)
                ),
            ),
        )


def phone_hanging(ending: Ending) -> Iterator[Hanging]:
    """Sessions one phone is the only one for, and what it has not handed in."""
    own = session().execute(paired_phones(Device.id == ending.subject_id)).all()
    alone = [row for row in own if not _has_another(row.session_id, besides=ending.subject_id)]
    if alone:
        values = {"n": len(alone), "names": some_names(row.title for row in alone)}
        yield Hanging(
            N_("是 %(n)s 场活动唯一的签到手机：%(names)s。"),
            values,
            N_("到时要另配一台，或用登录的手机签到。"),
        )
    (line,) = lines([ending.subject_id])
    if line.missing > 0:
        yield Hanging(
            N_("还有 %(n)s 条签到没传上来。"), {"n": line.missing}, N_("以后传来，留给工作人员核对。")
        )


def _has_another(session_id: str, *, besides: str) -> bool:
    wanted = paired_phones(EventSession.id == session_id, Device.id != besides).limit(1)
    return session().execute(wanted).first() is not None


def sessions_without_phone(organisation_ids: Sequence[str] | None) -> list[Row[*tuple[Any, ...]]]:
    """Sessions of these organisations (None: of all) whose phones all ended because of who left; two statements."""
    ended = [Device.revoked_at.is_not(None), Device.revoked_by.is_(None)]
    if organisation_ids is not None:
        ended.append(Event.organisation_id.in_(organisation_ids))
    found = {row.session_id: row for row in session().execute(_pairings(*ended))}
    if not found:
        return []
    alive = session().execute(paired_phones(EventSession.id.in_(list(found))))
    for row in alive:
        found.pop(row.session_id, None)
    return list(found.values())


def phones_with_scans(organisation_ids: Sequence[str] | None) -> Sequence[Row[*tuple[Any, ...]]]:
    """Phones of these organisations' sessions (None: of all) of the last days with gaps in what they handed in: their
    last session and its end, and how many are missing. One statement.
    """
    now = clock.now()
    of = [] if organisation_ids is None else [Event.organisation_id.in_(organisation_ids)]
    ended = (
        select(
            DeviceSession.device_id,
            func.max(EventSession.id).label("session_id"),
            func.max(EventSession.ends_at).label("ends_at"),
        )
        .join(EventSession, EventSession.id == DeviceSession.session_id)
        .join(Event, Event.id == EventSession.event_id)
        .where(EventSession.ends_at > now - WAITED_FOR, EventSession.ends_at <= now, *of)
        .group_by(DeviceSession.device_id)
        .subquery()
    )
    gaps = (
        select(ScanChain.device_id, (func.max(Scan.counter) - func.count(Scan.counter)).label("gap"))
        .join(Scan, Scan.chain_id == ScanChain.id)
        .where(ScanChain.device_id.in_(select(ended.c.device_id)))
        .group_by(ScanChain.id, ScanChain.device_id)
        .subquery()
    )
    missing = func.sum(gaps.c.gap).label("missing")
    wanted = (
        select(Device.name, ended.c.session_id, ended.c.ends_at, missing)
        .join(ended, ended.c.device_id == Device.id)
        .join(gaps, gaps.c.device_id == Device.id)
        .where(Device.kind != DeviceKind.BROWSER)
        .group_by(Device.id, Device.name, ended.c.session_id, ended.c.ends_at)
        .having(missing > 0)
        .order_by(ended.c.ends_at, Device.id)
    )
    return session().execute(wanted).all()
