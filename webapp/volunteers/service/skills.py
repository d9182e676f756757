"""Use cases of the office's lists: skills and courses; and of what positions ask for."""

from collections.abc import Collection
from typing import Any

from sqlalchemy import delete, func, select
from sqlalchemy.exc import IntegrityError

from webapp.core import audit, clock
from webapp.core.db import Base, broken_constraint, lock_row, savepoint, session
from webapp.core.errors import NotAllowed
from webapp.events.models import Position
from webapp.events.service.editing import mark_changed, take_position
from webapp.organisations.domain import Permission
from webapp.organisations.queries import permissions_of
from webapp.volunteers.domain import (
    NAME_LIMIT,
    CourseNameTaken,
    NotOnTheList,
    Requirements,
    SkillNameTaken,
    check_months,
    check_words,
)
from webapp.volunteers.models import Course, PositionRequirement, Skill, Team
from webapp.volunteers.service.hooks import requirements_changed

FIRST_SKILLS = (
    ("科普讲解", False),
    ("急救", True),
    ("心理疏导", True),
    ("医疗咨询", True),
    ("手机和电脑辅导", False),
    ("科技辅导（科创、机器人）", False),
    ("农业技术", False),
    ("航空航天科普", False),
    ("天文观测", False),
    ("摄影摄像", False),
    ("新媒体宣传", False),
    ("翻译", False),
    ("驾驶", True),
    ("秩序引导", False),
)


def seed_skills() -> None:
    """The list a new installation begins with; one that has any skill is left alone."""
    if session().scalar(select(Skill.id).limit(1)) is None:
        session().add_all(
            Skill(name=name, needs_certificate=papers, rank=rank)
            for rank, (name, papers) in enumerate(FIRST_SKILLS)
        )
        session().flush()


def _require_office(by: str | None) -> None:
    if by is not None and Permission.GOVERN not in permissions_of(by):
        raise NotAllowed


def add_skill(name: str, *, needs_certificate: bool, by: str | None) -> Skill:
    """One more on the list. Raises NotAllowed, NameMissing, TextTooLong, SkillNameTaken."""
    _require_office(by)
    last = session().scalar(select(func.max(Skill.rank)))
    name = check_words("name", name, limit=NAME_LIMIT, required=True)
    made = Skill(name=name, needs_certificate=needs_certificate, rank=0 if last is None else last + 1)
    _keep(made)
    audit.record("skill.add", "skill", made.id, by=by, name=name)
    return made


def change_skill(
    skill_id: str, name: str, *, needs_certificate: bool, is_open: bool, by: str | None
) -> Skill:
    """Another name, with or without papers, offered or not. Who has it keeps it."""
    _require_office(by)
    row = lock_row(Skill, skill_id)
    before = _told(row, "needs_certificate")
    row.name = check_words("name", name, limit=NAME_LIMIT, required=True)
    row.needs_certificate = needs_certificate
    row.closed_at = None if is_open else row.closed_at or clock.now()
    _keep(row)
    after = _told(row, "needs_certificate")
    audit.record("skill.change", "skill", skill_id, by=by, before=before, after=after)
    return row


def add_course(name: str, *, valid_months: int | None, by: str | None) -> Course:
    """A training that may be given and asked for. Raises NotAllowed, NameMissing, BadMonths, CourseNameTaken."""
    _require_office(by)
    name = check_words("name", name, limit=NAME_LIMIT, required=True)
    made = Course(name=name, valid_months=check_months(valid_months))
    _keep(made)
    audit.record("course.add", "course", made.id, by=by, name=name)
    return made


def change_course(
    course_id: str, name: str, *, valid_months: int | None, is_open: bool, by: str | None
) -> Course:
    """Another name or validity, offered or not. Trainings held stay."""
    _require_office(by)
    row = lock_row(Course, course_id)
    before = _told(row, "valid_months")
    row.name = check_words("name", name, limit=NAME_LIMIT, required=True)
    row.valid_months = check_months(valid_months)
    row.closed_at = None if is_open else row.closed_at or clock.now()
    _keep(row)
    after = _told(row, "valid_months")
    audit.record("course.change", "course", course_id, by=by, before=before, after=after)
    return row


def _told(row: Skill | Course, more: str) -> dict[str, Any]:
    return {"name": row.name, more: getattr(row, more), "open": row.closed_at is None}


def _keep(row: Skill | Course) -> None:
    try:
        with savepoint() as current:
            current.add(row)
    except IntegrityError as error:
        if broken_constraint(error) == "uq_skill_name":
            raise SkillNameTaken from error
        if broken_constraint(error) == "uq_course_name":
            raise CourseNameTaken from error
        raise


def check_revision(position_id: str, revision: int | None, *, by: str) -> None:
    """Take the position for this transaction; raises ChangedMeanwhile when its event was changed since."""
    take_position(position_id, by=by, revision=revision)


def set_requirements(position_id: str, wanted: Requirements, *, by: str | None) -> Position:
    """The position asks for exactly these skills, courses and one of these teams (min_age is set elsewhere).

    Who is signed up already stays so, and who has not what is asked for now is put before the organiser.
    Raises NotOnTheList for what is not there or is offered no more, and what taking the position raises.
    """
    position = take_position(position_id, by=by)
    current = session()
    before = _asked_for(position_id)
    after = {"skill_id": wanted.skills, "course_id": wanted.courses, "team_id": wanted.teams}
    _check_known(Skill, wanted.skills - before["skill_id"], "skills")
    _check_known(Course, wanted.courses - before["course_id"], "courses")
    _check_known(Team, wanted.teams - before["team_id"], "teams")
    if before == after:
        return position
    current.execute(delete(PositionRequirement).where(PositionRequirement.position_id == position_id))
    current.add_all(
        PositionRequirement(position_id=position_id, **{column: one})
        for column, ids in after.items()
        for one in sorted(ids)
    )
    current.flush()
    mark_changed(position.session.event, shown=False)
    lists = {column: [sorted(before[column]), sorted(after[column])] for column in after}
    audit.record("position.require", "position", position_id, by=by, changed=lists)
    requirements_changed(position_id)
    return position


def _asked_for(position_id: str) -> dict[str, frozenset[str]]:
    rows = (
        session()
        .scalars(select(PositionRequirement).where(PositionRequirement.position_id == position_id))
        .all()
    )
    return {
        column: frozenset(value for row in rows if (value := getattr(row, column)))
        for column in ("skill_id", "course_id", "team_id")
    }


def _check_known(table: type[Base], ids: Collection[str], field: str) -> None:
    if ids:
        columns = table.__table__.c
        found = select(columns.id).where(columns.id.in_(list(ids)), columns.closed_at.is_(None))
        if set(session().scalars(found)) != set(ids):
            raise NotOnTheList(field=field)
