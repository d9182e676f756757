"""Forms of lists for commendation: begin one, decide a name, close it."""

from typing import Any

from flask_babel import lazy_gettext as _l
from wtforms import HiddenField, IntegerField, RadioField, StringField
from wtforms.validators import InputRequired, NumberRange

from webapp.core.fields import CityDateField
from webapp.core.forms import BaseForm, too_long
from webapp.recognition.domain import NOTE_LIMIT, TITLE_LIMIT
from webapp.recognition.domain.commendations import (
    DECISION_LABELS,
    DEFAULTS,
    LIST_KIND_LABELS,
    MEASURES,
    Decision,
    ListDraft,
    ListKind,
    Measure,
)

_A_DAY = _l("请填写日期，如 2026-11-28。")
_WHOLE = _l("请填 0 至 100000 的整数。")


class WholeField(IntegerField):
    """A whole number; anything else is said in our own sentence."""

    def process_formdata(self, valuelist: list[str]) -> None:
        """Read the text."""
        self.data = None
        text = valuelist[0].strip() if valuelist else ""
        if text and not (text.isascii() and text.isdigit() and len(text) < 9):
            raise ValueError(str(_WHOLE))
        self.data = int(text) if text else None


def _least(label: Any, kind: ListKind, measure: Measure) -> WholeField:
    return WholeField(
        label,
        default=DEFAULTS[kind][measure],
        validators=[InputRequired(_WHOLE), NumberRange(0, 100_000, message=_WHOLE)],
        render_kw={"inputmode": "numeric"},
    )


class ListForm(BaseForm):
    """Who, when, and from how much on."""

    title = StringField(
        _l("名单标题"), validators=[InputRequired(_l("请填写名单标题。")), too_long(TITLE_LIMIT)]
    )
    from_on = CityDateField(_l("从哪一天"), validators=[InputRequired(_A_DAY)])
    until_on = CityDateField(_l("到哪一天"), validators=[InputRequired(_A_DAY)])
    kind = RadioField(
        _l("表彰谁"),
        choices=[(one.value, _l(label)) for one, label in LIST_KIND_LABELS.items()],
        default=ListKind.VOLUNTEER.value,
        validators=[InputRequired(_l("请选一个。"))],
    )
    volunteer_activities = _least(_l("志愿者：活动次数不少于"), ListKind.VOLUNTEER, Measure.ACTIVITIES)
    volunteer_hours = _least(_l("志愿者：总小时不少于"), ListKind.VOLUNTEER, Measure.HOURS)
    team_members = _least(_l("团队：队员人数不少于"), ListKind.TEAM, Measure.MEMBERS)
    team_activities = _least(_l("团队：活动次数不少于"), ListKind.TEAM, Measure.ACTIVITIES)
    team_hours_each = _least(_l("团队：人均小时不少于"), ListKind.TEAM, Measure.HOURS_EACH)
    team_hours = _least(_l("团队：总小时不少于"), ListKind.TEAM, Measure.HOURS)

    def draft(self) -> ListDraft:
        """What was entered; call it on a valid form."""
        if self.from_on.data is None or self.until_on.data is None:
            raise ValueError("draft() on a form that is not valid")
        kind = ListKind(self.kind.data)
        least = {one.value: int(self[f"{kind.value}_{one.value}"].data or 0) for one in MEASURES[kind]}
        return ListDraft(self.title.data or "", kind, self.from_on.data, self.until_on.data, least)


class DecisionForm(BaseForm):
    """Chosen or not; why not."""

    name = HiddenField(validators=[InputRequired(), too_long(20)])
    decision = RadioField(
        _l("决定"),
        choices=[(one.value, _l(label)) for one, label in DECISION_LABELS.items()],
        validators=[InputRequired(_l("请选一个。"))],
    )
    reason = StringField(_l("理由"), validators=[too_long(NOTE_LIMIT)])

    def decided(self) -> Decision:
        """The choice."""
        return Decision(self.decision.data)


class ButtonForm(BaseForm):
    """A button without a field."""
