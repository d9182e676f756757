"""The list of skills in a new database."""

from webapp.core.db import transaction
from webapp.volunteers import service


def prepare() -> list[str]:
    """Give a new installation a list of skills to begin with; changes nothing the second time."""
    with transaction():
        service.seed_skills()
    return []
