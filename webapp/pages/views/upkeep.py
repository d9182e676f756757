"""What is kept and how large it is, what will be erased and when, and whether the clock is believed: for the office."""

from datetime import datetime

from flask import flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from webapp.core import clock, erasing, sizes, timekeeping
from webapp.core.auth import allowed, the_person
from webapp.core.db import get_row, transaction
from webapp.core.deciding import decides
from webapp.core.erasing import Erasure
from webapp.core.errors import N_
from webapp.core.just_done import can_undo
from webapp.core.options import list_options
from webapp.organisations.domain import Permission
from webapp.pages.domain.keeping import lines_of
from webapp.pages.forms.upkeep import HoldForm
from webapp.pages.views import blueprint

_BATCH = "/manage/upkeep/<string(length=18):erasure_id>"


@blueprint.get("/manage/upkeep")
@allowed(Permission.GOVERN)
def show_upkeep() -> str:
    """All three on one page."""
    found = sizes.list_sizes()
    return render_template(
        "pages/show_upkeep.html",
        trouble=timekeeping.trouble(),
        now=clock.wall(),
        batches=[(one, erasing.kind_of(one).label) for one in erasing.list_erasures()],
        lines=lines_of(found),
        days={one.key: one.get() for one in list_options() if one.key.startswith("keep_")},
        measured_at=max((one.measured_at for one in found.values()), default=None),
    )


@blueprint.post("/manage/upkeep/clock")
@allowed(Permission.GOVERN)
def confirm_clock() -> Response:
    """Somebody looked at another clock: the worker's is right."""
    with transaction():
        timekeeping.confirm(_said(), by=the_person().id)
    flash(_("已确认。一分钟内恢复删除、到期、通知和结算。"), "success")
    return redirect(url_for("pages.show_upkeep"))


def _said() -> datetime:
    """The time the form showed."""
    try:
        said = datetime.fromisoformat(request.form.get("said", ""))
    except ValueError:
        raise timekeeping.OtherTime from None
    if said.tzinfo is None:
        raise timekeeping.OtherTime
    return said


@blueprint.post(f"{_BATCH}/noted")
@allowed(Permission.GOVERN)
@can_undo(N_("知道了要删除的一批"), Erasure)
@decides(Erasure)
def note_erasure(erasure_id: str) -> Response:
    """The office knows of it; it leaves 待办."""
    with transaction():
        erasing.take_note(erasure_id, by=the_person().id)
    flash(_("知道了，到时自动删除。"), "success")
    return redirect(url_for("pages.show_upkeep"))


@blueprint.route(f"{_BATCH}/hold", methods=["GET", "POST"])
@allowed(Permission.GOVERN)
@decides(Erasure)
def hold_erasure(erasure_id: str) -> str | Response | tuple[str, int]:
    """Keep a batch for now, with a reason."""
    batch, form = get_row(Erasure, erasure_id), HoldForm()
    if form.is_submitted() and form.validate():
        with transaction():
            erasing.hold(erasure_id, form.why.data or "", by=the_person().id)
        flash(_("这一批先不删了。查清楚以后请回来放行。"), "success")
        return redirect(url_for("pages.show_upkeep"))
    page = render_template(
        "pages/hold_erasure.html", form=form, batch=batch, label=erasing.kind_of(batch).label
    )
    return (page, 422) if form.is_submitted() else page


@blueprint.post(f"{_BATCH}/go")
@allowed(Permission.GOVERN)
@decides(Erasure)
def let_erasure_go(erasure_id: str) -> Response:
    """What was held is erased on its day."""
    with transaction():
        erasing.let_go(erasure_id, by=the_person().id)
    flash(_("已放行，到时自动删除。"), "success")
    return redirect(url_for("pages.show_upkeep"))
