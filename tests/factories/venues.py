"""Districts and venues."""

from itertools import count

from webapp.core.db import transaction
from webapp.venues import service
from webapp.venues.domain import VenueDetails
from webapp.venues.models import Venue

XIANGYANG, QIANJIN = "230803", "230804"
_numbers = count(1)


def seed_districts() -> None:
    """The first city's ten districts and their townships."""
    with transaction():
        service.seed_districts()


def details(**changes: str | None) -> VenueDetails:
    """A venue's details that nothing is wrong with."""
    values: dict[str, str | None] = {
        "name": f"示例社区服务中心 {next(_numbers)}",
        "kind": "community_centre",
        "district_code": XIANGYANG,
        "address": "示例路 1 号",
    }
    return VenueDetails(**(values | changes))  # type: ignore[arg-type]


def make_venue(**changes: str | None) -> Venue:
    """A venue in a seeded city."""
    with transaction():
        return service.make_venue(details(**changes), by=None)
