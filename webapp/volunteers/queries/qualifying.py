"""What positions ask for, and what people have on a day. A constant number of statements, however many they are."""

from collections import defaultdict
from collections.abc import Collection, Iterator, Sequence
from datetime import date
from typing import Any

from sqlalchemy import or_, select

from webapp.core.db import session
from webapp.core.errors import N_, Words
from webapp.events.models import Position
from webapp.volunteers.domain import (
    Lacks,
    MemberState,
    Qualifications,
    Requirements,
    band_now,
    still_valid,
    valid_until,
)
from webapp.volunteers.models import (
    Course,
    PositionRequirement,
    Skill,
    Team,
    TeamMembership,
    Training,
    Volunteer,
    VolunteerSkill,
)

_AT_ONCE = 500  # so many ids in one statement
_AGES = {14: Words(N_("年满 14 岁")), 16: Words(N_("年满 16 岁")), 18: Words(N_("年满 18 岁"))}


def _parts(ids: Collection[str]) -> Iterator[list[str]]:
    known = sorted(set(ids))
    for first in range(0, len(known), _AT_ONCE):
        yield known[first : first + _AT_ONCE]


def requirements_of(position_ids: Collection[str]) -> dict[str, Requirements]:
    """What each position asks for; those that ask for nothing are absent. Two statements for 500 positions."""
    ages: dict[str, int | None] = {}
    asked: dict[str, dict[str, set[str]]] = defaultdict(lambda: defaultdict(set))
    for ids in _parts(position_ids):
        wanted = select(Position.id, Position.min_age)
        found = session().execute(wanted.where(Position.id.in_(ids), Position.min_age.is_not(None)))
        ages |= {row.id: row.min_age for row in found}
        rows = session().execute(
            select(
                PositionRequirement.position_id,
                PositionRequirement.skill_id,
                PositionRequirement.course_id,
                PositionRequirement.team_id,
            ).where(PositionRequirement.position_id.in_(ids))
        )
        for row in rows:
            for kind in ("skill_id", "course_id", "team_id"):
                if value := getattr(row, kind):
                    asked[row.position_id][kind].add(value)
    return {
        position_id: Requirements(
            skills=frozenset(asked[position_id]["skill_id"]),
            courses=frozenset(asked[position_id]["course_id"]),
            teams=frozenset(asked[position_id]["team_id"]),
            min_age=ages.get(position_id),
        )
        for position_id in sorted({*ages, *asked})
    }


def qualifications_of(
    person_ids: Collection[str], *, on: date, without: str = ""
) -> dict[str, Qualifications]:
    """What each of these people has on that day; everyone is in it. Four statements for 500 people.

    `without`: as if the skill held, the training or the team of this id were not there.

    A skill that needs a certificate counts once someone looked at it; what has run out does not count; who said their
    age long ago is older by now (domain/ages.py).
    """
    made: dict[str, Qualifications] = {}
    for ids in _parts(person_ids):
        skills, courses = _skills(ids, on, without), _courses(ids, on, without)
        teams, bands = _teams(ids, without), _bands(ids, on)
        for one in ids:
            made[one] = Qualifications(
                frozenset(skills[one]), frozenset(courses[one]), frozenset(teams[one]), bands.get(one)
            )
    return made


def _skills(ids: Sequence[str], on: date, without: str) -> dict[str, set[str]]:
    rows = session().execute(
        select(VolunteerSkill.person_id, VolunteerSkill.skill_id, VolunteerSkill.expires_on)
        .join(Skill, Skill.id == VolunteerSkill.skill_id)
        .where(
            VolunteerSkill.person_id.in_(ids),
            VolunteerSkill.id != without,
            or_(Skill.needs_certificate.is_(False), VolunteerSkill.checked_at.is_not(None)),
        )
    )
    found: dict[str, set[str]] = defaultdict(set)
    for row in rows:
        if still_valid(row.expires_on, on):
            found[row.person_id].add(row.skill_id)
    return found


def _courses(ids: Sequence[str], on: date, without: str) -> dict[str, set[str]]:
    rows = session().execute(
        select(Training.person_id, Training.course_id, Training.held_on, Course.valid_months)
        .join(Course, Course.id == Training.course_id)
        .where(Training.person_id.in_(ids), Training.voided_at.is_(None), Training.id != without)
    )
    found: dict[str, set[str]] = defaultdict(set)
    for row in rows:
        if row.held_on <= on and still_valid(valid_until(row.held_on, row.valid_months), on):
            found[row.person_id].add(row.course_id)
    return found


def _teams(ids: Sequence[str], without: str) -> dict[str, set[str]]:
    rows = session().execute(
        select(TeamMembership.person_id, TeamMembership.team_id)
        .join(Team, Team.id == TeamMembership.team_id)
        .where(
            TeamMembership.person_id.in_(ids),
            TeamMembership.state == MemberState.MEMBER,
            Team.closed_at.is_(None),
            Team.id != without,
        )
    )
    found: dict[str, set[str]] = defaultdict(set)
    for row in rows:
        found[row.person_id].add(row.team_id)
    return found


def _bands(ids: Sequence[str], on: date) -> dict[str, str | None]:
    rows = session().execute(
        select(Volunteer.person_id, Volunteer.age_band, Volunteer.age_band_on).where(
            Volunteer.person_id.in_(ids), Volunteer.age_band.is_not(None)
        )
    )
    return {row.person_id: band_now(row.age_band, row.age_band_on, on) for row in rows}


def lack_words(position_id: str, lack: Lacks) -> str:
    """What the position asks for of that kind, by name, for a sentence: 急救、驾驶; any of the teams: A、B."""
    if lack == Lacks.AGE:
        age = session().scalar(select(Position.min_age).where(Position.id == position_id))
        return _AGES.get(age or 0, Words(""))
    table: Any
    table, column = {
        Lacks.SKILL: (Skill, PositionRequirement.skill_id),
        Lacks.TRAINING: (Course, PositionRequirement.course_id),
        Lacks.TEAM: (Team, PositionRequirement.team_id),
    }[lack]
    wanted = select(table.name).join(PositionRequirement, column == table.id)
    return "、".join(
        session().scalars(wanted.where(PositionRequirement.position_id == position_id).order_by(table.name))
    )


def requirements_rows(position_ids: Collection[str]) -> dict[str, list[PositionRequirement]]:
    """The rows of each position with skill, course and team, for pages that name them."""
    found: dict[str, list[PositionRequirement]] = defaultdict(list)
    for ids in _parts(position_ids):
        wanted = select(PositionRequirement).where(PositionRequirement.position_id.in_(ids))
        for row in session().scalars(wanted.order_by(PositionRequirement.id)):
            found[row.position_id].append(row)
    return dict(found)
