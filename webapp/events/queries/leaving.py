"""Events that hang on whoever leaves an organisation."""

from collections.abc import Iterator

from sqlalchemy import func, select

from webapp.core import clock
from webapp.core.db import session
from webapp.core.errors import N_
from webapp.core.leaving import Ending, Hanging
from webapp.events.domain import OPEN_STATUSES
from webapp.events.models import Event, EventSession
from webapp.organisations.domain import Permission
from webapp.organisations.queries.leaving import left_alone


def events_hanging(ending: Ending) -> Iterator[Hanging]:
    """Where nobody else can organise: what is still to be held there."""
    for unit, permission in left_alone(ending):
        number = _coming(unit.id) if permission == Permission.MANAGE_EVENTS else 0
        if number:
            values = {"unit": unit.name, "n": number}
            yield Hanging(N_("%(unit)s还有 %(n)s 场活动没办。"), values, N_("照常举行，由市科协代管。"))


def _coming(organisation_id: str) -> int:
    wanted = (
        select(func.count(EventSession.id))
        .join(Event, Event.id == EventSession.event_id)
        .where(
            Event.organisation_id == organisation_id,
            Event.status.in_(OPEN_STATUSES),
            EventSession.cancelled_at.is_(None),
            EventSession.ends_at > clock.now(),
        )
    )
    return session().scalar(wanted) or 0
