"""Use cases: make and change an organisation, say what a person may do for it."""

from collections.abc import Iterable, Mapping
from typing import Any

from sqlalchemy import select
from sqlalchemy.exc import IntegrityError

from webapp.core import audit, clock
from webapp.core.config import current_settings
from webapp.core.db import broken_constraint, lock_row, savepoint, session
from webapp.core.hooks import Hook
from webapp.core.leaving import End, Ending, Part, settle
from webapp.core.spelling import compact
from webapp.organisations import queries
from webapp.organisations.domain import (
    HELPER_ADDED,
    MAY_SCAN,
    NAME_LIMIT,
    NOBODY_ACTS,
    PERMISSION_LABELS,
    AlreadyHelper,
    AlreadyMember,
    BadOrganisationName,
    LastGovernor,
    NameTaken,
    NoSuchAccount,
    NoSuchHelper,
    OrganisationDetails,
    OrganisationKind,
    Permission,
    UnknownPermission,
)
from webapp.organisations.models import Membership, Organisation
from webapp.organisations.queries.leaving import Unit, is_last_governor, left_alone, rights_hanging
from webapp.people import queries as people
from webapp.people.models import Person
from webapp.people.service import notify

changed = Hook()  # (organisation): its name, telephone or rules are others now


def make_organisation(
    *,
    name: str,
    kind: str,
    full_name: str | None = None,
    phone: str | None = None,
    needs_approval: bool = False,
    by: str | None = None,
) -> Organisation:
    """A new organisation, flushed; raises BadOrganisationName, NameTaken."""
    made = Organisation(
        name=_checked(name),
        kind=OrganisationKind(kind).value,
        full_name=_checked(full_name) if full_name else None,
        phone=phone or None,
        needs_approval=needs_approval,
    )
    _add(made)
    audit.record("organisation.make", "organisation", made.id, by=by, name=made.name)
    return made


def add_organisation(details: OrganisationDetails, *, by: str) -> Organisation:
    """A new organisation, entered by the office; raises BadOrganisationName, NameTaken."""
    return make_organisation(
        name=details.name,
        kind=details.kind,
        full_name=details.full_name,
        phone=details.phone,
        needs_approval=details.needs_approval,
        by=by,
    )


def change_organisation(
    organisation_id: str, details: OrganisationDetails, *, by: str | None
) -> Organisation:
    """Change what the public and the organisers see of it; raises BadOrganisationName, NameTaken, NotFound."""
    row = lock_row(Organisation, organisation_id)
    before = _told(row)
    row.name, row.kind = _checked(details.name), OrganisationKind(details.kind).value
    row.full_name = _checked(details.full_name) if details.full_name else None
    row.phone, row.needs_approval = details.phone or None, details.needs_approval
    _add(row)
    audit.record("organisation.change", "organisation", row.id, by=by, before=before, after=_told(row))
    changed(row)
    return row


def set_phone(organisation_id: str, phone: str, *, by: str) -> Organisation:
    """The telephone the public sees, entered by whoever makes the unit's events; raises NotAllowed, NotFound."""
    row = lock_row(Organisation, organisation_id)
    queries.require(by, Permission.MANAGE_EVENTS, organisation_id)
    before, row.phone = {"phone": row.phone}, phone
    audit.record("organisation.change", "organisation", row.id, by=by, before=before, after={"phone": phone})
    changed(row)
    return row


def require_approval(organisation_id: str, *, needed: bool, by: str) -> None:
    """Whether the office publishes its events, or it does so itself; as it is already changes nothing."""
    row = lock_row(Organisation, organisation_id)
    if row.needs_approval == needed:
        return
    before, row.needs_approval = {"needs_approval": row.needs_approval}, needed
    after = {"needs_approval": needed}
    audit.record("organisation.change", "organisation", row.id, by=by, before=before, after=after)
    changed(row)


def _told(row: Organisation) -> dict[str, Any]:
    return {"name": row.name, "kind": row.kind, "phone": row.phone, "needs_approval": row.needs_approval}


def _checked(name: str) -> str:
    name = " ".join(name.split())
    if not 1 <= len(name) <= NAME_LIMIT:
        raise BadOrganisationName
    return name


def _add(row: Organisation) -> None:
    try:
        with savepoint() as current:  # the unique name is checked now, while the form can still say so
            current.add(row)
    except IntegrityError as error:
        if broken_constraint(error) == "uq_organisation_name":
            raise NameTaken from error
        raise


def add_member(organisation_id: str, login: str, permissions: Iterable[str], *, by: str) -> Membership | None:
    """The owner of an account begins to work for the organisation; raises NoSuchAccount, AlreadyMember."""
    lock_row(Organisation, organisation_id)  # a form sent twice must meet the first one's row
    found = people.as_login(login)
    account = people.find_account(found) if found else None
    if account is None or account.disabled_at is not None:
        raise NoSuchAccount
    if queries.find_membership(account.person_id, organisation_id):
        raise AlreadyMember
    return set_membership(account.person_id, organisation_id, permissions, by=by)


