"""For staff: sign up someone who has no telephone or no patience, and print the pass."""

from typing import Any

from flask import redirect, render_template, url_for

from webapp.core import clock
from webapp.core.auth import allowed, the_person
from webapp.core.clock import Period
from webapp.core.errors import NotFound, Refusal
from webapp.core.http import status_of
from webapp.core.terms import term
from webapp.events.domain import PUBLIC_STATUSES, PositionKind
from webapp.events.domain.questions import asked_of
from webapp.events.models import EventSession, Position
from webapp.events.queries import get_session
from webapp.events.queries.questions import as_asked, list_questions
from webapp.organisations.domain import Permission
from webapp.organisations.queries import may
from webapp.people import service as people
from webapp.signups import queries
from webapp.signups.domain import SetTimes, SignupSource, window_open
from webapp.signups.forms import OtherForm
from webapp.signups.forms.giving import with_questions
from webapp.signups.service.applying import apply
from webapp.signups.views import blueprint
from webapp.signups.views.public import can_cancel, once
from webapp.signups.views.sign_up import show_refusal

STAFF = (Permission.MANAGE_EVENTS, Permission.SIGN_UP_OTHERS)


@blueprint.route("/manage/sessions/<session_id>/sign-up", methods=["GET", "POST"])
@allowed(*STAFF)
def sign_up_other(session_id: str) -> Any:
    """Name, telephone if there is one, consent given by word of mouth; the answer is a pass to print."""
    held, by = session_for(session_id), the_person().id
    positions = positions_for(held, by)
    form, status = _other_form(held, positions), 200
    if form.validate_on_submit():
        try:
            return redirect(url_for("signups.show_made", signup_id=_make(form, by)))
        except Refusal as refusal:
            show_refusal(form, refusal)
            status = status_of(refusal)
    elif form.is_submitted():
        status = 422
    held = session_for(session_id)
    page = render_template(
        "signups/sign_up_other.html", form=form, event_session=held, positions=positions_for(held, by)
    )
    return page, status


def _other_form(held: EventSession, positions: list[Position]) -> OtherForm:
    """With the questions of the event; those asked of the kind of place chosen are judged."""
    questions = as_asked(list_questions(held.event_id))
    form = with_questions(OtherForm, questions)()
    form.position.choices = [(one.id, term(one.name)) for one in positions]
    if len(positions) == 1 and not form.is_submitted():
        form.position.data = positions[0].id
    chosen = next((one for one in positions if one.id == form.position.data), None)
    form.judged = asked_of(questions, chosen.kind) if chosen else []
    return form


def _make(form: OtherForm, by: str) -> str:
    position_id, name, phone = str(form.position.data), form.name.data or "", form.phone.normal

    def make() -> str:
        person = people.find_or_make_person(name=name, phone=phone)
        people.record_consent(person.id, "sign_up", method="oral", recorded_by=by)
        return apply(position_id, person.id, by=by, source=SignupSource.STAFF, given=form.given()).id

    return once(form, f"staff:{by}", make)


def session_for(session_id: str) -> EventSession:
    """A session everyone may see, with its positions; raises NotFound."""
    held = get_session(session_id)
    if held.event.status not in PUBLIC_STATUSES:
        raise NotFound
    return held


def positions_for(held: EventSession, by: str) -> list[Position]:
    """Where this member of staff may sign someone up now: any audience; volunteers for their own events."""
    manages = any(may(by, permission, held.event.organisation_id) for permission in STAFF)
    return [
        one
        for one in held.positions
        if (manages or one.kind == PositionKind.AUDIENCE)
        and window_open(
            event_status=held.event.status,
            session_cancelled=held.cancelled_at is not None,
            period=Period(held.starts_at, held.ends_at),
            is_volunteer=one.kind == PositionKind.VOLUNTEER,
            now=clock.now(),
            times=SetTimes(one.opens_at, one.closes_at),
        )
    ]


@blueprint.get("/manage/signups/<signup_id>")
@allowed(*STAFF)
def show_made(signup_id: str) -> str:
    """The pass of someone staff signed up, to print and hand over."""
    signup = queries.get_signup_for(the_person().id, signup_id)
    return render_template(
        "signups/show_made.html",
        signup=signup,
        place=queries.waitlist_place(signup),
        can_cancel=can_cancel(signup),
    )
