"""What templates say of a sign-up: each in the words of signups/domain/standing.py and no others."""

from flask_babel import gettext as _

from webapp.signups.domain.standing import STATE_LABELS, State
from webapp.signups.models import Signup
from webapp.signups.queries.standing import standing_of
from webapp.signups.views import blueprint

blueprint.add_app_template_global(standing_of)


@blueprint.app_template_global()
def state_words() -> dict[str, str]:
    """Every word, for a page whose script picks one."""
    return {state.value: _(label) for state, label in STATE_LABELS.items()}


@blueprint.app_template_global()
def reason_of(signup: Signup) -> str:
    """Why it is as it is, in the words of whoever decided; empty where nobody gave any."""
    held, state = signup.position.session, standing_of(signup).state
    reasons = {
        State.EVENT_CANCELLED: held.event.cancel_reason,
        State.SESSION_CANCELLED: held.cancel_reason,
        State.CANCELLED: signup.cancel_reason,
        State.DECLINED: signup.decline_reason,
    }
    return reasons.get(state) or ""


@blueprint.app_template_global()
def state_label(state: str, place: int | None = None) -> str:
    """The word for what a sign-up is; with its place on the waitlist where that is known."""
    if state == State.WAITLISTED and place:
        return _("候补第 %(n)s 位", n=place)
    return _(STATE_LABELS[State(state)])
