"""Use cases: make and change an organisation, say what a person may do for it."""

from collections.abc import Iterable

from sqlalchemy import select
from sqlalchemy.exc import IntegrityError

from webapp.core import audit
from webapp.core.db import broken_constraint, lock_row, savepoint, session
from webapp.core.hooks import Hook
from webapp.organisations import queries
from webapp.organisations.domain import (
    NAME_LIMIT,
    AlreadyMember,
    BadOrganisationName,
    LastGovernor,
    NameTaken,
    NoSuchAccount,
    OrganisationDetails,
    OrganisationKind,
    Permission,
    UnknownPermission,
)
from webapp.organisations.models import Membership, Organisation
from webapp.people import queries as people
from webapp.people.models import Person
from webapp.people.service import Closing

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
    before = {"name": row.name, "kind": row.kind, "phone": row.phone, "needs_approval": row.needs_approval}
    row.name, row.kind = _checked(details.name), OrganisationKind(details.kind).value
    row.full_name = _checked(details.full_name) if details.full_name else None
    row.phone, row.needs_approval = details.phone or None, details.needs_approval
    _add(row)
    audit.record("organisation.change", "organisation", row.id, by=by, before=before)
    changed(row)
    return row


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


def set_membership(
    person_id: str, organisation_id: str, permissions: Iterable[str], *, by: str | None
) -> Membership | None:
    """Let the person do exactly this for the organisation; nothing at all ends the membership (returns None).

    `by` needs `govern` (None is the system). Raises NotAllowed, NotFound, UnknownPermission, LastGovernor.
    """
    wanted = _known(permissions)
    current = session()
    lock_row(Organisation, organisation_id)  # two changes of one membership follow each other
    if by is not None:
        queries.require(by, Permission.GOVERN, organisation_id)
    person = lock_row(Person, person_id)
    row = queries.find_membership(person.id, organisation_id)
    before = list(row.permissions) if row else []
    if Permission.GOVERN in before and Permission.GOVERN not in wanted:
        _keep_one_governor(person.id, organisation_id)
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
    return row


def on_closing(leaving: Closing) -> None:
    """Whoever closes their account no longer works for anyone; raises LastGovernor."""
    wanted = select(Membership.organisation_id).where(Membership.person_id == leaving.person_id)
    for organisation_id in list(session().scalars(wanted.order_by(Membership.organisation_id))):
        set_membership(leaving.person_id, organisation_id, [], by=None)


def _known(permissions: Iterable[str]) -> list[str]:
    """Without doubles, in the order of the enumeration."""
    asked = {str(name) for name in permissions}
    for name in sorted(asked - set(Permission)):
        raise UnknownPermission(name=name)
    return [permission.value for permission in Permission if permission in asked]


def _keep_one_governor(person_id: str, organisation_id: str) -> None:
    rows = session().scalars(select(Membership)).all()
    for row in rows:
        other = (row.person_id, row.organisation_id) != (person_id, organisation_id)
        if other and Permission.GOVERN in row.permissions:
            return
    raise LastGovernor
