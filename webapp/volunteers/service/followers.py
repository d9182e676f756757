"""What happens here when something happens elsewhere (connected in webapp/areas.py)."""

from sqlalchemy import delete, select, update

from webapp.core import clock
from webapp.core.db import lock_row, session
from webapp.core.leaving import End, Ending, Part
from webapp.events.service.hooks import Copied
from webapp.organisations.domain import Permission
from webapp.organisations.queries import who_acts
from webapp.volunteers import queries
from webapp.volunteers.domain import MemberState
from webapp.volunteers.domain.refusals import OfferedNoMore
from webapp.volunteers.models import (
    PositionRequirement,
    Team,
    TeamMembership,
    Training,
    Volunteer,
    VolunteerSkill,
)
from webapp.volunteers.queries.leaving import heirs, key_of, members_hanging, teams_hanging
from webapp.volunteers.service import notices
from webapp.volunteers.service.teams import lead


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


def on_closing(ending: Ending) -> None:
    """Someone leaves: teams are handed on, the profile goes; trainings stay as records (志愿服务条例 2017 art. 19)."""
    current, person_id, now = session(), ending.person_id, clock.now()
    for team in _teams_locked(person_id):
        if team.leader_id == person_id and team.closed_at is None:
            _hand_on(team, ending)
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


def _teams_locked(person_id: str) -> list[Team]:
    """Every team they lead or are in, locked by id: whoever becomes their heir meanwhile, or makes them one, waits."""
    current = session()
    member = select(TeamMembership.team_id).where(
        TeamMembership.person_id == person_id, TeamMembership.state == MemberState.MEMBER
    )
    ids = current.scalars(
        select(Team.id).where((Team.leader_id == person_id) | Team.id.in_(member)).order_by(Team.id)
    ).all()
    return [lock_row(Team, one) for one in ids]


def _hand_on(team: Team, ending: Ending) -> None:
    """To the member who was chosen, if they still can; else the host has to name somebody."""
    able = {row.id for row in heirs(team.id, besides=ending.person_id)}
    heir = ending.choices.get(key_of(team.id), "")
    if heir in able:
        lead(team, heir, by=ending.by)
    else:
        hosts = who_acts(team.organisation_id, Permission.MANAGE_EVENTS, besides=ending.person_id)
        notices.needs_leader(hosts, team)


PARTS = (
    Part(
        {End.ACCOUNT},
        teams_hanging,
        on_closing,
        keys={
            "team.leader_id",
            "team_membership.person_id",
            "volunteer.person_id",
            "volunteer_skill.person_id",
            "training.person_id",
        },
    ),
    Part({End.TEAM}, teams_hanging),  # settled by teams.leave, which is that end
    Part({End.DISSOLVED}, members_hanging),
)
