"""Open hand-overs end with the shift they are about."""

from collections.abc import Collection

from sqlalchemy import select, update

from webapp.core import clock
from webapp.core.db import session
from webapp.people.models import Person
from webapp.signups.domain import HOLDS_PLACE
from webapp.signups.domain.sharing import HandOverState
from webapp.signups.models import HandOver, Signup
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


def open_hand_overs(signup_ids: list[str]) -> list[str]:
    """Ids of the questions about these shifts that nobody has answered."""
    wanted = select(HandOver.id).where(
        HandOver.signup_id.in_(signup_ids), HandOver.state == HandOverState.ASKED
    )
    return list(session().scalars(wanted.order_by(HandOver.id)))


def reopen_hand_overs(hand_over_ids: list[str], *, cancellation_id: str, heard: Collection[str]) -> None:
    """They stand as before: the shift they are about takes place after all. Who heard the contrary is asked again."""
    again = (
        session()
        .execute(
            update(HandOver)
            .where(
                HandOver.id.in_(hand_over_ids),
                HandOver.state == HandOverState.WITHDRAWN,
                HandOver.signup_id.in_(select(Signup.id).where(Signup.status.in_(HOLDS_PLACE))),
                HandOver.to_person_id.in_(select(Person.id).where(Person.closed_at.is_(None))),
            )
            .values(state=HandOverState.ASKED, settled_at=None)
            .returning(HandOver.id, HandOver.signup_id, HandOver.to_person_id, HandOver.note)
            .execution_options(synchronize_session=False)
        )
        .all()
    )
    shift_notices.may_end_again([one.id for one in again])
    told = [one for one in again if one.to_person_id in heard]
    rows = {row.id: row for row in facts([one.signup_id for one in told])}
    for one in told:
        shift_notices.hand_over_stands(one, rows[one.signup_id], of=cancellation_id)
