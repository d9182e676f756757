"""A shift asks for a team, a skill or a training its holder no longer has: the organiser keeps or releases it.

Looked at when something of a person ended or came back, when what a shift asks for was changed, and every hour for
what time alone does. Until the organiser says so nobody loses the place; both sides are told once.
"""

from collections.abc import Collection, Iterable
from datetime import timedelta
from typing import Any

from sqlalchemy import Row, delete, select, update
from sqlalchemy.exc import IntegrityError

from webapp.core import audit, clock
from webapp.core.db import broken_constraint, get_row, lock_row, savepoint, session
from webapp.core.errors import NotFound, Words
from webapp.events.models import Event, EventSession
from webapp.organisations.domain import Permission
from webapp.organisations.queries import may, who_acts
from webapp.signups.domain import SignupStatus
from webapp.signups.domain.unmet import NO_MORE_MET, UNMET_LABELS, UnmetSettled, UnmetState
from webapp.signups.models import Signup, Unmet
from webapp.signups.queries.hanging import lacking, resting_shifts
from webapp.signups.service import leaving_notices
from webapp.signups.service.leaving import cancel_signup
from webapp.signups.service.notices import facts
from webapp.volunteers.models import PositionRequirement
from webapp.volunteers.queries import lack_words

KEPT_FOR = timedelta(days=365)  # after the session, as long as messages


def on_qualifications(person_ids: Collection[str]) -> None:
    """Something of these people ended or came back."""
    if person_ids:
        reexamine(Signup.person_id.in_(sorted(person_ids)))


def on_requirements(position_id: str) -> None:
    """A position asks for something else."""
    reexamine(Signup.position_id == position_id)


def reexamine(*conditions: Any) -> int:
    """Compare these shifts with what their holders have; how many are newly in question."""
    rows = session().execute(resting_shifts(*conditions)).all()
    lacks = {row.id: (row, lack) for row, lack in lacking(rows)}
    _regained([row.id for row in rows if row.id not in lacks])
    known = _known(lacks)
    new = 0
    for signup_id, (row, lack) in lacks.items():
        names = lack_words(row.position_id, lack)[:300]
        if (signup_id, str(lack), str(names)) not in known:
            new += _open(row, str(lack), str(names))
    return new


def in_question() -> list[str]:
    """Sign-ups worth another look by what time alone did; reads only, so that it holds nobody up."""
    asks = Signup.position_id.in_(select(PositionRequirement.position_id))
    lacks = lacking(session().execute(resting_shifts(asks)).all())
    known = {one for one, _, _ in _known(row.id for row, _ in lacks)}
    waits = session().scalars(select(Unmet.signup_id).where(Unmet.state == UnmetState.OPEN))
    return sorted({row.id for row, _ in lacks if row.id not in known} | set(waits))


def _known(signup_ids: Iterable[str]) -> set[tuple[str, str, str]]:
    """What is open, or was decided to be no hindrance."""
    wanted = select(Unmet.signup_id, Unmet.lack, Unmet.names).where(
        Unmet.signup_id.in_(list(signup_ids)), Unmet.state.in_((UnmetState.OPEN, UnmetState.KEPT))
    )
    return {(row.signup_id, row.lack, row.names) for row in session().execute(wanted)}


def _regained(signup_ids: list[str]) -> None:
    session().execute(
        update(Unmet)
        .where(Unmet.signup_id.in_(signup_ids), Unmet.state == UnmetState.OPEN)
        .values(state=UnmetState.REGAINED, settled_at=clock.now())
        .execution_options(synchronize_session=False)
    )


def _open(row: Row[*tuple[Any, ...]], lack: str, names: str) -> int:
    """Write it down and tell both sides; nothing when it stands there already."""
    open_one = select(Unmet.id).where(Unmet.signup_id == row.id, Unmet.state == UnmetState.OPEN)
    if session().scalar(open_one) is not None:
        return 0  # of one shift one thing is in question at a time
    try:
        with savepoint() as current:
            made = Unmet(signup_id=row.id, lack=lack, names=names)
            current.add(made)
    except IntegrityError as error:
        if "unmet" not in broken_constraint(error):
            raise
        return 0
    audit.record("signup.unmet", "signup", row.id, by=None, lack=lack, names=names)
    for fact in facts([row.id]):
        leaving_notices.unmet(made.id, fact, names)
        staff = who_acts(row.organisation_id, Permission.MANAGE_EVENTS)
        leaving_notices.unmet_to_staff(made.id, fact, names=names, staff=staff)
    return 1


def keep(unmet_id: str, *, by: str) -> None:
    """They may come all the same. Raises NotFound, UnmetSettled."""
    row = _take(unmet_id, by)
    _settle(row, UnmetState.KEPT, by)
    for fact in facts([row.signup_id]):
        leaving_notices.unmet_kept(row.id, fact)


def release(unmet_id: str, *, by: str) -> None:
    """The place goes to the next who waits; they are told why. Raises NotFound, UnmetSettled, and as cancelling."""
    found = get_row(Unmet, unmet_id)
    cancel_signup(found.signup_id, by=by, reason=f"{NO_MORE_MET}：{found.names}")
    _settle(_take(unmet_id, by), UnmetState.RELEASED, by)


def _take(unmet_id: str, by: str) -> Unmet:
    row = lock_row(Unmet, unmet_id)
    host = session().scalar(
        select(Event.organisation_id)
        .join(EventSession, EventSession.event_id == Event.id)
        .join(Signup, Signup.session_id == EventSession.id)
        .where(Signup.id == row.signup_id)
    )
    if host is None or not may(by, Permission.MANAGE_EVENTS, host):
        raise NotFound
    if row.state != UnmetState.OPEN:
        raise UnmetSettled(state=Words(UNMET_LABELS[UnmetState(row.state)]))
    return row


def _settle(row: Unmet, state: UnmetState, by: str) -> None:
    row.state, row.settled_at, row.settled_by = state, clock.now(), by
    session().flush()
    audit.record(f"signup.unmet_{state}", "signup", row.signup_id, by=by, names=row.names)


def close_ended() -> None:
    """What needs no word any more, because the shift ended or was given back; and what is too old to be kept."""
    now, current = clock.now(), session()
    living = (
        select(Signup.id)
        .join(EventSession, EventSession.id == Signup.session_id)
        .where(Signup.status == SignupStatus.CONFIRMED, EventSession.ends_at > now)
    )
    current.execute(
        update(Unmet)
        .where(Unmet.state == UnmetState.OPEN, Unmet.signup_id.not_in(living))
        .values(state=UnmetState.OVER, settled_at=now)
        .execution_options(synchronize_session=False)
    )
    current.execute(
        delete(Unmet).where(Unmet.settled_at < now - KEPT_FOR).execution_options(synchronize_session=False)
    )
