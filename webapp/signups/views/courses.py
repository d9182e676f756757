"""One sign-up for a whole course: take it, see its dates, leave it; with an account, or behind a guest's link."""

from typing import Any

from flask import Response, flash, make_response, redirect, render_template, request, url_for
from flask_babel import gettext as _

from webapp.core import clock
from webapp.core.auth import SignedIn, current_person, public, signed_in, the_person
from webapp.core.db import session, transaction
from webapp.core.deciding import decides
from webapp.core.errors import N_, NotFound, Refusal
from webapp.core.http import status_of
from webapp.core.i18n import format_datetime, sentence_of
from webapp.core.just_done import can_undo
from webapp.core.security import limiter
from webapp.events.models import Event
from webapp.events.queries import get_public_event
from webapp.events.queries.questions import asking_for
from webapp.people import service as people
from webapp.people.queries import standing_guardianship
from webapp.signups import queries
from webapp.signups.domain import SignupSource
from webapp.signups.domain.sharing import AlreadyInCourse, DateLeftOut
from webapp.signups.forms import CancelForm, EasyShiftForm, ShiftForm
from webapp.signups.forms.giving import GivingForm, with_questions
from webapp.signups.forms.sharing import CourseGuestForm
from webapp.signups.models import CourseSignup
from webapp.signups.queries import guest_token
from webapp.signups.queries.ages import known_age_of
from webapp.signups.queries.courses import (
    CourseOf,
    CourseOffer,
    courses_in,
    get_course,
    get_course_for_guest,
    guest_course_token,
    living_course,
)
from webapp.signups.service.course_leaving import leave_course, what_ends
from webapp.signups.service.courses import CourseAnswer, sign_up_course
from webapp.signups.views import blueprint
from webapp.signups.views.finding import remember
from webapp.signups.views.public import once, public_writes, unstored
from webapp.signups.views.sign_up import show_refusal

OWN = "/me/courses/<course_id>"
GUEST = "/signups/courses/<string(minlength=40):token>"


def _course(course_id: str = "", token: str = "") -> CourseSignup | None:
    """What is decided about."""
    return get_course_for_guest(token).course if token else session().get(CourseSignup, course_id)


@blueprint.app_template_global()
def offered_courses(event: Event) -> list[CourseOffer]:
    """What the event's page offers to take as a whole; its sessions and positions are loaded."""
    return courses_in(event, clock.now())


@blueprint.route("/events/<event_id>/course", methods=["GET", "POST"])
@limiter.limit(public_writes, methods=["POST"])
@public
def take_course(event_id: str) -> Any:
    """Every coming date with one form; a volunteer's course needs an account."""
    event = get_public_event(event_id)
    offer = _offer(event)
    person = the_person() if offer.is_volunteer else current_person()
    if person and (own := living_course(event_id, person.id, name=offer.name)):
        return redirect(url_for("signups.show_course", course_id=own.id))
    form, status = _form(event, offer, person), 200
    if form.validate_on_submit():
        try:
            return redirect(_take(event, offer, person, form))
        except Refusal as refusal:
            show_refusal(form, refusal)
            status = status_of(refusal)
    elif form.is_submitted():
        status = 422
    event = get_public_event(event_id)
    page = render_template(
        "signups/take_course.html", event=event, offer=_offer(event), form=form, person=person
    )
    return page, status


def _offer(event: Event) -> CourseOffer:
    """The course the address names, else the first one; raises NotFound."""
    found, wanted = courses_in(event, clock.now()), request.args.get("position")
    chosen = next((one for one in found if wanted in {None, one.name}), None)
    if chosen is None:
        raise NotFound
    return chosen


def _form(event: Event, offer: CourseOffer, person: SignedIn | None) -> GivingForm:
    kind: type[GivingForm] = CourseGuestForm
    if person is not None:
        kind = ShiftForm if offer.is_volunteer and event.risk_statement else EasyShiftForm
    form = with_questions(kind, asking_for(offer.positions[0].id).questions)()
    if person is not None:
        form.know(known_age_of(person.id), has_guardian=standing_guardianship(person.id) is not None)
    return form


