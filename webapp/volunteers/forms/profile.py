"""A volunteer about themselves. Everything is optional."""

from collections.abc import Sequence
from typing import Any

from flask_babel import lazy_gettext as _l
from wtforms import BooleanField, FormField, HiddenField, StringField, TextAreaField

from webapp.core.db import ID_LENGTH
from webapp.core.fields import Choice, PartForm, Rows, Ticks
from webapp.core.forms import BaseForm, too_long
from webapp.venues.models import District
from webapp.volunteers.domain import (
    AGE_BAND_LABELS,
    LANGUAGES,
    NAME_LIMIT,
    NOTE_LIMIT,
    NUMBER_LIMIT,
    PARTS_OF_DAY,
    WEEKDAYS,
    ProfileDraft,
    SkillClaim,
)
from webapp.volunteers.forms.fields import DayField
from webapp.volunteers.models import Skill, Volunteer, VolunteerSkill

_SKILLS_READ = 200  # more rows than any list of the office has are not even read


class SkillRow(PartForm):
    """One skill of the office's list: ticked or not, perhaps with a certificate."""

    skill_id = HiddenField()
    has = BooleanField(_l("我会"))
    certificate = StringField(_l("证书名称和编号"), [too_long(NAME_LIMIT)])
    expires_on = DayField(_l("有效期到"))


class ProfileForm(BaseForm):
    """The whole profile on one page."""

    skills = Rows(FormField(SkillRow), _l("会做什么"), kept=_SKILLS_READ)
    districts = Ticks(_l("可以去哪里"), choices=[], validate_choice=False)
    times = Ticks(
        _l("什么时候有空"),
        choices=[
            (f"{number}-{part}", _l("%(day)s%(part)s", day=_l(day), part=_l(label)))
            for number, day in enumerate(WEEKDAYS, 1)
            for part, label in PARTS_OF_DAY.items()
        ],
    )
    languages = Ticks(_l("会说的语言"), choices=[(one, _l(one)) for one in LANGUAGES])
    age_band = Choice(
        _l("年龄段"),
        choices=[("", _l("不填")), *((key.value, _l(label)) for key, label in AGE_BAND_LABELS.items())],
    )
    number = StringField(
        _l("全国志愿者编号"),
        [too_long(NUMBER_LIMIT)],
        render_kw={"autocomplete": "off", "autocapitalize": "characters", "spellcheck": "false"},
    )
    note = TextAreaField(_l("还想告诉组织者的"), [too_long(NOTE_LIMIT)], render_kw={"rows": 3})
    takes_calls = BooleanField(_l("缺人的时候可以通知我"))

    def offer(self, districts: Sequence[District]) -> None:
        """What may be ticked."""
        self.districts.choices = [(one.code, one.name) for one in districts]

    def draft(self) -> ProfileDraft:
        """What was entered."""
        rows = [entry.form for entry in self.skills.entries]
        claims = [
            SkillClaim(row.skill_id.data or "", row.certificate.data or "", row.expires_on.data)
            for row in rows
            if row.has.data and len(row.skill_id.data or "") == ID_LENGTH
        ]
        return ProfileDraft(
            number=self.number.data or None,
            age_band=self.age_band.data or None,
            districts=self.districts.data or (),
            times=self.times.data or (),
            languages=self.languages.data or (),
            note=self.note.data or "",
            takes_calls=self.takes_calls.data,
            skills=claims,
        )


def known_of(
    profile: Volunteer | None, held: Sequence[VolunteerSkill], offered: Sequence[Skill]
) -> dict[str, Any]:
    """What the form begins with."""
    own = {one.skill_id: one for one in held}
    rows = [
        {
            "skill_id": skill.id,
            "has": skill.id in own,
            "certificate": own[skill.id].certificate if skill.id in own else "",
            "expires_on": own[skill.id].expires_on if skill.id in own else None,
        }
        for skill in offered
    ]
    if profile is None:
        return {"skills": rows, "takes_calls": True, "age_band": ""}
    names = ("districts", "times", "languages", "number", "note", "takes_calls")
    return {name: getattr(profile, name) for name in names} | {
        "skills": rows,
        "age_band": profile.age_band or "",
    }
