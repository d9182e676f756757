"""For staff: coming sessions to which too few volunteers are expected to come."""

from flask import render_template

from webapp.attendance.queries.turnout import Short, short_of_people
from webapp.core import clock
from webapp.core.auth import allowed, current_permissions, the_person
from webapp.core.listing import listed
from webapp.core.working import working_for
from webapp.organisations.domain import Permission
from webapp.organisations.queries import organisations_seen
from webapp.pages.views import blueprint
from webapp.pages.views.manage import AHEAD, MANAGERS


@blueprint.get("/manage/turnout")
@allowed(*MANAGERS, Permission.GOVERN)
def list_turnout() -> str:
    """Confirmed volunteers times their past rate, beside the need; with a way to call people."""
    managed = organisations_seen(the_person().id, *MANAGERS, within=working_for())
    return render_template(
        "pages/list_turnout.html",
        rows=listed(short_of_people(managed, until=clock.now() + AHEAD), _words),
        days=AHEAD.days,
        may_call=bool(current_permissions() & {Permission.MANAGE_EVENTS, Permission.GOVERN}),
    )


def _words(row: Short) -> str:
    held = row.position.session
    return f"{held.event.title} {row.position.name} {held.venue.name}"
