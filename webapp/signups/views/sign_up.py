"""For everyone: the page that signs up, oneself and people who come along."""

from typing import Any

from flask import redirect, render_template, request, url_for

from webapp.core import clock
from webapp.core.auth import SignedIn, current_person, public, the_person
from webapp.core.clock import Period
from webapp.core.db import transaction
from webapp.core.errors import NotFound, Refusal
from webapp.core.http import show_on_form, status_of
from webapp.core.security import limiter
from webapp.events.domain import PositionKind
from webapp.events.domain.questions import AnswersIncomplete
from webapp.events.models import Position
from webapp.events.queries.questions import asking_for
from webapp.people import service as people
from webapp.people.domain import show_phone
from webapp.people.queries import account_of, get_person, standing_guardianship
from webapp.signups import queries
from webapp.signups.domain import AlreadySignedUp, SetTimes, SignupSource, window_open
from webapp.signups.domain.giving import ABOUT_MINORS, accompanied, check_party
from webapp.signups.forms import EasyShiftForm, GuestForm, InsteadForm, SeatForm, ShiftForm
from webapp.signups.forms.giving import GivingForm, PartyForm, with_questions
from webapp.signups.queries.ages import known_age_of
from webapp.signups.queries.asking import seen_of
from webapp.signups.queries.presence import at_that_hour, in_the_way
from webapp.signups.service.applying import apply
from webapp.signups.service.companions import bring_along, find_party
from webapp.signups.service.swapping import swap
from webapp.signups.views import blueprint
from webapp.signups.views.finding import own_signups, remember
from webapp.signups.views.public import once, public_writes


@blueprint.route("/positions/<position_id>/sign-up", methods=["GET", "POST"])
@limiter.limit(public_writes, methods=["POST"])
@public
def sign_up(position_id: str) -> Any:
    """A volunteer's shift needs an account; a seat needs one tap when signed in, else a name and a telephone."""
    position = queries.get_position(position_id)
    is_volunteer = position.kind == PositionKind.VOLUNTEER
    person = the_person() if is_volunteer else current_person()
    if person and (own := queries.living_signup(position_id, person.id)):
        return redirect(url_for("pages.show_pass", signup_id=own.id))
    form, status = _form(position, person), 200
    if form.validate_on_submit():
        try:
            return redirect(_for_person(position, person, form) if person else _for_guest(position, form))
        except Refusal as refusal:
            show_refusal(form, refusal)
            status = status_of(refusal)
    elif form.is_submitted():
        status = 422
    return _page(position_id, form, person), status


def show_refusal(form: GivingForm, refusal: Refusal) -> None:
    """Beside the field, or beside each question it is about."""
    if isinstance(refusal, AnswersIncomplete):
        form.show_wrong(refusal.wrong)
        return
    if isinstance(refusal, ABOUT_MINORS):
        form.ask_age()
    show_on_form(form, refusal)


def _form(position: Position, person: SignedIn | None) -> GivingForm:
    kind: type[GivingForm] = GuestForm
    if person is not None:
        kind = SeatForm
        if position.kind == PositionKind.VOLUNTEER:
            kind = ShiftForm if position.session.event.risk_statement else EasyShiftForm
    form = with_questions(kind, asking_for(position.id).questions)(
        data=_before(position) if not person else None
    )
    if person is not None:
        form.know(known_age_of(person.id), has_guardian=standing_guardianship(person.id) is not None)
    return form


def _before(position: Position) -> dict[str, str]:
    """Name and telephone of whoever signs up anew from the page of a sign-up that no longer stands."""
    try:
        earlier = queries.get_for_guest(request.args.get("again", ""))
    except NotFound:
        return {}
    # Of a course any date may be taken again, or another one of it.
    is_same = earlier.course_id and earlier.position.session.event_id == position.session.event_id
    if earlier.position_id != position.id and not is_same:
        return {}
    return {"name": earlier.person.name, "phone": show_phone(earlier.person.phone)}


def _for_person(position: Position, person: SignedIn, form: GivingForm) -> str:
    """Sign the signed-in person up; returns the address of their pass."""
    event, position_id = position.session.event, position.id
    knows_risks = (
        f"risk:{event.id}" if position.kind == PositionKind.VOLUNTEER and event.risk_statement else ""
    )
    party = form.party() if isinstance(form, PartyForm) else []
    check_party(person.name, party)
    try:
        with transaction():
            if knows_risks:
                people.record_consent(person.id, knows_risks, method="web")
            known = find_party([one.name for one in party], _phone_of(person.id)) if party else {}
            given = accompanied(form.given(), party)
            if isinstance(form, InsteadForm) and form.instead.data:
                made = swap(position_id, person.id, seen=form.seen.data or "", given=given)
            else:
                made = apply(position_id, person.id, by=person.id, source=SignupSource.SELF, given=given)
            bring_along(made, party, known, given=given)
            made_id = made.id
    except AlreadySignedUp:  # the second of two taps
        own = queries.living_signup(position_id, person.id)
        if own is None:
            raise
        made_id = own.id
    return url_for("pages.show_pass", signup_id=made_id)


def _phone_of(person_id: str) -> str | None:
    """The telephone of whoever brings others along: theirs, too."""
    account = account_of(person_id)
    return (account.phone if account else None) or get_person(person_id).phone


def _for_guest(position: Position, form: GivingForm) -> str:
    """Sign a guest up with whoever comes along; returns the address of their own page."""
    assert isinstance(form, GuestForm)
    position_id, phone = position.id, form.phone.normal
    party, name = form.party(), form.full_name()
    check_party(name, party)

    def make() -> str:
        known = find_party([name, *(one.name for one in party)], phone)
        people.record_consent(known[name], "sign_up", method="web")
        given = accompanied(form.given(), party)
        made = apply(position_id, known[name], by=None, source=SignupSource.GUEST, given=given)
        bring_along(made, party, known, given=given)
        return made.id

    made_id = once(form, f"guest:{position_id}", make)
    remember(made_id)
    return url_for("signups.show_signup", token=queries.guest_token(made_id))


def _page(position_id: str, form: GivingForm, person: SignedIn | None) -> str:
    position = queries.get_position(position_id)
    held = position.session
    period = Period(held.starts_at, held.ends_at)
    others = in_the_way(position, person.id) if person else []
    if isinstance(form, InsteadForm):
        form.seen.data = seen_of(others)
    return render_template(
        "signups/sign_up.html",
        others=others,
        same_hour=at_that_hour(position_id, person.id) if person else [],
        position=position,
        form=form,
        person=person,
        is_volunteer=position.kind == PositionKind.VOLUNTEER,
        is_open=window_open(
            event_status=held.event.status,
            session_cancelled=held.cancelled_at is not None,
            period=period,
            is_volunteer=position.kind == PositionKind.VOLUNTEER,
            now=clock.now(),
            times=SetTimes(position.opens_at, position.closes_at),
        ),
        opens_later=position.opens_at is not None and clock.now() < position.opens_at < held.ends_at,
        free=max(0, position.capacity - position.taken),
        waiting=queries.count_waiting(position_id),
        own=[one for one in own_signups(held.event_id) if one[0].position_id == position_id],
    )
