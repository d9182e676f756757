"""Choosing the mail of a day's 待办."""

from flask_babel import lazy_gettext as _l
from wtforms import RadioField

from webapp.core.forms import BaseForm
from webapp.core.i18n import LANGUAGES


class TodoMailForm(BaseForm):
    """In which language it is written."""

    language = RadioField(_l("信里的文字"), choices=list(LANGUAGES.items()), default="zh")
