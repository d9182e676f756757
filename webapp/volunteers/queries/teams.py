"""Teams, who is in them, who asked, who leads."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ScalarSelect, Select, func, select
from sqlalchemy.orm import joinedload

from webapp.core import clock
from webapp.core.db import get_row, session
from webapp.core.errors import NotFound
from webapp.core.listing import Query, loaded
from webapp.events.domain import EventStatus
from webapp.events.models import Event, EventSession
from webapp.organisations.domain import Permission
from webapp.organisations.models import Organisation
from webapp.organisations.queries import organisations_with, permissions_at
from webapp.people.models import Person
from webapp.volunteers.domain import MemberState
from webapp.volunteers.models import Team, TeamMembership, TeamRequest


def get_team(team_id: str) -> Team:
    """The team, also a closed one; raises NotFound."""
    return get_row(Team, team_id)


def is_leader(person_id: str, team_id: str) -> bool:
    """Whether the person leads the team, and it still exists."""
    wanted = select(Team.id).where(Team.id == team_id, Team.leader_id == person_id, Team.closed_at.is_(None))
    return session().scalar(wanted) is not None


def teams_led_by(person_id: str) -> list[Team]:
    """Open teams the person leads, by name."""
    wanted = select(Team).where(Team.leader_id == person_id, Team.closed_at.is_(None))
    return list(session().scalars(wanted.order_by(Team.name)))


def team_of(person_id: str) -> list[Team]:
    """Open teams the person is a member of, by name."""
    wanted = select(Team).join(TeamMembership, TeamMembership.team_id == Team.id)
    wanted = wanted.where(
        TeamMembership.person_id == person_id,
        TeamMembership.state == MemberState.MEMBER,
        Team.closed_at.is_(None),
    )
    return list(session().scalars(wanted.order_by(Team.name)))


def memberships_of(person_id: str) -> list[TeamMembership]:
    """How the person stands and stood to teams, the latest first; teams come along."""
    wanted = select(TeamMembership).where(TeamMembership.person_id == person_id)
    return list(session().scalars(wanted.order_by(TeamMembership.asked_at.desc(), TeamMembership.id.desc())))


def members_of(team_id: str) -> list[TeamMembership]:
    """Present members with their persons, in the order they came in."""
    return _with_persons(team_id, MemberState.MEMBER)


def asking(team_id: str) -> list[TeamMembership]:
    """Who asked to join and has no answer yet, in the order they asked; persons come along."""
    return _with_persons(team_id, MemberState.ASKED)


def _with_persons(team_id: str, state: MemberState) -> list[TeamMembership]:
    wanted = select(TeamMembership).where(TeamMembership.team_id == team_id, TeamMembership.state == state)
    wanted = wanted.options(joinedload(TeamMembership.person))
    return list(session().scalars(wanted.order_by(TeamMembership.asked_at, TeamMembership.id)))


def living_membership(person_id: str, team_id: str) -> TeamMembership | None:
    """The person's open application or membership."""
    return session().scalar(
        select(TeamMembership).where(
            TeamMembership.team_id == team_id,
            TeamMembership.person_id == person_id,
            TeamMembership.state.in_((MemberState.ASKED, MemberState.MEMBER)),
        )
    )


def list_teams(*, kind: str | None = None, start: int = 0, most: int | None = None) -> list[Team]:
    """Open teams by name; of a page, the first `most` after `start` others."""
    wanted = select(Team).where(Team.closed_at.is_(None))
    if kind:
        wanted = wanted.where(Team.kind == kind)
    return list(session().scalars(wanted.order_by(Team.name, Team.id).offset(start).limit(most)))


def count_members(team_ids: Sequence[str], state: MemberState = MemberState.MEMBER) -> dict[str, int]:
    """How many are in that state, by team; teams without any are absent."""
    counted = (
        select(TeamMembership.team_id, func.count())
        .where(TeamMembership.team_id.in_(team_ids), TeamMembership.state == state)
        .group_by(TeamMembership.team_id)
    )
    return {row[0]: row[1] for row in session().execute(counted)}


