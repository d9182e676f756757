"""The form of a list of people: pasted or uploaded, looked at, then signed up."""

from typing import Any

from flask_babel import lazy_gettext as _l
from flask_wtf.file import FileField
from wtforms import BooleanField, RadioField, TextAreaField
from wtforms.validators import InputRequired

from webapp.core import sheets
from webapp.core.forms import too_long
from webapp.signups.domain.reading import TEXT_LIMIT
from webapp.signups.forms import OnceForm

BYTES_MAX, ROWS_MAX = 1_000_000, 2_001  # of the table; how many people may be in it is another rule


class PastedField(TextAreaField):
    """A list as it was pasted: an empty cell at its very beginning belongs to it."""

    raw_text = True


class ManyForm(OnceForm):
    """Which places, and for whom."""

    position = RadioField(_l("报哪一个"), validators=[InputRequired(_l("请选一个。"))])
    people = PastedField(
        _l("名单"),
        validators=[too_long(TEXT_LIMIT)],
        render_kw={"rows": 12, "autocomplete": "off", "spellcheck": "false"},
    )
    file = FileField(_l("或者上传表格"), render_kw={"accept": ".xlsx,.csv,.txt"})
    skip = BooleanField(_l("跳过有问题的行，先报其余的人"))
    consent = BooleanField(_l("已向每个人口头说明并征得同意：为报名和签到使用姓名和手机号"))

    def take_file(self) -> None:
        """Put the rows of an uploaded table where the pasted list stands, so that they can be corrected there.

        Raises UnreadableSheet, SheetTooLarge.
        """
        uploaded: Any = self.file.data
        if not uploaded:
            return
        data = uploaded.stream.read(BYTES_MAX + 1)
        uploaded.close()
        rows = sheets.read(data, most_bytes=BYTES_MAX, most_rows=ROWS_MAX)
        text = "\n".join("\t".join(" ".join(cell.split()) for cell in row).rstrip() for row in rows)
        if len(text) > TEXT_LIMIT:
            raise sheets.SheetTooLarge(rows=ROWS_MAX - 1, mb=1)
        self.people.data = text.rstrip("\n")
