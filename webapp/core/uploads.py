"""The page between upload and import, the same for every kind of upload: what came in, and what was changed."""

from collections.abc import Callable, Sequence
from typing import Any

from flask import Response, make_response, request
from flask_babel import gettext as _

from webapp.core.sheets import XLSX
from webapp.core.tables.columns import Column, find_heads
from webapp.core.tables.draft import Draft, Finder, of_file, of_text, unpack
from webapp.core.tables.pages import EmptyFile, Limits
from webapp.core.tables.sample import sample_of

ACCEPT = ".xlsx,.xls,.csv,.txt,.tsv,.ods,.et,.htm,.html"
MEND_MOST = 30  # rows to be mended on one page; the others come when these are done
PACKED_MOST = 900_000  # characters: what a form may carry back (MAX_FORM_MEMORY_SIZE)

Other = Callable[[bytes], Draft | None]


def draft_of_request(
    columns: Sequence[Column],
    limits: Limits,
    *,
    file: Any,
    pasted: str = "",
    other: Other | None = None,
    find: Finder = find_heads,
) -> Draft | None:
    """A new upload, pasted rows, or the table the page had, with what was changed on it; None where there is nothing.

    `other` reads a file that is no table (a calendar). Raises UnreadableSheet, SheetTooLarge and what `other` raises.
    """
    content = file.stream.read(limits.bytes + 1) if file else b""
    if file:
        file.close()
    if file:
        if not content:
            raise EmptyFile
        if len(content) > limits.bytes:
            raise limits.too_large()
        draft = other(content) if other else None
        draft = draft or of_file(content, columns, limits, find=find)
    elif pasted.strip():
        draft = of_text(pasted, columns, limits)
    elif request.form.get("table"):
        draft = unpack(request.form["table"], columns, find)
        draft.apply({name: request.form.getlist(name) for name in request.form})
    else:
        return None
    if len(draft.pack()) > PACKED_MOST:
        raise limits.too_large()
    return draft


def _label(column: Column) -> str:
    return _(column.label) + (_("（必填）") if column.is_needed else "")


def unstored(page: str, status: int = 200) -> Response:
    """A page with people's data: no cache keeps it."""
    answer = make_response(page, status)
    answer.headers["Cache-Control"] = "private, no-store"
    return answer


def sample_answer(name: str, columns: Sequence[Column], examples: Sequence[Sequence[str]]) -> Response:
    """The file to fill in."""
    made = sample_of(
        _("填写"),
        [(_label(one), _(one.hint) if one.hint else "", one) for one in columns],
        examples=examples,
        words=(_("说明"), _("列"), _("怎么写")),
    )
    answer = Response(made, content_type=XLSX)
    answer.headers["Content-Disposition"] = f'attachment; filename="{name}.xlsx"'
    return answer
