"""Open hand-overs end with the shift they are about."""

from sqlalchemy import select, update

from webapp.core import clock
from webapp.core.db import session
from webapp.signups.domain.sharing import HandOverState
from webapp.signups.models import HandOver
from webapp.signups.service import shift_notices
from webapp.signups.service.notices import facts


def end_hand_overs(signup_ids: list[str]) -> None:
    """These sign-ups are cancelled: whoever was asked to take one over need not answer any more, and is told."""
    if not signup_ids:
        return
    wanted = (HandOver.signup_id.in_(signup_ids), HandOver.state == HandOverState.ASKED)
    found = (
        session().execute(select(HandOver.id, HandOver.signup_id, HandOver.to_person_id).where(*wanted)).all()
    )
    if not found:
        return
    session().execute(
        update(HandOver)
        .where(*wanted)
        .values(state=HandOverState.WITHDRAWN, settled_at=clock.now())
        .execution_options(synchronize_session=False)
    )
    rows = {row.id: row for row in facts([one.signup_id for one in found])}
    for one in found:
        shift_notices.hand_over_ended(one.id, rows[one.signup_id], one.to_person_id)
