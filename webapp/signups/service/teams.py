"""A team comes together: its leader signs members up for a session, all or none."""

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import Row, select, update

from webapp.core import audit, clock
from webapp.core.db import savepoint, session
from webapp.core.errors import NotFound, Refusal
from webapp.events.domain import PUBLIC_STATUSES, PositionKind
from webapp.events.models import Event, EventSession, Position
from webapp.people.models import Person
from webapp.signups.domain import PositionFull, SignupExtra, SignupSource, SignupStatus
from webapp.signups.domain.presence import SAME_HOUR
from webapp.signups.domain.sharing import (
    MemberCannot,
    NotAMember,
    PickSomebody,
    PlacesLeft,
    TeamNotSignedUp,
    why,
)
from webapp.signups.models import Signup
from webapp.signups.service import shift_notices
from webapp.signups.service.places import fill, lock_persons, lock_positions, waiting_persons
from webapp.signups.service.taking import sign_up
from webapp.volunteers import queries as volunteers
from webapp.volunteers.models import TeamRequest


def sign_up_team(
    session_id: str, team_id: str, picks: Mapping[str, Sequence[str]], *, by: str, both: bool = False
) -> list[str]:
    """Sign members up for volunteers' positions of a session: `picks` are person ids by position id.

    All or nothing: one refusal says what stands in the way of whom. An open request to the team is answered by
    it, the members are told. `both`: also those who have a seat elsewhere at that hour. Returns the sign-ups' ids.
    Raises NotFound unless `by` leads the team, PickSomebody, NotAMember, TeamNotSignedUp; after any of them the
    transaction must end.
    """
    if not volunteers.is_leader(by, team_id):
        raise NotFound
    chosen = {position_id: sorted(set(persons)) for position_id, persons in picks.items() if persons}
    if not chosen:
        raise PickSomebody
    persons = sorted({one for some in chosen.values() for one in some})
    if not set(persons) <= {one.person_id for one in volunteers.members_of(team_id)}:
        raise NotAMember
    names = _names(session_id, chosen)
    lock_positions(chosen)
    lock_persons([*persons, *waiting_persons(chosen)])
    fill(chosen)  # who waits goes first; what is free now is free for the team
    made, against = _sign_up_all(chosen, team_id, names, both=both)
    if against:
        raise TeamNotSignedUp(reasons=against, extra={"rule": _only_asked(against)})
    session().execute(
        update(Signup)
        .where(Signup.id.in_(made))
        .values(created_by=by)
        .execution_options(synchronize_session=False)
    )
    _answer_request(session_id, team_id, by=by)
    audit.record("team.sign_up", "event_session", session_id, by=by, team=team_id, signups=made)
    shift_notices.signed_up_by_team(made, volunteers.get_team(team_id).name)
    return made


def _names(session_id: str, position_ids: Mapping[str, object]) -> dict[str, str]:
    """Names of the chosen positions; raises NotFound for others than volunteers' of this published session."""
    rows = session().execute(
        select(Position.id, Position.name)
        .join(EventSession, EventSession.id == Position.session_id)
        .join(Event, Event.id == EventSession.event_id)
        .where(
            Position.id.in_(list(position_ids)),
            Position.session_id == session_id,
            Position.kind == PositionKind.VOLUNTEER,
            Event.status.in_(sorted(PUBLIC_STATUSES)),
        )
    )
    names = {row.id: row.name for row in rows}
    if set(names) != set(position_ids):
        raise NotFound
    return names


def _sign_up_all(
    chosen: Mapping[str, Sequence[str]], team_id: str, names: Mapping[str, str], *, both: bool
) -> tuple[list[str], list[Refusal]]:
    """Sign everyone up; the ids, and what is against it. With anything against it the caller undoes all."""
    made: list[str] = []
    against: list[Refusal] = []
    extra = SignupExtra(team_id=team_id)
    for position_id, persons in chosen.items():
        place = _place(position_id)
        free = max(place.capacity - place.taken, 0)
        if free < len(persons) and not place.needs_approval:
            against.append(PlacesLeft(position=names[position_id], free=free, chosen=len(persons)))
        for person_id in persons:
            try:
                with savepoint():
                    one = sign_up(
                        position_id, person_id, by=None, source=SignupSource.SELF, extra=extra, both=both
                    )
                if one.status in {SignupStatus.CONFIRMED, SignupStatus.PENDING}:
                    made.append(one.id)
            except Refusal as refusal:
                if isinstance(refusal, PositionFull) and free < len(persons):
                    continue  # full without a waitlist: said above
                rule = {"rule": refusal.extra.get("rule", "")}
                against.append(MemberCannot(name=_name(person_id), reason=why(refusal), extra=rule))
    return made, against


def _only_asked(against: Sequence[Refusal]) -> str:
    """What a program, or the page, may say yes to; nothing where anything else stands in the way."""
    is_asked = all(one.extra.get("rule") == SAME_HOUR for one in against)
    return SAME_HOUR if is_asked else ""


def _place(position_id: str) -> Row[*tuple[Any, ...]]:
    wanted = select(Position.capacity, Position.taken, Position.needs_approval)
    return session().execute(wanted.where(Position.id == position_id)).one()


def _name(person_id: str) -> str:
    return session().scalars(select(Person.name).where(Person.id == person_id)).one()


def _answer_request(session_id: str, team_id: str, *, by: str) -> None:
    session().execute(
        update(TeamRequest)
        .where(
            TeamRequest.session_id == session_id,
            TeamRequest.team_id == team_id,
            TeamRequest.state == "asked",
        )
        .values(state="accepted", answered_at=clock.now(), answered_by=by)
        .execution_options(synchronize_session=False)
    )
