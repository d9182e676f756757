"""Commands that belong to no area: db, jobs, serve."""

import click
from flask import Flask, current_app
from flask.cli import AppGroup, with_appcontext

from webapp.core import db, jobs
from webapp.core.serve import serve_command

db_commands = AppGroup("db", help="The schema.")
job_commands = AppGroup("jobs", help="Periodic work and messages.")


def _app() -> Flask:
    return current_app._get_current_object()  # type: ignore[attr-defined]  # noqa: SLF001  (the documented way)


@db_commands.command("upgrade")
@click.argument("revision", default="head")
def upgrade(revision: str) -> None:
    """Bring the schema up to REVISION (head)."""
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
    jobs.work(_app())


@job_commands.command("run-due")
@with_appcontext
def run_due() -> None:
    """Run what is due once, and send waiting messages; for cron instead of a worker."""
    for name in jobs.run_due():
        click.echo(name)


def init_commands(app: Flask) -> None:
    """Add them."""
    app.cli.add_command(db_commands)
    app.cli.add_command(job_commands)
    app.cli.add_command(serve_command)
