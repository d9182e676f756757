"""Demonstration data: `flask demo load`, and by itself in a new database where KEPU_DEMO says so."""

import json
from pathlib import Path

import click
from flask.cli import AppGroup, with_appcontext
from sqlalchemy import select

from webapp.core.config import current_settings
from webapp.core.db import session, transaction
from webapp.events.models import Event
from webapp.pages.service.demonstration import VOLUNTEERS
from webapp.pages.service.stage import STAFF, set_stage
from webapp.people.models import Account
from webapp.people.service import prepare_password

DATA = Path(__file__).parent.parent / "data" / "demo.json"
PASSWORD = "kepu-demo-2026"  # noqa: S105  (published in the README; `doctor` warns where others can reach the server)

demo_commands = AppGroup("demo", help="Demonstration data.")
commands = (demo_commands,)


@demo_commands.command("load")
@with_appcontext
def load_command() -> None:
    """Fill an empty database with events of every kind, past, present and to come, and accounts to look around."""
    if not _is_empty():
        raise click.ClickException(
            "There are events or accounts already; this goes into a new database only."
        )
    for line in load():
        click.echo(line)


def prepare() -> list[str]:
    """Load it where it is wanted and nothing is there yet; say who can sign in as long as those accounts exist."""
    if current_settings().demo and _is_empty():
        return load()
    known = session().scalar(select(Account.id).where(Account.email == "office@demo.test"))
    return _who_can_sign_in() if known else []


def _is_empty() -> bool:
    return not session().scalar(select(Account.id).limit(1)) and not session().scalar(
        select(Event.id).limit(1)
    )


def _who_can_sign_in() -> list[str]:
    names = ", ".join(f"{name}@demo.test" for name in STAFF)
    return [
        f"Demonstration accounts (password {PASSWORD}):",
        f"  {names}, volunteer1@demo.test … volunteer{VOLUNTEERS}@demo.test",
    ]


def load() -> list[str]:
    """Make it all, in one transaction: a run that is stopped half-way leaves nothing behind."""
    data = json.loads(DATA.read_text("utf-8"))
    password = prepare_password(PASSWORD)
    with transaction():
        stage = set_stage(data, password)
        for number, recipe in enumerate(data["events"]):
            stage.play(number, recipe)
    return _who_can_sign_in()
