"""Forms of teams: as its host enters one, asking to join, answering, a reason, asking a team to come."""

from flask_babel import lazy_gettext as _l
from wtforms import StringField, TextAreaField
from wtforms.validators import DataRequired

from webapp.core.fields import Choice, Ticks
from webapp.core.forms import BaseForm, too_long
from webapp.core.needed import NeededWhen
from webapp.people.domain import EMAIL_LIMIT
from webapp.volunteers.domain import ABOUT_LIMIT, NOTE_LIMIT, TEAM_KIND_LABELS, TeamDetails
from webapp.volunteers.forms.fields import CHOSEN, REQUIRED, name_field


class TeamForm(BaseForm):
    """A team that is there."""

    name = name_field(_l("团队名称"))
    kind = Choice(
        _l("类别"),
        [CHOSEN],
        choices=[("", _l("请选择")), *((key.value, _l(label)) for key, label in TEAM_KIND_LABELS.items())],
    )
    about = TextAreaField(_l("介绍"), [too_long(ABOUT_LIMIT)], render_kw={"rows": 5})

    def details(self) -> TeamDetails:
        """What was entered."""
        return TeamDetails(self.name.data or "", self.kind.data or "", self.about.data or "")


class NewTeamForm(TeamForm):
    """A new team: who hosts and who leads it."""

    organisation_id = Choice(_l("主办单位"), [CHOSEN], choices=[])
    login = StringField(
        _l("队长的手机号或邮箱"),
        [REQUIRED, too_long(EMAIL_LIMIT)],
        render_kw={"autocomplete": "off", "autocapitalize": "none", "spellcheck": "false"},
    )


class JoinForm(BaseForm):
    """Someone would like to join."""

    note = TextAreaField(_l("想对队长说的话"), [too_long(NOTE_LIMIT)], render_kw={"rows": 3})


class AnswerForm(BaseForm):
    """Applications, answered several at a time."""

    ids = Ticks(_l("申请人"), choices=[], validate_choice=False)
    reason = StringField(_l("不通过的原因"), [too_long(NOTE_LIMIT), NeededWhen(_l("不通过时必填"))])


class WhyForm(BaseForm):
    """Words for the one who is told."""

    reason = TextAreaField(
        _l("原因"),
        [DataRequired(_l("请写明原因，对方会看到。")), too_long(NOTE_LIMIT)],
        render_kw={"rows": 3},
    )


class RequestForm(BaseForm):
    """A session would like a team to come."""

    team_id = Choice(_l("团队"), [CHOSEN], choices=[])
    note = TextAreaField(_l("请他们做什么、要几个人"), [too_long(NOTE_LIMIT)], render_kw={"rows": 3})
