"""Addresses: whose they are, what they show, who came for them when."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, func, or_, select
from sqlalchemy.orm import contains_eager

from webapp.calendars import domain
from webapp.calendars.domain import Scope
from webapp.calendars.models import Subscription
from webapp.core import clock, tokens
from webapp.core.db import get_row, session
from webapp.core.errors import NotFound
from webapp.organisations.models import Organisation
from webapp.people.models import Account, Person


@dataclass(frozen=True)
class Subscribed:
    """What a fetch has to know of its subscription."""

    id: str
    scope: Scope
    last_fetched_at: datetime | None


def find_subscribed(token: str) -> Subscribed:
    """What this address shows: for a while after it was cut off, that it was; then, or when its owner is gone, raises
    SubscriptionRevoked. Raises NotFound.
    """
    row = session().execute(
        select(
            Subscription.id, Subscription.person_id, Subscription.organisation_id, Subscription.last_fetched_at,
            Subscription.revoked_at, Subscription.wanted, Subscription.alarm_minutes, Subscription.language,
            (Subscription.chosen_at > Subscription.created_at).label("was_changed"),
            or_(
                Person.closed_at.is_not(None), Account.disabled_at.is_not(None), Organisation.closed_at.is_not(None)
            ).label("is_over"),
        )
        .outerjoin(Person, Person.id == Subscription.person_id)
        .outerjoin(Account, Account.person_id == Subscription.person_id)
        .outerjoin(Organisation, Organisation.id == Subscription.organisation_id)
        .where(Subscription.fingerprint == tokens.fingerprint(token))
    ).one_or_none()  # fmt: skip
    if row is None:
        raise NotFound
    forgotten = row.revoked_at and clock.now() - row.revoked_at > timedelta(days=domain.CANCELLED_DAYS)
    if row.is_over or forgotten:
        raise domain.SubscriptionRevoked
    if row.revoked_at:
        return Subscribed(row.id, Scope("over", row.id), row.last_fetched_at)
    if row.was_changed or row.wanted is not None or row.alarm_minutes is not None or row.language != "zh":
        return Subscribed(row.id, Scope("mix", row.id), row.last_fetched_at)
    kind, owner = ("person", row.person_id) if row.person_id else ("organisation", row.organisation_id)
    return Subscribed(row.id, Scope(kind, owner), row.last_fetched_at)


def list_subscriptions(
    *, person_id: str | None = None, organisation_id: str | None = None
) -> Sequence[Subscription]:
    """Living subscriptions of a person or of a centre, oldest first."""
    owner = (
        Subscription.person_id == person_id if person_id else Subscription.organisation_id == organisation_id
    )
    wanted = select(Subscription).where(owner, Subscription.revoked_at.is_(None))
    return session().scalars(wanted.order_by(Subscription.created_at, Subscription.id)).all()


def get_subscription(subscription_id: str, owner: Scope) -> Subscription:
    """The living subscription of this owner; raises NotFound."""
    found = get_row(Subscription, subscription_id)
    whose = found.person_id if owner.kind == "person" else found.organisation_id
    if whose != owner.id or found.revoked_at is not None:
        raise NotFound
    return found


def token_of(subscription: Subscription) -> str | None:
    """The address's secret part, derived again; None when the installation's secret has changed since."""
    token = tokens.mac(domain.TOKEN_PURPOSE, subscription.id, length=domain.TOKEN_LENGTH)
    return token if tokens.fingerprint(token) == subscription.fingerprint else None


def is_silent() -> ColumnElement[bool]:
    """Nobody has come for it for a week, or, where it is older than that, ever."""
    since = clock.now() - domain.SILENT_AFTER
    seen = func.coalesce(Subscription.last_fetched_at, Subscription.created_at)
    living = and_(Subscription.organisation_id.is_not(None), Subscription.revoked_at.is_(None))
    return and_(living, Organisation.closed_at.is_(None), seen < since)


def feeds_silent() -> tuple[int, datetime | None]:
    """How many addresses of centres have not been fetched for a week, and since when the first of them."""
    seen = func.coalesce(Subscription.last_fetched_at, Subscription.created_at)
    wanted = select(func.count(), func.min(seen)).select_from(Subscription)
    joined = wanted.join(Organisation, Organisation.id == Subscription.organisation_id)
    number, since = session().execute(joined.where(is_silent())).one()
    return number, since


def addresses_of_centres() -> Select[Any]:
    """Living addresses of all organisations, with them."""
    return (
        select(Subscription)
        .join(Organisation, Organisation.id == Subscription.organisation_id)
        .where(Subscription.revoked_at.is_(None), Organisation.closed_at.is_(None))
        .options(contains_eager(Subscription.organisation))
    )


def is_fetched(state: str) -> ColumnElement[bool]:
    """silent: nobody has come for it for a week; used: somebody has; new: just made."""
    if state == "silent":
        return is_silent()
    came = Subscription.last_fetched_at
    return and_(~is_silent(), came.is_(None) if state == "new" else came.is_not(None))
