"""A person's profile, skills and trainings."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import joinedload

from webapp.core.db import session
from webapp.core.listing import Query, loaded
from webapp.organisations.models import Organisation
from webapp.people.models import Person
from webapp.volunteers.domain import runs_out_soon, valid_until
from webapp.volunteers.models import Course, Skill, Training, Volunteer, VolunteerSkill


@dataclass(frozen=True)
class RunsOut:
    """Something of someone's that runs out, or has."""

    name: str
    on: date
    is_over: bool


def get_profile(person_id: str) -> Volunteer | None:
    """The person's profile; None when they never saved one."""
    return session().get(Volunteer, person_id)


def skills_of(person_id: str) -> list[VolunteerSkill]:
    """What the person says they can do, in the office's order."""
    wanted = select(VolunteerSkill).join(Skill, Skill.id == VolunteerSkill.skill_id)
    wanted = wanted.where(VolunteerSkill.person_id == person_id)
    return list(session().scalars(wanted.order_by(Skill.rank, Skill.name)))


def trainings_of(person_id: str) -> list[Training]:
    """Trainings the person took part in, newest first; void ones too."""
    wanted = select(Training).where(Training.person_id == person_id)
    return list(session().scalars(wanted.order_by(Training.held_on.desc(), Training.id.desc())))


def running_out(person_id: str, *, on: date) -> list[RunsOut]:
    """Certificates and trainings that run out within 60 days, or have: what to renew, the first first.

    Of trainings of one course the one that holds longest counts.
    """
    found = [
        RunsOut(one.skill.name, one.expires_on, one.expires_on < on)
        for one in skills_of(person_id)
        if one.expires_on is not None and runs_out_soon(one.expires_on, on)
    ]
    last: dict[str, date | None] = {}
    for training in trainings_of(person_id):
        if training.voided_at is None and training.course.closed_at is None:
            end, name = valid_until(training.held_on, training.course.valid_months), training.course.name
            known = last.get(name, date.min)
            last[name] = None if end is None or known is None else max(known, end)
    for name, end in last.items():
        if end is not None and runs_out_soon(end, on):
            found.append(RunsOut(name, end, end < on))
    return sorted(found, key=lambda one: (one.on, one.name))


def list_skills(*, closed: bool = False) -> list[Skill]:
    """The office's list in its order; with closed=True what is no longer offered too."""
    wanted = select(Skill).order_by(Skill.rank, Skill.name)
    return list(session().scalars(wanted if closed else wanted.where(Skill.closed_at.is_(None))))


def list_courses(*, closed: bool = False) -> list[Course]:
    """Trainings there are, by name."""
    wanted = select(Course).order_by(Course.name)
    return list(session().scalars(wanted if closed else wanted.where(Course.closed_at.is_(None))))


def trainings_by(organisation_ids: Sequence[str]) -> Query:
    """Trainings these organisations recorded, newest first; persons come along."""
    wanted: Any = (
        select(Training.id)
        .join(Person, Person.id == Training.person_id)
        .join(Course, Course.id == Training.course_id)
        .join(Organisation, Organisation.id == Training.organisation_id)
        .where(Training.organisation_id.in_(organisation_ids))
    )
    usual = (Training.held_on.desc(), Training.id.desc())
    return Query(wanted, Training.id, usual, loaded(Training, joinedload(Training.person)))


def trained(training_ids: Sequence[str], organisation_ids: Sequence[str]) -> dict[str, str]:
    """Names of the people of these trainings, of those these organisations recorded."""
    rows = session().execute(
        select(Training.id, Person.name)
        .join(Person, Person.id == Training.person_id)
        .where(Training.id.in_(training_ids), Training.organisation_id.in_(organisation_ids))
    )
    return {row.id: row.name for row in rows}


def people_by_name(person_ids: Collection[str]) -> list[Person]:
    """These people who did not close their account, by name."""
    wanted = select(Person).where(Person.id.in_(person_ids), Person.closed_at.is_(None))
    return list(session().scalars(wanted.order_by(Person.name, Person.id)))
