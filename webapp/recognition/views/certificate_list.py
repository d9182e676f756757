"""The organisation's list of certificates, and several applications accepted at once."""

from typing import Any

from flask import redirect, render_template, url_for
from flask_babel import gettext as _
from sqlalchemy import ColumnElement, or_
from werkzeug.wrappers import Response

from webapp.core.auth import allowed, the_person
from webapp.core.db import transaction
from webapp.core.errors import N_, Refusal
from webapp.core.http import status_of
from webapp.core.i18n import format_date, sentence_of
from webapp.core.just_done import can_undo
from webapp.core.listing import (
    Act,
    Column,
    Filter,
    Query,
    Shown,
    Table,
    back_to,
    chosen_rows,
    each_of,
    holding,
    say,
    show,
    taken,
)
from webapp.core.working import working_for
from webapp.organisations.models import Organisation
from webapp.people.models import Person
from webapp.people.queries.finding import called
from webapp.recognition.domain import CERTIFICATE_STATUS_LABELS, CertificateStatus
from webapp.recognition.models import Certificate
from webapp.recognition.queries import certificates as queries
from webapp.recognition.service import certificates as service
from webapp.recognition.views import blueprint
from webapp.recognition.views.certificates import STAFF

AT_ONCE = 100  # accepted in one transaction


def _source() -> Query:
    return queries.certificates_for(the_person().id, within=working_for())


def _search(word: str) -> ColumnElement[bool]:
    stands = holding(Organisation.name, Certificate.number)
    return or_(called(word, Certificate.person_id), stands(word))


def _days(one: Certificate) -> str:
    return _("%(first)s 至 %(last)s", first=format_date(one.from_on), last=format_date(one.until_on))


def _status(one: Certificate) -> str:
    return _(CERTIFICATE_STATUS_LABELS[CertificateStatus(one.status)])


_COLUMNS = (
    Column("name", N_("志愿者"), lambda one: one.person.name, order=Person.name, kind="head", of_person=True),
    Column("unit", N_("单位"), lambda one: one.organisation.name, order=Organisation.name),
    Column("days", N_("时段"), _days, order=Certificate.from_on),
    Column(
        "applied",
        N_("申请时间"),
        lambda one: one.applied_at,
        order=Certificate.applied_at,
        kind="nowrap",
    ),
    Column("status", N_("状态"), _status, order=Certificate.status),
    Column("number", N_("编号"), lambda one: one.number, order=Certificate.number, kind="nowrap"),
    Column("purpose", N_("用途"), lambda one: one.purpose, shown=False),
)
_FILTERS = (
    Filter(
        "status",
        N_("状态"),
        list(CERTIFICATE_STATUS_LABELS.items()),
        where=lambda value: Certificate.status == value,
        offered=False,
    ),
)


def _table() -> Table:
    return Table(
        columns=_COLUMNS,
        filters=_FILTERS,
        search=_search,
        acts=(Act("accept", N_("受理"), "check"),),
        acts_at=url_for("recognition.accept_chosen"),
        seen=Certificate,
        find_by=N_("姓名、拼音首字母、手机后四位、单位、编号"),
    )


@blueprint.get("/manage/certificates")
@allowed(*STAFF)
def manage_certificates() -> Response | str:
    """What was asked of my organisations; by state."""
    listing = show(_table(), _source())
    if listing.format:
        return taken(listing, _("服务证明"), subject="certificate", by=the_person().id)
    return _page(listing)


def _page(listing: Shown) -> str:
    return render_template(
        "recognition/manage_certificates.html",
        listing=listing,
        labels=CERTIFICATE_STATUS_LABELS,
        status=dict(listing.asked.filters).get("status"),
    )


def _first_chosen() -> Any:
    """Of the chosen applications, one that stands for what was done with all of them."""
    return queries.get_certificate_for(the_person().id, chosen_rows(_table(), _source())[0])


@blueprint.post("/manage/certificates/chosen")
@allowed(*STAFF)
@can_undo(N_("受理了选上的申请"), _first_chosen)
def accept_chosen() -> Any:
    """受理 of several; those of which nothing comes are named, and the others go on."""
    table, source, by = _table(), _source(), the_person().id
    try:
        with transaction():
            ids = chosen_rows(table, source, most=AT_ONCE)
            names = queries.holders_of(ids, for_staff=by)
            outcomes = each_of([one for one in ids if one in names], _accept, name=names.__getitem__, by=by)
    except Refusal as refusal:
        refused = show(table, source, at="recognition.manage_certificates", refused=sentence_of(refusal))
        return _page(refused), status_of(refusal)
    say(outcomes, lambda n: _("受理了 %(n)s 份申请，会通知本人。", n=n))
    return redirect(back_to("recognition.manage_certificates"), 303)


def _accept(certificate_id: str) -> None:
    service.accept(certificate_id, by=the_person().id)