def add_helper(organisation_id: str, name: str, login: str, *, by: str) -> Membership:
    """The owner of an account may check people in for the organisation from now on, and is told so.

    Name and login must belong together: nobody learns here whose a telephone is. Raises NoSuchHelper, AlreadyHelper.
    """
    organisation = lock_row(Organisation, organisation_id)
    queries.require(by, Permission.MANAGE_EVENTS, organisation_id)
    found = people.as_login(login)
    account = people.find_account(found) if found else None
    if account is None or account.disabled_at is not None:
        raise NoSuchHelper
    if compact(people.get_person(account.person_id).name) != compact(name):
        raise NoSuchHelper
    member = queries.find_membership(account.person_id, organisation_id)
    held = member.permissions if member else []
    if MAY_SCAN & frozenset(held):
        raise AlreadyHelper
    made = set_membership(account.person_id, organisation_id, [*held, Permission.SCAN], by=by)
    assert made is not None
    stamp = clock.now().isoformat()
    notify(
        account.person_id,
        subject=f"{organisation.name}请您帮忙签到",
        body=f"{organisation.name}给了您签到的权限：登录后可以给它的活动扫码签到。不是您答应过的，请给它打电话。",
        fact=HELPER_ADDED.of(f"organisation:{organisation_id}:helper:{account.person_id}:{stamp}"),
    )
    return made


def remove_helper(organisation_id: str, person_id: str, *, by: str) -> None:
    """Somebody checks people in for the organisation no more; a second time changes nothing."""
    lock_row(Organisation, organisation_id)
    queries.require(by, Permission.MANAGE_EVENTS, organisation_id)
    member = queries.find_membership(person_id, organisation_id)
    if member is not None:
        kept = [one for one in member.permissions if one != Permission.SCAN]
        set_membership(person_id, organisation_id, kept, by=by)


def leaving_of(member: Membership, permissions: Iterable[str] | None = None) -> Ending:
    """The end of these permissions (all they hold there), as it would be."""
    left = frozenset(member.permissions if permissions is None else permissions)
    return Ending(End.RIGHT, member.person_id, member.organisation_id, left=left)


def set_membership(
    person_id: str,
    organisation_id: str,
    permissions: Iterable[str],
    *,
    by: str | None,
    choices: Mapping[str, str] | None = None,
) -> Membership | None:
    """Let the person do exactly this for the organisation; nothing at all ends the membership (returns None).

    What hangs on what they lose is handed on (core/leaving.py), as `choices` say. `by` needs `govern` (None is the
    system); who makes the events may give and take the right to check people in, and no other.
    Raises NotAllowed, NotFound, UnknownPermission, LastGovernor.
    """
    wanted = _known(permissions)
    current = session()
    lock_row(Organisation, organisation_id)  # two changes of one membership follow each other
    if by is not None:
        queries.require(by, Permission.MANAGE_EVENTS, organisation_id)
    person = lock_row(Person, person_id)
    row = queries.find_membership(person.id, organisation_id)
    before = list(row.permissions) if row else []
    if by is not None and frozenset(before) ^ frozenset(wanted) != {Permission.SCAN}:
        queries.require(by, Permission.GOVERN, organisation_id)
    left = frozenset(before) - frozenset(wanted)
    ending = Ending(End.RIGHT, person.id, organisation_id, by=by, left=left, choices=choices or {})
    if Permission.GOVERN in left:
        _keep_one_governor(ending)
    alone = left_alone(ending) if left else []
    if row is None and wanted:
        row = Membership(person_id=person.id, organisation_id=organisation_id, permissions=wanted)
        current.add(row)
    elif row is not None and wanted:
        row.permissions = wanted
    elif row is not None:
        current.delete(row)
        row = None
    current.flush()  # the permissions count for whatever follows in this transaction
    if before != wanted:
        details = {"person": person.id, "before": before, "after": wanted}
        audit.record("membership.set", "organisation", organisation_id, by=by, **details)
    if left:
        _tell_office(alone, person)
        settle(ending)
    return row


def _tell_office(alone: list[tuple[Unit, Permission]], person: Person) -> None:
    """Nobody of the organisation can do it any more: the office does it meanwhile, and has to name somebody."""
    base = current_settings().base_url
    stamp = clock.now().isoformat()
    for one, permission in alone:
        what = PERMISSION_LABELS[permission]
        link = f"{base}/manage/organisations/{one.id}/members" if base else ""
        lines = [f"{person.name}离开以后，{one.name}没有人能“{what}”了。指定别人以前，请市科协代办。", link]
        for governor in queries.governors():
            if governor != person.id:
                notify(
                    governor,
                    subject=f"{one.name}没有人能{what}了",
                    body="\n".join(line for line in lines if line),
                    fact=NOBODY_ACTS.of(f"organisation:{one.id}:nobody:{permission}:{stamp}:{governor}"),
                )


def on_closing(leaving: Ending) -> None:
    """Whoever closes their account no longer works for anyone; raises LastGovernor."""
    for one in queries.rights_of(leaving.person_id):
        set_membership(leaving.person_id, one.id, [], by=None, choices=leaving.choices)


def _known(permissions: Iterable[str]) -> list[str]:
    """Without doubles, in the order of the enumeration."""
    asked = {str(name) for name in permissions}
    for name in sorted(asked - set(Permission)):
        raise UnknownPermission(name=name)
    return [permission.value for permission in Permission if permission in asked]


def _keep_one_governor(ending: Ending) -> None:
    """Raise LastGovernor where nobody would be left. Two at the same moment see each other: both lock them all."""
    rows = session().execute(select(Membership.id, Membership.permissions).order_by(Membership.id)).all()
    governing = [row.id for row in rows if Permission.GOVERN in row.permissions]
    locked = select(Membership.id).where(Membership.id.in_(governing)).order_by(Membership.id)
    session().execute(locked.with_for_update()).all()
    if is_last_governor(ending):
        raise LastGovernor


PARTS = (
    Part(
        {End.ACCOUNT},
        rights_hanging,
        on_closing,
        keys={"membership.person_id"},
    ),
    Part({End.RIGHT}, rights_hanging),  # settled by set_membership itself, which is that end
)
