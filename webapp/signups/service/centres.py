"""A centre and its people: whose a sign-up is, and who looked at telephone numbers."""

from collections.abc import Sequence

from sqlalchemy import update

from webapp.core import audit
from webapp.core.db import session
from webapp.signups.models import Signup
from webapp.signups.queries.centres import centre_for


def made_for_other(signup_id: str, *, by: str, position_id: str) -> None:
    """Staff signed someone up: who did it, and for which centre, whose other staff may ask about them later."""
    audit.record("signup.make", "signup", signup_id, by=by, position=position_id)
    centre = centre_for(by, position_id)
    if centre is not None:
        kept = update(Signup).where(Signup.id == signup_id).values(centre_id=centre)
        session().execute(kept.execution_options(synchronize_session=False))


def note_phones_seen(person_ids: Sequence[str], *, centre_id: str, by: str) -> None:
    """One entry for a list whose numbers were shown, with whose they are."""
    audit.record(
        "phone.reveal_list", "organisation", centre_id, by=by, count=len(person_ids), people=list(person_ids)
    )
