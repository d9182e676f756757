"""`flask demo load` (in a new database it happens by itself where KEPU_DEMO says so) and `flask doctor`."""

import json
import sys
from pathlib import Path

import click
from flask.cli import AppGroup, with_appcontext
from sqlalchemy import select

from webapp.attendance.queries.photos import missing as photos_missing
from webapp.core import installation, signing, timekeeping
from webapp.core.config import NO_SENDER, current_settings
from webapp.core.db import session, transaction
from webapp.events.models import Event
from webapp.pages.service.demo_door import add_door
from webapp.pages.service.demo_hours import add_hours
from webapp.pages.service.demo_papers import add_papers
from webapp.pages.service.demo_things import add_resources
from webapp.pages.service.demo_volunteers import add_volunteers
from webapp.pages.service.demonstration import VOLUNTEERS
from webapp.pages.service.stage import STAFF, put_old_messages_away, set_stage
from webapp.people import queries as people
from webapp.people.models import Account
from webapp.people.service import prepare_password

DATA = Path(__file__).parent.parent / "data" / "demo.json"
PASSWORD = "kepu-demo-2026"  # noqa: S105  (published in the README; `doctor` warns where others can reach the server)

demo_commands = AppGroup("demo", help="Demonstration data.")
DANGER = (
    "DANGER: demonstration accounts with a published password exist, and HOST is not a loopback address. "
    "Anyone who reaches this server can sign in as the office. Use a new DATA_DIR or database."
)

NO_SENDER_SET = (
    f"MAIL_URL is set and MAIL_FROM is not: mails leave as {NO_SENDER}, which other servers refuse, and calendar "
    "entries name it as their organiser. Set MAIL_FROM to an address of yours, like 科普行 <kepu@example.cn>."
)


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
    if not has_demo_accounts():
        return []
    return _who_can_sign_in() if current_settings().on_loopback else [DANGER]


def has_demo_accounts() -> bool:
    """Whether someone can sign in with the published password."""
    found = select(Account.id).where(Account.email == "office@demo.test", Account.disabled_at.is_(None))
    return session().scalar(found) is not None


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
        add_volunteers(stage)
        add_hours(stage)
        add_papers(stage)
        add_door(stage)
        add_resources(stage)
        put_old_messages_away(stage)
    return _who_can_sign_in()


@click.command("doctor")
@with_appcontext
def doctor() -> None:
    """Look for what would hurt in real use, and say what to do; ends with 1 when something is wrong."""
    settings = current_settings()
    secret = settings.data_dir / "secret_key"
    loose = secret.exists() and secret.stat().st_mode & 0o077
    broken = signing.problems() or installation.problems()
    broken += photos_missing()
    if wrong_time := timekeeping.trouble():
        broken.append(f"{timekeeping.in_words(wrong_time)} (`flask --app wsgi jobs confirm-clock`).")
    findings = (
        (has_demo_accounts() and not settings.on_loopback, DANGER),
        (bool(loose), f"{secret} can be read by others: chmod 600 it."),
        *[(True, sentence) for sentence in broken],
        (
            settings.lacks_sender,
            NO_SENDER_SET,
        ),
        (
            not settings.https,
            "BASE_URL is not an https address: phones give no camera, cookies are not Secure.",
        ),
        (
            not settings.mail_url,
            "MAIL_URL is not set: messages stay in the outbox and must be passed on by phone.",
        ),
        (
            bool(namesakes := people.count_namesakes()),
            f"{namesakes} people share name and telephone with another in a second spelling; they were kept apart.",
        ),
        (timekeeping.is_late(), "No worker was seen for ten minutes: run `flask --app wsgi jobs worker`."),
    )
    for is_wrong, sentence in findings:
        if is_wrong:
            click.echo(sentence)
    if not any(is_wrong for is_wrong, _ in findings):
        click.echo("Nothing found.")
    elif any(is_wrong for is_wrong, _ in findings[: 3 + len(broken)]):
        sys.exit(1)


commands = (demo_commands, doctor)
