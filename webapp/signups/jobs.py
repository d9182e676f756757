"""Periodic work: no place stays empty, or held for someone who does not answer, while someone waits for it."""

from datetime import timedelta

from webapp.core.db import transaction
from webapp.core.jobs import Does, job
from webapp.signups import service
from webapp.signups.models import Signup
from webapp.signups.service import alarms, confirming, reminders, taking_out, unmet
from webapp.signups.service import call_instead as unreached


@job(every=timedelta(minutes=1), does=Does.EXPIRES)
def expire_offers() -> None:
    """An offer nobody answered ends, and the place passes on in the same transaction."""
    for position_id in service.positions_with_stale_offers():
        with transaction():
            service.expire_offers([position_id])


@job(every=timedelta(minutes=5), does=Does.TELLS)
def promote_waiting() -> None:
    """Places are handed on in the transaction that frees them; this finds what became possible in another way.

    So it is when a waiting volunteer's other shift ends, or is given back just as this place becomes free.
    """
    for position_id in service.positions_to_fill():
        with transaction():
            service.promote(position_id)


@job(every=timedelta(minutes=1), does=Does.TELLS)
def confirm_new() -> None:
    """Who signed up is told so within a minute; the rush itself queues nothing."""
    while True:
        with transaction():
            if confirming.confirm_new() < confirming.MOST:
                return


@job(every=timedelta(minutes=5), does=Does.TELLS)
def call_instead() -> None:
    """Whom a message should have reached, and did not, stands on the list of calls."""
    with transaction():
        unreached.call_instead()


@job(every=timedelta(hours=1), does=Does.ERASES)
def forget_letters() -> None:
    """Mails to addresses of closed accounts, once they have left."""
    gone = taking_out.AT_ONCE
    while gone == taking_out.AT_ONCE:
        with transaction():
            gone = taking_out.forget_letters()


@job(every=timedelta(minutes=5), does=Does.TELLS)
def remind() -> None:
    """Reminders by the times as they are now, one session at a time."""
    for due in reminders.reminders_due():
        with transaction():
            reminders.remind(due)


@job(every=timedelta(minutes=5), does=Does.TELLS)
def warn_organisers() -> None:
    """The organisers' group hears of shifts that lack people, where it has a channel."""
    with transaction():
        alarms.warn_organisers()


@job(every=timedelta(hours=1), does=Does.TELLS)
def look_at_requirements() -> None:
    """What time alone does: a paper runs out before a shift that was moved, a validity was shortened."""
    for signup_id in unmet.in_question():
        with transaction():
            unmet.reexamine(Signup.id == signup_id)
    with transaction():
        unmet.close_ended()
