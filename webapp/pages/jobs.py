"""Periodic work: personal data whose time is over goes."""

from datetime import timedelta

from webapp.core.db import transaction
from webapp.core.jobs import job
from webapp.pages.service import retention


@job(every=timedelta(days=1))
def forget_guests() -> None:
    """Each person in a transaction of their own, so that one bad row does not keep the others."""
    for person_id in retention.persons_to_forget():
        with transaction():
            retention.forget(person_id)
    with transaction():
        retention.forget_messages()
        retention.forget_notices()
