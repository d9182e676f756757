"""Tables for other systems: export, the office's headings, and a confirmation sheet held against our hours."""

from typing import Any

from flask import Response, flash, make_response, redirect, render_template, url_for
from flask_babel import gettext as _

from webapp.core import clock, sheets
from webapp.core.auth import allowed, the_person
from webapp.core.db import transaction
from webapp.core.deciding import decides
from webapp.core.drafting import keeps_draft
from webapp.core.errors import NotFound, Refusal
from webapp.core.http import show_on_form, status_of
from webapp.core.options import Option
from webapp.core.seen import rows_or_none
from webapp.core.tables.draft import Draft
from webapp.core.tables.pages import Limits
from webapp.core.uploads import MEND_MOST, draft_of_request, sample_answer
from webapp.organisations.domain import Permission
from webapp.pages.domain.confirmation_sheet import Finder, sheet_columns
from webapp.pages.domain.exchange import KIND_LABELS, Kind
from webapp.pages.forms.exchange import CompareForm, ExportForm, headings_form
from webapp.pages.service import exchange as service
from webapp.pages.views import blueprint

STAFF = (Permission.MANAGE_EVENTS, Permission.GOVERN)
SHOWN = 200  # rows of each table on the page; the file has them all


def _headings() -> list[Any]:
    """What is decided about by the page of headings."""
    return rows_or_none(Option, [service.HEADINGS.key])


@blueprint.get("/manage/exchange")
@allowed(*STAFF)
def exchange() -> Response:
    """Which table, of which days."""
    return _export_page(ExportForm())


def _export_page(form: ExportForm, status: int = 200) -> Response:
    page = render_template(
        "pages/exchange.html", form=form, kinds=KIND_LABELS, governs=service.governs(the_person().id)
    )
    return _unstored(make_response(page, status))


@blueprint.post("/manage/exchange/<kind>.<file_type>")
@allowed(*STAFF)
def exchange_export(kind: str, file_type: str) -> Response:
    """One table as a file."""
    if kind not in KIND_LABELS or file_type not in {"xlsx", "csv"}:
        raise NotFound
    form, by = ExportForm(), the_person().id
    if not form.validate():
        return _export_page(form, 422)
    try:
        with transaction():
            table = service.export(form.wanted(Kind(kind)), file_type, by=by)
    except Refusal as refusal:
        show_on_form(form, refusal)
        return _export_page(form, status_of(refusal))
    made = sheets.xlsx([table]) if file_type == "xlsx" else sheets.comma_separated(table)
    return _file(made, f"{kind}-{form.from_on.data}-{form.until_on.data}.{file_type}")


def _file(made: bytes, name: str) -> Response:
    answer = Response(made, content_type=sheets.XLSX if name.endswith("xlsx") else "text/csv; charset=utf-8")
    answer.headers["Content-Disposition"] = f'attachment; filename="{name}"'
    return _unstored(answer)


def _unstored(answer: Response) -> Response:
    answer.headers["Cache-Control"] = "private, no-store"
    return answer


@blueprint.route("/manage/exchange/headings", methods=["GET", "POST"])
@allowed(Permission.GOVERN)
@keeps_draft
@decides(_headings)
def exchange_headings() -> Any:
    """The headings other systems ask for, and which columns are sent."""
    form = headings_form({kind: service.columns(kind) for kind in Kind})
    if form.is_submitted() and form.validate():
        with transaction():
            service.keep_headings(form.columns(), by=the_person().id)
        flash(_("表头已保存，导出和核对马上按新的来。"), "success")
        return redirect(url_for("pages.exchange_headings"))
    page = render_template("pages/exchange_headings.html", form=form, kinds=KIND_LABELS)
    return page, 422 if form.is_submitted() else 200


@blueprint.route("/manage/exchange/compare", methods=["GET", "POST"])
@allowed(*STAFF)
def exchange_compare() -> Response:
    """What a confirmation sheet says beside what we have; nothing is changed. What was uploaded stays on the page."""
    form, status, draft, found = CompareForm(), 200, None, None
    if form.is_submitted():
        status = 422
        try:
            draft = _confirmation(form) if form.validate() else None
            if draft:
                with transaction():
                    found = service.hold_against(draft, by=the_person().id)
                status = 200
        except Refusal as refusal:
            if draft:  # the file is read, and its columns are asked about below
                refusal.at_field = None
            show_on_form(form, refusal)
            status = status_of(refusal)
    if found and form.step.data == "download":
        return _file(sheets.xlsx(service.differences(*found)), "differences.xlsx")
    return _compare_page(form, draft, found, status)


def _confirmation(form: CompareForm) -> Draft | None:
    known = service.columns(Kind.HOURS)
    draft = draft_of_request(sheet_columns(known), Limits(), file=form.file.data, find=Finder(known))
    if draft is None:
        form.file.errors = [_("请选择回执表格。")]
    return draft


def _compare_page(form: CompareForm, draft: Draft | None, found: Any, status: int) -> Response:
    read, comparison = found or (None, None)
    page = render_template(
        "pages/exchange_compare.html",
        form=form,
        draft=draft,
        passed=[*draft.told, *draft.read()[1]] if draft else [],
        read=read,
        found=comparison,
        shown=SHOWN,
        mend_most=MEND_MOST,
    )
    return _unstored(make_response(page, status))


@blueprint.get("/manage/exchange/compare/sample.xlsx")
@allowed(*STAFF)
def exchange_sample() -> Response:
    """The sheet to fill in, under the office's headings."""
    given = {"name": "李秀英", "phone": "13800138000", "title": "血压怎么量", "hours": "2"}
    given["date"] = clock.today().isoformat()
    columns = sheet_columns(service.columns(Kind.HOURS))
    return sample_answer("kepuxing-hours", columns, [[given.get(one.key, "") for one in columns]])
