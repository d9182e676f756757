"""What becomes of the sign-ups of someone who closes their account."""

from collections.abc import Collection

from sqlalchemy import Select, delete, select, update

from webapp.core import clock
from webapp.core.db import session
from webapp.core.errors import N_
from webapp.events.models import EventSession
from webapp.people.service import Closing
from webapp.signups.domain import HOLDS_PLACE, LIVING
from webapp.signups.domain.telling import LeaveFirst
from webapp.signups.models import Answer, CourseSignup, HandOver, Signup, Telling
from webapp.signups.service.inside import came, lock_sessions
from webapp.signups.service.places import fill, lock_positions, mark_cancelled, release
from webapp.signups.service.taking_out import let_go

LEFT = N_("本人注销了账号")


def on_closing(leaving: Closing) -> None:
    """Coming places are given back to those who wait, open hand-overs end, answers given are forgotten."""
    positions = list(session().scalars(_coming(leaving.person_id).with_only_columns(Signup.position_id)))
    lock_sessions(session().scalars(_coming(leaving.person_id)))
    lock_positions(positions)
    rows = session().execute(_coming(leaving.person_id)).all()  # as they are now that nobody changes them
    came_today = came([row.id for row in rows])
    if any(came_today.values()):
        raise LeaveFirst
    rows = [row for row in rows if row.id not in came_today]  # who came and left was there
    mark_cancelled([row.id for row in rows], LEFT)
    let_go([row.id for row in rows])
    for row in rows:
        if row.status in HOLDS_PLACE:
            release(row.position_id, 1)
    fill(sorted({row.position_id for row in rows}))
    now, current = clock.now(), session()
    either = (HandOver.from_person_id == leaving.person_id) | (HandOver.to_person_id == leaving.person_id)
    current.execute(
        update(HandOver)
        .where(either, HandOver.state == "asked")
        .values(state="withdrawn", settled_at=now)
        .execution_options(synchronize_session=False)
    )
    current.execute(
        update(CourseSignup)
        .where(CourseSignup.person_id == leaving.person_id, CourseSignup.cancelled_at.is_(None))
        .values(cancelled_at=now)
        .execution_options(synchronize_session=False)
    )
    forget_words([leaving.person_id])


def forget_words(person_ids: Collection[str]) -> None:
    """What people answered, what they and others wrote when a shift was handed over, what they were told."""
    current, ids = session(), list(person_ids)
    signups = select(Signup.id).where(Signup.person_id.in_(ids))
    either = HandOver.from_person_id.in_(ids) | HandOver.to_person_id.in_(ids)
    for statement in (
        delete(Answer).where(Answer.signup_id.in_(signups)),
        update(HandOver).where(either).values(note=""),
        update(Telling).where(Telling.person_id.in_(ids)).values(words=""),
    ):
        current.execute(statement.execution_options(synchronize_session=False))


def _coming(person_id: str) -> Select[str, str, str]:
    return (
        select(Signup.id, Signup.position_id, Signup.status)
        .join(EventSession, EventSession.id == Signup.session_id)
        .where(Signup.person_id == person_id, Signup.status.in_(LIVING), EventSession.ends_at > clock.now())
        .order_by(Signup.id)
    )
