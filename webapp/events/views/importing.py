"""Organisers bring planned sessions in a file and get drafts."""

from typing import Any

from flask import render_template, request

from webapp.core import sheets
from webapp.core.auth import allowed, the_person
from webapp.core.db import transaction
from webapp.core.errors import Refusal
from webapp.core.http import sentence_of, show_on_form
from webapp.events import service
from webapp.events.domain.planned import ENTRIES_MAX, NotACalendar, read_rows
from webapp.events.forms.importing import ImportForm
from webapp.events.service.importing import read_calendar
from webapp.events.views import blueprint
from webapp.events.views.manage import EDITORS
from webapp.organisations.domain import Permission
from webapp.organisations.queries import organisations_with
from webapp.plan.queries import list_event_types

BYTES_MAX = 1_000_000


@blueprint.route("/manage/events/import", methods=["GET", "POST"])
@allowed(*EDITORS)
def import_events() -> Any:
    """Drafts out of an .ics file or a table, and a word about every entry that could not be taken."""
    form = ImportForm()
    organisations = organisations_with(the_person().id, Permission.MANAGE_EVENTS)
    form.organisation_id.choices = [(one.id, one.name) for one in organisations]
    form.type_slug.choices = [(one.slug, one.label) for one in list_event_types()]
    status, report = 200, None
    if request.method == "POST":
        status = 422
        if form.validate_on_submit():
            try:
                report, status = _import(form), 200
            except Refusal as refusal:
                show_on_form(form, refusal)
    return render_template("events/import_events.html", form=form, report=report), status


def _import(form: ImportForm) -> dict[str, Any]:
    content = form.file.data.stream.read(BYTES_MAX + 1)
    if len(content) > BYTES_MAX:
        raise sheets.SheetTooLarge(rows=ENTRIES_MAX, mb=1)
    if content.lstrip(b"\xef\xbb\xbf \r\n").upper().startswith(b"BEGIN:VCALENDAR"):
        planned, faults = read_calendar(content)
    else:
        planned, faults = read_rows(_rows(content))
    with transaction():
        made, unmade, refused = service.import_planned(
            planned,
            organisation_id=form.organisation_id.data or "",
            type_slug=form.type_slug.data or "",
            by=the_person().id,
        )
        drafts = [(event.id, event.title) for event in made]
    told = [(one.number, one.typed, one.sentence, one.params) for one in (*faults, *unmade)]
    told += [(one.number, one.typed, sentence_of(one.refusal), {}) for one in refused]
    return {"drafts": drafts, "faults": sorted(told, key=lambda one: one[0])}


def _rows(content: bytes) -> list[list[str]]:
    try:
        return sheets.read(content, most_bytes=BYTES_MAX, most_rows=2 * ENTRIES_MAX)
    except sheets.UnreadableSheet as error:
        raise NotACalendar from error
