"""Who still comes for the calendars: what the office sees of the centres' addresses."""

from flask import render_template

from webapp.calendars import domain, queries
from webapp.calendars.views import blueprint
from webapp.core import clock
from webapp.core.auth import allowed
from webapp.organisations.domain import Permission


@blueprint.get("/manage/calendars")
@allowed(Permission.GOVERN, Permission.INSPECT)
def list_centres() -> str:
    """Every centre's addresses, those nobody has come for in a week first."""
    return render_template(
        "calendars/list_centres.html",
        addresses=queries.addresses_of_centres(),
        silent_since=clock.now() - domain.SILENT_AFTER,
        client_name=domain.client_name,
    )
