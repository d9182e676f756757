"""Commands that belong to no area: db, jobs, keys, serve."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime

import click
from flask import Flask, current_app
from flask.cli import AppGroup, with_appcontext

from webapp.core import clock, db, installation, jobs, signing, timekeeping
from webapp.core.serve import serve_command

db_commands = AppGroup("db", help="The schema.")
job_commands = AppGroup("jobs", help="Periodic work and messages.")
key_commands = AppGroup("keys", help="Keys that sign passes.")


def _app() -> Flask:
    return current_app._get_current_object()  # type: ignore[attr-defined]  # noqa: SLF001  (the documented way)


@db_commands.command("upgrade")
@click.argument("revision", default="head")
def upgrade(revision: str) -> None:
    """Bring the schema up to REVISION (head)."""
    with _app().app_context(), _said():
        installation.require_same_before_upgrade()
    db.upgrade(_app(), revision)
    click.echo("schema is up to date")


@db_commands.command("downgrade")
@click.argument("revision")
def downgrade(revision: str) -> None:
    """Take the schema back to REVISION. Data of later tables is lost."""
    db.downgrade(_app(), revision)


@db_commands.command("revision")
@click.argument("message")
def revision(message: str) -> None:
    """Write a migration from the difference between models and database."""
    db.make_revision(_app(), message)


@job_commands.command("worker")
def worker() -> None:
    """Run the worker until stopped."""
    with _app().app_context(), _said():
        installation.require_same()
    jobs.work(_app())


@job_commands.command("run-due")
@with_appcontext
def run_due() -> None:
    """Run what is due once, and send waiting messages; for cron instead of a worker."""
    for name in jobs.run_due():
        click.echo(name)


@job_commands.command("confirm-clock")
@click.option("--yes", is_flag=True, help="The time it says is right; without this it only says what it is.")
@with_appcontext
def confirm_clock(yes: bool) -> None:
    """Say that the worker's clock is right, when it stopped erasing, ending, sending and settling.

    After a stop of more than some days, or when the clock was set: see docs/operate.md.
    """
    found = timekeeping.trouble()
    if found is None:
        click.echo("The clock agrees with the time that passed. Nothing was changed.")
    elif found.is_here or not yes:
        raise click.ClickException(timekeeping.in_words(found))
    else:
        with db.transaction():
            timekeeping.confirm(found.says, by=None)
        click.echo(f"{clock.local(found.says):%Y-%m-%d %H:%M} it was: the worker goes on at its next beat.")


@key_commands.command("list")
@with_appcontext
def list_keys() -> None:
    """Every key: its name, since when, and whether it signs, counts or is retired."""
    with _said():
        keys, signs = signing.all_keys(), signing.current_key()
    for key in keys:
        state = f"retired {_day(key.retired_at)}" if key.retired_at else "counts"
        click.echo(f"{key.kid}  {_day(key.created_at)}  {'signs' if key is signs else state}")


@key_commands.command("rotate")
@with_appcontext
def rotate_keys() -> None:
    """Sign with a new key from now on. Passes signed before stay good."""
    with _said():
        made = signing.rotate()
    with db.transaction():
        installation.remember()
    click.echo(f"{made.kid} signs from now on. Keep {signing.FILE} with your backups.")


@key_commands.command("retire")
@click.argument("kid")
@with_appcontext
def retire_key(kid: str) -> None:
    """Make void every pass signed with key KID; people find a good one on their page."""
    with _said():
        signing.retire(kid)
    with db.transaction():
        installation.remember()
    click.echo(f"{kid} is retired: passes signed with it are void.")


@key_commands.command("renew")
@click.option(
    "--yes", is_flag=True, help="Do it; without this it only says what is missing and what would be lost."
)
@with_appcontext
def renew_keys(yes: bool) -> None:
    """Go on in a DATA_DIR whose keys or secret are not those of the database, when they are lost for good.

    A lost signing-keys.json: every pass shown or printed so far becomes void, and people find a new one on their page.
    A lost secret: everybody is signed out, and links of calendars, guests' passes, wall codes and pairings end.
    """
    missing = installation.problems()
    if not missing:
        click.echo("Nothing is missing: keys and secret are those of this database. Nothing was changed.")
    elif not yes:
        raise click.ClickException("\n".join(missing))
    else:
        with _said(), db.transaction():
            lost = installation.renew()
        click.echo("\n".join(f"Renewed: {sentence}." for sentence in lost))


@contextmanager
def _said() -> Iterator[None]:
    try:
        yield
    except signing.BadKeys as problem:
        raise click.ClickException(str(problem)) from None


def _day(at: datetime) -> str:
    return clock.local(at).strftime("%Y-%m-%d")


def init_commands(app: Flask) -> None:
    """Add them."""
    app.cli.add_command(db_commands)
    app.cli.add_command(job_commands)
    app.cli.add_command(key_commands)
    app.cli.add_command(serve_command)
