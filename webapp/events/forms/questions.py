"""The form of one question an event asks."""

from collections.abc import Sequence

from flask_babel import lazy_gettext as _l
from wtforms import BooleanField, RadioField, SelectField, StringField, TextAreaField
from wtforms.validators import InputRequired

from webapp.core.forms import BaseForm, too_long
from webapp.core.needed import NeededWhen
from webapp.events.domain.questions import (
    ANSWER_LIMIT,
    ASKED_OF_LABELS,
    CHOICES_MAX,
    QUESTION_KIND_LABELS,
    TEXT_LIMIT,
    AskedOf,
    QuestionDraft,
    QuestionKind,
)
from webapp.events.models import Question


class QuestionForm(BaseForm):
    """What is asked, of whom, how it is answered, and after which answer."""

    text = StringField(
        _l("要问什么"), validators=[InputRequired(_l("请写下要问什么。")), too_long(TEXT_LIMIT)]
    )
    kind = RadioField(
        _l("怎样回答"),
        choices=[(kind.value, _l(label)) for kind, label in QUESTION_KIND_LABELS.items()],
        default=QuestionKind.TEXT.value,
        validators=[InputRequired(_l("请选一个。"))],
    )
    choices = TextAreaField(
        _l("选项"),
        validators=[
            too_long((TEXT_LIMIT + 2) * CHOICES_MAX),
            NeededWhen(_l("“选一项”时必填"), "kind", [QuestionKind.CHOICE]),
        ],
        render_kw={"rows": 4},
    )
    asked_of = RadioField(
        _l("问谁"),
        choices=[(asked.value, _l(label)) for asked, label in ASKED_OF_LABELS.items()],
        default=AskedOf.ALL.value,
        validators=[InputRequired(_l("请选一个。"))],
    )
    is_required = BooleanField(_l("必须回答"))
    shown_if_id = SelectField(_l("什么时候问"), validate_choice=True, default="")
    shown_if_answer = StringField(
        _l("那个问题的回答是"),
        validators=[
            too_long(ANSWER_LIMIT),
            NeededWhen(_l("选了前面的问题时必填，打勾的问题除外"), "shown_if_id"),
        ],
    )

    def offer(self, earlier: Sequence[Question]) -> None:
        """The questions it may depend on: those before it."""
        always = ("", _l("总是问"))
        self.shown_if_id.choices = [always, *((one.id, one.text) for one in earlier)]

    def draft(self) -> QuestionDraft:
        """What was entered."""
        return QuestionDraft(
            kind=self.kind.data or "",
            text=self.text.data or "",
            choices=tuple((self.choices.data or "").splitlines()),
            is_required=bool(self.is_required.data),
            asked_of=self.asked_of.data or "",
            shown_if_id=self.shown_if_id.data or None,
            shown_if_answer=self.shown_if_answer.data or None,
        )
