"""Everything answered to an event's questions, as its organisers read it and take it away."""

from collections.abc import Callable, Iterator
from typing import Any

from flask import Response, make_response, redirect, render_template, request, url_for
from flask_babel import gettext as _

from webapp.core import audit, clock
from webapp.core.auth import allowed, the_person
from webapp.core.db import transaction
from webapp.core.errors import N_
from webapp.core.listing import Column, Filter, Rows, Table, by_name, named, show
from webapp.core.terms import term
from webapp.events.models import Question
from webapp.events.queries import get_event_for
from webapp.organisations.domain import Permission
from webapp.people.queries import are_phones_shown
from webapp.people.service.phones import show_phones
from webapp.signups.domain.standing import STATE_LABELS, State
from webapp.signups.queries.answers import AnswerLine, AnswerSheet, answer_sheet
from webapp.signups.views import blueprint
from webapp.signups.views.public import unstored

_TICKED = "yes"


@blueprint.get("/manage/events/<event_id>/answers")
@allowed(Permission.MANAGE_EVENTS, Permission.GOVERN)
def show_answers(event_id: str) -> Response:
    """Everything answered, with telephones once they were asked for; a file has them whole and is noted."""
    by = the_person().id
    event = get_event_for(by, event_id, Permission.MANAGE_EVENTS)
    sheet = answer_sheet(event_id)
    listing = show(_table(sheet), Rows(sheet.lines if sheet.questions else ()))
    if listing.format:
        file = listing.file(_("%(title)s 报名时的回答", title=event.title))
        with transaction():
            audit.record("answers.reveal", "event", event_id, by=by, kind=listing.format)
        return unstored(file)
    page = render_template(
        "signups/show_answers.html",
        event=event,
        listing=listing,
        phones_shown=are_phones_shown("event", event_id, to=by),
    )
    return unstored(make_response(page))


@blueprint.post("/manage/events/<event_id>/answers/phones")
@allowed(Permission.MANAGE_EVENTS, Permission.GOVERN)
def show_answer_phones(event_id: str) -> Any:
    """Show the numbers of those who answered, for half an hour; kept once, not for each person."""
    by = the_person().id
    get_event_for(by, event_id, Permission.MANAGE_EVENTS)
    with transaction():
        show_phones("event", event_id, by=by)
    words = request.query_string.decode("ascii", "ignore")  # the list as it was narrowed
    back = url_for("signups.show_answers", event_id=event_id)
    return redirect(f"{back}?{words}" if words else back, 303)


@blueprint.get("/manage/events/<event_id>/answers.<any(csv,xlsx):kind>")
@allowed(Permission.MANAGE_EVENTS, Permission.GOVERN)
def download_answers(event_id: str, kind: str) -> Any:
    """Where the files were before the list gave them."""
    get_event_for(the_person().id, event_id, Permission.MANAGE_EVENTS)
    return redirect(url_for("signups.show_answers", event_id=event_id, format=kind), 303)


def _table(sheet: AnswerSheet) -> Table:
    return Table(
        columns=[
            Column(
                "name",
                N_("姓名"),
                lambda one: one.name,
                lambda one: by_name(one.name),
                kind="head",
                of_person=True,
            ),
            Column(
                "phone",
                N_("手机号"),
                lambda one: one.shown_phone,
                kind="nowrap",
                of_person=True,
                is_plain=True,
            ),
            Column("starts", N_("场次"), lambda one: one.starts_at, lambda one: one.starts_at, kind="nowrap"),
            Column("session", N_("场次名称"), lambda one: one.session_title, shown=False),
            Column(
                "position",
                N_("岗位"),
                lambda one: term(one.position),
                lambda one: by_name(one.position),
                is_plain=True,
            ),
            Column("state", N_("状态"), _state, _state, shown=False),
            *_questions(sheet.questions),
        ],
        filters=list(_filters(sheet)),
        words=lambda one: named(one.name, one.position, one.session_title, *one.answers),
        row_id=lambda one: one.signup_id,
        find_by=N_("姓名、拼音首字母、岗位或回答"),
    )


def _state(line: AnswerLine) -> str:
    return _(STATE_LABELS[State(line.state)])


def _answer(place: int, question: Question) -> Callable[[AnswerLine], Any]:
    if question.kind == "tick":
        return lambda line: _("已打勾") if line.answers[place] == _TICKED else None
    return lambda line: line.answers[place] or None


def _amount(place: int) -> Callable[[AnswerLine], float | None]:
    def amount(line: AnswerLine) -> float | None:
        try:
            return float(line.answers[place])
        except ValueError:
            return None

    return amount


def _questions(questions: Any) -> Iterator[Column]:
    for place, one in enumerate(questions):
        value = _answer(place, one)
        sort = _amount(place) if one.kind == "number" else value
        yield Column(f"q{place + 1}", one.text, value, sort, of_person=True)


def _filters(sheet: AnswerSheet) -> Iterator[Filter]:
    held = {
        one.session_id: f"{clock.local(one.starts_at):%m-%d %H:%M} {one.session_title}" for one in sheet.lines
    }
    if len(held) > 1:
        yield Filter("session", N_("场次"), list(held.items()), lambda one, value: one.session_id == value)
    positions = list(dict.fromkeys(one.position for one in sheet.lines))
    if len(positions) > 1:
        choices = [(one, term(one)) for one in positions]
        yield Filter("position", N_("岗位"), choices, lambda one, value: one.position == value)
    for place, one in enumerate(sheet.questions):
        if one.kind in {"choice", "tick"}:
            yield _answered(place, one)


def _answered(place: int, question: Question) -> Filter:
    """Who gave this answer."""
    ticked = question.kind == "tick"
    choices = [(_TICKED, N_("已打勾"))] if ticked else [(one, one) for one in question.choices]
    return Filter(f"a{place + 1}", question.text, choices, lambda line, value: line.answers[place] == value)
