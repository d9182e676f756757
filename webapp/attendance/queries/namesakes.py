"""Who on a session's list is called like somebody who says they have not signed up, and what tells them apart."""

from dataclasses import dataclass

from sqlalchemy import or_, select
from sqlalchemy.orm import aliased

from webapp.attendance.queries.sessions import RosterRow, roster
from webapp.core.db import session
from webapp.people.models import Person
from webapp.signups.domain import LIVING
from webapp.signups.models import Signup
from webapp.signups.queries.finding import folded
from webapp.volunteers.models import Team


@dataclass(frozen=True)
class Namesake:
    """Someone on the list with that name."""

    row: RosterRow
    company: tuple[str, ...]  # whom they come with, or their team

    @property
    def may_come(self) -> bool:
        """Whether a press checks them in."""
        return self.row.status == "confirmed" and self.row.in_at is None


def namesakes(session_id: str, name: str) -> list[Namesake]:
    """Living sign-ups of a session under this name, however it is written; two statements."""
    wanted = folded(name)
    rows = [row for row in roster(session_id) if row.status in LIVING and folded(row.display_name) == wanted]
    company = _company([row.signup for row in rows])
    return [Namesake(row, tuple(company.get(row.signup, ()))) for row in rows]


def _company(signup_ids: list[str]) -> dict[str, list[str]]:
    if not signup_ids:
        return {}
    own, other, person = aliased(Signup), aliased(Signup), aliased(Person)
    together = or_(
        other.id == own.with_signup_id,
        other.with_signup_id == own.id,
        other.with_signup_id == own.with_signup_id,
    )
    rows = session().execute(
        select(own.id, person.name, Team.name)
        .outerjoin(other, together & (other.id != own.id) & other.status.in_(LIVING))
        .outerjoin(person, person.id == other.person_id)
        .outerjoin(Team, Team.id == own.team_id)
        .where(own.id.in_(signup_ids))
        .order_by(own.id, other.id)
    )
    found: dict[str, list[str]] = {}
    for signup_id, name, team in rows:
        for one in (name, team):
            if one and one not in found.setdefault(signup_id, []):
                found[signup_id].append(one)
    return found
