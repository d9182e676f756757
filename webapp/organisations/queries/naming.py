"""How a person reads the names of people who have to do with an organisation."""

from collections.abc import Callable
from functools import cache

from webapp.organisations.domain import WORKS_WITH_PEOPLE, Held, counting_at
from webapp.people.domain import mask_name


def names_through(held: Held) -> Callable[[str, str], str]:
    """For who holds these memberships: whole where their work is with people there, masked for whoever only looks."""

    @cache
    def works_at(organisation_id: str) -> bool:
        return bool(counting_at(organisation_id, held) & WORKS_WITH_PEOPLE)

    return lambda name, organisation_id: name if works_at(organisation_id) else mask_name(name)
