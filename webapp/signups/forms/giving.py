"""Parts of sign-up forms: questions of the event, companions, a minor and their guardian."""

from collections.abc import Mapping, Sequence
from typing import Any, TypeVar

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from wtforms import BooleanField, FormField, RadioField, SelectField, StringField, ValidationError
from wtforms.fields.choices import SelectChoice  # type: ignore[attr-defined]

from webapp.core.errors import Refusal
from webapp.core.fields import PartForm, Rows
from webapp.core.forms import BaseForm, PhoneField, obeys, too_long
from webapp.core.needed import NeededWhen
from webapp.events.domain.questions import ANSWER_LIMIT, Asked, QuestionKind, check
from webapp.people.domain import NAME_LIMIT, normal_name
from webapp.signups.domain.giving import COMPANIONS_MAX, Companion, Given, GuardianGiven
from webapp.volunteers.domain import (
    AGE_BAND_LABELS,
    OFFERED,
    Age,
    AgeBand,
    Company,
    band_of_today,
    company_for,
    needs_guardian,
)

_QUESTION = "question_"
BOTH = _l("两个都要")  # beside something else at that hour
Kind = TypeVar("Kind", bound="GivingForm")
TEL = {"autocomplete": "off", "inputmode": "tel", "type": "tel"}


class _Required:
    """Says that an answer is needed, to whoever draws the field; the rule itself stands in events/domain."""

    field_flags = {"required": True}

    def __call__(self, form: Any, field: Any) -> None:
        """Judged for all questions together."""


def minor_bands(first: Any) -> list[tuple[str, Any]]:
    """The bands below 18, after what the empty choice says."""
    minors = [band for band in OFFERED if band != AgeBand.ADULT]
    return [("", first), *((band.value, _l(AGE_BAND_LABELS[band])) for band in minors)]


def all_bands(first: Any) -> list[tuple[str, Any]]:
    """The same where being of age has to be said: something else is known."""
    return [*minor_bands(first), (AgeBand.ADULT.value, _l("已满 18 岁"))]


class AgeField(SelectField):
    """An age band. A page that had not asked yet may be answered in full."""

    def pre_validate(self, form: Any) -> None:
        """Any band there is, or nothing."""
        if self.data and self.data not in list(AgeBand):
            raise ValidationError(_("有一项不在列表里，请重新选。"))


_OF_MINORS = NeededWhen(
    _l("不满 18 岁时必填"),
    "age_band",
    [band.value for band in OFFERED if needs_guardian(band)],
    now=lambda form: form.lacks_guardian(),
)
_OF_CHILDREN = NeededWhen(
    _l("不满 14 岁时必填"),
    "age_band",
    [band.value for band in OFFERED if company_for(band) != Company.FREE],
    now=lambda form: any(company_for(band or None) != Company.FREE for band in form.bands()),
)


class CompanionForm(PartForm):
    """Someone who comes along."""

    name = StringField(
        _l("姓名"),
        validators=[too_long(NAME_LIMIT), obeys(normal_name)],
        render_kw={"autocomplete": "off"},
    )
    age_band = AgeField(_l("年龄"), choices=minor_bands(_l("已满 18 岁")), default="")


