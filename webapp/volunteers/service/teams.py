"""Use cases: make a team, change it, close it; ask to join, accept, decline, leave, hand over the lead.

A change of who is in it locks the team first, so two of them follow each other.
"""

from collections.abc import Collection

from sqlalchemy import func, select, update
from sqlalchemy.exc import IntegrityError

from webapp.core import audit, clock
from webapp.core.db import broken_constraint, get_row, lock_row, savepoint, session
from webapp.core.errors import NotFound
from webapp.organisations.domain import Permission
from webapp.organisations.queries import require, who_acts
from webapp.people import queries as people
from webapp.people.models import Person
from webapp.volunteers import queries
from webapp.volunteers.domain import (
    NOTE_LIMIT,
    AlreadyAsked,
    AlreadyInTeam,
    LeaderStays,
    MemberState,
    NoSuchLeader,
    NotAMember,
    NotAskingAnyMore,
    NotLeader,
    ReasonMissing,
    TeamDetails,
    TeamIsClosed,
    TeamNameTaken,
    check_team,
    check_words,
)
from webapp.volunteers.models import Team, TeamMembership
from webapp.volunteers.queries.leaving import heirs
from webapp.volunteers.service import notices
from webapp.volunteers.service.hooks import qualifications_changed
from webapp.volunteers.service.requests import end_requests


def make_team(
    details: TeamDetails, *, organisation_id: str, login: str, by: str | None, is_demo: bool = False
) -> Team:
    """A new team, hosted by the organisation; its leader is its first member.

    Raises NotAllowed, NoSuchLeader, TeamNameTaken and what the checks raise.
    """
    if by is not None:
        require(by, Permission.MANAGE_EVENTS, organisation_id)
    details = check_team(details)
    found = people.as_login(login)
    account = people.find_account(found) if found else None
    if account is None or account.disabled_at is not None:
        raise NoSuchLeader
    team = Team(
        name=details.name,
        kind=details.kind,
        about=details.about,
        organisation_id=organisation_id,
        leader_id=account.person_id,
        is_demo=is_demo,
    )
    _keep_name(team)
    _let_in(team, account.person_id, by)
    audit.record("team.make", "team", team.id, by=by, name=team.name, leader=team.leader_id)
    if by != team.leader_id:
        notices.leads_now(team, "first")
    return team


def change_team(team_id: str, details: TeamDetails, *, by: str) -> Team:
    """Another name, kind or description; for its host. Raises TeamIsClosed, TeamNameTaken."""
    team = _open_team(team_id)
    require(by, Permission.MANAGE_EVENTS, team.organisation_id)
    details = check_team(details)
    before = {"name": team.name, "kind": team.kind}
    team.name, team.kind, team.about = details.name, details.kind, details.about
    _keep_name(team)
    audit.record("team.change", "team", team_id, by=by, before=before)
    return team


def close_team(team_id: str, *, by: str) -> None:
    """Dissolve it; who was in it stays written down, open applications end. For its host."""
    team = _open_team(team_id)
    require(by, Permission.MANAGE_EVENTS, team.organisation_id)
    _close(team, by=by)


def _close(team: Team, *, by: str) -> None:
    """It ends: applications and requests are answered by it, everybody in it is told."""
    team.closed_at = now = clock.now()
    session().flush()
    declined = {"state": MemberState.DECLINED, "decided_at": now, "decided_by": by}
    asked = _set_state(team.id, (MemberState.ASKED,), None, **declined)
    audit.record("team.close", "team", team.id, by=by)
    end_requests(team.id, by=by)
    members = [one.person_id for one in queries.members_of(team.id)]
    notices.dissolved([one for one in members if one != by], team)
    notices.dissolved([one.person_id for one in asked], team)
    qualifications_changed(members)


def ask_to_join(team_id: str, person_id: str, *, note: str = "") -> TeamMembership:
    """Someone would like to be in the team. Raises TeamIsClosed, AlreadyAsked, AlreadyInTeam, TextTooLong."""
    team = _open_team(team_id)
    note = check_words("note", note, limit=NOTE_LIMIT)
    row = TeamMembership(team_id=team_id, person_id=person_id, state=MemberState.ASKED, note=note)
    _add_once(row)
    audit.record("team.ask", "team", team_id, by=person_id)
    notices.asked_to_join(row, team, get_row(Person, person_id).name)
    return row


def accept(team_id: str, membership_ids: Collection[str], *, by: str) -> int:
    """Let these applicants in; how many. Raises NotLeader, NotAskingAnyMore when none of them waits any more."""
    team = _led_team(team_id, by)
    now = clock.now()
    rows = _set_state(
        team_id,
        (MemberState.ASKED,),
        membership_ids,
        state=MemberState.MEMBER,
        decided_at=now,
        decided_by=by,
    )
    if not rows:
        raise NotAskingAnyMore
    audit.record("team.accept", "team", team_id, by=by, people=[one.person_id for one in rows])
    for row in rows:
        notices.accepted(row, team)
    qualifications_changed([one.person_id for one in rows])
    return len(rows)


def decline(team_id: str, membership_ids: Collection[str], *, reason: str, by: str) -> int:
    """Turn these applicants down; how many. Raises NotLeader, ReasonMissing, NotAskingAnyMore."""
    reason = _reason(reason)
    team = _led_team(team_id, by)
    rows = _set_state(
        team_id,
        (MemberState.ASKED,),
        membership_ids,
        state=MemberState.DECLINED,
        decided_at=clock.now(),
        decided_by=by,
    )
    if not rows:
        raise NotAskingAnyMore
    people_told = [one.person_id for one in rows]
    audit.record("team.decline", "team", team_id, by=by, people=people_told, reason=reason)
    for row in rows:
        notices.declined(row, team, reason)
    return len(rows)


