"""Forms of the office: a survey's figure, and why one is taken back."""

from decimal import Decimal

from flask_babel import lazy_gettext as _l
from wtforms import DecimalField, IntegerField, StringField
from wtforms.validators import InputRequired, NumberRange, Optional

from webapp.core.forms import BaseForm, too_long
from webapp.plan.domain import SURVEY_AREA_LIMIT, SURVEY_SOURCE_LIMIT, VOID_REASON_LIMIT, SurveyDraft


class ResultForm(BaseForm):
    """One survey's figure with where it comes from."""

    year = IntegerField(
        _l("调查年份"),
        validators=[
            InputRequired(_l("请填写年份，如 2025。")),
            NumberRange(1990, 2100, _l("请填写 1990 到 2100 之间的年份。")),
        ],
        render_kw={"inputmode": "numeric"},
    )
    area = StringField(
        _l("地区"),
        validators=[InputRequired(_l("请填写调查覆盖的地区。")), too_long(SURVEY_AREA_LIMIT)],
        description=_l("如“佳木斯市”或一个县（市）区。"),
    )
    value = DecimalField(
        _l("结果"),
        validators=[
            InputRequired(_l("请填写数字，如 11.3。")),
            NumberRange(Decimal(0), Decimal(100), _l("请填写 0 到 100 之间的数字。")),
        ],
        render_kw={"inputmode": "decimal"},
    )
    sample_size = IntegerField(
        _l("样本量"),
        validators=[Optional(), NumberRange(1, 10_000_000, _l("样本量应是正整数。"))],
        render_kw={"inputmode": "numeric"},
    )
    source = StringField(
        _l("来源"),
        validators=[InputRequired(_l("请写明数字从哪里来。")), too_long(SURVEY_SOURCE_LIMIT)],
        description=_l("调查的名称、发布单位和文号，让督查的人查得到。"),
    )

    def draft(self) -> SurveyDraft:
        """What was entered."""
        value = (self.value.data or Decimal(0)).quantize(Decimal("0.01"))
        return SurveyDraft(
            year=self.year.data or 0,
            area=self.area.data or "",
            value=value,
            sample_size=self.sample_size.data,
            source=self.source.data or "",
        )


class VoidForm(BaseForm):
    """Why a figure is taken back."""

    reason = StringField(
        _l("作废的原因"), validators=[InputRequired(_l("请写明原因。")), too_long(VOID_REASON_LIMIT)]
    )
