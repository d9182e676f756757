"""A file of planned sessions."""

from flask_babel import lazy_gettext as _l
from flask_wtf.file import FileField, FileRequired
from wtforms import SelectField

from webapp.core.forms import BaseForm


class ImportForm(BaseForm):
    """Whose they will be, what they are where the file does not say, and the file."""

    organisation_id = SelectField(_l("主办单位"))
    type_slug = SelectField(_l("文件里没有写类型的，算作"))
    file = FileField(
        _l("表格或日历文件"),
        [FileRequired(_l("请选一个文件。"))],
        render_kw={"accept": ".ics,.xlsx,.csv,.txt"},
    )
