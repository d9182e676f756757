"""The form of a list of people: pasted or uploaded, looked at, then signed up."""

import hashlib
from collections.abc import Mapping, Sequence
from typing import Any

from flask_babel import lazy_gettext as _l
from flask_wtf.file import FileField
from wtforms import BooleanField, HiddenField, RadioField, TextAreaField
from wtforms.validators import InputRequired

from webapp.core.forms import too_long
from webapp.core.needed import NeededWhen
from webapp.core.tables.draft import of_file
from webapp.core.tables.pages import Limits, SheetTooLarge
from webapp.core.uploads import ACCEPT
from webapp.signups.domain.listing import COLUMNS, TEXT_LIMIT, listing_of
from webapp.signups.forms import OnceForm
from webapp.signups.forms.giving import BOTH

BYTES_MAX, ROWS_MAX = 1_000_000, 2_001  # of the table; how many people may be in it is another rule


class PastedField(TextAreaField):
    """A list as it was pasted: an empty cell at its very beginning belongs to it."""

    raw_text = True


class ManyForm(OnceForm):
    """Which places, and for whom."""

    position = RadioField(_l("报哪一个"), validators=[InputRequired(_l("请选一个。"))])
    people = PastedField(
        _l("名单"),
        validators=[too_long(TEXT_LIMIT), NeededWhen(_l("没有上传表格时必填"), "file", [""])],
        render_kw={"rows": 12, "autocomplete": "off", "spellcheck": "false"},
    )
    file = FileField(_l("或者上传表格"), render_kw={"accept": ACCEPT})
    listed = HiddenField()  # which list the rows below it are of
    both = BooleanField(BOTH)  # drawn once it is asked
    skip = BooleanField(_l("跳过有问题的行，先报其余的人"))
    consent = BooleanField(_l("已向每个人口头说明并征得同意：为报名和签到使用姓名和手机号"))

    def take(self, given: Mapping[str, Sequence[str]]) -> list[tuple[str, dict[str, Any]]]:
        """The list as it is now: a file in its place, or what was mended below it; words about what a file has more.

        Raises UnreadableSheet, SheetTooLarge.
        """
        uploaded: Any = self.file.data
        if not uploaded:
            # Rows that somebody moved in the text are other rows than those that were shown below it.
            if self.listed.data == mark_of_list(self.people.data or ""):
                self.people.data = listing_of(self.people.data or "").apply(given).text
            return []
        data = uploaded.stream.read(BYTES_MAX + 1)
        uploaded.close()
        draft = of_file(data, COLUMNS, Limits(BYTES_MAX, ROWS_MAX))
        text = "\n".join("\t".join(" ".join(cell.split()) for cell in row).rstrip() for row in draft.rows)
        if len(text) > TEXT_LIMIT:
            raise SheetTooLarge(rows=ROWS_MAX - 1, mb=1)
        self.people.data = text.rstrip("\n")
        return draft.told


def mark_of_list(text: str) -> str:
    """Says whether a list is still the one that was shown."""
    lines = "\n".join(text.splitlines())
    return hashlib.sha256(lines.encode("utf-8", errors="replace")).hexdigest()[:16]
