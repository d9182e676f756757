"""Reads: who may do what where, and the list of organisations."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Row, bindparam, select
from sqlalchemy.orm import joinedload

from webapp.core import direct, tokens
from webapp.core.audit import AuditEntry
from webapp.core.db import get_row, session, up_to_date
from webapp.core.errors import NotAllowed
from webapp.organisations.domain import (
    Held,
    Permission,
    counting_at,
    grants,
    seen_through,
    with_implied,
)
from webapp.organisations.models import Membership, Organisation
from webapp.organisations.queries.naming import names_through
from webapp.people.models import Account, Person
from webapp.people.queries import OWNER_OF_TOKEN, Known

# Memberships in organisations that still exist, to be joined by `person_id`. All built once: they stand before every
# page of staff, every request of a program and every scan.
HELD = (
    select(
        Membership.person_id,
        Membership.organisation_id,
        Membership.permissions,
        Organisation.name.label("unit"),
    )
    .join(Organisation, Organisation.id == Membership.organisation_id)
    .where(Organisation.closed_at.is_(None))
    .subquery("held")
)
_HELD_BY = select(HELD.c.organisation_id, HELD.c.permissions, HELD.c.unit).where(
    HELD.c.person_id == bindparam("person_id")
)
_OWNER_OF_TOKEN = direct.Prepared(
    OWNER_OF_TOKEN.outerjoin(HELD, HELD.c.person_id == Person.id).add_columns(
        HELD.c.organisation_id, HELD.c.permissions
    )
)


def _held(person_id: str) -> Sequence[Row[str, list[str], str]]:
    """Organisation, permissions and name of each membership in an organisation that still exists."""
    return up_to_date().execute(_HELD_BY, {"person_id": person_id}).all()


def held_by(person_id: str) -> list[tuple[str, list[str]]]:
    """Organisation and permissions of each membership in an organisation that still exists."""
    return [(row.organisation_id, row.permissions) for row in _held(person_id)]


Owner = tuple[Known, frozenset[str], Held]


def owner_of_token(token: str) -> Owner | None:
    """The owner of an API token that still works, everything they may do in at least one organisation, and where."""
    return owner_from(direct.rows(*owner_question(token)))


def owner_question(token: str) -> tuple[direct.Prepared, dict[str, str]]:
    """The question `owner_of_token` asks, for whoever has more to ask on the same trip."""
    return _OWNER_OF_TOKEN, {"fingerprint": tokens.fingerprint(token)}


def owner_from(rows: Sequence[Any]) -> Owner | None:
    """What it found, as `owner_of_token` gives it."""
    if not rows:
        return None
    held = [(row.organisation_id, row.permissions) for row in rows if row.organisation_id]
    return Known(rows[0].id, rows[0].name), with_implied(name for _, names in held for name in names), held


def permissions_of(person_id: str) -> frozenset[str]:
    """Everything the person may do in at least one organisation."""
    return with_implied(name for row in _held(person_id) for name in row.permissions)


@dataclass(frozen=True)
class Own:
    """An organisation somebody belongs to."""

    id: str
    name: str


def standing_of(person_id: str) -> tuple[frozenset[str], list[Own]]:
    """Everything the person may do in at least one organisation, and those they belong to, by name. One statement."""
    held = _held(person_id)
    own = sorted((Own(row.organisation_id, row.unit) for row in held), key=lambda one: (one.name, one.id))
    return with_implied(name for row in held for name in row.permissions), own


def permissions_at(person_id: str, organisation_id: str) -> frozenset[str]:
    """What the person may do for this organisation; `govern` and `inspect` held anywhere count everywhere."""
    return counting_at(organisation_id, held_by(person_id))


def may(person_id: str, permission: Permission, organisation_id: str) -> bool:
    """Whether the person holds the permission for the organisation."""
    return grants(permissions_at(person_id, organisation_id), permission)


def names_for(person_id: str) -> Callable[[str, str], str]:
    """How this person reads the name of somebody who has to do with an organisation (its id): whole where their work is
    with people there, masked for whoever only looks. One statement, however many names.
    """
    return names_through(held_by(person_id))


def require(person_id: str, permission: Permission, organisation_id: str) -> None:
    """Raise NotAllowed unless the person holds the permission for the organisation."""
    if not may(person_id, permission, organisation_id):
        raise NotAllowed


def organisations_seen(
    person_id: str, *permissions: Permission, within: str | None = None
) -> list[str] | None:
    """Ids of the organisations for which the person holds one of the permissions; None means all of them.

    `within` is the organisation somebody works for just now (core/working.py), for lists: no other is seen then.
    """
    return seen_through(held_by(person_id), permissions, within)


def organisations_with(
    person_id: str, *permissions: Permission, within: str | None = None
) -> list[Organisation]:
    """Open organisations for which the person holds any of the permissions (with none named: is a member)."""
    ids = organisations_seen(person_id, *permissions, within=within)
    if ids is None:
        return list_organisations()
    if not ids:
        return []
    return list(
        session().scalars(select(Organisation).where(Organisation.id.in_(ids)).order_by(Organisation.name))
    )


def own_units(person_id: str) -> list[Organisation]:
    """Open organisations a person is a member of and makes events for, by name; the office's own, not all."""
    ids = [where for where, names in held_by(person_id) if Permission.MANAGE_EVENTS in with_implied(names)]
    if not ids:
        return []
    wanted = select(Organisation).where(Organisation.id.in_(ids)).order_by(Organisation.name)
    return list(session().scalars(wanted))


