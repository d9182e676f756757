"""Forms of the office's page of what is kept, erased, and of the clock."""

from flask_babel import lazy_gettext as _l
from wtforms import StringField
from wtforms.validators import DataRequired

from webapp.core.erasing import WHY_LIMIT
from webapp.core.forms import BaseForm, too_long


class HoldForm(BaseForm):
    """Hold a batch; whoever looks later learns why."""

    why = StringField(
        _l("为什么先不删"), validators=[DataRequired(_l("请写一句原因，别人看得到。")), too_long(WHY_LIMIT)]
    )
