"""The guardian behind their own link, without an account; and the page of a guest from which it comes."""

from typing import Any

from flask import Response, flash, make_response, redirect, render_template, url_for
from flask_babel import gettext as _

from webapp.core.auth import public
from webapp.core.config import current_settings
from webapp.core.db import transaction
from webapp.core.errors import Refusal
from webapp.core.http import base_url, show_on_form, status_of
from webapp.core.phones import takes_sms
from webapp.core.security import limiter
from webapp.core.senders import is_configured
from webapp.people.domain import Withdrawn
from webapp.people.models import Guardianship
from webapp.people.queries import last_guardianship, standing_guardianship
from webapp.signups import queries
from webapp.signups.forms.guardians import GuardianForm, RenewForm
from webapp.signups.models import Signup
from webapp.signups.queries.guardians import (
    MinorFacts,
    behind_link,
    guardian_path,
    minor_facts,
)
from webapp.signups.service.consents import Ended, agree, renew, withdraw
from webapp.signups.views import blueprint
from webapp.signups.views.guardians import guardian_of
from webapp.signups.views.public import GUEST, public_writes, unstored
from webapp.volunteers.domain import AGE_BAND_LABELS, MARK_LABELS, AgeBand, Mark

LINK = "/guardian/<token>"


@blueprint.get(LINK)
@public
def show_for_guardian(token: str) -> Response:
    """What their child is signed up for, whether they agree, and both ways to change it."""
    return unstored(make_response(_link_page(token)))


@blueprint.post(LINK + "/agree")
@limiter.limit(public_writes)
@public
def renew_consent(token: str) -> Any:
    """They agree to what is planned now; the child's age is theirs to say."""
    found, form = behind_link(token).given, RenewForm()
    if not form.validate_on_submit():
        return unstored(make_response(_link_page(token, form), 422))
    with transaction():
        renew(found, band=form.age_band.data or None)
    flash(_("记下了：您同意现在的安排。"), "success")
    return redirect(url_for("signups.show_for_guardian", token=token), 303)


@blueprint.post(LINK + "/withdraw")
@limiter.limit(public_writes)
@public
def withdraw_consent(token: str) -> Any:
    """They no longer agree: no time is too late for that. The second of two presses changes nothing."""
    found = behind_link(token)
    if found.standing is not None:
        with transaction():
            ended = withdraw(found.given.person_id, by=None, how=Withdrawn.LINK)
        flash(_said_to_guardian(ended), "success")
    return redirect(url_for("signups.show_for_guardian", token=token), 303)


def _said_to_guardian(ended: Ended) -> str:
    if ended.there:
        return _("记下了：您不再同意。孩子已经在现场签到，已经告诉组织者，请马上和他们联系。")
    return _("记下了：您不再同意，以后的报名都已取消，名额让给后面的人。")


def _link_page(token: str, form: RenewForm | None = None) -> str:
    found = behind_link(token)
    return render_template(
        "signups/show_for_guardian.html",
        found=found,
        token=token,
        form=form or RenewForm(),
        bands={band.value: label for band, label in AGE_BAND_LABELS.items()},
        moved={one.id for one in found.moved},
    )


# --- where the link is found --------------------------------------------------------------------------------------


@blueprint.route(GUEST + "/guardian", methods=["GET", "POST"])
@limiter.limit(public_writes, methods=["POST"])
@public
def guest_guardian(token: str) -> Any:
    """A guest's page about their guardian: who agreed, or a form for one to agree."""
    signup, form, status = queries.get_for_guest(token), GuardianForm(), 200
    if minor_of(signup) is None:
        return redirect(url_for("signups.show_signup", token=token))
    del form.age_band  # it was said when signing up, or before
    person_id = signup.person_id
    if form.validate_on_submit():
        try:
            with transaction():
                agree(person_id, guardian_of(form), method="web")
        except Refusal as refusal:
            show_on_form(form, refusal)
            status = status_of(refusal)
        else:
            return redirect(url_for("signups.show_signup", token=token), 303)
    elif form.is_submitted():
        status = 422
    page = render_template(
        "signups/guest_guardian.html",
        signup=queries.get_for_guest(token),
        form=form,
        token=token,
        guardianship=standing_guardianship(person_id),
    )
    return unstored(make_response(page, status))


@blueprint.app_template_global()
def minor_of(signup: Signup) -> MinorFacts | None:
    """The marks of a minor; None for who is of age."""
    return minor_facts([signup.id]).get(signup.id)


@blueprint.app_template_global()
def guardian_of_child(person_id: str) -> Guardianship | None:
    """The newest consent, whether it stands or not."""
    return last_guardianship(person_id)


@blueprint.app_template_global()
def guardian_address(found: Guardianship) -> str:
    """The whole address of a guardian's page, to pass on or print."""
    return base_url() + guardian_path(found.id)


@blueprint.app_template_global()
def hears_by_sms(found: Guardianship) -> bool:
    """Whether the link reaches the guardian by itself: then nobody else needs it."""
    return is_configured("sms", current_settings()) and takes_sms(found.guardian_phone)


@blueprint.app_template_global()
def band_label(band: str | None) -> str:
    """An age band in words, marked for translation; empty where none was said."""
    return AGE_BAND_LABELS[AgeBand(band)] if band else ""


@blueprint.app_template_global()
def minor_words(minor: MinorFacts) -> str:
    """The marks of a minor for paper: how old, and whether a guardian agrees."""
    words = [_(MARK_LABELS[Mark(minor.mark)])] if minor.mark else []
    if minor.lacks_consent:
        words.append(_("没有监护人同意"))
    return " · ".join(words)
