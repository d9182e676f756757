"""Drafts of long forms: saved by the page's script, thrown away by whoever wrote them."""

from typing import Any

from flask import flash, jsonify, redirect, request
from flask_babel import gettext as _
from werkzeug.exceptions import RequestEntityTooLarge
from werkzeug.wrappers import Response

from webapp.core import drafting, drafts
from webapp.core.auth import signed_in, the_person
from webapp.core.db import get_row, is_id, transaction
from webapp.core.errors import N_, NotFound
from webapp.core.http import safe_next
from webapp.core.i18n import format_time
from webapp.core.just_done import can_undo
from webapp.pages.views import blueprint
from webapp.people.models import Person


@blueprint.post("/drafts")
@signed_in
def save_draft() -> Any:
    """Keep what stands in a form now; said with the time."""
    given = request.form
    address = given.get("address", "")
    if not drafting.keeps(address) or not is_id(given.get("page", "")) or not is_id(given.get("writer", "")):
        raise NotFound
    writing = drafts.Writing(
        the_person().id, drafting.address_of(address), given["page"], given["writer"], given.get("based", "")
    )
    fields = drafting.keepable_fields(drafting.read_fields(given.get("fields", "")))
    with transaction():
        saved = drafts.save(writing, fields)
    if saved is None:
        raise RequestEntityTooLarge
    said = _("草稿已保存 %(time)s", time=format_time(saved.at))
    if saved.elsewhere:
        more = _("另一个页面%(time)s在接着写这份草稿，两份都留着。", time=format_time(saved.elsewhere))
        said = _("%(said)s。%(more)s", said=said, more=more)
    return jsonify({"page": saved.page, "said": said})


def _whose() -> Person:
    return get_row(Person, the_person().id)


@blueprint.post("/drafts/drop")
@signed_in
@can_undo(N_("丢掉了没填完的表"), _whose)
def drop_draft() -> Response:
    """It is not wanted."""
    address, page = request.form.get("address", ""), request.form.get("page", "")
    with transaction():
        drafts.drop(the_person().id, drafting.address_of(address), page)
    flash(_("草稿已经丢掉。"), "success")
    return redirect(safe_next(request.form.get("back"), "/"), 303)
