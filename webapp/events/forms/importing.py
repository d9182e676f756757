"""A file of planned sessions, or rows pasted out of one."""

from flask_babel import lazy_gettext as _l
from flask_wtf.file import FileField
from wtforms import SelectField, TextAreaField

from webapp.core.forms import BaseForm, too_long
from webapp.core.needed import NeededWhen
from webapp.core.uploads import ACCEPT

PASTED_LIMIT = 200_000


class PastedField(TextAreaField):
    """A table as it was pasted: an empty cell at its very beginning belongs to it."""

    raw_text = True


class ImportForm(BaseForm):
    """Whose they will be, what they are where the file does not say, and the file."""

    organisation_id = SelectField(_l("主办单位"))
    type_slug = SelectField(_l("没有写类型的，算作"))
    file = FileField(
        _l("表格或日历文件"),
        [NeededWhen(_l("和下面的粘贴二选一"))],
        render_kw={"accept": ".ics,.ical,.vcs," + ACCEPT},
    )
    pasted = PastedField(
        _l("或者粘贴表格"),
        [too_long(PASTED_LIMIT), NeededWhen(_l("和上面的文件二选一"))],
        render_kw={"rows": 4, "autocomplete": "off", "spellcheck": "false"},
    )
