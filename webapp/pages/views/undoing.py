"""撤回: take back what one did in the last quarter of an hour."""

from flask import flash, redirect, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from webapp.core import just_done, undoing
from webapp.core.auth import current_person, public
from webapp.core.config import current_settings
from webapp.core.db import transaction
from webapp.core.deciding import decides
from webapp.core.done import DoneAct
from webapp.core.entered import came_from
from webapp.core.errors import Refusal
from webapp.core.http import flash_refusal, safe_next
from webapp.core.i18n import filled
from webapp.core.security import limiter
from webapp.pages.views import blueprint


@blueprint.post("/undo/<string(length=18):act_id>")
@limiter.limit(lambda: current_settings().limit_public_write)
@public
@decides(DoneAct)
def take_back(act_id: str) -> Response:
    """Everything is as it was before this act; for whoever did it."""
    person = current_person()
    try:
        with transaction():
            act = undoing.undo(act_id, by=person.id if person else None, known=just_done.known_acts())
            said = filled(act.text, act.details)
    except Refusal as refusal:
        flash_refusal(refusal)
    else:
        flash(_("已撤回：%(what)s。", what=said), "success")
    return redirect(safe_next(request.form.get("next") or came_from(), url_for("pages.home")), 303)


blueprint.add_app_template_global(filled, "act_words")
