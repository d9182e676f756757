"""What people can do and were trained in, in words, for whoever decides about them."""

from collections import defaultdict
from collections.abc import Collection
from dataclasses import dataclass, field
from datetime import date

from sqlalchemy import select

from webapp.core.db import session
from webapp.volunteers.domain import still_valid, valid_until
from webapp.volunteers.models import Course, Skill, Training, VolunteerSkill


@dataclass(frozen=True)
class HeldSkill:
    """A skill someone says they have; a certificate that was looked at says it for them."""

    name: str
    needs_certificate: bool
    is_checked: bool
    expires_on: date | None
    is_over: bool


@dataclass(frozen=True)
class Holdings:
    """What one person has."""

    skills: list[HeldSkill] = field(default_factory=list)
    trainings: list[str] = field(default_factory=list)  # that still hold


def holdings_of(person_ids: Collection[str], *, on: date) -> dict[str, Holdings]:
    """What each of these people has on that day; everyone is in it. Two statements."""
    found: defaultdict[str, Holdings] = defaultdict(Holdings)
    skills = select(VolunteerSkill).join(Skill, Skill.id == VolunteerSkill.skill_id)
    skills = skills.where(VolunteerSkill.person_id.in_(person_ids)).order_by(Skill.rank, Skill.name)
    for one in session().scalars(skills):
        held = HeldSkill(
            name=one.skill.name,
            needs_certificate=one.skill.needs_certificate,
            is_checked=one.checked_at is not None,
            expires_on=one.expires_on,
            is_over=not still_valid(one.expires_on, on),
        )
        found[one.person_id].skills.append(held)
    rows = session().execute(
        select(Training.person_id, Training.held_on, Course.name, Course.valid_months)
        .join(Course, Course.id == Training.course_id)
        .where(Training.person_id.in_(person_ids), Training.voided_at.is_(None))
        .order_by(Course.name, Training.id)
    )
    for row in rows:
        known = found[row.person_id].trainings
        if still_valid(valid_until(row.held_on, row.valid_months), on) and row.name not in known:
            known.append(row.name)
    return {one: found[one] for one in person_ids}
