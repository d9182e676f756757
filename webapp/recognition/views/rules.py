"""The office: the rule of hours, working days, stars."""

from dataclasses import asdict
from typing import Any

from flask import flash, redirect, render_template, request, url_for
from flask_babel import gettext as _

from webapp.core.auth import allowed, current_permissions, the_person
from webapp.core.coming_back import back_or
from webapp.core.db import get_row, transaction
from webapp.core.deciding import decides
from webapp.core.drafting import keeps_draft
from webapp.core.errors import N_, NotFound, Refusal
from webapp.core.http import flash_refusal, show_on_form, status_of
from webapp.core.just_done import can_undo
from webapp.core.listing import listed, named
from webapp.core.options import Option
from webapp.core.seen import Mark, mark_of_none, rows_or_none
from webapp.organisations.domain import Permission
from webapp.people.domain import mask_name
from webapp.people.models import Person
from webapp.recognition import queries, service
from webapp.recognition.forms.hours import DaysForm, DeclineForm, RuleForm, ThresholdsForm
from webapp.recognition.models import HoursRule, Star, WorkYear
from webapp.recognition.views import blueprint


def _next_rule() -> Mark:
    """What is decided about: that there is no version yet after the one on the page."""
    return mark_of_none(HoursRule, str(queries.current_rule().version + 1))


def _workdays() -> list[Any]:
    """What is decided about: the years on the page."""
    return rows_or_none(WorkYear, [str(one.own.year) for one in queries.shown_years()])


def _thresholds() -> list[Any]:
    """What is decided about."""
    return rows_or_none(Option, [queries.star_hours.key])


@blueprint.get("/manage/hours/rule")
@allowed(Permission.GOVERN, Permission.INSPECT)
def change_rule() -> Any:
    """The rule as it is, and every version there was."""
    rule = queries.current_rule()
    return _rule_page(RuleForm(data=asdict(rule) | {"version": str(rule.version)}))


@blueprint.post("/manage/hours/rule")
@allowed(Permission.GOVERN)
@decides(_next_rule)
def save_rule() -> Any:
    """A new version."""
    form, status = RuleForm(), 422
    if form.validate():
        try:
            with transaction():
                service.change_rule(form.rule(), by=the_person().id)
        except Refusal as refusal:
            show_on_form(form, refusal)
            form.version.data, status = str(queries.current_rule().version), status_of(refusal)
        else:
            flash(_("规则已保存，以后的记录按新规则算。"), "success")
            return redirect(url_for("recognition.change_rule"), 303)
    return _rule_page(form, status)


def _rule_page(form: RuleForm, status: int = 200) -> Any:
    return render_template("recognition/change_rule.html", form=form, rules=queries.list_rules()), status


@blueprint.route("/manage/hours/workdays", methods=["GET", "POST"])
@allowed(Permission.GOVERN)
@keeps_draft
@decides(_workdays)
def set_workdays() -> Any:
    """Days off and days worked of this year and the next; one year is changed at a time."""
    years = queries.shown_years()
    shown = _chosen(years)
    form = DaysForm(data=_as_entered(shown.own))
    status = 422 if request.method == "POST" else 200
    if form.validate_on_submit():
        refusal = _save_year(shown.own.year, form)
        if refusal is None:
            return redirect(url_for("recognition.set_workdays", year=shown.own.year), 303)
        status = status_of(refusal)
    page = render_template("recognition/set_workdays.html", years=years, shown=shown, form=form)
    return page, status


def _chosen(years: list[queries.ShownYear]) -> queries.ShownYear:
    """The year asked for, else the first of which something is missing."""
    named = request.values.get("year", "")
    found = [one for one in years if str(one.own.year) == named]
    if named and not found:
        raise NotFound
    return next(iter(found or [one for one in years if not one.is_certain] or years))


def _as_entered(own: WorkYear) -> dict[str, Any]:
    days = {"off": "\n".join(own.off), "worked": "\n".join(own.worked)}
    more = {"year": str(own.year), "revision": own.revision, "notice": own.notice}
    return days | more | {"is_announced": own.is_announced}


def _save_year(year: int, form: DaysForm) -> Refusal | None:
    try:
        with transaction():
            moved = service.set_workdays(year, form.said(), by=the_person().id)
    except Refusal as refusal:
        show_on_form(form, refusal)
        return refusal
    flash(_("%(year)s 年的安排已保存。", year=year), "success")
    if moved:
        flash(_("正在公示的 %(n)s 条时长重新算了截止日，已经期满的不变。", n=moved), "info")
    return None


@blueprint.get("/manage/stars")
@allowed(Permission.GOVERN, Permission.INSPECT)
def manage_stars() -> Any:
    """Who applied for stars, and how many hours each takes."""
    return _stars_page(ThresholdsForm(hours="、".join(map(str, queries.star_hours.get()))))


def _stars_page(form: ThresholdsForm, status: int = 200) -> Any:
    shown = str if Permission.GOVERN in current_permissions() else mask_name
    rows = [(star, shown(name)) for star, name in queries.list_applications()]
    applications = listed(rows, lambda row: named(row[1]), at="recognition.manage_stars")
    return render_template("recognition/manage_stars.html", applications=applications, form=form), status


@blueprint.post("/manage/stars/thresholds")
@allowed(Permission.GOVERN)
@decides(_thresholds)
def set_thresholds() -> Any:
    """How many hours make a star from now on."""
    form, status = ThresholdsForm(), 422
    if form.validate():
        try:
            with transaction():
                service.set_thresholds(form.numbers(), by=the_person().id)
        except Refusal as refusal:
            show_on_form(form, refusal)
            status = status_of(refusal)
        else:
            flash(_("已保存。"), "success")
            return redirect(url_for("recognition.manage_stars"), 303)
    return _stars_page(form, status)


@blueprint.post("/manage/stars/<star_id>/grant")
@allowed(Permission.GOVERN)
@can_undo(N_("评定了一个人的星级"), Star)
@decides(Star)
def grant_star(star_id: str) -> Any:
    """These stars are theirs."""
    get_row(Star, star_id)
    try:
        with transaction():
            service.decide_star(star_id, grant=True, by=the_person().id)
    except Refusal as refusal:
        flash_refusal(refusal)
    else:
        flash(_("已评定，结果写进了本人的“我的消息”。"), "success")
    return redirect(back_or(url_for("recognition.manage_stars")), 303)


@blueprint.route("/manage/stars/<star_id>/decline", methods=["GET", "POST"])
@allowed(Permission.GOVERN)
@can_undo(N_("没有评定一个人的星级"), Star)
@decides(Star)
def decline_star(star_id: str) -> Any:
    """Not granted, and why."""
    star = get_row(Star, star_id)
    form, status = DeclineForm(), 422 if request.method == "POST" else 200
    if form.validate_on_submit():
        try:
            with transaction():
                service.decide_star(star_id, grant=False, by=the_person().id, note=form.note.data or "")
        except Refusal as refusal:
            show_on_form(form, refusal)
            status = status_of(refusal)
        else:
            flash(_("已答复，答复写进了本人的“我的消息”。"), "success")
            return redirect(url_for("recognition.manage_stars"), 303)
    name = get_row(Person, star.person_id).name
    return render_template("recognition/decline_star.html", form=form, star=star, name=name), status
