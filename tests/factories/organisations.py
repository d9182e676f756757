"""Organisations and those who work for them."""

from itertools import count

from tests.factories.people import make_account
from webapp.core.db import transaction
from webapp.organisations import service
from webapp.organisations.domain import OrganisationKind, Permission
from webapp.organisations.models import Organisation
from webapp.people.models import Account

_numbers = count(1)


def make_organisation(
    name: str | None = None, *, kind: OrganisationKind = OrganisationKind.UNIT, needs_approval: bool = False
) -> Organisation:
    """A unit, or another kind of organisation."""
    name = name or f"示例单位{next(_numbers)}"
    with transaction():
        return service.make_organisation(name=name, kind=kind, needs_approval=needs_approval)


def grant(account: Account, organisation: Organisation, *permissions: Permission) -> None:
    """Let this account's owner do exactly this for the organisation."""
    person_id, organisation_id = account.person_id, organisation.id
    with transaction():
        service.set_membership(person_id, organisation_id, permissions, by=None)


def make_staff(organisation: Organisation, *permissions: Permission, name: str = "赵桂芝") -> Account:
    """Someone with an account who may do this for the organisation."""
    account = make_account(name)
    grant(account, organisation, *permissions)
    return account
