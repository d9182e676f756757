"""Commands: write anew what events are found by."""

import click
from flask.cli import AppGroup, with_appcontext

from webapp.core.db import transaction
from webapp.events.service.finding import rebuild_search

search = AppGroup("search", help="What events are found by.")
commands = (search,)


@search.command("rebuild")
@with_appcontext
def rebuild() -> None:
    """Cut the words of every event anew; needed after text was put into the database past the application."""
    after: str | None = ""
    while after is not None:
        with transaction():
            after = rebuild_search(after)
    click.echo("Done.")
