"""When the time of an offer runs: from the moment its person was told, and not through the night.

They are told when the message leaves; where the installation cannot send them anything, when somebody rang them up;
where only the site reaches them, as soon as it stands there. Until then the place is held (docs/decisions/0033).
"""

from datetime import datetime, timedelta

from sqlalchemy import select, update

from webapp.core import clock
from webapp.core.clock import Period
from webapp.core.db import session
from webapp.core.errors import N_
from webapp.core.options import whole_number
from webapp.core.outbox import OutboxMessage, waking_hours
from webapp.core.timing import MessageKind
from webapp.events.domain import PositionKind
from webapp.events.models import EventSession, Position
from webapp.people.domain import Way
from webapp.people.queries import way_of
from webapp.signups.domain import OfferTerms, SignupStatus, last_moment, offer_until
from webapp.signups.domain.messages import OFFERED
from webapp.signups.models import Signup

OFFER_HOURS = whole_number(
    "offer_waking_hours",
    15,
    label=N_("候补名额保留几小时（夜里不算）"),
    hint=N_(
        "轮到候补的人时，从通知发出算起，名额为他留这么久，夜里不走；15 小时就是一整天。不确认就给下一位。"
    ),
    low=1,
    high=105,
)
OFFER_HOURS_SOON = whole_number(
    "offer_hours_soon",
    2,
    label=N_("24 小时内开始的活动，候补名额保留几小时（夜里不算）"),
    hint=N_("快开始的活动要短一些，后面的人才来得及。"),
    low=1,
    high=24,
)


def offer_terms() -> OfferTerms:
    """The rules of the house as they are now."""
    length, short = OFFER_HOURS.get(), OFFER_HOURS_SOON.get()
    return OfferTerms(timedelta(hours=length), timedelta(hours=short), waking_hours())


def deadline_if_told(signup_id: str, at: datetime) -> datetime | None:
    """Until when the offer stands if its person is told at that moment; None where nothing is offered."""
    row = (
        session()
        .execute(
            select(
                Signup.status,
                Signup.offer_told_at,
                Signup.offer_expires_at,
                Position.kind,
                EventSession.starts_at,
                EventSession.ends_at,
            )
            .join(Position, Position.id == Signup.position_id)
            .join(EventSession, EventSession.id == Signup.session_id)
            .where(Signup.id == signup_id)
        )
        .one_or_none()
    )
    if row is None or row.status != SignupStatus.OFFERED:
        return None
    if row.offer_told_at is not None:
        return row.offer_expires_at
    return offer_until(
        since=at,
        period=Period(row.starts_at, row.ends_at),
        is_volunteer=row.kind == PositionKind.VOLUNTEER,
        terms=offer_terms(),
    )


def run_from(signup_id: str, at: datetime) -> None:
    """The person knows of the offer since that moment; knowing it once more changes nothing."""
    until = deadline_if_told(signup_id, at)
    if until is None:
        return
    session().execute(
        update(Signup)
        .where(
            Signup.id == signup_id,
            Signup.status == SignupStatus.OFFERED,
            Signup.offer_told_at.is_(None),
        )
        .values(offer_told_at=at, offer_expires_at=until, updated_at=clock.now())
        .execution_options(synchronize_session="fetch")
    )


def take_back(signup_id: str) -> None:
    """They were not rung up after all, and no message left: the offer waits until they know."""
    has_left = select(OutboxMessage.id).where(
        OutboxMessage.about_id == signup_id,
        OutboxMessage.kind == OFFERED.name,
        OutboxMessage.state == "sent",
    )
    row = (
        session()
        .execute(
            select(Position.kind, EventSession.starts_at, EventSession.ends_at)
            .select_from(Signup)
            .join(Position, Position.id == Signup.position_id)
            .join(EventSession, EventSession.id == Signup.session_id)
            .where(Signup.id == signup_id, Signup.status == SignupStatus.OFFERED, ~has_left.exists())
        )
        .one_or_none()
    )
    if row is None:
        return
    period = Period(row.starts_at, row.ends_at)
    door = last_moment(period, is_volunteer=row.kind == PositionKind.VOLUNTEER)
    session().execute(
        update(Signup)
        .where(Signup.id == signup_id, Signup.status == SignupStatus.OFFERED)
        .values(offer_told_at=None, offer_expires_at=door, updated_at=clock.now())
        .execution_options(synchronize_session="fetch")
    )


def on_settled(kind: MessageKind, about_id: str, *, state: str, at: datetime) -> None:
    """A message has left, or nothing can carry it: the time of an offer begins with what its person can know."""
    if kind is not OFFERED:
        return
    if state == "sent" or (state == "kept" and _reads_the_site(about_id)):
        run_from(about_id, at)


def _reads_the_site(signup_id: str) -> bool:
    person_id = session().scalar(select(Signup.person_id).where(Signup.id == signup_id))
    return person_id is not None and way_of(person_id) == Way.SITE
