"""For organisers: call fitting, free volunteers to a shift that lacks people."""

import hashlib
from typing import Any

from flask import flash, redirect, render_template, url_for
from flask_babel import gettext as _

from webapp.core.auth import allowed, the_person
from webapp.core.db import transaction
from webapp.core.deciding import decides
from webapp.core.drafting import keeps_draft
from webapp.core.errors import NotFound, Refusal
from webapp.core.http import show_on_form, status_of
from webapp.core.idempotency import Attempt, claim, store_answer
from webapp.events.domain import PositionKind
from webapp.events.models import Position
from webapp.events.queries import get_position_for
from webapp.events.service.telling import told_of_people
from webapp.organisations.domain import Permission
from webapp.signups.domain.fitting import NOT_CALLED_WORDS
from webapp.signups.forms.sharing import CallForm
from webapp.signups.queries.calling import CALL_AT_MOST, CallList, call_list, calls_of
from webapp.signups.service import calling
from webapp.signups.views import blueprint

_EACH_MISSING = 3  # so many are called for each place that lacks someone, unless the organiser says otherwise
_NAMED = 30


@blueprint.route("/manage/positions/<position_id>/call-out", methods=["GET", "POST"])
@allowed(Permission.MANAGE_EVENTS)
@keeps_draft
@decides(Position)
def call_out(position_id: str) -> Any:
    """How many could come and why others are not asked; a line to them; sent once however often the form is."""
    by, status = the_person().id, 200
    position = _position(by, position_id)
    found, form = call_list(position), CallForm()
    form.limit = CALL_AT_MOST.get()
    if form.validate_on_submit():
        try:
            count = _send(form, position_id, by)
            flash(_("已请 %(n)s 位志愿者，等他们报名。", n=count), "success")
            return redirect(url_for("signups.call_out", position_id=position_id))
        except Refusal as refusal:
            show_on_form(form, refusal)
            status = status_of(refusal)
    elif form.is_submitted():
        status = 422
    else:
        form.most.data = _suggested(position, found, form.limit)
    return _page(_position(by, position_id), form), status


def _position(by: str, position_id: str) -> Position:
    found = get_position_for(by, position_id, Permission.MANAGE_EVENTS)
    if found.kind != PositionKind.VOLUNTEER:
        raise NotFound
    return found


def _suggested(position: Position, found: CallList, limit: int) -> int:
    missing = max(position.capacity - position.taken, 1)
    return max(1, min(missing * _EACH_MISSING, len(found.people), limit))


def _send(form: CallForm, position_id: str, by: str) -> int:
    """Call, or say again how many were called when the same form comes a second time."""
    digest = hashlib.sha256(f"{form.nonce.data} {position_id}".encode()).hexdigest()
    attempt = Attempt(f"call:{by}", digest, digest)
    with transaction():
        if (before := claim(attempt)) is not None:
            return int(before[1])
        count = calling.call_out(position_id, note=form.note.data or "", most=form.most.data or 1, by=by)
        store_answer(attempt, 201, count)
        return count


def _page(position: Position, form: CallForm) -> str:
    found = call_list(position)
    return render_template(
        "signups/call_out.html",
        position=position,
        held=position.session,
        form=form,
        free=max(position.capacity - position.taken, 0),
        people=found.people[:_NAMED],
        ways=told_of_people(one.person_id for one in found.people[:_NAMED]),
        fitting=len(found.people),
        left_out=[(NOT_CALLED_WORDS[one], count) for one, count in found.left_out.items()],
        calls=calls_of(position.id),
    )
