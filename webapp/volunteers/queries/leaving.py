"""What hangs on somebody who leaves a team or for good, on a team that ends, on a paper that counts no more."""

from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Row, func, select

from webapp.core.db import session
from webapp.core.errors import N_
from webapp.core.leaving import End, Ending, Hanging, Option, some_names
from webapp.people.models import Account, Person
from webapp.volunteers.domain import MemberState
from webapp.volunteers.models import Team, TeamMembership, Training, VolunteerSkill
from webapp.volunteers.queries.teams import count_members, count_requests, team_of, teams_led_by

HOST = "host"  # the option by which the host names another leader


def key_of(team_id: str) -> str:
    """Under which it is chosen who leads the team from now on."""
    return f"team:{team_id}"


def heirs(team_id: str, *, besides: str) -> Sequence[Row[str, str]]:
    """Members who can lead: they have an account. In the order in which they came in; id and name."""
    return (
        session()
        .execute(
            select(Person.id, Person.name)
            .join(TeamMembership, TeamMembership.person_id == Person.id)
            .join(Account, Account.person_id == Person.id)
            .where(
                TeamMembership.team_id == team_id,
                TeamMembership.state == MemberState.MEMBER,
                Person.id != besides,
                Person.closed_at.is_(None),
                Account.disabled_at.is_(None),
            )
            .order_by(TeamMembership.decided_at, TeamMembership.id)
        )
        .all()
    )


def teams_hanging(ending: Ending) -> Iterator[Hanging]:
    """Teams they lead, with who could lead them next; teams they are in."""
    person_id = ending.person_id
    if ending.end == End.ACCOUNT:
        led, joined = teams_led_by(person_id), team_of(person_id)
    else:
        led, joined = [one for one in teams_led_by(person_id) if one.id == ending.subject_id], []
    for team in led:
        yield _led(team, ending)
    names = [one.name for one in joined if one.leader_id != person_id]
    if names:
        yield Hanging(
            N_("在 %(n)s 个团队里：%(names)s。"), {"n": len(names), "names": some_names(names)}, N_("退出。")
        )


def _led(team: Team, ending: Ending) -> Hanging:
    able = heirs(team.id, besides=ending.person_id)
    values = {"team": team.name, "n": len(able), "unit": team.organisation.name}
    to_host = Option(HOST, N_("请%(unit)s指定"), {"unit": team.organisation.name})
    options = [Option(row.id, N_("交给%(name)s"), {"name": row.name}) for row in able]
    if ending.end == End.ACCOUNT:
        if not able:
            becomes = N_("告诉主办单位，由主办单位另请队长或解散。")
            return Hanging(N_("是“%(team)s”的队长，队里没有别人能接。"), values, becomes)
        options = [to_host, *options]
    elif not able:
        becomes = N_("退出以后团队就解散，并告诉主办单位。")
        return Hanging(N_("是“%(team)s”的队长，队里没有别人能接。"), values, becomes)
    else:
        options = [Option("", N_("请选择")), *options]
    return Hanging(
        N_("是“%(team)s”的队长，队里有 %(n)s 人能接。"), values, key=key_of(team.id), options=tuple(options)
    )


def members_hanging(ending: Ending) -> Iterator[Hanging]:
    """A team that ends: who is in it, who would like to be, and who asked it to come."""
    wanted = (
        select(Person.name)
        .join(TeamMembership, TeamMembership.person_id == Person.id)
        .where(TeamMembership.team_id == ending.subject_id, TeamMembership.state == MemberState.MEMBER)
        .order_by(TeamMembership.decided_at, TeamMembership.id)
    )
    names = list(session().scalars(wanted))
    if names:
        values = {"n": len(names), "names": some_names(names)}
        yield Hanging(N_("队里有 %(n)s 人：%(names)s。"), values, N_("都会收到通知；服务记录保留。"))
    asked = count_members([ending.subject_id], MemberState.ASKED).get(ending.subject_id, 0)
    if asked:
        yield Hanging(N_("有 %(n)s 个人申请加入，还没答复。"), {"n": asked}, N_("告诉他们团队解散了。"))
    requests = count_requests([ending.subject_id]).get(ending.subject_id, 0)
    if requests:
        yield Hanging(N_("有 %(n)s 场活动邀请了这个队，还没答复。"), {"n": requests}, N_("告诉对方来不了。"))


def who_rests_on(ending: Ending) -> list[str]:
    """People whose shifts may rest on the team or the paper that ends."""
    wanted: Any = {
        End.TEAM: select(TeamMembership.person_id).where(
            TeamMembership.team_id == ending.subject_id,
            TeamMembership.person_id == ending.person_id,
            TeamMembership.state == MemberState.MEMBER,
        ),
        End.DISSOLVED: select(TeamMembership.person_id).where(
            TeamMembership.team_id == ending.subject_id, TeamMembership.state == MemberState.MEMBER
        ),
        End.PAPER: select(Training.person_id)
        .where(Training.id == ending.subject_id)
        .union(select(VolunteerSkill.person_id).where(VolunteerSkill.id == ending.subject_id)),
    }[ending.end]
    return sorted(session().scalars(wanted))


def has_leader(team: Team) -> bool:
    """Whether somebody leads the team who can sign in."""
    wanted = select(Account.id).where(Account.person_id == team.leader_id, Account.disabled_at.is_(None))
    return session().scalar(wanted) is not None


def teams_without_leader(
    organisation_ids: Sequence[str] | None,
) -> Sequence[Row[*tuple[str, str, datetime | None]]]:
    """Open teams of these organisations (None: of all) whose leader cannot sign in any more, by name; since when."""
    able = select(Account.person_id).where(Account.disabled_at.is_(None))
    gone = func.coalesce(func.max(Account.disabled_at), Team.created_at)
    wanted = (
        select(Team.id, Team.name, gone.label("since"))
        .outerjoin(Account, Account.person_id == Team.leader_id)
        .where(Team.closed_at.is_(None), Team.leader_id.not_in(able))
        .group_by(Team.id)
    )
    if organisation_ids is not None:
        wanted = wanted.where(Team.organisation_id.in_(organisation_ids))
    return session().execute(wanted.order_by(Team.name, Team.id)).all()
