"""Naming a calendar address."""

from flask_babel import lazy_gettext as _l
from wtforms import StringField
from wtforms.validators import DataRequired

from webapp.calendars.domain import NAME_LIMIT
from webapp.core.forms import BaseForm, too_long


class SubscriptionForm(BaseForm):
    """One address per device, so that one can be cut off alone."""

    name = StringField(
        _l("给谁用、在哪台设备上用"),
        [DataRequired(_l("请写一个名字，如“前台电脑”。")), too_long(NAME_LIMIT)],
    )
