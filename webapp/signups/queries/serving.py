"""Who serves for whom: what earlier areas ask of sign-ups."""

from collections.abc import Collection
from datetime import datetime

from sqlalchemy import Select, func, or_, select

from webapp.core.db import session
from webapp.events.domain import PositionKind
from webapp.events.models import Event, EventSession, Position
from webapp.signups.domain import LIVING
from webapp.signups.models import Signup
from webapp.volunteers.domain import MemberState
from webapp.volunteers.models import Skill, Team, TeamMembership, VolunteerSkill


def add_volunteers_of(organisation_ids: list[str], people: set[str]) -> None:
    """Add the ids of volunteers with a living sign-up, past or to come, at events of these organisations."""
    people.update(session().scalars(_serving(organisation_ids).distinct()))


def papers_unseen(organisation_ids: Collection[str] | None) -> tuple[int, datetime | None]:
    """How many papers nobody has looked at yet, and since when; of volunteers who serve these organisations or are
    in a team of theirs, None: of everybody.
    """
    wanted = (
        select(func.count(), func.min(VolunteerSkill.created_at))
        .join(Skill, Skill.id == VolunteerSkill.skill_id)
        .where(
            Skill.needs_certificate.is_(True),
            VolunteerSkill.certificate != "",
            VolunteerSkill.checked_at.is_(None),
        )
    )
    if organisation_ids is not None:
        members = (
            select(TeamMembership.person_id)
            .join(Team, Team.id == TeamMembership.team_id)
            .where(Team.organisation_id.in_(organisation_ids), TeamMembership.state == MemberState.MEMBER)
        )
        person = VolunteerSkill.person_id
        wanted = wanted.where(or_(person.in_(members), person.in_(_serving(organisation_ids))))
    number, since = session().execute(wanted).one()
    return number, since


def _serving(organisation_ids: Collection[str]) -> Select[str]:
    return (
        select(Signup.person_id)
        .join(Position, Position.id == Signup.position_id)
        .join(EventSession, EventSession.id == Signup.session_id)
        .join(Event, Event.id == EventSession.event_id)
        .where(
            Event.organisation_id.in_(organisation_ids),
            Position.kind == PositionKind.VOLUNTEER,
            Signup.status.in_(LIVING),
        )
    )
