"""Someone's own messages: everything they were told, also where no mail or SMS could reach them."""

from flask import flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from webapp.core import inbox
from webapp.core.auth import signed_in, the_person
from webapp.core.db import transaction
from webapp.pages.views import blueprint

PAGE = 20
ONE = "/me/messages/<string(length=18):message_id>"


@blueprint.get("/me/messages")
@signed_in
def my_messages() -> str:
    """The latest first, with a mark at those not yet read."""
    person, before = the_person(), request.args.get("before", "")[:18] or None
    found = inbox.list_own(person.id, before=before, limit=PAGE + 1)
    following = None
    if len(found) > PAGE:
        following = url_for("pages.my_messages", before=found[PAGE - 1].id)
    return render_template(
        "pages/my_messages.html",
        messages=found[:PAGE],
        unread=inbox.count_unread(person.id),
        is_later=before is not None,
        next_url=following,
    )


@blueprint.get(ONE)
@signed_in
def my_message(message_id: str) -> str:
    """One of them."""
    return render_template("pages/my_message.html", message=inbox.get_own(the_person().id, message_id))


@blueprint.post(ONE + "/read")
@signed_in
def read_message(message_id: str) -> Response:
    """It was read."""
    with transaction():
        inbox.mark_read(the_person().id, message_id)
    return redirect(url_for("pages.my_messages"))


@blueprint.post("/me/messages/read")
@signed_in
def read_messages() -> Response:
    """All were read."""
    with transaction():
        inbox.mark_read(the_person().id)
    flash(_("全部标为已读了。"), "success")
    return redirect(url_for("pages.my_messages"))
