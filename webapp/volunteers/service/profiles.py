"""Use case: a volunteer says what they can do, where and when. Everything is optional; the last save holds."""

from collections.abc import Collection, Sequence
from dataclasses import fields

from sqlalchemy import select

from webapp.core import audit, clock
from webapp.core.config import current_settings
from webapp.core.db import lock_row, session
from webapp.people.models import Consent, Person
from webapp.people.queries import settled_ages
from webapp.people.service import record_consent
from webapp.venues.queries import list_districts
from webapp.volunteers.domain import (
    AgeDisagrees,
    Fits,
    NotOnTheList,
    ProfileDraft,
    Said,
    SkillClaim,
    band_now,
    check_profile,
    compare,
    known_age,
    needs_guardian,
    youngest_band,
)
from webapp.volunteers.models import Skill, Volunteer, VolunteerSkill
from webapp.volunteers.service.hooks import age_said, qualifications_changed

PURPOSE = "profile"
PROFILE_FIELDS = tuple(one.name for one in fields(ProfileDraft))


def save_profile(
    person_id: str, draft: ProfileDraft, *, by: str | None, only: Collection[str] = PROFILE_FIELDS
) -> Volunteer:
    """Keep the person's profile, or of it `only` the named fields; a skill no longer offered stays as it was.

    Raises NotOnTheList, BadNumber, TextTooLong, AgeDisagrees. A certificate entered anew has to be looked at again.
    """
    lock_row(Person, person_id)  # two tabs follow each other
    draft = check_profile(draft, districts={one.code for one in list_districts()})
    current = session()
    row = current.get(Volunteer, person_id, populate_existing=True)
    if row is None:
        row = Volunteer(person_id=person_id, takes_calls=draft.takes_calls)
        row.districts, row.times, row.languages, row.note = [], [], [], ""
        current.add(row)
    for name in set(only) - {"skills", "age_band"}:
        value = getattr(draft, name)
        setattr(row, name, list(value) if isinstance(value, list | tuple) else value)
    if "age_band" in only:
        _set_age(row, draft.age_band)
    if "skills" in only:
        _set_skills(person_id, draft.skills)
    _agree(person_id, by)
    current.flush()
    if "age_band" in only:
        age_said(person_id)
    audit.record("profile.save", "person", person_id, by=by)
    if "skills" in only:
        qualifications_changed([person_id])
    return row


def _set_age(row: Volunteer, band: str | None) -> None:
    """What the form showed and nobody touched stays as it was said; a minor does not make themselves older.

    Raises AgeDisagrees.
    """
    today = clock.today()
    if band == band_now(row.age_band, row.age_band_on, today):
        return
    words = [Said(row.age_band, row.age_band_on)] if row.age_band and row.age_band_on else []
    settled = settled_ages([row.person_id]).get(row.person_id)
    if settled is not None and (not words or clock.local_date(settled.said_at) >= words[0].on):
        words = [Said(settled.band, clock.local_date(settled.said_at))]
    known = known_age(words, today)
    if known and needs_guardian(youngest_band(known)) and (not band or compare(known, band) == Fits.OLDER):
        raise AgeDisagrees
    row.age_band, row.age_band_on = band, today if band else None


def _set_skills(person_id: str, claims: Sequence[SkillClaim]) -> None:
    current = session()
    offered = set(current.scalars(select(Skill.id).where(Skill.closed_at.is_(None))))
    wanted = {one.skill_id: one for one in claims}
    if set(wanted) - offered:
        raise NotOnTheList(field="skills")
    held = select(VolunteerSkill).where(VolunteerSkill.person_id == person_id)
    known = {one.skill_id: one for one in current.scalars(held.execution_options(populate_existing=True))}
    for skill_id, row in known.items():
        if skill_id in offered and skill_id not in wanted:
            current.delete(row)
    for skill_id, claim in wanted.items():
        if skill_id in known:
            _renew(known[skill_id], claim)
        else:
            current.add(
                VolunteerSkill(
                    person_id=person_id,
                    skill_id=skill_id,
                    certificate=claim.certificate,
                    expires_on=claim.expires_on,
                )
            )


def _renew(row: VolunteerSkill, claim: SkillClaim) -> None:
    if (row.certificate, row.expires_on) == (claim.certificate, claim.expires_on):
        return
    row.certificate, row.expires_on = claim.certificate, claim.expires_on
    row.checked_by = row.checked_at = None  # someone looked at another paper


def _agree(person_id: str, by: str | None) -> None:
    """Saving is agreeing to the present text; kept once for each version of it."""
    given = select(Consent.id).where(
        Consent.person_id == person_id,
        Consent.purpose == PURPOSE,
        Consent.policy_version == current_settings().policy_version,
        Consent.withdrawn_at.is_(None),
    )
    if session().scalar(given.limit(1)) is None:
        record_consent(person_id, PURPOSE, method="web", recorded_by=None if by == person_id else by)
