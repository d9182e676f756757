"""The token's owner."""

from typing import Any

from webapp.api import queries
from webapp.api.forms.given import MeOut
from webapp.api.forms.hours import HoursOut
from webapp.api.views import answer, blueprint, problems
from webapp.core.auth import current_permissions, the_person, token_required
from webapp.core.db import get_row
from webapp.organisations import queries as organisations
from webapp.organisations.domain import Permission
from webapp.people import queries as people
from webapp.people.models import Person


@blueprint.get("/people/me")
@token_required()
@blueprint.output(MeOut)
@blueprint.doc(tags=["people"], security="token", responses=problems(401))
def get_me() -> Any:
    """Who the token acts for, and what they may do."""
    person = get_row(Person, the_person().id)
    account = people.account_of(person.id)
    return answer(
        {
            "id": person.id,
            "name": person.name,
            "phone": person.phone,
            "email": account.email if account else None,
            "permissions": sorted(current_permissions()),
            "organisations": [
                queries.named(one) for one in organisations.organisations_with(person.id, *Permission)
            ],
        }
    )


@blueprint.get("/people/me/hours")
@token_required()
@blueprint.output(HoursOut)
@blueprint.doc(tags=["people"], security="token", responses=problems(401))
def get_my_hours() -> Any:
    """Volunteer shifts served, the latest first, as the door saw them; `totals` is what was recorded of them."""
    return answer(queries.hours_body(the_person().id))
