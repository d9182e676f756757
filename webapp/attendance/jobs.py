"""Periodic work of attendance."""

from datetime import timedelta

from webapp.attendance.service import ledger
from webapp.core.db import transaction
from webapp.core.jobs import job


@job(every=timedelta(minutes=1))
def fold_ledger() -> None:
    """Add new ledger rows to the totals, a batch per transaction, so that check-ins never wait long."""
    while True:
        with transaction():
            folded = ledger.fold()
        if folded < ledger.FOLD_AT_ONCE:
            return
