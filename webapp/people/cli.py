"""Commands of people: a key for a program."""

import secrets

import click
from flask.cli import AppGroup

from webapp.core import clock
from webapp.core.db import transaction
from webapp.people import queries, service
from webapp.people.domain import BadTokenName

token_commands = AppGroup("token", help="Keys for programs.")
commands = (token_commands,)


@token_commands.command("create")
@click.argument("email")
@click.option("--name", default="", help="What it is for; shown on the owner's account page.")
def create_token(email: str, name: str) -> None:
    """Make an API token for the account with this e-mail address (or telephone) and print it, and nothing else."""
    login = queries.as_login(email)
    if login is None:
        raise click.ClickException(f"{email!r} is neither an e-mail address nor a telephone number.")
    moment = clock.local(clock.now())
    name = name or f"flask token create, {moment:%Y-%m-%d %H:%M} ({secrets.token_hex(2)})"
    with transaction():
        account = queries.find_account(login)
        if account is None:
            raise click.ClickException(
                f"There is no account for {login.text}. `flask account create` makes one."
            )
        if account.disabled_at is not None:
            raise click.ClickException(f"The account for {login.text} is closed.")
        try:
            plain = service.create_token(account.person_id, name)
        except BadTokenName as refusal:
            raise click.ClickException("--name must have 1 to 60 characters.") from refusal
    click.echo(plain)
