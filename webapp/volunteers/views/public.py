"""For everyone: which teams there are. A team's own page is in `pages`, since it shows figures of later areas."""

from flask import render_template, request

from webapp.core.auth import public
from webapp.volunteers import queries
from webapp.volunteers.domain import TEAM_KIND_LABELS
from webapp.volunteers.views import blueprint


@blueprint.get("/teams/")
@public
def list_teams() -> str:
    """Open teams by name, with how many are in each; no names of people."""
    kind = request.args.get("kind", "")
    kind = kind if kind in TEAM_KIND_LABELS else ""
    teams = queries.list_teams(kind=kind or None)
    return render_template(
        "volunteers/list_teams.html",
        teams=teams,
        members=queries.count_members([team.id for team in teams]),
        kind=kind,
        kinds=TEAM_KIND_LABELS,
    )
