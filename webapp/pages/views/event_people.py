"""For staff: everybody of all sessions of an event in one table, and what is done with those chosen."""

from typing import Any

from flask import Response, make_response, redirect, render_template, request, url_for
from flask_babel import gettext as _

from webapp.core import audit
from webapp.core.auth import allowed, the_person
from webapp.core.db import transaction
from webapp.core.errors import N_, Refusal
from webapp.core.http import status_of
from webapp.core.i18n import sentence_of
from webapp.core.just_done import can_undo, held_at
from webapp.core.listing import Act, Outcome, Query, Shown, Table, back_to, chosen_rows, seen_otherwise, show
from webapp.core.undoing import is_near
from webapp.events.models import Event
from webapp.events.queries.desk import get_desk_for
from webapp.organisations.domain import Permission
from webapp.pages.views import blueprint
from webapp.pages.views.event_desk import DESK
from webapp.pages.views.people_acts import ANSWERS, AT_ONCE, TAKE_OFF, asked_act, say_done, settle
from webapp.pages.views.people_table import everybody, people_table
from webapp.pages.views.workspace import workspace_of
from webapp.people.queries import are_phones_shown
from webapp.people.service.phones import show_phones
from webapp.signups.queries.people import count_people, has_pending, names_within, positions_of_event

LIST = "event"  # what kind of list its telephones are logged for


def _event(event_id: str) -> Event:
    return get_desk_for(the_person().id, event_id, Permission.MANAGE_EVENTS)


def _acts(event_id: str) -> tuple[Act, ...]:
    """Answers while somebody waits for one."""
    return (*ANSWERS, TAKE_OFF) if has_pending(event_id) else (TAKE_OFF,)


def _list(event: Event) -> tuple[Table, Query]:
    living = request.args.get("show") != "gone"
    table = people_table(
        workspace_of(event).sessions,
        positions_of_event(event.id),
        living=living,
        acts=_acts(event.id) if living else (),
        acts_at=url_for("pages.act_on_people", event_id=event.id),
    )
    return table, everybody(event.id, living=living)


@blueprint.get(DESK + "/people")
@allowed(Permission.MANAGE_EVENTS, Permission.GOVERN)
def event_people(event_id: str) -> Response:
    """Everybody, with telephones once they were asked for; a file has them whole and is noted."""
    event = _event(event_id)
    listing = show(*_list(event))
    if not listing.format:
        return _page(event, listing)
    file = listing.file(_("%(title)s 名单", title=event.title))
    with transaction():
        audit.record("roster.reveal", LIST, event_id, by=the_person().id, kind=listing.format)
    return file


def _page(event: Event, listing: Shown, status: int = 200) -> Response:
    page = render_template(
        "pages/event_people.html",
        event=event,
        listing=listing,
        counts=count_people(event.id),
        soon=next((one.starts_at for one in workspace_of(event).sessions if is_near(one.starts_at)), None),
        phones_shown=are_phones_shown(LIST, event.id, to=the_person().id),
    )
    response = make_response(page, status)
    response.headers["Cache-Control"] = "no-store"
    return response


@blueprint.post(DESK + "/people/phones")
@allowed(Permission.MANAGE_EVENTS, Permission.GOVERN)
def show_people_phones(event_id: str) -> Any:
    """Show the numbers of everybody on the list, for half an hour; kept once, not for each person."""
    event = _event(event_id)
    with transaction():
        show_phones(LIST, event.id, by=the_person().id)
    return redirect(back_to("pages.event_people", event_id=event_id), 303)


@blueprint.post(DESK + "/people/chosen")
@allowed(Permission.MANAGE_EVENTS, Permission.GOVERN)
@can_undo(
    N_("处理了“%(title)s”名单上选的人"),
    Event,
    says=lambda event: {"title": event.title},
    right=held_at(Permission.MANAGE_EVENTS),
)
def act_on_people(event_id: str) -> Any:
    """Answer, or take off the list; those of whom nothing comes are named, and the others go on."""
    event = _event(event_id)
    (table, source), act = _list(event), asked_act("approve", "decline", "take_off")
    try:
        with transaction():
            outcomes = _act(act, event_id, chosen_rows(table, source, most=AT_ONCE))
    except Refusal as refusal:
        refused = show(table, source, at="pages.event_people", refused=sentence_of(refusal))
        return _page(event, refused, status_of(refusal))
    say_done(act, outcomes)
    return redirect(back_to("pages.event_people", event_id=event_id), 303)


def _act(act: str, event_id: str, ids: list[str]) -> list[Outcome]:
    by = the_person().id
    otherwise = seen_otherwise(ids, by=by)
    names = names_within(event_id, ids)
    left = [Outcome(names.get(one, ""), sentence) for one, sentence in otherwise.items()]
    going = {one: names[one] for one in ids if one in names and one not in otherwise}
    return [*settle(act, going, by=by), *left]
