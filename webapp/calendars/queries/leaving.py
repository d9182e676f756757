"""Calendar addresses of somebody who leaves: their own, and those of organisations that they know."""

from collections.abc import Iterator

from sqlalchemy import func, select

from webapp.calendars.models import Subscription
from webapp.core.db import session
from webapp.core.errors import N_
from webapp.core.leaving import End, Ending, Hanging, some_names
from webapp.organisations.models import Organisation


def addresses_hanging(ending: Ending) -> Iterator[Hanging]:
    """Their own end with the account. Those of an organisation go on: they name nobody, and others use them too."""
    alive, current = Subscription.revoked_at.is_(None), session()
    if ending.end == End.ACCOUNT:
        own = current.scalar(select(func.count()).where(Subscription.person_id == ending.person_id, alive))
        if own:
            yield Hanging(N_("有 %(n)s 个自己的日历地址。"), {"n": own}, N_("立即停用。"))
    known = (
        select(Organisation.name)
        .join(Subscription, Subscription.organisation_id == Organisation.id)
        .where(Subscription.created_by == ending.person_id, alive)
        .order_by(Organisation.name)
    )
    if ending.end == End.RIGHT:
        known = known.where(Organisation.id == ending.subject_id)
    names = current.scalars(known).all()
    if names:
        values = {"n": len(names), "names": some_names(names)}
        yield Hanging(
            N_("建了 %(n)s 个单位的日历地址：%(names)s。"),
            values,
            N_("地址照常能用，里面没有人名；不放心的，请到单位的日历里换一个。"),
        )
