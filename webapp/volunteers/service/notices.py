"""What people are told about teams, in Chinese whatever the language of the page that caused it.

Each message has a key made of the fact it tells, so that the same fact is told once.
"""

from dataclasses import replace

from flask_babel import force_locale

from webapp.core.config import current_settings
from webapp.core.i18n import LOCALES, format_range
from webapp.core.timing import Fact, MessageKind, Occasion
from webapp.people.service import notify
from webapp.volunteers.domain.messages import PAPER_CHECKED, TEAM, TEAM_CANNOT, TEAM_INVITED
from webapp.volunteers.models import Team, TeamMembership, TeamRequest, VolunteerSkill


def link(path: str) -> str:
    """The address; nothing when this installation does not know its own."""
    base = current_settings().base_url
    return base + path if base else ""


def because(reason: str) -> str:
    """The reason as a sentence, or nothing."""
    return f"原因：{reason.rstrip('。')}。" if reason.strip() else ""


def _send(person_id: str, subject: str, lines: list[str], *, fact: Fact) -> None:
    notify(person_id, subject=subject, body="\n".join(line for line in lines if line), fact=fact)


def asked_to_join(row: TeamMembership, team: Team, name: str) -> None:
    """Someone would like to join; its leader is told."""
    lines = [
        f"{name}申请加入“{team.name}”。",
        f"他写道：{row.note}" if row.note else "",
        f"请登录后答复。{link(f'/me/teams/{team.id}')}",
    ]
    _send(team.leader_id, f"有人申请加入：{team.name}", lines, fact=TEAM.of(f"team:{row.id}:asked"))


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
    _send(team.leader_id, f"邀请团队：{title}", lines, fact=_of(TEAM_INVITED, request, f"asked:{stamp}"))


def request_declined(request: TeamRequest, stamp: str) -> None:
    """The team cannot come; who asked is told."""
    lines = [f"“{request.team.name}”这次不能来。{because(request.answer)}", *_occasion(request)]
    title = request.session.event.title
    _send(
        request.asked_by, f"团队不能来：{title}", lines, fact=_of(TEAM_CANNOT, request, f"declined:{stamp}")
    )


def certificate_checked(row: VolunteerSkill, stamp: str) -> None:
    """Someone looked at the paper; it counts now."""
    lines = [f"您的“{row.skill.name}”证书已经核对，可以报需要它的岗位了。"]
    _send(
        row.person_id,
        f"证书已核对：{row.skill.name}",
        lines,
        fact=PAPER_CHECKED.of(f"skill:{row.id}:checked:{stamp}"),
    )