def leave(team_id: str, person_id: str, *, heir: str = "") -> None:
    """Leave the team, or take an application back; the row stays.

    Whoever leads it hands it to `heir`, a member; where there is nobody it could be handed to, the team ends. Raises
    LeaderStays, NotAMember.
    """
    team = lock_row(Team, team_id)
    if team.leader_id == person_id and team.closed_at is None:
        able = {row.id for row in heirs(team_id, besides=person_id)}
        if able and heir not in able:
            raise LeaderStays
        if able:
            lead(team, heir, by=person_id)
        else:
            _close(team, by=person_id)
            notices.dissolved_itself(who_acts(team.organisation_id, Permission.MANAGE_EVENTS), team)
    living = (MemberState.ASKED, MemberState.MEMBER)
    if not _end(team_id, person_id, living):
        raise NotAMember
    audit.record("team.leave", "team", team_id, by=person_id)
    qualifications_changed([person_id])


def remove_member(team_id: str, person_id: str, *, reason: str, by: str) -> None:
    """Take someone out, for a reason they are told. Raises NotLeader, ReasonMissing, LeaderStays, NotAMember."""
    reason = _reason(reason)
    team = _led_team(team_id, by)
    if team.leader_id == person_id:
        raise LeaderStays
    rows = _end(team_id, person_id, (MemberState.MEMBER,))
    if not rows:
        raise NotAMember
    audit.record("team.remove", "team", team_id, by=by, person=person_id, reason=reason)
    notices.removed(rows[0], team, reason)
    qualifications_changed([person_id])


def hand_over_lead(team_id: str, person_id: str, *, by: str) -> Team:
    """Another member leads from now on; who led stays a member. Raises NotLeader, NotAMember."""
    team = _led_team(team_id, by)
    row = queries.living_membership(person_id, team_id)
    account = people.account_of(person_id)
    if row is None or row.state != MemberState.MEMBER or account is None or account.disabled_at:
        raise NotAMember
    lead(team, person_id, by=by)
    return team


def lead(team: Team, person_id: str, *, by: str | None) -> None:
    """This member of the locked team leads it from now on, and is told."""
    before, team.leader_id = team.leader_id, person_id
    session().flush()
    audit.record("team.lead", "team", team.id, by=by, before=before, after=person_id)
    if person_id not in {by, before}:
        changes = select(func.count()).where(audit.AuditEntry.subject_id == team.id)
        notices.leads_now(team, str(session().scalar(changes)))


def _open_team(team_id: str) -> Team:
    team = lock_row(Team, team_id)
    if team.closed_at is not None:
        raise TeamIsClosed
    return team


def _led_team(team_id: str, by: str) -> Team:
    """The locked team, for who leads or hosts it."""
    team = lock_row(Team, team_id)
    if team.leader_id != by and not queries.may_host(by, team):
        raise NotFound if queries.living_membership(by, team_id) is None else NotLeader
    if team.closed_at is not None:
        raise TeamIsClosed
    return team


def _reason(text: str) -> str:
    if not text.strip():
        raise ReasonMissing
    return check_words("reason", text, limit=NOTE_LIMIT)


def _keep_name(team: Team) -> None:
    try:
        with savepoint() as current:
            current.add(team)
    except IntegrityError as error:
        if broken_constraint(error) == "uq_team_name":
            raise TeamNameTaken from error
        raise


def _let_in(team: Team, person_id: str, by: str | None) -> None:
    now = clock.now()
    session().add(
        TeamMembership(
            team_id=team.id, person_id=person_id, state=MemberState.MEMBER, decided_at=now, decided_by=by
        )
    )
    session().flush()


def _add_once(row: TeamMembership) -> None:
    """The team is locked, so what is read stays true; the unique index stands behind it."""
    known = queries.living_membership(row.person_id, row.team_id)
    if known is not None:
        raise AlreadyInTeam if known.state == MemberState.MEMBER else AlreadyAsked
    try:
        with savepoint() as current:
            current.add(row)
    except IntegrityError as error:
        if "team_membership" in broken_constraint(error):
            raise AlreadyAsked from error
        raise


def _end(team_id: str, person_id: str, states: Collection[MemberState]) -> list[TeamMembership]:
    living = queries.living_membership(person_id, team_id)
    ids = [living.id] if living else []
    return _set_state(team_id, states, ids, state=MemberState.LEFT, left_at=clock.now())


def _set_state(
    team_id: str, states: Collection[MemberState], ids: Collection[str] | None, **values: object
) -> list[TeamMembership]:
    """One conditional statement for those rows (None: all) of the team that still are in one of these states."""
    wanted = update(TeamMembership).where(
        TeamMembership.team_id == team_id, TeamMembership.state.in_(tuple(states))
    )
    if ids is not None:
        wanted = wanted.where(TeamMembership.id.in_(list(ids)))
    current = session()
    done = current.scalars(
        wanted.values(**values).returning(TeamMembership.id).execution_options(synchronize_session=False)
    ).all()
    rows = select(TeamMembership).where(TeamMembership.id.in_(done)).order_by(TeamMembership.id)
    return list(current.scalars(rows.execution_options(populate_existing=True)))
