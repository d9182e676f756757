"""Periodic work of attendance."""

from datetime import timedelta

from webapp.attendance.service import folding, photos
from webapp.core.db import transaction
from webapp.core.jobs import Does, job


@job(every=timedelta(minutes=1), does=Does.NO_HARM)
def fold_ledger() -> None:
    """Add new ledger rows to the totals, a batch per transaction, so that check-ins never wait long."""
    while True:
        with transaction():
            folded = folding.fold()
        if folded < folding.FOLD_AT_ONCE:
            return


@job(every=timedelta(days=1), does=Does.ERASES)
def sweep_photos() -> None:
    """Remove files that no photo names: of someone whose page died between file and row."""
    photos.sweep()
