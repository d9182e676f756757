"""What of the volunteers' side waits for someone."""

from collections.abc import Iterator

from webapp.core.errors import N_
from webapp.core.todo import Todo, Viewer
from webapp.organisations.domain import Permission
from webapp.organisations.queries.viewing import seen_by
from webapp.volunteers.queries.leaving import teams_without_leader


def teams_to_give_a_leader(viewer: Viewer) -> Iterator[Todo]:
    """Teams whose leader is gone, for their hosts and the office."""
    if not viewer.may(Permission.MANAGE_EVENTS, Permission.GOVERN):
        return
    for team in teams_without_leader(seen_by(viewer, Permission.MANAGE_EVENTS)):
        yield Todo(
            N_("团队“%(team)s”没有队长，原来的队长离开了"),
            N_("去指定队长"),
            "volunteers.lead_team",
            {"team_id": team.id},
            {"team": team.name},
            since=team.since,
        )
