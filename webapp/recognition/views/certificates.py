"""Certificates: volunteers ask for them and fetch them, the organisation that recorded the service issues them."""

import base64
from collections.abc import Callable
from typing import Any

from flask import Response, flash, redirect, render_template, url_for
from flask_babel import gettext as _
from flask_wtf import FlaskForm

from webapp.core import audit, clock, pdf, qr
from webapp.core.auth import allowed, signed_in, the_person
from webapp.core.coming_back import back_or
from webapp.core.db import transaction
from webapp.core.deciding import decides, makes
from webapp.core.drafting import keeps_draft
from webapp.core.errors import N_, Refusal
from webapp.core.http import base_url, show_on_form, status_of
from webapp.core.just_done import can_undo, who
from webapp.organisations.domain import Permission
from webapp.organisations.queries import may
from webapp.recognition.domain import CERTIFICATE_STATUS_LABELS, CertificateStatus
from webapp.recognition.domain import certificates as rules
from webapp.recognition.domain.certificates import Sums, exact_text, hours_text
from webapp.recognition.forms.certificates import ApplyForm, IssueForm, ReasonForm, StepForm
from webapp.recognition.models import Certificate
from webapp.recognition.queries import certificates as queries
from webapp.recognition.service import certificates as service
from webapp.recognition.views import blueprint

STAFF = (Permission.MANAGE_EVENTS, Permission.GOVERN)
_PRINTED_BESIDE = "需要说明的事项：应本人申请开具，用途为"


def _issuer(held: Certificate) -> tuple[str, str]:
    may_manage = may(the_person().id, Permission.MANAGE_EVENTS, held.organisation_id)
    return Permission.MANAGE_EVENTS if may_manage else Permission.GOVERN, held.organisation_id


# --- the volunteer ------------------------------------------------------------------------------------------------


@blueprint.route("/me/certificates", methods=["GET", "POST"])
@signed_in
@keeps_draft
@makes
def my_certificates() -> Any:
    """What I asked for and what became of it; ask an organisation I served."""
    person_id, status = the_person().id, 200
    form = _apply_form(person_id)
    if form.validate_on_submit():
        try:
            with transaction():
                service.apply(form.asked(), person_id=person_id)
        except Refusal as refusal:
            show_on_form(form, refusal)
            status = status_of(refusal)
        else:
            flash(_("已提交申请。受理和开具时都会写进“我的消息”。"), "success")
            return redirect(url_for("recognition.my_certificates"))
    elif form.is_submitted():
        status = 422
    page = render_template(
        "recognition/my_certificates.html",
        form=form,
        served=queries.served(person_id),
        certificates=queries.certificates_of(person_id),
        labels=CERTIFICATE_STATUS_LABELS,
        hours=hours_text,
    )
    return page, status


def _served_words(one: queries.Served) -> str:
    """A choice says what one would get there."""
    hours, added = hours_text(one.minutes), hours_text(one.added_minutes)
    words = _("%(name)s：%(times)s 次，%(hours)s 小时", name=one.name, times=one.times, hours=hours)
    return words + (_("，另补录 %(hours)s 小时", hours=added) if one.added_minutes else "")


def _apply_form(person_id: str) -> ApplyForm:
    form, places = ApplyForm(), queries.served(person_id)
    form.organisation.choices = [(one.organisation_id, _served_words(one)) for one in places]
    if places and not form.is_submitted():
        form.organisation.data = places[0].organisation_id if len(places) == 1 else None
        form.from_on.data = min(one.first_on for one in places)
        form.until_on.data = clock.today()
    return form


@blueprint.get("/certificates/<certificate_id>.pdf")
@signed_in
def certificate_pdf(certificate_id: str) -> Response:
    """The paper itself, for its holder and for those who issue it; a revoked one is no paper any more."""
    person_id = the_person().id
    held = queries.get_paper_for(person_id, certificate_id)
    if held.status == CertificateStatus.REVOKED:
        raise rules.CertificateRevoked
    paper, name = pdf.render(_paper(held)), held.number
    with transaction():
        audit.record("certificate.download", "certificate", certificate_id, by=person_id)
    answer = Response(paper, content_type="application/pdf")
    answer.headers["Content-Disposition"] = f'attachment; filename="{name}.pdf"'
    answer.headers["Cache-Control"] = "private, no-store"
    return answer


