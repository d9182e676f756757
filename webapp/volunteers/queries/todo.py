"""What of the volunteers' side waits for someone."""

from collections.abc import Iterator

from webapp.core.errors import N_
from webapp.core.todo import Todo, Viewer
from webapp.organisations.domain import Permission
from webapp.organisations.queries.viewing import seen_by
from webapp.volunteers.queries.leaving import teams_without_leader
from webapp.volunteers.queries.led import asking_by_team, requests_to_answer


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


def people_asking_to_join(viewer: Viewer) -> Iterator[Todo]:
    """People who ask to join the teams somebody leads."""
    for row in asking_by_team(viewer.person_id, within=viewer.within):
        yield Todo(
            N_("%(n)s 人申请加入团队“%(team)s”"),
            N_("去答复"),
            "volunteers.lead_team",
            {"team_id": row.id},
            {"n": row.number, "team": row.name},
            since=row.since,
        )


def sessions_asking_for_a_team(viewer: Viewer) -> Iterator[Todo]:
    """Sessions for which organisers asked the teams somebody leads; due when they begin."""
    for row in requests_to_answer(viewer.person_id, within=viewer.within):
        yield Todo(
            N_("“%(title)s”请团队“%(team)s”派人，等答复"),
            N_("去答复"),
            "volunteers.lead_team",
            {"team_id": row.team_id},
            {"title": row.title, "team": row.name},
            row.starts_at,
        )
