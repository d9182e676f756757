"""What travels in the demonstration: the office's caravan, a unit's exhibits, and where both go next."""

from sqlalchemy import select

from webapp.core.db import session
from webapp.events.models import Event, EventSession
from webapp.pages.service.demonstration import Stage
from webapp.pages.service.stage import OFFICE, UNIT
from webapp.resources import service
from webapp.resources.domain import ResourceDetails


def add_resources(stage: Stage) -> None:
    """The caravan goes to the next session of its kind, the exhibits to the unit's next one; else they stay at home."""
    caravan = ResourceDetails("科普大篷车一号（演示）", "caravan", "钥匙在科普部，出车前一天联系司机")
    boards = ResourceDetails("健康科普展板（演示）", "kit", "12 块，放在三楼库房")
    unit = stage.organisations[UNIT]
    for organisation_id, details, wanted in (
        (stage.organisations[OFFICE], caravan, Event.type_slug == "caravan"),
        (unit, boards, Event.organisation_id == unit),
    ):
        by = stage.staff["organiser" if organisation_id == unit else "office"]
        made = service.make_resource(organisation_id, details, by=by)
        coming = (
            select(EventSession.id)
            .join(Event, Event.id == EventSession.event_id)
            .where(wanted, Event.status == "published", EventSession.cancelled_at.is_(None))
            .where(EventSession.starts_at > stage.now)
        )
        place = session().scalar(coming.order_by(EventSession.starts_at, EventSession.id).limit(1))
        if place is not None:
            service.book(made.id, place, by=by)