def memberships_of(person_id: str) -> list[str]:
    """Ids of the open organisations a person is a member of, whatever they may do elsewhere."""
    return [row.organisation_id for row in _held(person_id)]


def rights_of(person_id: str) -> Sequence[Row[str, str, list[str]]]:
    """What a person may do by organisation (`id`, `name`, `permissions`), in the order of the ids."""
    wanted = (
        select(Organisation.id, Organisation.name, Membership.permissions)
        .join(Membership, Membership.organisation_id == Organisation.id)
        .where(Membership.person_id == person_id)
    )
    return session().execute(wanted.order_by(Organisation.id)).all()


def acting(*organisation_ids: str) -> list[tuple[str, str, frozenset[str]]]:
    """Organisation, person and what each may do there, of those who can still sign in, in the order they began.

    Of all organisations where none is named.
    """
    wanted = (
        select(Membership.organisation_id, Membership.person_id, Membership.permissions)
        .join(Organisation, Organisation.id == Membership.organisation_id)
        .join(Person, Person.id == Membership.person_id)
        .join(Account, Account.person_id == Person.id)
        .where(Organisation.closed_at.is_(None), Person.closed_at.is_(None), Account.disabled_at.is_(None))
        .order_by(Membership.created_at, Membership.id)
    )
    if organisation_ids:
        wanted = wanted.where(Membership.organisation_id.in_(organisation_ids))
    return [(row[0], row[1], with_implied(row[2])) for row in session().execute(wanted)]


def governors() -> list[str]:
    """Ids of the office's people who can sign in."""
    return list(dict.fromkeys(person for _, person, held in acting() if Permission.GOVERN in held))


def who_acts(organisation_id: str, permission: Permission, *, besides: str = "") -> list[str]:
    """Who has to be told of what waits there: those who may do it for the organisation, else the office.

    `besides` is whoever is about to leave.
    """
    own = [person for _, person, held in acting(organisation_id) if permission in held and person != besides]
    return own or [one for one in governors() if one != besides]


def get_organisation(organisation_id: str) -> Organisation:
    """The organisation; raises NotFound."""
    return get_row(Organisation, organisation_id)


def list_organisations(kind: str | None = None) -> list[Organisation]:
    """Open organisations, by kind and name."""
    wanted = select(Organisation).where(Organisation.closed_at.is_(None))
    if kind is not None:
        wanted = wanted.where(Organisation.kind == kind)
    return list(session().scalars(wanted.order_by(Organisation.kind, Organisation.name)))


def find_by_name(name: str) -> Organisation | None:
    """The organisation the plan or an import names so."""
    return session().scalar(select(Organisation).where(Organisation.name == name))


def list_members(organisation_id: str) -> list[Membership]:
    """Memberships with their persons, in the order they were given."""
    return list(
        session().scalars(
            select(Membership)
            .where(Membership.organisation_id == organisation_id)
            .options(joinedload(Membership.person))
            .order_by(Membership.created_at, Membership.id)
        )
    )


@dataclass(frozen=True)
class MembershipChange:
    """Who changed whose permissions, and from what to what."""

    at: datetime
    by: str | None
    person: str
    before: list[str]
    after: list[str]


def list_membership_changes(organisation_id: str, limit: int = 20) -> list[MembershipChange]:
    """The last changes of permissions, newest first, with names."""
    entries = (
        session()
        .scalars(
            select(AuditEntry)
            .where(
                AuditEntry.subject_type == "organisation",
                AuditEntry.subject_id == organisation_id,
                AuditEntry.action == "membership.set",
            )
            .order_by(AuditEntry.at.desc(), AuditEntry.id.desc())
            .limit(limit)
        )
        .all()
    )
    ids = {entry.details["person"] for entry in entries} | {entry.actor_id for entry in entries}
    found = session().execute(select(Person.id, Person.name).where(Person.id.in_(ids - {None})))
    names = {row.id: row.name for row in found}
    return [
        MembershipChange(
            at=entry.at,
            by=names.get(entry.actor_id or ""),
            person=names.get(entry.details["person"], "–"),
            before=entry.details["before"],
            after=entry.details["after"],
        )
        for entry in entries
    ]


def find_membership(person_id: str, organisation_id: str) -> Membership | None:
    """The person's membership of this organisation."""
    return session().scalar(
        select(Membership)
        .where(Membership.person_id == person_id, Membership.organisation_id == organisation_id)
        .options(joinedload(Membership.person))
    )
