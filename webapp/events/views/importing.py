"""Organisers bring planned sessions in a file, look at every row, mend what is wrong, and get drafts."""

from dataclasses import dataclass, field
from datetime import timedelta

from flask import Response, render_template, request
from flask_babel import gettext as _

from webapp.core import clock
from webapp.core.auth import allowed, the_person
from webapp.core.db import transaction
from webapp.core.deciding import makes
from webapp.core.errors import Refusal
from webapp.core.http import show_on_form, status_of
from webapp.core.tables.draft import Draft
from webapp.core.tables.pages import Limits
from webapp.core.terms import term
from webapp.core.uploads import MEND_MOST, draft_of_request, sample_answer, unstored
from webapp.core.working import preselected
from webapp.events.domain.calendar_lines import looks_like_one
from webapp.events.domain.planned import COLUMNS, ENTRIES_MAX, Planned
from webapp.events.forms.importing import ImportForm
from webapp.events.service.calendar_reading import draft_of
from webapp.events.service.importing import Looked, import_planned, look_over
from webapp.events.views import blueprint
from webapp.events.views.manage import EDITORS
from webapp.organisations.domain import Permission
from webapp.organisations.queries import organisations_with
from webapp.plan.queries import list_event_types
from webapp.venues.queries import find_venues

LIMITS = Limits(1_900_000, 10 * ENTRIES_MAX)  # of the table; how many become drafts at once is another rule


@dataclass
class _Work:
    """What is on the page beside the form."""

    draft: Draft | None = None
    looked: Looked | None = None
    made: list[tuple[str, Planned]] = field(default_factory=list)
    status: int = 200


@blueprint.route("/manage/events/import", methods=["GET", "POST"])
@allowed(*EDITORS)
@makes
def import_events() -> Response:
    """Upload or paste, look, mend, import; what is not imported stays on the page."""
    form = ImportForm(data={"organisation_id": preselected()})
    organisations = organisations_with(the_person().id, Permission.MANAGE_EVENTS)
    form.organisation_id.choices = [(one.id, one.name) for one in organisations]
    form.type_slug.choices = [(one.slug, term(one.label)) for one in list_event_types()]
    work = _Work()
    if request.method == "POST":
        try:
            work = _worked(form)
        except Refusal as refusal:
            show_on_form(form, refusal)
            work.status = status_of(refusal)
    page = render_template(
        "events/import_events.html",
        form=form,
        draft=work.draft,
        looked=work.looked,
        made=work.made,
        columns=COLUMNS,
        mend_most=MEND_MOST,
    )
    return unstored(page, work.status)


def _worked(form: ImportForm) -> _Work:
    """Without a word about the step the good rows are imported: so does a program that knows no second page."""
    if not form.validate_on_submit():
        return _Work(status=422)
    draft = draft_of_request(
        COLUMNS, LIMITS, file=form.file.data, pasted=form.pasted.data or "", other=_calendar
    )
    if draft is None:
        form.file.errors = [_("请选一个文件，或粘贴表格。")]
        return _Work(status=422)
    form.pasted.data = ""
    work = _Work(draft)
    chosen = {"organisation_id": form.organisation_id.data or "", "type_slug": form.type_slug.data or ""}
    usual = "look" if "table" in request.form else "import"  # 改 and 用“…” are buttons of their own
    if draft.is_found and request.form.get("step", usual) == "import":
        with transaction():
            made, work.looked = import_planned(draft, **chosen, by=the_person().id)
            work.made = [(event.id, one) for event, one in zip(made, work.looked.made, strict=True)]
        work.looked.good = []
    else:
        work.looked = look_over(draft, **chosen)
    work.status = 200 if draft.is_found else 422
    return work


def _calendar(content: bytes) -> Draft | None:
    """A calendar file; what only looks like one is refused as what it is."""
    return draft_of(content) if looks_like_one(content) else None


@blueprint.get("/manage/events/import/sample.xlsx")
@allowed(*EDITORS)
def import_sample() -> Response:
    """The table to fill in, with a row of the coming week."""
    venue = next(iter(find_venues()), None)
    kind = next(iter(list_event_types()), None)
    day = clock.today() + timedelta(days=7)
    given = {"day": day.isoformat(), "place": venue.name if venue else "", "kind": kind.label if kind else ""}
    return sample_answer("kepuxing-plan", COLUMNS, [[given.get(one.key, one.example) for one in COLUMNS]])
