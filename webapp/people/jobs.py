"""Periodic work of people."""

from datetime import timedelta

from webapp.core.db import transaction
from webapp.core.jobs import Does, job
from webapp.people import service


@job(every=timedelta(hours=6), does=Does.ERASES)
def forget_sign_in_failures() -> None:
    """What is kept of wrong passwords goes once it no longer counts: some at a time, however many were tried."""
    for forget in (service.forget_failures, service.forget_ended_sign_ins):
        gone = service.AT_ONCE
        while gone == service.AT_ONCE:
            with transaction():
                gone = forget()
