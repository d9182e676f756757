"""A team's public page: what it is and what it did; nobody's name."""

from flask import render_template

from webapp.core.auth import current_person, public
from webapp.pages.views import blueprint
from webapp.recognition.queries import team_totals
from webapp.volunteers import queries
from webapp.volunteers.domain import TEAM_KIND_LABELS


@blueprint.get("/teams/<team_id>")
@public
def show_team(team_id: str) -> str:
    """Kind, host, description and figures of a team, also of one that was dissolved."""
    team, person = queries.get_team(team_id), current_person()
    standing = queries.living_membership(person.id, team_id) if person else None
    return render_template(
        "pages/show_team.html",
        team=team,
        totals=team_totals(team_id),
        standing=standing.state if standing else None,
        leads=person is not None and person.id == team.leader_id,
        kinds=TEAM_KIND_LABELS,
    )
