"""Commands: an account, with what it may do, and a new password for someone who forgot theirs."""

import secrets

import click
from flask.cli import AppGroup
from flask_babel import force_locale

from webapp.core import leaving
from webapp.core.db import transaction
from webapp.core.errors import Refusal
from webapp.core.i18n import LOCALES, filled
from webapp.organisations import queries, service
from webapp.organisations.domain import Permission
from webapp.organisations.models import Organisation
from webapp.people import queries as people
from webapp.people import service as people_service
from webapp.people.models import Account

account_commands = AppGroup("account", help="Accounts of people.")
commands = (account_commands,)
_EASY = "23456789abcdefghjkmnpqrstwxyz"  # survives being read aloud and written down


def _generated() -> str:
    return "-".join("".join(secrets.choice(_EASY) for _ in range(4)) for _ in range(4))


@account_commands.command("create")
@click.option("--name", help="The person's name; asked for when missing.")
@click.option("--email", help="E-mail address to sign in with.")
@click.option("--phone", help="Telephone number to sign in with.")
@click.option("--password", help="At least 8 characters; generated and printed when missing.")
@click.option("--organisation", help="Name of the organisation, as the plan writes it: 市科协.")
@click.option(
    "--permission",
    "permissions",
    multiple=True,
    type=click.Choice([permission.value for permission in Permission]),
    help="What the person may do there; may be given several times.",
)
def create_account(permissions: tuple[str, ...], organisation: str | None, **given: str | None) -> None:
    """Make an account. A second time the account stays as it is and only what is missing is granted."""
    if bool(permissions) != bool(organisation):
        raise click.ClickException("--organisation and --permission belong together: give both or neither.")
    if not given["email"] and not given["phone"]:
        given["email"] = click.prompt("E-mail address")
    found = _existing(given["email"], given["phone"])
    password = given["password"] or _generated()
    try:
        hashed = None if found else people_service.prepare_password(password)
        name = given["name"] or (None if found else click.prompt("Name"))
        with transaction():
            place = _organisation(organisation) if organisation else None
            account = _existing(given["email"], given["phone"])
            if account is None:
                account = people_service.make_account(
                    name=name or "",
                    password=hashed or password,
                    email=given["email"],
                    phone=given["phone"],
                )
            if place:
                _grant(account.person_id, place, permissions)
    except Refusal as refusal:
        raise click.ClickException(str(refusal)) from refusal
    click.echo("The account was there already; its password was not changed." if found else "Account made.")
    if place:
        click.echo(f"{organisation}: {', '.join(permissions)}")
    if not found and not given["password"]:
        click.echo(f"Password: {password}")


def _existing(email: str | None, phone: str | None) -> Account | None:
    """The account that has any of both; raises ClickException when one is no address, or both belong to two."""
    found: list[Account] = []
    for text in filter(None, (email, phone)):
        login = people.as_login(text)
        if login is None or (text == email) != bool(login.email):
            raise click.ClickException(
                f"{text!r} is not {'an e-mail address' if text == email else 'a telephone number'}."
            )
        account = people.find_account(login)
        if account is not None and account not in found:
            found.append(account)
    if len(found) > 1:
        raise click.ClickException("The e-mail address and the telephone belong to two different accounts.")
    return found[0] if found else None


def _organisation(name: str) -> Organisation:
    found = queries.find_by_name(name)
    if found is None:
        known = "、".join(one.name for one in queries.list_organisations()) or "none yet"
        raise click.ClickException(f"There is no organisation named {name!r}. There are: {known}.")
    return found


def _grant(person_id: str, organisation: Organisation, permissions: tuple[str, ...]) -> None:
    held = queries.find_membership(person_id, organisation.id)
    wanted = {*permissions, *(held.permissions if held else ())}
    service.set_membership(person_id, organisation.id, wanted, by=None)


