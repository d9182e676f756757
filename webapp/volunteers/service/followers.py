"""What happens here when something happens elsewhere (connected in webapp/areas.py)."""

from sqlalchemy import delete, select, update

from webapp.core import clock
from webapp.core.db import session
from webapp.events.service.hooks import Copied
from webapp.organisations.domain import Permission
from webapp.organisations.queries import list_members
from webapp.people.service import Closing
from webapp.volunteers import queries
from webapp.volunteers.domain import MemberState
from webapp.volunteers.domain.refusals import OfferedNoMore
from webapp.volunteers.models import (
    PositionRequirement,
    TeamMembership,
    Training,
    Volunteer,
    VolunteerSkill,
)
from webapp.volunteers.service import notices


def on_copied(copied: Copied) -> None:
    """The copy of a position asks for the same; what is offered no more is left out, and said."""
    rows, made = queries.requirements_rows(list(copied.positions)), []
    for old_id, new_id in copied.positions.items():
        for row in rows.get(old_id, ()):
            asked = row.skill or row.course or row.team
            if asked is not None and asked.closed_at is not None:
                copied.left_out.append(OfferedNoMore(name=asked.name))
            elif asked is not None:
                made.append(
                    PositionRequirement(
                        position_id=new_id,
                        skill_id=row.skill_id,
                        course_id=row.course_id,
                        team_id=row.team_id,
                    )
                )
    session().add_all(made)
    session().flush()


def on_closing(ending: Closing) -> None:
    """Someone leaves: the profile goes, teams are left; trainings stay as records (志愿服务条例 2017 art. 19)."""
    current, person_id, now = session(), ending.person_id, clock.now()
    for team in queries.teams_led_by(person_id):
        members = list_members(team.organisation_id)
        hosts = [one.person_id for one in members if Permission.MANAGE_EVENTS in one.permissions]
        notices.needs_leader(hosts, team)
    living = TeamMembership.state.in_((MemberState.ASKED, MemberState.MEMBER))
    current.execute(
        update(TeamMembership)
        .where(TeamMembership.person_id == person_id, living)
        .values(state=MemberState.LEFT, left_at=now, note="")
        .execution_options(synchronize_session=False)
    )
    current.execute(update(TeamMembership).where(TeamMembership.person_id == person_id).values(note=""))
    current.execute(delete(VolunteerSkill).where(VolunteerSkill.person_id == person_id))
    current.execute(delete(Volunteer).where(Volunteer.person_id == person_id))
    trained = select(Training.id).where(Training.person_id == person_id, Training.voided_at.is_(None))
    ending.keep_name = ending.keep_name or current.scalar(trained.limit(1)) is not None
