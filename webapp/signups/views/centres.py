"""For a centre: whom it signed up, by person and by event; names in full, telephones after one press."""

from collections.abc import Sequence
from typing import Any

from flask import render_template, request

from webapp.core.auth import allowed, the_person
from webapp.core.db import transaction
from webapp.core.errors import NotFound
from webapp.core.forms import keepable
from webapp.core.listing import read_page
from webapp.core.working import working_for
from webapp.organisations.domain import Permission
from webapp.people.domain import mask_phone, show_phone
from webapp.signups.domain import HOLDS_PLACE
from webapp.signups.forms.centres import WORDS_LIMIT
from webapp.signups.queries import centres as queries
from webapp.signups.service.centres import note_phones_seen
from webapp.signups.views import blueprint
from webapp.signups.views.many import IN_AN_ADDRESS
from webapp.signups.views.public import can_cancel


@blueprint.route("/manage/elders", methods=["GET", "POST"])
@allowed(Permission.SIGN_UP_OTHERS)
def list_elders() -> str:
    """By person, whom we signed up last first."""
    centre, number = _centre(), read_page(request.values.get("page", ""))
    q = " ".join(str(keepable(request.values.get("q", ""))).split())[:WORDS_LIMIT]
    elders, count = queries.list_elders([centre], q=q, page=number)
    return render_template(
        "signups/list_elders.html",
        **_common(centre, [one.person_id for one in elders]),
        elders=elders,
        count=count,
        q=q,
        number=number,
        has_next=number * queries.PAGE < count,
    )


@blueprint.get("/manage/elders/sessions")
@allowed(Permission.SIGN_UP_OTHERS)
def list_occasions() -> str:
    """By event: how many of ours have a place or wait."""
    centre, number = _centre(), read_page(request.values.get("page", ""))
    rows, count = queries.list_occasions([centre], page=number)
    return render_template(
        "signups/list_occasions.html",
        **_common(centre),
        rows=rows,
        number=number,
        has_next=number * queries.PAGE < count,
    )


@blueprint.route("/manage/elders/sessions/<session_id>", methods=["GET", "POST"])
@allowed(Permission.SIGN_UP_OTHERS)
def show_occasion(session_id: str) -> str:
    """Ours at one event: cards again, cancel one, or the same people for another."""
    centre = _centre()
    shown = _common(centre, queries.people_of(centre, session_id))
    made = queries.signups_by_centres([centre], session_id=session_id)
    if not made:
        raise NotFound
    cards = [one.id for one in made if one.status in HOLDS_PLACE]
    return render_template(
        "signups/show_occasion.html",
        **shown,
        event_session=made[0].position.session,
        made=sorted(made, key=lambda one: (not one.is_living, one.id)),
        cards=cards,
        chosen=",".join(cards) if len(cards) <= IN_AN_ADDRESS else None,
    )


@blueprint.route("/manage/elders/<person_id>", methods=["GET", "POST"])
@allowed(Permission.SIGN_UP_OTHERS)
def show_elder(person_id: str) -> str:
    """What we signed one of them up for."""
    centre = _centre()
    if not queries.elders_by_id([centre], [person_id]):
        raise NotFound
    shown = _common(centre, [person_id])
    made = queries.signups_by_centres([centre], person_id=person_id)
    return render_template("signups/show_elder.html", **shown, person=made[0].person, made=made)


def _centre() -> str:
    """Id of the centre asked about, else the one chosen to work for, else the person's first; empty for who has none,
    NotFound for another's.
    """
    mine, asked = queries.centres_of(the_person().id), request.values.get("centre", "")
    if not asked and any(one.id == working_for() for one in mine):
        asked = working_for() or ""
    for one in mine:
        if asked in {"", one.id}:
            return one.id
    if not mine and not asked:
        return ""
    raise NotFound


def _common(centre_id: str, person_ids: Sequence[str] = ()) -> dict[str, Any]:
    """What each of the pages needs. Numbers are shown, and noted once for the list, after the button was pressed."""
    reveal = request.method == "POST" and bool(person_ids)
    if reveal:
        with transaction():
            note_phones_seen(person_ids, centre_id=centre_id, by=the_person().id)
    return {
        "centre_id": centre_id,
        "centres": queries.centres_of(the_person().id),
        "revealed": reveal,
        "phone": show_phone if reveal else mask_phone,
        "can_cancel": can_cancel,
    }
