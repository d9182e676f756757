"""Commands: plan import, plan export, plan roll-over; and the city's own plan in a new database."""

import json
from datetime import datetime
from pathlib import Path
from typing import NoReturn

import click
from flask.cli import AppGroup, with_appcontext

from webapp.core.db import transaction
from webapp.core.errors import Refusal
from webapp.plan import queries, service
from webapp.plan.domain import NextPlan

DAY = click.DateTime(["%Y-%m-%d"])

plan_commands = AppGroup("plan", help="The city's plans.")
commands = (plan_commands,)


def prepare() -> list[str]:
    """Give a database without any plan the bundled one. One that the office has corrected is left alone."""
    if queries.latest_plan() is not None:
        return []
    with transaction():
        service.import_bundled()
    return []


def _refuse(refusal: Refusal) -> NoReturn:
    """Tell the operator on stderr and end with 1."""
    raise click.ClickException(str(refusal)) from None


@plan_commands.command("import")
@click.argument("file", type=click.Path(path_type=Path))
@click.option("--code", help="The plan's code; else the file's name without its ending.")
@with_appcontext
def import_command(file: Path, code: str | None) -> None:
    """Make the plan of FILE, or bring the plan of the same code in line with it."""
    try:
        raw = file.read_bytes()
    except OSError as error:
        raise click.ClickException(f"{file}: {error.strerror or error}") from None
    try:
        data = service.parse(raw, file=file.name)
        with transaction():
            result = service.import_plan(data, file=file.name, code=code)
            name, sections = result.plan.code, queries.tree(result.plan.id)
            tasks = sum(len(section.tasks) for section in sections)
    except Refusal as refusal:
        _refuse(refusal)
    if result.unchanged:
        click.echo(f"{name}: unchanged")
        return
    verb = "created" if result.created else f"updated ({', '.join(result.changed)})"
    click.echo(f"{name}: {verb}; {len(sections)} sections, {tasks} tasks")


@plan_commands.command("export")
@click.argument("code")
@with_appcontext
def export_command(code: str) -> None:
    """Print plan CODE as a file that can be imported again."""
    try:
        data = service.export_plan(code)
    except Refusal as refusal:
        _refuse(refusal)
    click.echo(json.dumps(data, ensure_ascii=False, indent=2))


@plan_commands.command("roll-over")
@click.argument("old")
@click.option("--code", required=True, help="Code of the new plan.")
@click.option("--title", required=True, help="Its title.")
@click.option("--from", "starts_on", type=DAY, required=True, help="Its first day.")
@click.option("--to", "ends_on", type=DAY, required=True, help="Its last day.")
@click.option("--demo", is_flag=True, help="Mark it as a demonstration.")
@with_appcontext
def roll_over_command(
    old: str, *, code: str, title: str, starts_on: datetime, ends_on: datetime, demo: bool
) -> None:
    """Make the next plan from the sections, tasks and units of plan OLD."""
    asked = NextPlan(code, title, starts_on.date(), ends_on.date(), is_demo=demo)
    try:
        with transaction():
            plan = service.roll_over(old, asked, by=None)
            made = f"{plan.code}: created; its target and general texts are still to be set"
    except Refusal as refusal:
        _refuse(refusal)
    click.echo(made)
