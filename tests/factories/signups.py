"""Positions to sign up for and people who do, made through the services, each in a transaction of its own."""

from datetime import datetime, timedelta
from itertools import count

from sqlalchemy import func, select

from tests.factories.events import an_event, session_draft, sessions_of
from webapp.core import clock
from webapp.core.audit import AuditEntry
from webapp.core.clock import Period
from webapp.core.db import get_row, session, transaction
from webapp.events.domain import PositionDraft, PositionKind
from webapp.events.models import EventSession, Position
from webapp.organisations.models import Organisation
from webapp.people import service as people
from webapp.people.models import Account
from webapp.signups import service
from webapp.signups.domain import HOLDS_PLACE, LIVING, SignupSource, SignupStatus
from webapp.signups.models import Signup
from webapp.signups.service import offer_times

_numbers = count(1)


def a_position(
    kind: str = "audience",
    capacity: int = 2,
    *,
    waitlist: bool = True,
    starts_at: datetime | None = None,
    hours: float = 2,
    organisation: Organisation | None = None,
) -> str:
    """Id of the only position of a published event; it starts in a week unless told otherwise."""
    draft = PositionDraft("观众" if kind == "audience" else "讲解员", kind, capacity, waitlist)
    starts_at = starts_at or clock.now() + timedelta(days=7)
    event = an_event(organisation, sessions=[session_draft(starts_at, hours=hours, positions=[draft])])
    return session().scalars(select(Position.id).where(Position.session_id == sessions_of(event)[0].id)).one()


def a_guest(name: str = "王小明") -> str:
    """Id of a person with a telephone and no account."""
    with transaction():
        return people.find_or_make_person(name=name, phone=f"+86137{next(_numbers):08d}").id


def an_account(name: str = "李秀英") -> Account:
    """A volunteer's account."""
    with transaction():
        return people.make_account(
            name=name, email=f"volunteer{next(_numbers)}@example.cn", password="a long quiet river"
        )


def a_volunteer(name: str = "李秀英") -> str:
    """Id of a person with an account."""
    return an_account(name).person_id


def join(position_id: str, person_id: str | None = None, *, by: str | None = None, source: str = "") -> str:
    """Sign someone up (a new guest unless told who), whatever they have elsewhere at that hour; the sign-up's id."""
    person_id = person_id or a_guest()
    with transaction():
        made = service.sign_up(position_id, person_id, by=by, source=source or SignupSource.GUEST, both=True)
    return made.id


def a_second_place(position_id: str, signup_id: str) -> str:
    """Another place of the same session for the same person, as it may stand in data from before the rule."""
    with transaction() as current:
        first = get_row(Signup, signup_id)
        position = get_row(Position, position_id)
        position.taken += 1
        made = Signup(
            position_id=position_id,
            session_id=first.session_id,
            person_id=first.person_id,
            status=SignupStatus.CONFIRMED,
            source=SignupSource.GUEST,
            confirmed_at=clock.now(),
            short_code=f"2{next(_numbers):05d}",
            counts_with_id=signup_id,
        )
        current.add(made)
        current.flush()
        return made.id


def tell_of_offer(signup_id: str) -> None:
    """Somebody rang them up: the time of their offer runs from now."""
    with transaction():
        offer_times.run_from(signup_id, clock.now())


def leave(signup_id: str, *, by: str | None = None, reason: str = "") -> None:
    """Cancel a sign-up."""
    with transaction():
        service.cancel_signup(signup_id, by=by, reason=reason)


def status_of(signup_id: str) -> SignupStatus:
    """The sign-up's status as it now is in the database."""
    session().rollback()
    return SignupStatus(get_row(Signup, signup_id).status)


def taken(position_id: str) -> int:
    """Places taken as the position says."""
    session().rollback()
    return get_row(Position, position_id).taken


def faults() -> list[str]:
    """What breaks promises 1 and 2 in the whole database, one sentence each."""
    session().rollback()
    return [*_wrong_places(), *_doubled(), *_twice_there(), *_overlapping(), *_forgotten()]


def _holders() -> dict[str, int]:
    counted = (
        select(Signup.position_id, func.count())
        .where(Signup.status.in_(HOLDS_PLACE))
        .group_by(Signup.position_id)
    )
    return {row[0]: row[1] for row in session().execute(counted)}


def _wrong_places() -> list[str]:
    holders, found = _holders(), []
    for position_id, used, capacity in session().execute(
        select(Position.id, Position.taken, Position.capacity)
    ):
        held = holders.get(position_id, 0)
        if used != held or held > capacity:
            found.append(f"{position_id}: taken {used}, held {held}, capacity {capacity}")
    return found


def _doubled() -> list[str]:
    rows = session().execute(
        select(Signup.position_id, Signup.person_id)
        .where(Signup.status.in_(LIVING))
        .group_by(Signup.position_id, Signup.person_id)
        .having(func.count() > 1)
    )
    return [f"{person} lives twice in {position}" for position, person in rows]


def _twice_there() -> list[str]:
    rows = session().execute(
        select(Signup.session_id, Signup.person_id)
        .where(Signup.status == SignupStatus.CONFIRMED, Signup.counts_with_id.is_(None))
        .group_by(Signup.session_id, Signup.person_id)
        .having(func.count() > 1)
    )
    return [f"{person} has two places in {one}" for one, person in rows]


def _shifts() -> dict[str, list[tuple[str, Period]]]:
    shifts: dict[str, list[tuple[str, Period]]] = {}
    for signup_id, person_id, starts_at, ends_at in session().execute(
        select(Signup.id, Signup.person_id, EventSession.starts_at, EventSession.ends_at)
        .join(Position, Position.id == Signup.position_id)
        .join(EventSession, EventSession.id == Signup.session_id)
        .where(Signup.status.in_(HOLDS_PLACE), Position.kind == PositionKind.VOLUNTEER)
    ):
        shifts.setdefault(person_id, []).append((signup_id, Period(starts_at, ends_at)))
    return shifts


def _overlapping() -> list[str]:
    # What a move or an undone cancellation brought together waits for its holder's choice, and is marked.
    kept = set(session().scalars(select(AuditEntry.subject_id).where(AuditEntry.action == "signup.clash")))
    return [
        f"{person} holds two shifts at once"
        for person, own in _shifts().items()
        for number, (one, first) in enumerate(own)
        for other, second in own[number + 1 :]
        if first.overlaps(second) and not {one, other} & kept
    ]


def _forgotten() -> list[str]:
    """Who waits although a place is free that they could take."""
    shifts, found = _shifts(), []
    for signup_id, person_id, kind, starts_at, ends_at in session().execute(
        select(Signup.id, Signup.person_id, Position.kind, EventSession.starts_at, EventSession.ends_at)
        .join(Position, Position.id == Signup.position_id)
        .join(EventSession, EventSession.id == Signup.session_id)
        .where(Signup.status == SignupStatus.WAITLISTED, Position.taken < Position.capacity)
    ):
        period = Period(starts_at, ends_at)
        is_busy = any(period.overlaps(other) for _, other in shifts.get(person_id, []))
        if kind == PositionKind.AUDIENCE or not is_busy:
            found.append(f"{signup_id} waits although a place is free")
    return found