@account_commands.command("set-password")
@click.argument("login")
@click.option("--password", help="At least 8 characters; generated and printed when missing.")
def set_password(login: str, password: str | None) -> None:
    """Give the account with this e-mail address or telephone a new password and end its sessions."""
    found = people.as_login(login)
    account = people.find_account(found) if found else None
    if account is None:
        raise click.ClickException(f"There is no account for {login!r}.")
    account_id, plain = account.id, password or _generated()
    try:
        hashed = people_service.prepare_password(plain)
    except Refusal as refusal:
        raise click.ClickException(str(refusal)) from refusal
    with transaction():
        people_service.reset_password(account_id, hashed, by=None)
    click.echo("The password was changed; every device is signed out.")
    if not password:
        click.echo(f"Password: {plain}")


def _account_of(login: str) -> Account:
    found = _existing(login if "@" in login else None, None if "@" in login else login)
    if found is None:
        raise click.ClickException(f"There is no account for {login!r}.")
    return found


def _say(ending: leaving.Ending) -> None:
    """What hangs on it, as the page says it; raises ClickException where something keeps it from ending."""
    with force_locale(LOCALES["zh"]):
        for one in leaving.hanging(ending):
            becomes = filled(one.becomes, one.values) if one.becomes else ""
            if one.options:
                said = " / ".join(f"{key.value}: {filled(key.text, key.values)}" for key in one.options)
                becomes = f"--choose {one.key}=… ({said})"
            click.echo("  ".join(filter(None, (f"- {filled(one.text, one.values)}", becomes))))
            if one.refusal:
                raise click.ClickException(str(one.refusal))


def _choices(given: tuple[str, ...]) -> dict[str, str]:
    pairs = [one.rpartition("=") for one in given]
    if any(not key or not value for key, _, value in pairs):
        raise click.ClickException("--choose takes what=how, as the list above says.")
    return {key: value for key, _, value in pairs}


_CHOOSE = click.option(
    "--choose", "given", multiple=True, help="What becomes of something: as listed, what=how."
)
_YES = click.option("--yes", is_flag=True, help="Do not ask.")


@account_commands.command("close")
@click.argument("login")
@_CHOOSE
@_YES
def close_account(login: str, given: tuple[str, ...], yes: bool) -> None:
    """Close an account on its owner's request, after saying what hangs on it. It cannot be undone."""
    account, choices = _account_of(login), _choices(given)
    account_id = account.id
    _say(people_service.closing_of(account.person_id, choices, by_command=True))
    _ask(yes)
    try:
        with transaction():
            people_service.close_account(account_id, choices, by_command=True)
    except Refusal as refusal:
        raise click.ClickException(str(refusal)) from refusal
    click.echo("The account is closed.")


@account_commands.command("take-away")
@click.argument("login")
@click.option("--organisation", required=True, help="Name of the organisation.")
@click.option(
    "--permission",
    "permissions",
    multiple=True,
    type=click.Choice([permission.value for permission in Permission]),
    help="What the person may do there no more; all of it when missing.",
)
@_CHOOSE
@_YES
def take_away(
    login: str, organisation: str, *, permissions: tuple[str, ...], given: tuple[str, ...], yes: bool
) -> None:
    """Take permissions away, after saying what hangs on them."""
    person_id, place, choices = _account_of(login).person_id, _organisation(organisation), _choices(given)
    member = queries.find_membership(person_id, place.id)
    if member is None:
        raise click.ClickException(f"{login!r} does nothing for {organisation}.")
    left = set(permissions or member.permissions)
    place_id, kept = place.id, set(member.permissions) - left
    _say(service.leaving_of(member, left))
    _ask(yes)
    try:
        with transaction():
            service.set_membership(person_id, place_id, kept, by=None, choices=choices)
    except Refusal as refusal:
        raise click.ClickException(str(refusal)) from refusal
    click.echo(f"{organisation}: {', '.join(sorted(kept)) or 'nothing any more'}")


def _ask(yes: bool) -> None:
    if not yes:
        click.confirm("Do it?", abort=True)
