"""A workbook to fill in: headings, a row to look at, and a second sheet that says how each column is written."""

import io
from collections.abc import Sequence
from typing import Any

from webapp.core.tables.columns import Column

Labelled = tuple[str, str, Column]  # label and hint in the reader's language


def sample_of(
    name: str, columns: Sequence[Labelled], *, examples: Sequence[Sequence[str]], words: tuple[str, str, str]
) -> bytes:
    """The file. `words`: the name of the second sheet and its two headings."""
    import xlsxwriter  # noqa: PLC0415  (start-up time)

    made = io.BytesIO()
    options = {
        "in_memory": True,
        "strings_to_formulas": False,
        "strings_to_urls": False,
        "strings_to_numbers": False,
    }
    with xlsxwriter.Workbook(made, options) as book:
        head = book.add_format(
            {"bold": True, "bottom": 1, "bg_color": "#E4F0F2", "text_wrap": True, "valign": "top"}
        )
        text = book.add_format({"num_format": "@", "text_wrap": True, "valign": "top"})
        page = book.add_worksheet(name)
        page.freeze_panes(1, 0)
        for place, (label, _, column) in enumerate(columns):
            page.set_column(place, place, column.width, text)
            page.write_string(0, place, label, head)
        for line, example in enumerate(examples, start=1):
            for place, value in enumerate(example):
                page.write_string(line, place, value, text)
        page.repeat_rows(0)
        page.fit_to_pages(1, 0)
        page.set_landscape()
        _hints(book, head, columns, words)
    return made.getvalue()


def _hints(book: Any, head: Any, columns: Sequence[Labelled], words: tuple[str, ...]) -> None:
    wrap = book.add_format({"text_wrap": True, "valign": "top"})
    sheet = book.add_worksheet(words[0])
    for place, (word, width) in enumerate(zip(words[1:], (18, 70), strict=True)):
        sheet.set_column(place, place, width)
        sheet.write_string(0, place, word, head)
    for line, (label, hint, _) in enumerate(columns, start=1):
        sheet.write_string(line, 0, label, wrap)
        sheet.write_string(line, 1, hint, wrap)
