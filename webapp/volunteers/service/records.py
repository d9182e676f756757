"""Use cases of staff: a certificate was looked at, a training was held. Only of people they work with."""

from collections.abc import Collection, Sequence
from datetime import date

from sqlalchemy import select
from sqlalchemy.orm import joinedload

from webapp.core import audit, clock
from webapp.core.db import get_row, lock_row, session
from webapp.core.errors import NotFound
from webapp.organisations.domain import Permission
from webapp.organisations.queries import organisations_with, permissions_of, require
from webapp.volunteers.domain import (
    AlreadyVoided,
    CertificateChanged,
    MemberState,
    NoOneNamed,
    NotOnTheList,
    TrainingDraft,
    check_training,
)
from webapp.volunteers.models import Course, Skill, Team, TeamMembership, Training, VolunteerSkill
from webapp.volunteers.service import notices
from webapp.volunteers.service.hooks import people_serving, qualifications_changed


def people_known_to(person_id: str) -> set[str] | None:
    """Ids of the people staff may work with: in teams their organisations host, or signed up at their events.

    None is everyone: the office looks at the papers of those who have not served anywhere yet.
    """
    if Permission.GOVERN in permissions_of(person_id):
        return None
    return people_of([one.id for one in organisations_with(person_id, Permission.MANAGE_EVENTS)])


def people_of(organisation_ids: Sequence[str]) -> set[str]:
    """Ids of members of teams these organisations host, and of volunteers signed up at their events."""
    if not organisation_ids:
        return set()
    members = (
        select(TeamMembership.person_id)
        .join(Team, Team.id == TeamMembership.team_id)
        .where(Team.organisation_id.in_(organisation_ids), TeamMembership.state == MemberState.MEMBER)
    )
    return set(session().scalars(members)) | people_serving(organisation_ids)


def get_certificate_for(person_id: str, volunteer_skill_id: str) -> VolunteerSkill:
    """What someone says they can do, for staff who may work with them; raises NotFound."""
    found = get_row(VolunteerSkill, volunteer_skill_id)
    known = people_known_to(person_id)
    if known is not None and found.person_id not in known:
        raise NotFound
    return found


def check_certificate(
    volunteer_skill_id: str, *, certificate: str, expires_on: date | None, by: str
) -> VolunteerSkill:
    """Someone looked at the paper, and it says this; the skill counts from now on.

    Raises NotFound, and CertificateChanged when it was entered anew meanwhile.
    """
    get_certificate_for(by, volunteer_skill_id)
    row = lock_row(VolunteerSkill, volunteer_skill_id)
    if (row.certificate, row.expires_on) != (certificate, expires_on):
        raise CertificateChanged
    row.checked_by, row.checked_at = by, clock.now()
    session().flush()
    audit.record("certificate.check", "person", row.person_id, by=by, skill=row.skill_id)
    notices.certificate_checked(row, row.checked_at.isoformat())
    qualifications_changed([row.person_id])
    return row


def uncheck_certificate(volunteer_skill_id: str, *, by: str) -> VolunteerSkill:
    """It does not count any more (a mistake, or the paper was withdrawn). Raises NotFound."""
    get_certificate_for(by, volunteer_skill_id)
    row = lock_row(VolunteerSkill, volunteer_skill_id)
    row.checked_by = row.checked_at = None
    session().flush()
    audit.record("certificate.uncheck", "person", row.person_id, by=by, skill=row.skill_id)
    notices.certificate_unchecked(row, clock.now().isoformat())
    qualifications_changed([row.person_id])
    return row


def certificates_for(person_id: str, *, within: str | None = None) -> list[VolunteerSkill]:
    """Skills that need a paper, of the people these staff may work with; those nobody looked at come first.

    With `within` only of the people of that one of their organisations.
    """
    if within is None:
        known = people_known_to(person_id)
    else:
        of = organisations_with(person_id, Permission.MANAGE_EVENTS, within=within)
        known = people_of([one.id for one in of])
    wanted = (
        select(VolunteerSkill)
        .join(Skill, Skill.id == VolunteerSkill.skill_id)
        .where(Skill.needs_certificate.is_(True), VolunteerSkill.certificate != "")
        .options(joinedload(VolunteerSkill.person))
        .order_by(VolunteerSkill.checked_at.is_not(None), VolunteerSkill.created_at, VolunteerSkill.id)
    )
    return [one for one in session().scalars(wanted) if known is None or one.person_id in known]


def record_trainings(draft: TrainingDraft, person_ids: Collection[str], *, by: str) -> list[Training]:
    """These people took part in a training of the organisation; one already recorded that day is not doubled.

    Raises NotAllowed, NoOneNamed, NotFound for people the organisation does not work with, and what the checks raise.
    """
    require(by, Permission.MANAGE_EVENTS, draft.organisation_id)
    draft = check_training(draft, today=clock.today())
    if not person_ids:
        raise NoOneNamed
    if set(person_ids) - people_of([draft.organisation_id]):
        raise NotFound
    if session().get(Course, draft.course_id) is None:
        raise NotOnTheList(field="course_id")
    lock_row(Course, draft.course_id)  # the same form sent twice meets its first rows
    known = set(
        session().scalars(
            select(Training.person_id).where(
                Training.course_id == draft.course_id,
                Training.held_on == draft.held_on,
                Training.organisation_id == draft.organisation_id,
                Training.voided_at.is_(None),
            )
        )
    )
    made = [
        Training(
            person_id=one,
            course_id=draft.course_id,
            organisation_id=draft.organisation_id,
            held_on=draft.held_on,
            minutes=draft.minutes,
            place=draft.place,
            recorded_by=by,
        )
        for one in sorted(set(person_ids) - known)
    ]
    session().add_all(made)
    session().flush()
    people = [one.person_id for one in made]
    audit.record("training.record", "course", draft.course_id, by=by, people=people)
    qualifications_changed(people)
    return made


def void_training(training_id: str, *, by: str) -> Training:
    """It was recorded by mistake; the row stays. Raises NotAllowed, AlreadyVoided."""
    row = lock_row(Training, training_id)
    require(by, Permission.MANAGE_EVENTS, row.organisation_id)
    if row.voided_at is not None:
        raise AlreadyVoided
    row.voided_at, row.voided_by = clock.now(), by
    session().flush()
    audit.record("training.void", "person", row.person_id, by=by, training=training_id)
    qualifications_changed([row.person_id])
    return row
