"""Commands of attendance."""

import sys

import click
from flask.cli import AppGroup, with_appcontext

from webapp.attendance import queries
from webapp.attendance.queries import photos
from webapp.attendance.service import recount
from webapp.core.db import transaction

ledger_commands = AppGroup("ledger", help="The ledger of the plan's figures.")


def prepare() -> list[str]:
    """Say so where the folder of photos was not put back with the database, and what was counted anew."""
    with transaction():
        changed = recount.count_by_day_once()
    told = [f"{changed} sessions of several days counted by day"] if changed else []
    return [*photos.missing(), *told]


@ledger_commands.command("verify")
@click.option("--repair", is_flag=True, help="Write the missing rows and reversals.")
@with_appcontext
def verify(repair: bool) -> None:
    """Recount every session from its attendances and head-counts and compare with the ledger.

    Ends with 1 and a line per difference when they disagree.
    """
    checked = wrong = 0
    for session_id in list(queries.counted_sessions()):
        checked += 1
        found = recount.differences(session_id)
        for task_id, metric, grade, written, counted in found:
            wrong += 1
            click.echo(
                f"session {session_id} task {task_id} {metric}/{grade}: ledger {written}, recount {counted}",
                err=True,
            )
        if found and repair:
            with transaction():
                recount.reconcile_session(session_id)
    for task_id, metric, grade, written, shown in queries.totals_differ():
        wrong += 1
        click.echo(f"task {task_id} {metric}/{grade}: ledger {written}, page shows {shown}", err=True)
    click.echo(f"{checked} sessions recounted, {wrong} differences")
    if wrong and not repair:
        sys.exit(1)


commands = (ledger_commands,)
