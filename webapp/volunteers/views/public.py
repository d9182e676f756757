"""For everyone: which teams there are. A team's own page is in `pages`, since it shows figures of later areas."""

from flask import render_template, request

from webapp.core.auth import public
from webapp.core.listing import ON_A_PAGE, read_page
from webapp.volunteers import queries
from webapp.volunteers.domain import TEAM_KIND_LABELS
from webapp.volunteers.views import blueprint


@blueprint.get("/teams/")
@public
def list_teams() -> str:
    """Open teams by name, a page of them, with how many are in each; no names of people."""
    kind = request.args.get("kind", "")
    kind = kind if kind in TEAM_KIND_LABELS else ""
    number = read_page(request.args.get("page", ""))
    teams = queries.list_teams(kind=kind or None, start=(number - 1) * ON_A_PAGE, most=ON_A_PAGE + 1)
    has_next, teams = len(teams) > ON_A_PAGE, teams[:ON_A_PAGE]
    return render_template(
        "volunteers/list_teams.html",
        teams=teams,
        number=number,
        has_next=has_next,
        members=queries.count_members([team.id for team in teams]),
        kind=kind,
        kinds=TEAM_KIND_LABELS,
    )
