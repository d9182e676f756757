"""What a corrected venue changes elsewhere."""

from flask import Flask

from tests.factories.attendance import make_scene
from tests.factories.venues import details
from webapp.core.db import transaction
from webapp.events.queries import EventFilter, list_public
from webapp.venues import queries, service


def test_an_event_is_found_by_the_venues_new_name(app: Flask) -> None:
    scene = make_scene()
    old = queries.get_venue(scene.venue)
    with transaction():
        service.change_venue(
            scene.venue, details(name="换了名字的礼堂", district_code=old.district_code), by=None
        )
    assert [item.event.id for item in list_public(EventFilter(q="换了名字")).items] == [scene.event]
