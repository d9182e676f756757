"""For organisers: whom to ring up after a change, what to say, who was told."""

from typing import Any

from flask import redirect, render_template, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from webapp.core.auth import allowed, the_person
from webapp.core.db import session, transaction
from webapp.core.deciding import decides
from webapp.core.errors import N_
from webapp.core.i18n import format_range
from webapp.core.just_done import can_undo
from webapp.core.listing import Column, Rows, Table, listed, named, show, taken
from webapp.core.seen import rows_of
from webapp.core.working import working_for
from webapp.organisations.domain import Permission
from webapp.organisations.queries import organisations_seen
from webapp.people.domain import Way
from webapp.people.queries import are_phones_shown
from webapp.people.service import phones
from webapp.signups.models import Notice, Telling
from webapp.signups.queries import telling as queries
from webapp.signups.queries.asking import two_shifts_in
from webapp.signups.queries.telling import CALLERS, PHONES_OF
from webapp.signups.service import tellings
from webapp.signups.views import blueprint

blueprint.add_app_template_global(queries.notices_of)
blueprint.add_app_template_global(two_shifts_in)


def _telling(notice_id: str, telling_id: str) -> Telling | None:
    """What is decided about."""
    return session().get(Telling, telling_id)


def _held_at(one: queries.Overview) -> str | None:
    return format_range(one.session.starts_at, one.session.ends_at) if one.session else None


_CALLS = Table(
    columns=(
        Column("event", N_("活动"), lambda one: one.notice.event.title, kind="head"),
        Column("what", N_("什么事"), lambda one: _(one.label), lambda one: one.label),
        Column("when", N_("场次"), _held_at, lambda one: one.session and one.session.starts_at),
        Column(
            "made",
            N_("改动时间"),
            lambda one: one.notice.made_at,
            lambda one: one.notice.made_at,
            kind="nowrap",
        ),
        Column("open", N_("还要打的电话"), lambda one: one.open, lambda one: one.open, kind="num"),
    ),
    words=lambda one: named(one.notice.event.title, _(one.label)),
    find_by=N_("活动、什么事"),
)


@blueprint.get("/manage/calls")
@allowed(*CALLERS)
def list_calls() -> Response | str:
    """Changes of which somebody still has to be told by telephone: of one's own events, the office of all.

    Whom to ring up stands on each one's own page, with what to say.
    """
    own = organisations_seen(the_person().id, Permission.MANAGE_EVENTS, within=working_for())
    listing = show(_CALLS, Rows(queries.open_notices(own)))
    if listing.format:
        return taken(listing, _("请电话告知"), subject="notice", by=the_person().id)
    return render_template("signups/list_calls.html", listing=listing)


@blueprint.get("/manage/notices/<notice_id>")
@allowed(*CALLERS)
def show_notice(notice_id: str) -> str:
    """Who hears of it by what, whom to ring up and what to say; numbers after one press."""
    person = the_person()
    notice = queries.get_notice_for(person.id, notice_id)
    lines = queries.lines_of(notice_id)
    return render_template(
        "signups/show_notice.html",
        one=queries.overview_of(notice, lines),
        to_call=listed(
            [line for line in lines if line.to_call], lambda one: named(one.name, phone=one.phone)
        ),
        others=[
            (way, [line for line in lines if line.told.way == way and not line.told.must_be_called])
            for way in Way
        ],
        is_of_one=queries.is_of_one(notice),
        tellings=rows_of(Telling, [line.id for line in lines]),
        with_phones=are_phones_shown(PHONES_OF, notice_id, to=person.id),
    )


@blueprint.post("/manage/notices/<notice_id>/phones")
@allowed(*CALLERS)
def show_notice_phones(notice_id: str) -> Response:
    """Show the numbers; it is kept that they were asked for, once for the list."""
    person = the_person()
    queries.get_notice_for(person.id, notice_id)
    with transaction():
        phones.show_phones(PHONES_OF, notice_id, by=person.id)
    return redirect(url_for("signups.show_notice", notice_id=notice_id), 303)


@blueprint.post("/manage/notices/<notice_id>/told/<telling_id>")
@allowed(*CALLERS)
@can_undo(N_("记下了电话通知"), Notice)
@decides(_telling)
def tick_told(notice_id: str, telling_id: str) -> Any:
    """Somebody was rung up; or it was a slip."""
    person = the_person()
    queries.get_notice_for(person.id, notice_id)
    with transaction():
        tellings.tick(
            telling_id, notice_id=notice_id, told=request.form.get("told", "yes") == "yes", by=person.id
        )
    kept: dict[str, Any] = {name: request.form.get(name) or None for name in ("q", "page")}
    back = url_for("signups.show_notice", notice_id=notice_id, **kept, _anchor=f"t-{telling_id}")
    return redirect(back, 303)
