"""Profiles, skills, courses, teams, and what positions ask for; each in a transaction of its own."""

from collections.abc import Sequence
from datetime import date
from itertools import count
from typing import Any

from tests.factories.organisations import make_organisation
from tests.factories.signups import a_volunteer
from webapp.core import clock
from webapp.core.db import transaction
from webapp.organisations.models import Organisation
from webapp.volunteers import service
from webapp.volunteers.domain import MemberState, ProfileDraft, SkillClaim, TeamKind
from webapp.volunteers.models import (
    Course,
    PositionRequirement,
    Skill,
    Team,
    TeamMembership,
    Training,
    VolunteerSkill,
)

_numbers = count(1)


def make_skill(name: str = "", *, needs_certificate: bool = False) -> str:
    """Id of a skill on the office's list."""
    with transaction() as current:
        made = Skill(name=name or f"技能{next(_numbers)}", needs_certificate=needs_certificate)
        current.add(made)
        current.flush()
        return made.id


def make_course(name: str = "", *, valid_months: int | None = None) -> str:
    """Id of a training that may be asked for."""
    with transaction() as current:
        made = Course(name=name or f"培训{next(_numbers)}", valid_months=valid_months)
        current.add(made)
        current.flush()
        return made.id


def make_profile(person_id: str | None = None, *, skills: Sequence[str] = (), **values: Any) -> str:
    """Save a profile (of a new volunteer unless told whose); the person's id.

    Values are those of ProfileDraft; `skills` are ids of skills without a certificate.
    """
    person_id = person_id or a_volunteer()
    draft = ProfileDraft(skills=[SkillClaim(one) for one in skills], **values)
    with transaction():
        service.save_profile(person_id, draft, by=person_id)
    return person_id


def give_skill(
    person_id: str, skill_id: str, *, checked: bool = False, expires_on: date | None = None
) -> str:
    """Id of the row that says the person has the skill; `checked`: someone saw the certificate."""
    with transaction() as current:
        made = VolunteerSkill(
            person_id=person_id,
            skill_id=skill_id,
            certificate="证书 1 号",
            expires_on=expires_on,
            checked_at=clock.now() if checked else None,
        )
        current.add(made)
        current.flush()
        return made.id


def make_training(
    person_id: str, course_id: str, *, held_on: date | None = None, organisation: Organisation | None = None
) -> str:
    """Id of the row that says the person was trained; today unless told when."""
    organisation_id = (organisation or make_organisation()).id
    with transaction() as current:
        made = Training(
            person_id=person_id,
            course_id=course_id,
            organisation_id=organisation_id,
            held_on=held_on or clock.today(),
            minutes=120,
        )
        current.add(made)
        current.flush()
        return made.id


def make_team(
    leader_id: str | None = None,
    *,
    name: str = "",
    organisation: Organisation | None = None,
    kind: TeamKind = TeamKind.SERVICE,
) -> str:
    """Id of a team; its leader (a new volunteer unless told who) is its first member."""
    leader_id = leader_id or a_volunteer("队长")
    organisation_id = (organisation or make_organisation()).id
    with transaction() as current:
        made = Team(
            name=name or f"示例科技志愿服务队{next(_numbers)}",
            kind=kind,
            organisation_id=organisation_id,
            leader_id=leader_id,
        )
        current.add(made)
        current.flush()
        current.add(_membership(made.id, leader_id))
        return made.id


def make_member(team_id: str, person_id: str | None = None) -> str:
    """Someone (a new volunteer unless told who) is in the team; the person's id."""
    person_id = person_id or a_volunteer()
    with transaction() as current:
        current.add(_membership(team_id, person_id))
    return person_id


def _membership(team_id: str, person_id: str) -> TeamMembership:
    return TeamMembership(
        team_id=team_id, person_id=person_id, state=MemberState.MEMBER, decided_at=clock.now()
    )


def require(
    position_id: str, *, skill: str | None = None, course: str | None = None, team: str | None = None
) -> None:
    """Let the position ask for this too; ids of a skill, a course, a team."""
    wanted = [("skill_id", skill), ("course_id", course), ("team_id", team)]
    with transaction() as current:
        current.add_all(
            PositionRequirement(position_id=position_id, **{column: value})
            for column, value in wanted
            if value is not None
        )
