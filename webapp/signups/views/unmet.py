"""Organisers keep or release shifts whose holders no longer have what they ask for."""

from typing import Any

from flask import flash, redirect, render_template, url_for
from flask_babel import gettext as _

from webapp.core.auth import allowed, the_person
from webapp.core.db import transaction
from webapp.core.deciding import decides
from webapp.core.errors import N_, NotFound, Refusal
from webapp.core.http import flash_refusal
from webapp.core.just_done import can_undo
from webapp.core.listing import listed, named
from webapp.core.working import working_for
from webapp.organisations.domain import Permission
from webapp.organisations.queries import organisations_seen
from webapp.signups.models import Unmet
from webapp.signups.queries.unmet import open_unmet
from webapp.signups.service import unmet as service
from webapp.signups.views import blueprint

DECIDERS = (Permission.MANAGE_EVENTS, Permission.GOVERN)


@blueprint.get("/manage/unmet")
@allowed(*DECIDERS)
def list_unmet() -> str:
    """Each with what it asks for; its holder keeps the place until somebody says otherwise."""
    rows = open_unmet(organisations_seen(the_person().id, Permission.MANAGE_EVENTS, within=working_for()))
    return render_template(
        "signups/list_unmet.html", rows=listed(rows, lambda one: named(one.person, one.title))
    )


@blueprint.post("/manage/unmet/<unmet_id>/keep")
@allowed(*DECIDERS)
@can_undo(N_("让不再符合要求的人留在岗位上"), Unmet)
@decides(Unmet)
def keep_unmet(unmet_id: str) -> Any:
    """They may come all the same."""
    return _decide(service.keep, unmet_id, _("名额保留，已告诉本人。"))


@blueprint.post("/manage/unmet/<unmet_id>/release")
@allowed(*DECIDERS)
@can_undo(N_("请不再符合要求的人离开岗位"), Unmet)
@decides(Unmet)
def release_unmet(unmet_id: str) -> Any:
    """The place goes to who waits."""
    return _decide(service.release, unmet_id, _("名额已让出，已告诉本人。"))


def _decide(act: Any, unmet_id: str, done: str) -> Any:
    try:
        with transaction():
            act(unmet_id, by=the_person().id)
    except NotFound:
        raise
    except Refusal as refusal:
        flash_refusal(refusal)
    else:
        flash(done, "success")
    return redirect(url_for("signups.list_unmet"), 303)