def _paper(held: Certificate) -> str:
    address = base_url() + url_for("recognition.verify", number=held.number)
    first, rest = rules.split_lines(held.lines, remarks=_PRINTED_BESIDE + held.purpose + held.remarks)
    return render_template(
        "recognition/certificate_paper.html",
        certificate=held,
        issued_on=clock.local_date(held.issued_at or clock.now()),
        first=first,
        rest=rest,
        rest_sums=Sums.of(rest),
        hours=hours_text,
        exact=exact_text,
        verify_url=address,
        qr="data:image/svg+xml;base64," + base64.b64encode(qr.svg(address)).decode(),
    )


# --- the organisation ---------------------------------------------------------------------------------------------


@blueprint.get("/manage/certificates/<certificate_id>")
@allowed(*STAFF)
def manage_certificate(certificate_id: str) -> Any:
    """One of them with the records it stands on, and what can be done next."""
    return _page(certificate_id)


@blueprint.post("/manage/certificates/<certificate_id>/accept")
@allowed(*STAFF)
@can_undo(N_("受理了%(who)s的证明"), Certificate, says=who, right=_issuer)
@decides(Certificate)
def accept_certificate(certificate_id: str) -> Any:
    """受理."""
    return _do(certificate_id, StepForm(), lambda by: service.accept(certificate_id, by=by))


@blueprint.post("/manage/certificates/<certificate_id>/reject")
@allowed(*STAFF)
@can_undo(N_("没有受理%(who)s的证明"), Certificate, says=who, right=_issuer)
@decides(Certificate)
def reject_certificate(certificate_id: str) -> Any:
    """Not accepted, and why."""
    form = ReasonForm()
    reason = form.reason.data or ""
    return _do(certificate_id, form, lambda by: service.reject(certificate_id, reason=reason, by=by))


@blueprint.post("/manage/certificates/<certificate_id>/issue")
@allowed(*STAFF)
@keeps_draft
@decides(Certificate)
def issue_certificate(certificate_id: str) -> Any:
    """开具: figures are counted and fixed now."""
    form = IssueForm()
    return _do(certificate_id, form, lambda by: service.issue(certificate_id, form.details(), by=by))


@blueprint.post("/manage/certificates/<certificate_id>/revoke")
@allowed(*STAFF)
@can_undo(N_("撤销了%(who)s的证明"), Certificate, says=who, right=_issuer)
@decides(Certificate)
def revoke_certificate(certificate_id: str) -> Any:
    """It holds no longer, and why."""
    form = ReasonForm()
    reason = form.reason.data or ""
    return _do(certificate_id, form, lambda by: service.revoke(certificate_id, reason=reason, by=by))


def _do(certificate_id: str, form: FlaskForm, step: Callable[[str], Certificate]) -> Any:
    """One step with one form; what was entered stays when it is refused."""
    by = the_person().id
    queries.get_certificate_for(by, certificate_id)
    if not form.validate():
        return _page(certificate_id, form, 422)
    try:
        with transaction():
            step(by)
    except Refusal as refusal:
        show_on_form(form, refusal)
        return _page(certificate_id, form, status_of(refusal))
    flash(_("办好了，会通知本人。"), "success")
    return redirect(back_or(url_for("recognition.manage_certificate", certificate_id=certificate_id)))


def _page(certificate_id: str, form: FlaskForm | None = None, status: int = 200) -> Any:
    """The page of one certificate; the name in full, since it is printed so, and noted who looked."""
    by = the_person()
    with transaction():
        held = queries.get_certificate_for(by.id, certificate_id)
        audit.record("certificate.reveal", "certificate", certificate_id, by=by.id)
    held = queries.get_certificate_for(by.id, certificate_id)
    lines = held.lines or queries.lines_of(
        held.person_id, held.organisation_id, from_on=held.from_on, until_on=held.until_on
    )
    page = render_template(
        "recognition/manage_certificate.html",
        certificate=held,
        lines=lines,
        sums=Sums.of(lines),
        steps=rules.steps_from(held.status),
        labels=CERTIFICATE_STATUS_LABELS,
        hours=hours_text,
        exact=exact_text,
        form=form,
        issue_form=form if isinstance(form, IssueForm) else _issue_form(held, by.name),
        reason_form=form if isinstance(form, ReasonForm) else ReasonForm(formdata=None),
    )
    return page, status


def _issue_form(held: Certificate, handler: str) -> IssueForm:
    return IssueForm(formdata=None, handler=handler, contact=held.organisation.phone or "")
