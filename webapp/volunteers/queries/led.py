"""What waits for whoever leads teams, of all of them at once."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import ColumnElement, Row, func, select

from webapp.core import clock
from webapp.core.db import session
from webapp.events.domain import EventStatus
from webapp.events.models import Event, EventSession
from webapp.volunteers.domain import MemberState
from webapp.volunteers.models import Team, TeamMembership, TeamRequest

Rows = Sequence[Row[*tuple[Any, ...]]]


def asking_by_team(person_id: str, *, within: str | None) -> Rows:
    """Teams they lead (of one organisation) that people ask to join: how many, and since when. One statement."""
    since = func.min(TeamMembership.asked_at).label("since")
    wanted = (
        select(Team.id, Team.name, func.count().label("number"), since)
        .join(TeamMembership, TeamMembership.team_id == Team.id)
        .where(*_led_by(person_id, within), TeamMembership.state == MemberState.ASKED)
        .group_by(Team.id, Team.name)
    )
    return session().execute(wanted.order_by(since, Team.id)).all()


def requests_to_answer(person_id: str, *, within: str | None) -> Rows:
    """Requests to the teams they lead that can still be met, by the start of the session. One statement."""
    wanted = (
        select(TeamRequest.team_id, Team.name, Event.title, EventSession.starts_at)
        .join(Team, Team.id == TeamRequest.team_id)
        .join(EventSession, EventSession.id == TeamRequest.session_id)
        .join(Event, Event.id == EventSession.event_id)
        .where(
            *_led_by(person_id, within),
            TeamRequest.state == "asked",
            Event.status == EventStatus.PUBLISHED,
            EventSession.cancelled_at.is_(None),
            EventSession.ends_at > clock.now(),
        )
    )
    return session().execute(wanted.order_by(EventSession.starts_at, TeamRequest.id)).all()


def _led_by(person_id: str, within: str | None) -> list[ColumnElement[bool]]:
    of = [] if within is None else [Team.organisation_id == within]
    return [Team.leader_id == person_id, Team.closed_at.is_(None), *of]