def _take(event: Event, offer: CourseOffer, person: SignedIn | None, form: GivingForm) -> str:
    """Sign up; returns the address of the course's own page. Dates left out are said on it."""
    event_id, name, given = event.id, offer.name, form.given()
    if person is None:
        assert isinstance(form, CourseGuestForm)
        return _take_as_guest(event_id, name, form)
    risk = f"risk:{event_id}" if offer.is_volunteer and event.risk_statement else ""
    try:
        with transaction():
            if risk:
                people.record_consent(person.id, risk, method="web")
            answer = sign_up_course(
                event_id,
                person.id,
                position_name=name,
                by=person.id,
                source=SignupSource.SELF,
                given=given,
            )
    except AlreadyInCourse:  # the second of two taps
        own = living_course(event_id, person.id, name=name)
        if own is None:
            raise
        return url_for("signups.show_course", course_id=own.id)
    _say(answer.left_out)
    return url_for("signups.show_course", course_id=answer.course_id)


def _take_as_guest(event_id: str, name: str, form: CourseGuestForm) -> str:
    answers: list[CourseAnswer] = []

    def make() -> str:
        person = people.find_or_make_person(name=form.full_name(), phone=form.phone.normal)
        people.record_consent(person.id, "sign_up", method="web")
        given = form.given()
        answer = sign_up_course(
            event_id, person.id, position_name=name, by=None, source=SignupSource.GUEST, given=given
        )
        answers.append(answer)
        return answer.course_id

    made = once(form, f"course:{event_id}", make)
    remember(made)
    for answer in answers:
        _say(answer.left_out)
    return url_for("signups.show_course_as_guest", token=guest_course_token(made))


def _say(left_out: list[DateLeftOut]) -> None:
    for one in left_out:
        flash(sentence_of(one), "warning")


# --- the course's own page --------------------------------------------------------------------------------------


@blueprint.get(OWN)
@signed_in
def show_course(course_id: str) -> str:
    """A course with its dates, each of which can be dropped."""
    return _show(get_course(the_person().id, course_id), token=None)


@blueprint.get(GUEST)
@public
def show_course_as_guest(token: str) -> Response:
    """The same for someone without an account; each date has its own link with the pass."""
    return unstored(make_response(_show(get_course_for_guest(token), token=token)))


def _show(found: CourseOf, *, token: str | None) -> str:
    links = {
        one.signup.id: url_for("signups.show_signup", token=guest_token(one.signup.id))
        if token
        else url_for("pages.show_pass", signup_id=one.signup.id)
        for one in found.dates
        if one.signup is not None
    }
    own = token is not None or found.course.person_id == the_person().id
    again = (
        guest_token(next(iter(links))) if token and links else None
    )  # so that a guest need not type all again
    return render_template(
        "signups/show_course.html",
        found=found,
        links=links if own else {},
        again=again,
        can_take={
            one.position.id for one in found.dates if own and queries.is_open(one.position, clock.now())
        },
        leave=_leave_address(found, token) if _can_leave(found) else None,
        is_guest=token is not None,
        now=clock.now(),
    )


def _can_leave(found: CourseOf) -> bool:
    return found.course.cancelled_at is None


def _leave_address(found: CourseOf, token: str | None) -> str:
    if token:
        return url_for("signups.leave_course_as_guest", token=token)
    return url_for("signups.leave_own_course", course_id=found.course.id)


@blueprint.route(OWN + "/leave", methods=["GET", "POST"])
@signed_in
@can_undo(N_("退出了课程"), _course)
@decides(_course)
def leave_own_course(course_id: str) -> Any:
    """Say what will happen, then do it."""
    person = the_person()
    return _leave(get_course(person.id, course_id), by=person.id, token=None)


@blueprint.route(GUEST + "/leave", methods=["GET", "POST"])
@limiter.limit(public_writes, methods=["POST"])
@public
@can_undo(N_("退出了课程"), _course)
@decides(_course)
def leave_course_as_guest(token: str) -> Any:
    """The same behind a guest's link."""
    return unstored(make_response(_leave(get_course_for_guest(token), by=None, token=token)))


def _leave(found: CourseOf, *, by: str | None, token: str | None) -> Any:
    form, course_id = CancelForm(), found.course.id
    back = url_for("signups.show_course", course_id=course_id)
    if token:
        back = url_for("signups.show_course_as_guest", token=token)
    if not _can_leave(found):
        return redirect(back)
    if form.validate_on_submit():
        with transaction():
            left = leave_course(course_id, by=by)
        for moment in left.too_late:
            when = format_datetime(moment)
            flash(_("%(when)s这一场还在：太近了，或者已经签到。来不了请联系主办方。", when=when), "warning")
        return redirect(back)
    ends, stays = what_ends(found, by=by)
    return render_template(
        "signups/leave_course.html",
        found=found,
        ends=ends,
        stays=stays,
        form=form,
        action=_leave_address(found, token),
        back=back,
    )
