"""Addresses: making, renewing and cutting off one's own and a centre's."""

from dataclasses import dataclass

from flask import flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response as AnyResponse

from webapp.calendars import domain, queries, service
from webapp.calendars.domain import Scope, Wishes
from webapp.calendars.forms import SubscriptionForm
from webapp.calendars.models import Subscription
from webapp.calendars.views import blueprint
from webapp.core import clock
from webapp.core.auth import allowed, signed_in, the_person
from webapp.core.db import session, transaction
from webapp.core.deciding import decides, makes
from webapp.core.errors import N_, NotAllowed, RuleBroken
from webapp.core.http import show_on_form
from webapp.core.just_done import can_undo
from webapp.organisations.domain import Permission
from webapp.organisations.models import Organisation
from webapp.organisations.queries import get_organisation, permissions_at


def _subscription(subscription_id: str, organisation_id: str = "") -> Subscription | None:
    """What is decided about."""
    return session().get(Subscription, subscription_id)


@dataclass(frozen=True)
class Address:
    """One subscription as its owner sees it."""

    id: str
    name: str
    path: str | None  # None: made under another installation secret, so it cannot be shown again
    subscription: Subscription
    client: str
    is_silent: bool
    wishes: Wishes | None  # None: the usual


def _addresses(owner: Scope) -> list[Address]:
    found = []
    columns = {"person_id" if owner.kind == "person" else "organisation_id": owner.id}
    for one in queries.list_subscriptions(**columns):
        token = queries.token_of(one)
        fetched = one.last_fetched_at
        found.append(
            Address(
                one.id,
                one.name,
                url_for("calendars.subscription_feed", token=token) if token else None,
                one,
                domain.client_name(one.last_client or ""),
                fetched is not None and clock.now() - fetched > domain.SILENT_AFTER,
                queries.wishes_of(one) if one.wanted is not None else None,
            )
        )
    return found


def _mine() -> Scope:
    return Scope("person", the_person().id)


def _add(owner: Scope, form: SubscriptionForm) -> bool:
    """Make the address the form asks for; False when it has to be shown again."""
    if not form.validate_on_submit():
        return False
    try:
        with transaction():
            service.create_subscription(owner, form.name.data or "", by=the_person().id, choice=form.choice())
    except RuleBroken as refusal:
        show_on_form(form, refusal)
        return False
    flash(_("日历地址已经建好，按下面的办法加到日历里。"), "success")
    return True


def _change(owner: Scope, subscription_id: str, *, back: str) -> AnyResponse | tuple[str, int]:
    """The page on which an address is changed, or back to the list of them."""
    found = queries.get_subscription(subscription_id, owner)
    form = SubscriptionForm(owner, found)
    if request.method == "POST" and _is_changed(found.id, form):
        return redirect(back)
    page = render_template("calendars/change_subscription.html", form=form, name=found.name, back=back)
    return page, 422 if form.is_submitted() else 200


def _is_changed(subscription_id: str, form: SubscriptionForm) -> bool:
    if not form.validate():
        return False
    name, choice = form.name.data or "", form.choice()
    try:
        with transaction():
            service.change_subscription(
                subscription_id, form.owner, name=name, choice=choice, by=the_person().id
            )
    except RuleBroken as refusal:
        show_on_form(form, refusal)
        return False
    flash(_("已经保存，地址没有变。日历程序下一次更新时就会看到。"), "success")
    return True


def _renew(owner: Scope, subscription_id: str) -> None:
    with transaction():
        service.renew_subscription(subscription_id, owner, by=the_person().id)
    flash(_("已经换成新地址，旧地址从现在起打不开了。"), "success")


def _revoke(owner: Scope, subscription_id: str) -> None:
    with transaction():
        service.revoke_subscription(subscription_id, owner, by=the_person().id)
    flash(_("地址已停用。已经加了它的日历里，旧的内容要手动删除。"), "success")


# --- a person's own ---------------------------------------------------------------------------------------------


@blueprint.get("/me/calendar")
@signed_in
def my_subscription() -> str:
    """The addresses under which a person's shifts appear in their calendars."""
    return _my_page(None)


def _my_page(form: SubscriptionForm | None) -> str:
    addresses = _addresses(_mine())
    form = form or SubscriptionForm(_mine(), name="" if addresses else _("我的手机"))
    return render_template("calendars/my_subscription.html", form=form, addresses=addresses)


