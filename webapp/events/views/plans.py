"""The office: the next plan made from one that ends, with the events that go along."""

from datetime import timedelta
from typing import Any

from flask import flash, redirect, render_template, url_for
from flask_babel import gettext as _

from webapp.core.auth import allowed, the_person
from webapp.core.db import transaction
from webapp.core.deciding import makes
from webapp.core.drafting import keeps_draft
from webapp.core.errors import N_, Refusal
from webapp.core.http import show_on_form, status_of
from webapp.core.just_done import can_undo
from webapp.events import queries, service
from webapp.events.forms.plans import NextPlanForm
from webapp.events.views import blueprint
from webapp.organisations.domain import Permission
from webapp.plan import queries as plans
from webapp.plan import service as plan_service
from webapp.plan.models import Plan


def _plan(code: str) -> Plan:
    return plans.get_plan(code)


def _title(plan: Plan) -> dict[str, str]:
    return {"title": plan.title}


@blueprint.route("/manage/plans/<code>/next", methods=["GET", "POST"])
@allowed(Permission.GOVERN)
@keeps_draft
@can_undo(N_("建了“%(title)s”的下一期计划"), _plan, says=_title)
@makes
def next_plan(code: str) -> Any:
    """Make the plan that follows this one: first a preview of the events that go along, then the act."""
    old = plans.get_plan(code)
    new = plans.successor_of(old)
    if new is not None:
        return _followed(old, new)
    form = NextPlanForm(data=_usual(old))
    going: list[queries.Going] | None = None
    status = 422 if form.is_submitted() else 200
    if form.validate_on_submit():
        try:
            made, going = _roll_over(old, form)
        except Refusal as refusal:
            show_on_form(form, refusal)
            status = status_of(refusal)
        else:
            if made:
                return redirect(url_for("events.next_plan", code=old.code), 303)
            status = 200
    shown = {"old": old, "new": None, "form": form, "going": going}
    return render_template("events/next_plan.html", **shown), status


def _roll_over(old: Plan, form: NextPlanForm) -> tuple[bool, list[queries.Going]]:
    """Make it, or, where its days have not been previewed, look which events would go along."""
    asked = form.asked()
    plan_service.check_next(old, asked)
    going = queries.going_along(old, (asked.starts_on, asked.ends_on), codes=plans.task_codes(old.id))
    if form.previewed.data != form.what():
        form.previewed.data = form.what()
        return False, going
    with transaction():
        plan_service.roll_over(old.code, asked, by=the_person().id)
    flash(_("“%(title)s”已建好，%(n)s 场活动带过去了。", title=asked.title, n=len(going)), "success")
    return True, going


def _followed(old: Plan, new: Plan) -> str:
    """There is a next plan: which events are still bound to the old one."""
    codes = plans.task_codes(new.id)
    found = queries.going_along(old, (new.starts_on, new.ends_on), codes=codes, new_id=new.id)
    going = [one for one in found if not one.is_done]
    return render_template("events/next_plan.html", old=old, new=new, form=None, going=going)


def _usual(old: Plan) -> dict[str, Any]:
    """The five years after it."""
    first = old.ends_on + timedelta(days=1)
    last = first.replace(year=first.year + 5, day=1) - timedelta(days=1)
    stem = old.code.rstrip("0123456789-") or "plan"
    return {"code": f"{stem}-{first.year}-{last.year}", "starts_on": first, "ends_on": last}


@blueprint.post("/manage/plans/<code>/take-along")
@allowed(Permission.GOVERN)
@can_undo(N_("把活动带进了“%(title)s”的下一期计划"), _plan, says=_title)
def take_along(code: str) -> Any:
    """Bind what lies in the next plan's days to its tasks."""
    old = plans.get_plan(code)
    new = plans.successor_of(old)
    if new is not None:
        with transaction():
            going = service.take_along(old.id, new.id, the_person().id)
        flash(_("%(n)s 场活动带过去了，数字已重新算过。", n=len(going)), "success")
    return redirect(url_for("events.next_plan", code=old.code), 303)
