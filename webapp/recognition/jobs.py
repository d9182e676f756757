"""Periodic work: settle what ended, note who never came, end public notices."""

from datetime import timedelta

from webapp.core.db import transaction
from webapp.core.jobs import job
from webapp.recognition import service


@job(every=timedelta(minutes=10))
def settle_sessions() -> None:
    """Records of sessions that ended two hours ago, and of those where the door's facts changed."""
    for session_id in service.sessions_to_settle():
        with transaction():
            service.settle_session(session_id)


@job(every=timedelta(hours=1))
def end_notices() -> None:
    """Final is what nobody objects to; a no-show is who was missing and of whom nobody said why in time.

    First the notices are counted anew: a new version of the system may know more days than the one before.
    """
    with transaction():
        service.recount_notices()
    for record_id in service.overdue():
        with transaction():
            service.note_no_show(record_id)
    with transaction():
        service.finish_notices()
