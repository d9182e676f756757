"""Forms of hours: what staff decide, what volunteers object to, the office's rule and stars."""

from typing import Any

from flask_babel import lazy_gettext as _l
from wtforms import BooleanField, HiddenField, IntegerField, RadioField, StringField, TextAreaField
from wtforms.validators import DataRequired, InputRequired, NumberRange

from webapp.core.fields import Revision, revision_of
from webapp.core.forms import BaseForm, CityDateTimeField, too_long
from webapp.core.needed import NeededWhen
from webapp.recognition.domain import NOTE_LIMIT, TURNOUT_LABELS
from webapp.recognition.domain.counting import OBJECTION_LIMIT, RULE_LIMITS, Rule
from webapp.recognition.domain.workdays import WORK_NOTICE_LIMIT, SaidOfYear, read_days

_LIST_LIMIT = 1000


def _between(low: int, high: int) -> NumberRange:
    message = _l("请填写 %(low)d 至 %(high)d 之间的整数。") % {"low": low, "high": high}
    return NumberRange(low, high, message)


def _number(label: Any, name: str) -> IntegerField:
    low, high = RULE_LIMITS[name]
    return IntegerField(label, [InputRequired(_l("请填写一个整数。")), _between(low, high)])


class DecideForm(BaseForm):
    """Of one record, as it was when the page was opened."""

    seen = HiddenField()


class ConfirmForm(DecideForm):
    """When someone left who did not sign out."""

    out_at = CityDateTimeField(_l("什么时候离开的"), [InputRequired(_l("请填写离开的时间。"))])


class MarkForm(DecideForm):
    """How someone kept their promise."""

    turnout = RadioField(_l("到场情况"), [DataRequired(_l("请选一项。"))])
    reason = StringField(
        _l("说明"),
        [
            too_long(NOTE_LIMIT),
            NeededWhen(_l("已经公示或入账的必填"), now=lambda form: form.is_said),
        ],
    )
    is_said = False  # it is known to the volunteer: another word needs a reason

    def offer(self, turnouts: Any) -> None:
        """Choose among these."""
        self.turnout.choices = [(one.value, _l(TURNOUT_LABELS[one])) for one in turnouts]


class CorrectForm(DecideForm):
    """Other times than those recorded."""

    in_at = CityDateTimeField(_l("到场时间"), [InputRequired(_l("请填写到场的时间。"))])
    out_at = CityDateTimeField(_l("离开时间"), [InputRequired(_l("请填写离开的时间。"))])
    reason = TextAreaField(
        _l("更正原因"), [DataRequired(_l("请写明原因，它会留在记录里，本人也能看到。")), too_long(NOTE_LIMIT)]
    )


class AddForm(BaseForm):
    """Time that nobody measured."""

    minutes = IntegerField(_l("补录多少分钟"), [InputRequired(_l("请填写分钟数。")), _between(1, 10_000)])
    reason = TextAreaField(
        _l("补录原因"), [DataRequired(_l("请写明原因，它会留在记录里，本人也能看到。")), too_long(NOTE_LIMIT)]
    )


class RejectForm(BaseForm):
    """Why added time does not count."""

    reason = TextAreaField(
        _l("不同意的原因"),
        [DataRequired(_l("请写明原因，它会留在记录里，本人也能看到。")), too_long(NOTE_LIMIT)],
    )


class ObjectionForm(BaseForm):
    """What is not right about a record."""

    text = TextAreaField(
        _l("哪里不对"), [DataRequired(_l("请写一下哪里不对，应该是多少。")), too_long(OBJECTION_LIMIT)]
    )


class AnswerForm(BaseForm):
    """Why the record stays as it is."""

    answer = TextAreaField(_l("答复"), [DataRequired(_l("请写答复，本人会看到。")), too_long(NOTE_LIMIT)])


class RuleForm(BaseForm):
    """The next version of the rule."""

    version = HiddenField()
    early_minutes = _number(_l("提前到场，最多算"), "early_minutes")
    late_minutes = _number(_l("推迟离开，最多算"), "late_minutes")
    min_share = _number(_l("不到计划时间的多少，记为“部分到场”"), "min_share")
    confirm_days = _number(_l("忘记签退，负责人可以在几天内确认"), "confirm_days")
    notice_days = _number(_l("时长公示"), "notice_days")

    def rule(self) -> Rule:
        """What was entered; a version that is no number is older than any."""
        version = self.version.data or ""
        known = int(version) if version.isascii() and version.isdigit() and len(version) < 9 else 0
        return Rule(version=known, **{name: self[name].data for name in RULE_LIMITS})


class DaysForm(BaseForm):
    """Days of one year that the published calendar does not have."""

    year = HiddenField()
    revision = Revision()
    off = TextAreaField(_l("另外放假的日子"), [too_long(_LIST_LIMIT)], render_kw={"rows": 4})
    worked = TextAreaField(_l("另外上班的日子"), [too_long(_LIST_LIMIT)], render_kw={"rows": 3})
    notice = StringField(_l("通知文号"), [too_long(WORK_NOTICE_LIMIT)])
    is_announced = BooleanField(_l("已按国务院的通知核对，这一年的安排齐了"))

    def said(self) -> SaidOfYear:
        """What was entered; raises NotADay."""
        off, worked = (read_days(self[name].data or "", field=name) for name in ("off", "worked"))
        return SaidOfYear(
            off, worked, bool(self.is_announced.data), self.notice.data or "", revision_of(self.revision) or 0
        )


class ThresholdsForm(BaseForm):
    """Hours of the stars."""

    hours = StringField(
        _l("各星级的小时数"), [DataRequired(_l("请填写各星级的小时数。")), too_long(_LIST_LIMIT)]
    )

    def numbers(self) -> list[int]:
        """What was entered; empty when something of it is no whole number."""
        parts = (self.hours.data or "").replace("，", " ").replace(",", " ").replace("、", " ").split()
        good = all(part.isascii() and part.isdigit() and len(part) < 7 for part in parts)
        return [int(part) for part in parts] if good else []


class DeclineForm(BaseForm):
    """Why a star is not granted."""

    note = TextAreaField(
        _l("不评定的原因"), [DataRequired(_l("请写明原因，本人会看到。")), too_long(NOTE_LIMIT)]
    )
