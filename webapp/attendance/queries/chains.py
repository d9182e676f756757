"""What has arrived of a phone's chain, for the phone to compare with what it remembers having handed in."""

from typing import Any

from sqlalchemy import func, select

from webapp.attendance.domain.links import gaps
from webapp.attendance.models import Scan
from webapp.core.db import session

RANGES_TOLD = 50  # of missing numbers, lowest first; when those are closed the next look tells the others


def arrived(chain_id: str) -> dict[str, Any]:
    """The highest number we have of it, and the ranges missing below."""
    of_chain = (Scan.chain_id == chain_id, Scan.counter.is_not(None))
    highest, number = session().execute(select(func.max(Scan.counter), func.count()).where(*of_chain)).one()
    missing: list[tuple[int, int]] = []
    if (highest or 0) != number:  # asked twice a minute by every phone: numbers are looked at only then
        counters = session().scalars(select(Scan.counter).where(*of_chain).order_by(Scan.counter))
        missing = gaps([int(counter or 0) for counter in counters])[:RANGES_TOLD]
    return {"counter": highest or 0, "missing": missing}
