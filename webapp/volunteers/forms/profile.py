"""A volunteer about themselves. Everything is optional."""

from collections.abc import Sequence
from typing import Any, ClassVar

from flask_babel import lazy_gettext as _l
from wtforms import BooleanField, FormField, HiddenField, StringField, TextAreaField

from webapp.core import clock
from webapp.core.db import ID_LENGTH
from webapp.core.fields import Choice, PartForm, Rows, Ticks
from webapp.core.forms import BaseForm, too_long
from webapp.core.terms import term
from webapp.venues.models import District
from webapp.volunteers.domain import (
    AGE_BAND_LABELS,
    LANGUAGES,
    NAME_LIMIT,
    NOTE_LIMIT,
    NUMBER_LIMIT,
    OFFERED,
    PARTS_OF_DAY,
    WEEKDAYS,
    ProfileDraft,
    SkillClaim,
    band_now,
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


class StepForm(BaseForm):
    """A part of the profile, short enough for one look; each part is saved by itself."""

    names: ClassVar[tuple[str, ...]] = ()  # the fields of the profile it is about
    title: ClassVar[Any] = ""
    hint: ClassVar[Any] = None

    def offer(self, districts: Sequence[District]) -> None:
        """What may be ticked."""

    def draft(self) -> ProfileDraft:
        """What was entered."""
        return ProfileDraft(**{name: self[name].data for name in self.names})


class SkillsStep(StepForm):
    """What one can do, perhaps with certificates."""

    names = ("skills",)
    title = _l("会做什么")
    hint = _l("有证书的技能，写上证书名称和编号；组织者看过原件以后才算数。")

    skills = Rows(FormField(SkillRow), _l("会做什么"), kept=_SKILLS_READ)

    def draft(self) -> ProfileDraft:
        """What was entered."""
        rows = [entry.form for entry in self.skills.entries]
        claims = [
            SkillClaim(row.skill_id.data or "", row.certificate.data or "", row.expires_on.data)
            for row in rows
            if row.has.data and len(row.skill_id.data or "") == ID_LENGTH
        ]
        return ProfileDraft(skills=claims)


class TimesStep(StepForm):
    """When, and where to."""

    names = ("times", "districts")
    title = _l("什么时候、去哪里")

    times = Ticks(
        _l("什么时候有空"),
        choices=[
            (f"{number}-{part}", _l("%(day)s%(part)s", day=_l(day), part=_l(label)))
            for number, day in enumerate(WEEKDAYS, 1)
            for part, label in PARTS_OF_DAY.items()
        ],
    )
    districts = Ticks(_l("可以去哪里"), choices=[], validate_choice=False)

    def offer(self, districts: Sequence[District]) -> None:
        """What may be ticked."""
        self.districts.choices = [(one.code, term(one.name)) for one in districts]


class AboutStep(StepForm):
    """Languages, age."""

    names = ("languages", "age_band")
    title = _l("语言、年龄段")

    languages = Ticks(_l("会说的语言"), choices=[(one, _l(one)) for one in LANGUAGES])
    age_band = Choice(
        _l("年龄段"),
        choices=[("", _l("不填")), *((band.value, _l(AGE_BAND_LABELS[band])) for band in OFFERED)],
        description=_l("有的岗位有年龄要求。我们只记年龄段，不记生日，以后按年份推算。"),
    )


class CallsStep(StepForm):
    """Words to the organisers, and whether they may call out."""

    names = ("takes_calls", "note")
    title = _l("怎样找您")

    takes_calls = BooleanField(
        _l("缺人的时候可以通知我"), description=_l("每人每周有次数上限，随时可以关掉。")
    )
    note = TextAreaField(_l("还想告诉组织者的"), [too_long(NOTE_LIMIT)], render_kw={"rows": 3})


class NumberForm(StepForm):
    """The number of another system, entered on the profile's own page: it is copied from a card, not thought about."""

    names = ("number",)
    title = _l("全国志愿者编号")

    number = StringField(
        _l("全国志愿者编号"),
        [too_long(NUMBER_LIMIT)],
        description=_l("在“志愿中国”等系统注册时得到的编号，没有就不填。"),
        render_kw={"autocomplete": "off", "autocapitalize": "characters", "spellcheck": "false"},
    )


STEPS: dict[str, type[StepForm]] = {
    "skills": SkillsStep,
    "times": TimesStep,
    "about": AboutStep,
    "calls": CallsStep,
}
PARTS = STEPS | {"number": NumberForm}  # what is saved by itself


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
        "age_band": band_now(profile.age_band, profile.age_band_on, clock.today()) or "",
    }
