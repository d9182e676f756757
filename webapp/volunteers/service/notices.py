"""What people are told about teams, in Chinese whatever the language of the page that caused it.

Each message has a key made of the fact it tells, so that the same fact is told once.
"""

from dataclasses import replace

from flask_babel import force_locale

from webapp.core.config import current_settings
from webapp.core.i18n import LOCALES, format_range
from webapp.core.timing import Fact, MessageKind, Occasion
from webapp.organisations.domain import Permission
from webapp.organisations.queries import may, who_acts
from webapp.people.service import notify
from webapp.volunteers.domain.messages import PAPER_CHECKED, TEAM, TEAM_CANNOT, TEAM_INVITED
from webapp.volunteers.models import Team, TeamMembership, TeamRequest, VolunteerSkill
from webapp.volunteers.queries.leaving import has_leader


def link(path: str) -> str:
    """The address; nothing when this installation does not know its own."""
    base = current_settings().base_url
    return base + path if base else ""


def because(reason: str) -> str:
    """The reason as a sentence, or nothing."""
    return f"原因：{reason.rstrip('。')}。" if reason.strip() else ""


def _leaders(team: Team) -> list[str]:
    """Who answers for the team: its leader, or its host's staff while nobody leads it."""
    if has_leader(team):
        return [team.leader_id]
    return who_acts(team.organisation_id, Permission.MANAGE_EVENTS)


def _send(person_id: str, subject: str, lines: list[str], *, fact: Fact) -> None:
    notify(person_id, subject=subject, body="\n".join(line for line in lines if line), fact=fact)


def asked_to_join(row: TeamMembership, team: Team, name: str) -> None:
    """Someone would like to join; its leader is told."""
    lines = [
        f"{name}申请加入“{team.name}”。",
        f"他写道：{row.note}" if row.note else "",
        f"请登录后答复。{link(f'/me/teams/{team.id}')}",
    ]
    for one in _leaders(team):
        key = f"team:{row.id}:asked" if one == team.leader_id else f"team:{row.id}:asked:{one}"
        _send(one, f"有人申请加入：{team.name}", lines, fact=TEAM.of(key))


def accepted(row: TeamMembership, team: Team) -> None:
    """They are in the team now."""
    lines = [f"您已经是“{team.name}”的队员，欢迎。", link("/me/teams")]
    _send(row.person_id, f"加入团队：{team.name}", lines, fact=TEAM.of(f"team:{row.id}:accepted"))


def declined(row: TeamMembership, team: Team, reason: str) -> None:
    """They were not accepted."""
    lines = [f"您申请加入“{team.name}”，这次没有通过。{because(reason)}"]
    _send(row.person_id, f"团队申请未通过：{team.name}", lines, fact=TEAM.of(f"team:{row.id}:declined"))


def removed(row: TeamMembership, team: Team, reason: str) -> None:
    """They are not in the team any more."""
    lines = [f"您不再是“{team.name}”的队员。{because(reason)}", "您以前的服务记录都保留着。"]
    _send(row.person_id, f"退出团队：{team.name}", lines, fact=TEAM.of(f"team:{row.id}:removed"))


def leads_now(team: Team, stamp: str) -> None:
    """They lead the team from now on."""
    lines = [
        f"您现在是“{team.name}”的队长，可以答复入队申请、替队员报名。",
        link(f"/me/teams/{team.id}"),
    ]
    _send(team.leader_id, f"您成为队长：{team.name}", lines, fact=TEAM.of(f"team:{team.id}:leader:{stamp}"))


def dissolved(person_ids: list[str], team: Team) -> None:
    """The team is no more."""
    for person_id in person_ids:
        lines = [f"“{team.name}”已经解散。您以前的服务记录都保留着。"]
        _send(person_id, f"团队解散：{team.name}", lines, fact=TEAM.of(f"team:{team.id}:closed:{person_id}"))


def needs_leader(person_ids: list[str], team: Team) -> None:
    """The leader closed their account; the host's staff should choose another."""
    for person_id in person_ids:
        lines = [f"“{team.name}”的队长注销了账号，请指定新的队长。", link(f"/me/teams/{team.id}")]
        key = f"team:{team.id}:no-leader:{team.leader_id}:{person_id}"
        _send(person_id, f"团队需要新队长：{team.name}", lines, fact=TEAM.of(key))


def dissolved_itself(person_ids: list[str], team: Team) -> None:
    """Its leader left and nobody could lead it; the host's staff should know."""
    for person_id in person_ids:
        lines = [f"“{team.name}”的队长退出了，队里没有别人能接，团队已经解散。服务记录都保留着。"]
        _send(person_id, f"团队解散：{team.name}", lines, fact=TEAM.of(f"team:{team.id}:closed:{person_id}"))


def _occasion(request: TeamRequest) -> list[str]:
    held = request.session
    with force_locale(LOCALES["zh"]):
        when = format_range(held.starts_at, held.ends_at)
    return [f"活动：{held.event.title}", f"时间：{when}", f"地点：{held.venue.name}"]


def _of(kind: MessageKind, request: TeamRequest, what: str) -> Fact:
    held = request.session
    return replace(kind.of(f"request:{request.id}:{what}"), occasion=Occasion(held.starts_at, held.ends_at))


def team_requested(request: TeamRequest, stamp: str) -> None:
    """A session would like the team to come; its leader is told."""
    team, unit = request.team, request.session.event.organisation.name
    lines = [
        f"{unit}邀请“{team.name}”来服务。",
        *_occasion(request),
        f"对方写道：{request.note}" if request.note else "",
        f"请登录后安排队员，或答复不能来。{link(f'/me/teams/{team.id}')}",
    ]
    title = request.session.event.title
    key = f"asked:{stamp}"
    for one in _leaders(team):
        what = key if one == team.leader_id else f"{key}:{one}"
        _send(one, f"邀请团队：{title}", lines, fact=_of(TEAM_INVITED, request, what))


def request_declined(request: TeamRequest, stamp: str) -> None:
    """The team cannot come; who asked is told."""
    lines = [f"“{request.team.name}”这次不能来。{because(request.answer)}", *_occasion(request)]
    title = request.session.event.title
    key, host = f"declined:{stamp}", request.session.event.organisation_id
    if may(request.asked_by, Permission.MANAGE_EVENTS, host):
        _send(request.asked_by, f"团队不能来：{title}", lines, fact=_of(TEAM_CANNOT, request, key))
        return
    for one in who_acts(host, Permission.MANAGE_EVENTS):  # whoever asked works there no more
        _send(one, f"团队不能来：{title}", lines, fact=_of(TEAM_CANNOT, request, f"{key}:{one}"))


def certificate_checked(row: VolunteerSkill, stamp: str) -> None:
    """Someone looked at the paper; it counts now."""
    lines = [f"您的“{row.skill.name}”证书已经核对，可以报需要它的岗位了。"]
    _send(
        row.person_id,
        f"证书已核对：{row.skill.name}",
        lines,
        fact=PAPER_CHECKED.of(f"skill:{row.id}:checked:{stamp}"),
    )


def certificate_unchecked(row: VolunteerSkill, stamp: str) -> None:
    """It counts no more."""
    lines = [
        f"您的“{row.skill.name}”证书不再算数，要求它的岗位暂时不能报。",
        f"如果有误，或有了新的证书，请改资料后再请工作人员核对。{link('/me/profile')}",
    ]
    _send(
        row.person_id,
        f"证书不再算数：{row.skill.name}",
        lines,
        fact=PAPER_CHECKED.of(f"skill:{row.id}:unchecked:{stamp}"),
    )