class GivingForm(BaseForm):
    """Fields that every sign-up form has: age band, guardian; questions are added by with_questions()."""

    age_band = AgeField(_l("参加者的年龄"), choices=minor_bands(_l("已满 18 岁")), default="")
    guardian_name = StringField(
        _l("监护人姓名"),
        validators=[too_long(NAME_LIMIT), obeys(normal_name), _OF_MINORS],
        render_kw={"autocomplete": "off"},
    )
    guardian_phone = PhoneField(_l("监护人手机号"), validators=[too_long(30), _OF_MINORS], render_kw=TEL)
    guardian_consent = BooleanField(_l("监护人同意参加活动，同意为此使用上面的姓名和手机号"))
    company = SelectField(
        _l("谁陪同或接送"),
        validators=[_OF_CHILDREN],
        choices=[
            ("", _l("请选一个")),
            ("guardian", _l("监护人")),
            ("other", _l("另一位大人")),
            ("alone", _l("自己来，自己回")),
        ],
        default="",
    )
    company_name = StringField(
        _l("这位大人的姓名"),
        validators=[
            too_long(NAME_LIMIT),
            obeys(normal_name),
            NeededWhen(_l("选“另一位大人”时必填"), "company", ["other"]),
        ],
        render_kw={"autocomplete": "off"},
    )
    age_confirmed = BooleanField(_l("问过了，以这次填的年龄为准"))
    both = BooleanField(BOTH)  # drawn once it is asked

    questions: Sequence[Asked] = ()
    judged: Sequence[Asked] | None = None  # where only some of them are asked of whoever signs up
    has_guardian: bool = False  # a guardian agreed before, and it stands
    known: str | None = None  # the band known of whoever is signed in
    asks_age: bool = False  # it was refused for the age, a guardian, or who comes along: shown open

    def validate(self, extra_validators: Any = None) -> bool:
        """The fields by themselves, then a minor's guardian and the answers together."""
        good = super().validate(extra_validators)
        return all([good, self._validate_guardian(), self._validate_company(), self._validate_answers()])

    def know(self, age: Age | None, *, has_guardian: bool) -> None:
        """Whoever is signed in said before how old they are: the form begins with it, and asks what follows."""
        self.has_guardian, self.known = has_guardian, band_of_today(age, None)
        if not needs_guardian(self.known):
            self.known = None
            return
        self.ask_age()
        if not self.is_submitted():
            self.age_band.data = self.known

    def ask_age(self) -> None:
        """Something is known of the age, or asked because of it: being of age is a choice like the others."""
        self.asks_age = True
        self.age_band.choices = all_bands(_l("以前说过的年龄"))

    def bands(self) -> list[str]:
        """The age bands said on the form, or known."""
        return [self.age_band.data or self.known or ""]

    def _validate_company(self) -> bool:
        if self.company.data == "other" and not self.company_name.data:
            self.company_name.errors = [*self.company_name.errors, _("请写陪同人的姓名。")]
        return not self.company_name.errors

    def lacks_guardian(self) -> bool:
        """Whether somebody named is a minor, and no guardian agreed before."""
        return any(needs_guardian(band or None) for band in self.bands()) and not self.has_guardian

    def _validate_guardian(self) -> bool:
        given = [self.guardian_name.data, self.guardian_phone.data, self.guardian_consent.data]
        if not self.lacks_guardian() and not any(given):
            return True
        missing = {
            "guardian_name": _("请填写监护人姓名。"),
            "guardian_phone": _("请填写监护人手机号。"),
            "guardian_consent": _("要有监护人的同意，请打勾。"),
        }
        for name, sentence in missing.items():
            field = self[name]
            if not field.data:
                field.errors = [*field.errors, sentence]
        return all(given) and not any(self[name].errors for name in missing)

    def _validate_answers(self) -> bool:
        wrong = check(self.questions if self.judged is None else self.judged, self.answers())
        self.show_wrong(wrong)
        return not wrong

    def show_wrong(self, wrong: Mapping[str, str]) -> None:
        """Put each sentence beside its question."""
        for question_id, sentence in wrong.items():
            field = self[_QUESTION + question_id]
            field.errors = [*field.errors, _(sentence)]

    def answers(self) -> dict[str, str]:
        """Question id → what was entered."""
        entered = {one.id: self[_QUESTION + one.id].data for one in self.questions}
        return {
            name: ("yes" if value else "") if isinstance(value, bool) else value or ""
            for name, value in entered.items()
        }

    def given(self) -> Given:
        """What was said beside name and telephone."""
        guardian = None
        if self.guardian_name.data and self.guardian_phone.normal:
            guardian = GuardianGiven(normal_name(self.guardian_name.data), self.guardian_phone.normal)
        return Given(
            self.answers(),
            self.age_band.data or None,
            guardian,
            company=self._company(),
            with_guardian=self.company.data == "guardian",
            age_confirmed=bool(self.age_confirmed.data),
            both=bool(self.both.data),
        )

    def _company(self) -> str | None:
        if self.company.data == "other":
            return normal_name(self.company_name.data or "")
        return "" if self.company.data == "alone" else None

    def question_fields(self) -> list[tuple[Asked, Any]]:
        """Each question with its field, in order."""
        return [(one, self[_QUESTION + one.id]) for one in self.questions]


class PartyForm(GivingForm):
    """With people who come along; empty rows are nobody."""

    companions = Rows(
        FormField(CompanionForm),
        _l("和我一起来的人"),
        kept=COMPANIONS_MAX,
        min_entries=COMPANIONS_MAX,
        max_entries=COMPANIONS_MAX,
    )

    def bands(self) -> list[str]:
        """Of everyone named."""
        return [*super().bands(), *(one.age_band or "" for one in self.party())]

    def party(self) -> list[Companion]:
        """Those named, in order."""
        rows = [one.form for one in self.companions if (one.form.name.data or "").strip()]
        return [Companion(_normal(row.name.data), row.age_band.data or None) for row in rows]


def _normal(name: str) -> str:
    try:
        return normal_name(name)
    except Refusal:
        return name


def with_questions(
    kind: type[Kind], questions: Sequence[Asked], *, before: Mapping[str, str] | None = None
) -> type[Kind]:
    """The form's class with a field for each question; `before` are answers given earlier."""
    fields: dict[str, Any] = {
        _QUESTION + one.id: _field(one, (before or {}).get(one.id, "")) for one in questions
    }
    return type(kind.__name__, (kind,), fields | {"questions": tuple(questions)}) if questions else kind


def _field(question: Asked, before: str) -> Any:
    validators = [_Required()] if question.is_required and question.shown_if_id is None else []
    match question.kind:
        case QuestionKind.CHOICE:
            choices = [SelectChoice(one, one) for one in question.choices]
            return RadioField(
                question.text,
                choices=choices,
                validators=validators,
                default=before or None,
                validate_choice=False,
            )
        case QuestionKind.TICK:
            return BooleanField(question.text, validators=validators, default=bool(before))
        case QuestionKind.NUMBER:
            keys = {"inputmode": "decimal", "autocomplete": "off"}
            return StringField(question.text, validators=validators, default=before, render_kw=keys)
    keys = {"autocomplete": "off", "maxlength": str(ANSWER_LIMIT)}
    return StringField(question.text, validators=validators, default=before, render_kw=keys)


class AnswersForm(GivingForm):
    """The questions alone, to answer them anew."""

    age_band = None  # type: ignore[assignment]
    guardian_name = None  # type: ignore[assignment]
    guardian_phone = None  # type: ignore[assignment]
    guardian_consent = None  # type: ignore[assignment]
    company = None  # type: ignore[assignment]
    company_name = None  # type: ignore[assignment]
    age_confirmed = None  # type: ignore[assignment]
    both = None  # type: ignore[assignment]

    def _validate_guardian(self) -> bool:
        return True

    def _validate_company(self) -> bool:
        return True
