"""Periodic work: no place stays empty while someone waits for it."""

from datetime import timedelta

from webapp.core.db import transaction
from webapp.core.jobs import job
from webapp.signups import service


@job(every=timedelta(minutes=5))
def promote_waiting() -> None:
    """Places are handed on in the transaction that frees them; this finds what became possible in another way.

    So it is when a waiting volunteer's other shift ends, or is given back just as this place becomes free.
    """
    for position_id in service.positions_to_fill():
        with transaction():
            service.promote(position_id)