@blueprint.post("/me/calendar")
@signed_in
@makes
def create_my_subscription() -> AnyResponse | tuple[str, int]:
    """Make one."""
    form = SubscriptionForm(_mine())
    if _add(_mine(), form):
        return redirect(url_for("calendars.my_subscription"))
    return _my_page(form), 422


@blueprint.route("/me/calendar/<subscription_id>", methods=["GET", "POST"])
@signed_in
@decides(_subscription)
def change_my_subscription(subscription_id: str) -> AnyResponse | tuple[str, int]:
    """Show something else at the same address."""
    return _change(_mine(), subscription_id, back=url_for("calendars.my_subscription"))


@blueprint.post("/me/calendar/<subscription_id>/renew")
@signed_in
@decides(_subscription)
def renew_my_subscription(subscription_id: str) -> AnyResponse:
    """Give it another address."""
    _renew(_mine(), subscription_id)
    return redirect(url_for("calendars.my_subscription"))


@blueprint.post("/me/calendar/<subscription_id>/revoke")
@signed_in
@can_undo(N_("停用了订阅地址“%(name)s”"), _subscription, says=lambda one: {"name": one.name})
@decides(_subscription)
def revoke_my_subscription(subscription_id: str) -> AnyResponse:
    """Cut it off."""
    _revoke(_mine(), subscription_id)
    return redirect(url_for("calendars.my_subscription"))


# --- a centre's -------------------------------------------------------------------------------------------------


def _centre(organisation_id: str, *, change: bool) -> Organisation:
    """The organisation, for people with any permission there; whoever only inspects changes nothing."""
    organisation = get_organisation(organisation_id)
    held = permissions_at(the_person().id, organisation.id)
    if not (held - {Permission.INSPECT} if change else held):
        raise NotAllowed
    return organisation


@blueprint.get("/manage/organisations/<organisation_id>/calendar")
@allowed(*Permission)
def organisation_calendar(organisation_id: str) -> str:
    """The addresses under which a centre sees what comes to it."""
    return _centre_page(_centre(organisation_id, change=False), None)


def _centre_page(organisation: Organisation, form: SubscriptionForm | None) -> str:
    held = permissions_at(the_person().id, organisation.id)
    owner = Scope("organisation", organisation.id)
    addresses = _addresses(owner)
    return render_template(
        "calendars/organisation_calendar.html",
        form=form or SubscriptionForm(owner, name="" if addresses else _("前台电脑")),
        organisation=organisation,
        may_change=bool(held - {Permission.INSPECT}),
        addresses=addresses,
    )


@blueprint.post("/manage/organisations/<organisation_id>/calendar")
@allowed(*Permission)
@makes
def create_organisation_subscription(organisation_id: str) -> AnyResponse | tuple[str, int]:
    """Make one."""
    organisation, owner = _centre(organisation_id, change=True), Scope("organisation", organisation_id)
    form = SubscriptionForm(owner)
    if _add(owner, form):
        return redirect(url_for("calendars.organisation_calendar", organisation_id=organisation_id))
    return _centre_page(organisation, form), 422


@blueprint.route(
    "/manage/organisations/<organisation_id>/calendar/<subscription_id>", methods=["GET", "POST"]
)
@allowed(*Permission)
@decides(_subscription)
def change_organisation_subscription(
    organisation_id: str, subscription_id: str
) -> AnyResponse | tuple[str, int]:
    """Show something else at the same address."""
    _centre(organisation_id, change=True)
    back = url_for("calendars.organisation_calendar", organisation_id=organisation_id)
    return _change(Scope("organisation", organisation_id), subscription_id, back=back)


@blueprint.post("/manage/organisations/<organisation_id>/calendar/<subscription_id>/renew")
@allowed(*Permission)
@decides(_subscription)
def renew_organisation_subscription(organisation_id: str, subscription_id: str) -> AnyResponse:
    """Give it another address."""
    _centre(organisation_id, change=True)
    _renew(Scope("organisation", organisation_id), subscription_id)
    return redirect(url_for("calendars.organisation_calendar", organisation_id=organisation_id))


@blueprint.post("/manage/organisations/<organisation_id>/calendar/<subscription_id>/revoke")
@allowed(*Permission)
@can_undo(N_("停用了订阅地址“%(name)s”"), _subscription, says=lambda one: {"name": one.name})
@decides(_subscription)
def revoke_organisation_subscription(organisation_id: str, subscription_id: str) -> AnyResponse:
    """Cut it off."""
    _centre(organisation_id, change=True)
    _revoke(Scope("organisation", organisation_id), subscription_id)
    return redirect(url_for("calendars.organisation_calendar", organisation_id=organisation_id))
