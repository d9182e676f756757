"""The token's owner."""

from typing import Any

from webapp.api import queries
from webapp.api.forms.given import HoursOut, MeOut
from webapp.api.views import answer, blueprint, problems
from webapp.attendance import queries as attendance
from webapp.core.auth import current_permissions, the_person, token_required
from webapp.core.db import get_row
from webapp.organisations import queries as organisations
from webapp.organisations.domain import Permission
from webapp.people import queries as people
from webapp.people.models import Person
from webapp.recognition import queries as recognition


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
    person_id = the_person().id
    items = [
        {
            "session": row.session_id,
            "event": row.event_id,
            "title": row.title,
            "position": row.position,
            "in_at": queries.moment(row.in_at),
            "out_at": queries.moment(row.out_at),
            "minutes": row.minutes,
        }
        for row in attendance.shifts_served(person_id)
    ]
    totals, stars = recognition.totals_of(person_id), recognition.stars_of(person_id)
    return answer(
        {
            "items": items,
            "next": None,
            "minutes": sum(item["minutes"] or 0 for item in items),
            "totals": {
                "final": totals.minutes,
                "added": totals.added_minutes,
                "in_notice": totals.noticed,
                "added_in_notice": totals.noticed_added,
                "to_confirm": totals.to_confirm,
            },
            "stars": {
                "granted": stars.granted,
                "applied_for": stars.waiting,
                "may_apply_for": stars.reachable,
            },
        }
    )
