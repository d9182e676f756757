"""Sign up, on one's own or on behalf, and cancel."""

from typing import Any

from flask import Response

from webapp.api import queries
from webapp.api.forms.given import SignupOut
from webapp.api.forms.taken import SignupIn
from webapp.api.views import blueprint, once, problems
from webapp.core.auth import the_person, token_required
from webapp.core.db import transaction
from webapp.core.deciding import look_at_what_was_seen
from webapp.core.errors import N_
from webapp.core.just_done import can_undo
from webapp.events import queries as events
from webapp.organisations.domain import Permission
from webapp.people import service as people
from webapp.signups import service
from webapp.signups.domain.giving import Given, GuardianGiven
from webapp.signups.models import Signup
from webapp.signups.queries import title_of
from webapp.signups.service.applying import apply

ON_BEHALF = (Permission.MANAGE_EVENTS, Permission.SIGN_UP_OTHERS, Permission.GOVERN)


@blueprint.post("/positions/<position_id>/signups")
@token_required()
@blueprint.input(SignupIn, arg_name="body")
@blueprint.output(SignupOut, 201)
@blueprint.doc(tags=["sign-ups"], security="token", responses=problems(401, 403, 404, 409, 422))
def create_signup(position_id: str, body: SignupIn) -> Any:
    """Sign up the token's owner, or with `person` someone else (staff)."""
    person = the_person()

    def work() -> tuple[Any, int]:
        signed_up, source = person.id, "api"
        if body.person is not None:
            session_id = events.get_position(position_id).session_id
            events.get_session_for(person.id, session_id, *ON_BEHALF)
            other = people.find_or_make_person(name=body.person.name, phone=body.person.phone)
            people.record_consent(other.id, "signup", method="oral", recorded_by=person.id)
            signed_up, source = other.id, "staff"
        made = apply(position_id, signed_up, by=person.id, source=source, given=_given(body))
        return queries.signup_body(made), 201

    return once(work)


def _given(body: SignupIn) -> Given:
    guardian = GuardianGiven(body.guardian.name, body.guardian.phone) if body.guardian else None
    return Given(
        answers=body.answers,
        age_band=body.age_band,
        guardian=guardian,
        company=body.company,
        age_confirmed=body.age_confirmed,
        both=body.both,
    )


@blueprint.delete("/signups/<signup_id>")
@token_required()
@blueprint.output({}, 204)
@blueprint.doc(tags=["sign-ups"], security="token", responses=problems(401, 403, 404, 409))
@can_undo(N_("取消了“%(title)s”的报名"), Signup, says=title_of)
def delete_signup(signup_id: str) -> Any:
    """Cancel a sign-up: one's own, or as staff. The next on the waitlist moves up in the same transaction."""
    person = the_person()
    with transaction():
        look_at_what_was_seen()
        service.cancel_signup(signup_id, by=person.id, reason="")
    return Response(status=204)
