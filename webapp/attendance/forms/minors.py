"""What is asked at the door of a minor who had not signed up: how old, who agrees, who comes along."""

from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from wtforms import BooleanField, SelectField, StringField

from webapp.core.errors import Refusal
from webapp.core.forms import BaseForm, PhoneField, obeys, too_long
from webapp.core.needed import NeededWhen
from webapp.people.domain import NAME_LIMIT, normal_name
from webapp.signups.domain.giving import ABOUT_MINORS, Given, GuardianGiven
from webapp.volunteers.domain import (
    AGE_BAND_LABELS,
    OFFERED,
    AgeBand,
    Company,
    company_for,
    needs_guardian,
)

_OFF = {"autocomplete": "off"}
_OF_MINORS = NeededWhen(
    _l("不满 18 岁、以前没有同意过的必填"),
    "age_band",
    [band.value for band in OFFERED if needs_guardian(band)],
)
_OF_CHILDREN = NeededWhen(
    _l("不满 14 岁时必填，自己来回的打勾"),
    "age_band",
    [band.value for band in OFFERED if company_for(band) != Company.FREE],
)


class MinorForm(BaseForm):
    """Left as it is by everybody of age."""

    age_band = SelectField(
        _l("参加者的年龄"),
        choices=[
            ("", _l("已满 18 岁")),
            *((band.value, _l(AGE_BAND_LABELS[band])) for band in OFFERED if band != AgeBand.ADULT),
            (AgeBand.ADULT.value, _l("已满 18 岁，以前填错了")),
        ],
        default="",
    )
    age_confirmed = BooleanField(_l("问过了，以这次填的年龄为准"))
    guardian_name = StringField(
        _l("监护人姓名"), [too_long(NAME_LIMIT), obeys(normal_name), _OF_MINORS], render_kw=_OFF
    )
    guardian_phone = PhoneField(
        _l("监护人手机号"), [too_long(30), _OF_MINORS], render_kw=_OFF | {"inputmode": "tel", "type": "tel"}
    )
    guardian_consent = BooleanField(_l("监护人同意参加活动，同意为此使用上面的姓名和手机号"))
    company = StringField(_l("谁陪同或接送"), [too_long(NAME_LIMIT), _OF_CHILDREN], render_kw=_OFF)
    alone = BooleanField(_l("自己来，自己回"))

    asks_minor: bool = False  # it was refused for what is asked here: shown open

    def validate(self, extra_validators: Any = None) -> bool:
        """A guardian is named whole, with their consent."""
        good = super().validate(extra_validators)
        given = [self.guardian_name.data, self.guardian_phone.data, self.guardian_consent.data]
        if any(given) and not all(given):
            self.guardian_name.errors = [
                *self.guardian_name.errors,
                _("请写监护人的姓名和手机号，问过他同意再打勾。"),
            ]
            good = False
        self.asks_minor = not good or needs_guardian(self.age_band.data or None)
        return good

    def refused(self, refusal: Refusal) -> None:
        """Whether it is about a minor: then the fields are shown."""
        self.asks_minor = self.asks_minor or isinstance(refusal, ABOUT_MINORS)

    def given(self) -> Given:
        """What was said of a minor."""
        guardian = None
        if self.guardian_name.data and self.guardian_phone.normal:
            guardian = GuardianGiven(normal_name(self.guardian_name.data), self.guardian_phone.normal)
        company = " ".join((self.company.data or "").split())
        return Given(
            age_band=self.age_band.data or None,
            guardian=guardian,
            company=company or ("" if self.alone.data else None),
            age_confirmed=bool(self.age_confirmed.data),
        )
