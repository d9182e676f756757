"""Hours of several sessions, each in one line."""

from collections.abc import Collection
from dataclasses import dataclass

from sqlalchemy import case, func, select

from webapp.core.db import session
from webapp.recognition.domain import RecordStatus
from webapp.recognition.models import ServiceRecord
from webapp.recognition.queries.records import HELD, OPEN_OBJECTION

_WAITS = (RecordStatus.TO_CONFIRM, RecordStatus.PROPOSED)


@dataclass(frozen=True)
class Hours:
    """Of one session, or of several."""

    minutes: int = 0  # measured; in notice or entered
    added: int = 0  # by hand: never added to the others silently
    waiting: int = 0  # records that wait for somebody: to confirm, to look at, objected to

    def __add__(self, other: "Hours") -> "Hours":
        return Hours(self.minutes + other.minutes, self.added + other.added, self.waiting + other.waiting)


def hours_by_session(session_ids: Collection[str]) -> dict[str, Hours]:
    """By session; one statement. Sessions of which nothing is written are left out."""
    stands = ServiceRecord.status.in_(HELD)
    waits = ServiceRecord.status.in_(_WAITS) | (stands & OPEN_OBJECTION)
    rows = session().execute(
        select(
            ServiceRecord.session_id,
            func.coalesce(func.sum(case((stands, ServiceRecord.minutes))), 0),
            func.coalesce(func.sum(case((stands, ServiceRecord.added_minutes))), 0),
            func.count(case((waits, 1))),
        )
        .where(ServiceRecord.session_id.in_(session_ids))
        .group_by(ServiceRecord.session_id)
    )
    return {str(one): Hours(*map(int, numbers)) for one, *numbers in rows}
