"""Photos of a session: several at once, each with its own answer; shown only to staff and inspectors."""

from typing import Any

from flask import flash, redirect, render_template, request, send_file, url_for
from flask_babel import gettext as _

from webapp.attendance.domain import PHOTO_VIEWERS
from webapp.attendance.domain.doors import NothingToPhotograph
from webapp.attendance.forms import AnnulForm
from webapp.attendance.forms.evidence import PhotosForm
from webapp.attendance.models import EvidencePhoto
from webapp.attendance.queries import photos
from webapp.attendance.service import photos as service
from webapp.attendance.views import blueprint
from webapp.attendance.views.manage import COUNTERS, STAFF
from webapp.core import security
from webapp.core.auth import allowed, the_person
from webapp.core.db import transaction
from webapp.core.deciding import decides, makes
from webapp.core.errors import N_, Refusal
from webapp.core.i18n import sentence_of
from webapp.core.just_done import can_undo
from webapp.core.pictures import MEGABYTE, read_picture
from webapp.events import queries as events
from webapp.organisations.domain import Permission

AT_ONCE = 64 * MEGABYTE


@blueprint.route("/manage/sessions/<session_id>/photos", methods=["GET", "POST"])
@security.uploads(AT_ONCE)
@allowed(*PHOTO_VIEWERS)
@makes
def session_photos(session_id: str) -> Any:
    """The photos, and a form for more."""
    person = the_person()
    session = events.get_session_for(person.id, session_id, *PHOTO_VIEWERS)
    may_add = events.may_access_session(person.id, session_id, *COUNTERS)
    form, status = PhotosForm(), 200
    if request.method == "POST":
        events.check_session_access(person.id, session_id, *COUNTERS)
        if not session.is_held:
            raise NothingToPhotograph
        status = 422
        if form.validate() and _add(session_id, form, by=person.id):
            return redirect(url_for("attendance.session_photos", session_id=session_id), 303)
    return (
        render_template(
            "attendance/session_photos.html",
            session=session,
            form=form,
            may_add=may_add,
            sees_list=may_add or events.may_access_session(person.id, session_id, Permission.INSPECT),
            may_remove=events.may_access_session(person.id, session_id, *STAFF),
            photos=photos.photos_of(session_id),
            annulled=photos.annulled_counts(session_id),
        ),
        status,
    )


def _add(session_id: str, form: PhotosForm, *, by: str) -> bool:
    """Keep those that are photos; the others are named in the form. True when all were."""
    added, faults = 0, []
    for file in form.photos.data:
        try:
            picture = read_picture(file.read(), name=file.filename or "")
            with transaction():
                made = service.add_photo(
                    session_id, picture, caption=(form.caption.data or "").strip(), by=by
                )
            added += made is not None
            if made is None:
                faults.append(_("“%(name)s”已经在这里了。", name=file.filename))
        except Refusal as refusal:
            faults.append(sentence_of(refusal))
    if added:
        flash(_("存好了 %(n)s 张照片。", n=added), "success")
    form.photos.errors = [*form.photos.errors, *faults]
    return not faults


@blueprint.get("/manage/photos/<photo_id>")
@allowed(*PHOTO_VIEWERS)
def show_photo(photo_id: str) -> Any:
    """The file; `?small` the small one."""
    photo = photos.standing_photo(photo_id)
    events.check_session_access(the_person().id, photo.session_id, *PHOTO_VIEWERS)
    path = photos.file_of(photo_id, small="small" in request.args)
    response = send_file(path.resolve(), mimetype="image/jpeg", conditional=True, max_age=3600)
    response.headers["Cache-Control"] = "private, max-age=3600"
    response.headers["Content-Security-Policy"] = "default-src 'none'"
    return response


@blueprint.route("/manage/photos/<photo_id>/remove", methods=["GET", "POST"])
@allowed(*STAFF)
@can_undo(N_("移除了一张照片"), EvidencePhoto)
@decides(EvidencePhoto)
def remove_photo(photo_id: str) -> Any:
    """Take it out of the evidence, with a reason."""
    photo = photos.standing_photo(photo_id)
    session = events.get_session_for(the_person().id, photo.session_id, *STAFF)
    form = AnnulForm()
    form.reason.label.text = _("移除原因")
    if form.validate_on_submit():
        with transaction():
            service.remove_photo(photo_id, by=the_person().id, reason=form.reason.data or "")
        flash(_("照片已移除，原件和原因都留有记录。"), "success")
        return redirect(url_for("attendance.session_photos", session_id=session.id), 303)
    status = 422 if request.method == "POST" else 200
    return render_template("attendance/remove_photo.html", form=form, session=session, photo=photo), status
