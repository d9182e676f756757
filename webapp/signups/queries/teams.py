"""What a leader sees before signing members up for a session."""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import select

from webapp.core import clock
from webapp.core.clock import Period
from webapp.core.db import session
from webapp.core.errors import NotFound
from webapp.events.domain import PUBLIC_STATUSES, PositionKind
from webapp.events.models import EventSession, Position
from webapp.events.queries import get_session
from webapp.signups.domain import LIVING, SetTimes, window_open
from webapp.signups.models import Signup
from webapp.volunteers import queries as volunteers
from webapp.volunteers.models import Team, TeamMembership


@dataclass(frozen=True)
class Block:
    """A session and a team, with the positions its members may take and who of them is in already."""

    session: EventSession
    team: Team
    positions: Sequence[Position]  # volunteers', open now
    members: Sequence[TeamMembership]
    signed_up: dict[str, str]  # person id → name of the position they have in this session

    def free_members(self) -> list[TeamMembership]:
        """Who has no sign-up for this session yet."""
        return [one for one in self.members if one.person_id not in self.signed_up]


def team_block(person_id: str, team_id: str, session_id: str) -> Block:
    """For the leader of the team; raises NotFound for everyone else and for sessions not published."""
    if not volunteers.is_leader(person_id, team_id):
        raise NotFound
    held = get_session(session_id)
    if held.event.status not in PUBLIC_STATUSES:
        raise NotFound
    rows = session().execute(
        select(Signup.person_id, Position.name)
        .join(Position, Position.id == Signup.position_id)
        .where(
            Signup.session_id == session_id,
            Signup.status.in_(LIVING),
            Position.kind == PositionKind.VOLUNTEER,
        )
    )
    return Block(
        session=held,
        team=volunteers.get_team(team_id),
        positions=[one for one in held.positions if _is_open(held, one)],
        members=volunteers.members_of(team_id),
        signed_up={row.person_id: row.name for row in rows},
    )


def _is_open(held: EventSession, position: Position) -> bool:
    return position.kind == PositionKind.VOLUNTEER and window_open(
        event_status=held.event.status,
        session_cancelled=held.cancelled_at is not None,
        period=Period(held.starts_at, held.ends_at),
        is_volunteer=True,
        now=clock.now(),
        times=SetTimes(position.opens_at, position.closes_at),
    )