def may_host(person_id: str, team: Team) -> bool:
    """Whether the person works for the organisation that hosts the team (or governs)."""
    return Permission.MANAGE_EVENTS in permissions_at(person_id, team.organisation_id)


def get_team_for(person_id: str, team_id: str) -> Team:
    """A team this person leads or hosts; raises NotFound for every other, and for what does not exist."""
    team = get_team(team_id)
    leads = team.leader_id == person_id and team.closed_at is None
    if not leads and not may_host(person_id, team):
        raise NotFound
    return team


def get_hosted_team(person_id: str, team_id: str) -> Team:
    """A team of an organisation this person works for; raises NotFound."""
    team = get_team(team_id)
    if not may_host(person_id, team):
        raise NotFound
    return team


@dataclass(frozen=True)
class HostedTeam:
    """A team on its host's list."""

    team: Team
    members: int
    asking: int

    @property
    def id(self) -> str:
        """Of the team."""
        return self.team.id


def _number_of(state: MemberState) -> ScalarSelect[int]:
    return (
        select(func.count())
        .select_from(TeamMembership)
        .where(TeamMembership.team_id == Team.id, TeamMembership.state == state)
        .correlate(Team)
        .scalar_subquery()
    )


MEMBERS, ASKING = _number_of(MemberState.MEMBER), _number_of(MemberState.ASKED)


def hosted_teams(person_id: str, *, within: str | None = None) -> Query:
    """Teams of the organisations this person works for, closed ones last; leaders come along."""
    ids = [one.id for one in organisations_with(person_id, Permission.MANAGE_EVENTS, within=within)]
    wanted: Any = (
        select(Team.id)
        .join(Person, Person.id == Team.leader_id)
        .join(Organisation, Organisation.id == Team.organisation_id)
        .where(Team.organisation_id.in_(ids))
    )
    return Query(wanted, Team.id, (Team.closed_at.is_not(None), Team.name), _hosted)


def _hosted(ids: Sequence[str]) -> list[HostedTeam]:
    members, asked = count_members(ids), count_members(ids, MemberState.ASKED)
    teams = loaded(Team, joinedload(Team.leader))(ids)
    return [HostedTeam(one, members.get(one.id, 0), asked.get(one.id, 0)) for one in teams]


def _to_answer() -> Select[TeamRequest]:
    """Requests without an answer to sessions that will really be held."""
    return (
        select(TeamRequest)
        .join(EventSession, EventSession.id == TeamRequest.session_id)
        .join(Event, Event.id == EventSession.event_id)
        .where(
            TeamRequest.state == "asked",
            EventSession.cancelled_at.is_(None),
            EventSession.ends_at > clock.now(),
            Event.status == EventStatus.PUBLISHED,
        )
    )


def requests_to(team_id: str) -> list[TeamRequest]:
    """Coming sessions the team was asked to staff and has not answered, by start; event and venue come along."""
    wanted = _to_answer().where(TeamRequest.team_id == team_id)
    return list(session().scalars(wanted.order_by(EventSession.starts_at, TeamRequest.id)))


def count_requests(team_ids: Sequence[str]) -> dict[str, int]:
    """How many requests wait for an answer, by team; teams without any are absent."""
    counted = (
        _to_answer()
        .where(TeamRequest.team_id.in_(team_ids))
        .with_only_columns(TeamRequest.team_id, func.count())
    )
    return {row[0]: row[1] for row in session().execute(counted.group_by(TeamRequest.team_id))}


def requests_for(session_id: str) -> list[TeamRequest]:
    """Teams asked to staff the session, in the order they were asked."""
    wanted = select(TeamRequest).where(TeamRequest.session_id == session_id)
    return list(session().scalars(wanted.order_by(TeamRequest.asked_at, TeamRequest.id)))


def get_request_for(person_id: str, request_id: str) -> TeamRequest:
    """A request to a team this person leads; raises NotFound."""
    found = session().get(TeamRequest, request_id)
    if found is None or not is_leader(person_id, found.team_id):
        raise NotFound
    return found
