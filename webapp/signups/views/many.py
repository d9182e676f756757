"""For a centre: sign up a list of people in one go, and see what became of each."""

import hashlib
from dataclasses import asdict, replace
from typing import Any

from flask import Response, redirect, render_template, request, url_for
from flask_babel import gettext as _

from webapp.core.auth import allowed, the_person
from webapp.core.db import transaction
from webapp.core.errors import NotFound, Refusal
from webapp.core.forms import normal_phone
from webapp.core.http import show_on_form, status_of
from webapp.core.idempotency import Attempt, claim, store_answer, stored_answer
from webapp.core.listing import Named, listed, named
from webapp.core.terms import term
from webapp.core.uploads import MEND_MOST, sample_answer, unstored
from webapp.events.domain import PositionKind
from webapp.events.models import Position
from webapp.people.domain import show_phone
from webapp.signups.domain import HOLDS_PLACE
from webapp.signups.domain.listing import COLUMNS, FREE, listing_of
from webapp.signups.domain.reading import read_people
from webapp.signups.domain.rows import Reading
from webapp.signups.forms.many import ManyForm, mark_of_list
from webapp.signups.queries.made import MadeLine, made_lines
from webapp.signups.service.many import sign_up_many as make_many
from webapp.signups.views import blueprint
from webapp.signups.views.manage import STAFF, positions_for, session_for
from webapp.volunteers.domain import AGE_BAND_LABELS

IN_AN_ADDRESS = 100
MANY = "/manage/sessions/<session_id>/sign-up-many"


@blueprint.route(MANY, methods=["GET", "POST"])
@allowed(*STAFF)
def sign_up_many(session_id: str) -> Any:
    """Paste or upload, look at every row, correct, send. Nothing typed is lost, nobody is signed up by looking."""
    by = the_person().id
    form, reading, status = ManyForm(), None, 200
    places = audience_places(session_id, by)
    form.position.choices = [(one.id, term(one.name)) for one in places]
    if len(places) == 1 and not form.is_submitted():
        form.position.data = places[0].id
    if form.is_submitted():
        reading, status, key = _work(form, by)
        if key is not None:
            return redirect(url_for("signups.show_many", session_id=session_id, key=key), 303)
    return _page(form, session_id, reading, status)


def _page(form: ManyForm, session_id: str, reading: Reading | None, status: int) -> Response:
    listing = listing_of(form.people.data or "")
    form.listed.data = mark_of_list(form.people.data or "")
    page = render_template(
        "signups/sign_up_many.html",
        form=form,
        event_session=session_for(session_id),
        positions=audience_places(session_id, the_person().id),
        reading=reading,
        listing=listing,
        columns=COLUMNS,
        cells=COLUMNS if listing.draft else FREE,
        mend_most=MEND_MOST,
        bands=AGE_BAND_LABELS,
        show_phone=show_phone,
    )
    return unstored(page, status)


@blueprint.get("/manage/sign-up-many/sample.xlsx")
@allowed(*STAFF)
def many_sample() -> Response:
    """The list to fill in."""
    child = ("王小明", "", "9", "王大明", "13900139000", "王大明")
    return sample_answer("kepuxing-people", COLUMNS, [[one.example for one in COLUMNS], child])


def audience_places(session_id: str, by: str) -> list[Position]:
    """Seats of the audience: who serves needs an account."""
    return [one for one in positions_for(session_for(session_id), by) if one.kind == PositionKind.AUDIENCE]


def _work(form: ManyForm, by: str) -> tuple[Reading | None, int, str | None]:
    """What was read, the status of the page, and the key of the result once people are signed up."""
    is_valid = form.validate()
    try:
        told = form.take({name: request.form.getlist(name) for name in request.form})
        reading = read_people(form.people.data or "", phone=normal_phone)
        reading = replace(reading, passed=(*told, *reading.passed))
        if request.form.get("step") != "send" or form.file.data:
            return reading, 200 if is_valid else 422, None
        if not is_valid or not _may_send(form, reading):
            return reading, 422, None
        return reading, 303, _make(form, reading, by)
    except Refusal as refusal:
        show_on_form(form, refusal)
        return read_people(form.people.data or "", phone=normal_phone), status_of(refusal), None


def _may_send(form: ManyForm, reading: Reading) -> bool:
    """Every row can be used, or the others are to be left out; and all agreed."""
    if not form.consent.data:
        form.consent.errors = [_("请先征得每个人同意，再打勾。")]
    if reading.faults and not form.skip.data:
        form.skip.errors = [_("名单里还有问题。请改好，或选“跳过有问题的行”。")]
    return not form.consent.errors and not form.skip.errors


def _make(form: ManyForm, reading: Reading, by: str) -> str:
    """Sign them up; the same form sent again gets the first result. Returns the result's key."""
    position_id, people = str(form.position.data), [row.person for row in reading.rows]
    given = [form.nonce.data or "", position_id, *map(repr, people)]
    key = hashlib.sha256("\n".join(given).encode()).hexdigest()
    attempt = Attempt(caller(by), key, key)
    with transaction():
        if claim(attempt) is None:
            made = make_many(position_id, people, by=by, both=bool(form.both.data))
            store_answer(attempt, 201, asdict(made))
    return key


def caller(by: str) -> str:
    """Whose attempts at signing a list up are told apart from other work (core/idempotency.py)."""
    return f"many:{by}"


@blueprint.get(MANY + "/<key>")
@allowed(*STAFF)
def show_many(session_id: str, key: str) -> str:
    """Who has a place, who waits, who was signed up before; and their cards to print."""
    found = stored_answer(Attempt(caller(the_person().id), key, key))
    if found is None:
        raise NotFound
    body: Any = found[1]
    lines = made_lines(body["made"])
    ids = [one.signup_id for one in lines if one.status in HOLDS_PLACE]
    # More ids than an address can carry: then the cards of the whole session.
    chosen: dict[str, Any] = {"signups": ",".join(ids)} if len(ids) <= IN_AN_ADDRESS else {}
    return render_template(
        "signups/show_many.html",
        event_session=session_for(session_id),
        lines=listed(lines, _found_by),
        already=listed(made_lines(body["already"]), _found_by, part="already-"),
        here=listed(made_lines(body.get("here", [])), _found_by, part="here-"),
        confirmed=len(ids),
        cards=url_for("pages.print_cards", session_id=session_id, **chosen) if ids else None,
    )


def _found_by(line: MadeLine) -> Named:
    return named(line.name, short_code=line.short_code)
