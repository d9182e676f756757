"""Everything kept of one person, gathered from all areas for them to take away (PIPL 2021 art. 45)."""

import json
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import select

from webapp.attendance.models import Attendance, Device
from webapp.calendars.models import Subscription
from webapp.core import clock, sheets
from webapp.core.db import session
from webapp.core.drafts import FormDraft, typed
from webapp.core.errors import N_
from webapp.core.outbox import OutboxMessage, is_out
from webapp.events.models import Event, EventSession, Position, Question
from webapp.organisations.models import Membership, Organisation
from webapp.pages.domain.own_words import in_words
from webapp.pages.models import TodoMail
from webapp.pages.service.own_asked import asked_of
from webapp.people.models import Account, ApiToken, Consent, Guardianship, Person, SettledAge
from webapp.recognition.models import Certificate, Objection, ServiceRecord, Star
from webapp.signups.models import Answer, Notice, Signup, Telling
from webapp.signups.queries.standing import STANDING_COLUMNS, state_of_row
from webapp.venues.models import District, Venue
from webapp.volunteers.models import (
    Course,
    Skill,
    Team,
    TeamMembership,
    Training,
    Volunteer,
    VolunteerSkill,
)


@dataclass(frozen=True)
class Section:
    """One kind of data: its name for programs, its name for people, headings by column, rows."""

    key: str
    title: str
    headings: dict[str, str]
    rows: list[dict[str, Any]]


def gather(person_id: str) -> list[Section]:
    """What is kept of this person, section by section; empty ones are in it too, so that nothing seems forgotten."""
    return [
        *_identity(person_id),
        *_profile(person_id),
        *_promises(person_id),
        *(_section(*one) for one in asked_of(person_id)),
        *_service(person_id),
        *_rest(person_id),
    ]


def as_json(sections: Iterable[Section]) -> str:
    """For programs: times in ISO 8601 on the city's clock."""
    whole = {
        section.key: [{name: _plain(value) for name, value in row.items()} for row in section.rows]
        for section in sections
    }
    return json.dumps({"made_at": _plain(clock.now()), **whole}, ensure_ascii=False, indent=2)


def as_sheet(sections: Iterable[Section]) -> bytes:
    """For people: an XLSX with a sheet for each kind, words for codes and real dates; nothing in it is a formula."""
    districts = {one.code: one.name for one in session().execute(select(District.code, District.name))}
    return sheets.xlsx(
        [
            sheets.Sheet(
                section.title,
                list(section.headings.values()),
                [
                    [in_words(section.key, key, row[key], districts=districts) for key in section.headings]
                    for row in section.rows
                ],
            )
            for section in sections
        ]
    )


def _plain(value: Any) -> Any:
    if isinstance(value, datetime):
        return clock.local(value).isoformat(timespec="seconds")
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, list):
        return "、".join(str(one) for one in value)
    return value


def _section(key: str, title: str, wanted: Any, columns: str) -> Section:
    """`columns` is "name=姓名 phone=电话": what a program calls a column, and what people call it."""
    headings = dict(pair.split("=") for pair in columns.split())
    rows = session().execute(wanted).mappings()
    return Section(key, title, headings, [{name: row[name] for name in headings} for row in rows])


def _table(key: str, title: str, model: Any, person_id: str, *, columns: str) -> Section:
    """The same, of one table's rows of this person."""
    names = [pair.split("=")[0] for pair in columns.split()]
    wanted = select(*(getattr(model, name) for name in names)).where(model.person_id == person_id)
    return _section(key, title, wanted.order_by(*model.__table__.primary_key), columns)


def _identity(person_id: str) -> list[Section]:
    who = (
        select(Person.name, Person.phone, Account.email, Account.phone.label("login"), Person.created_at)
        .outerjoin(Account, Account.person_id == Person.id)
        .where(Person.id == person_id)
    )
    person = "name=姓名 phone=电话 email=登录邮箱 login=登录手机号 created_at=建立时间"
    consent = "purpose=事项 policy_version=说明的版本 given_at=同意时间 method=方式 withdrawn_at=撤回时间"
    guardian = "guardian_name=监护人 guardian_phone=电话 given_at=同意时间 withdrawn_at=撤回时间"
    return [
        _section("person", N_("本人"), who, person),
        _table("consents", N_("同意"), Consent, person_id, columns=consent),
        _table("guardians", N_("监护人"), Guardianship, person_id, columns=guardian),
        _table("settled_age", N_("核实过的年龄"), SettledAge, person_id, columns="band=年龄段 said_at=时间"),
    ]


def _profile(person_id: str) -> list[Section]:
    profile = (
        "number=全国志愿者编号 age_band=年龄段 districts=可服务的区县 times=可服务的时间 languages=语言"
        " note=说明 takes_calls=愿意接到招募通知 updated_at=更新时间"
    )
    skills = (
        select(Skill.name, VolunteerSkill.certificate, VolunteerSkill.expires_on, VolunteerSkill.checked_at)
        .join(Skill, Skill.id == VolunteerSkill.skill_id)
        .where(VolunteerSkill.person_id == person_id)
        .order_by(Skill.rank, Skill.name)
    )
    trainings = (
        select(Course.name, Organisation.name.label("by"), Training.held_on, Training.minutes, Training.place)
        .join(Course, Course.id == Training.course_id)
        .join(Organisation, Organisation.id == Training.organisation_id)
        .where(Training.person_id == person_id, Training.voided_at.is_(None))
        .order_by(Training.held_on, Training.id)
    )
    return [
        _table("profile", N_("志愿者资料"), Volunteer, person_id, columns=profile),
        _section(
            "skills", N_("技能"), skills, "name=技能 certificate=证书 expires_on=有效期至 checked_at=核对时间"
        ),
        _section(
            "trainings", N_("培训"), trainings, "name=内容 by=组织者 held_on=日期 minutes=分钟 place=地点"
        ),
        _teams(person_id),
    ]


def _teams(person_id: str) -> Section:
    teams = (
        select(
            Team.name,
            TeamMembership.state,
            TeamMembership.asked_at,
            TeamMembership.decided_at,
            TeamMembership.left_at,
        )
        .join(Team, Team.id == TeamMembership.team_id)
        .where(TeamMembership.person_id == person_id)
        .order_by(TeamMembership.asked_at, TeamMembership.id)
    )
    columns = "name=团队 state=状态 asked_at=申请时间 decided_at=答复时间 left_at=离开时间"
    return _section("teams", N_("团队"), teams, columns)


def _promises(person_id: str) -> list[Section]:
    signups = (
        select(
            Event.title,
            Venue.name.label("venue"),
            Position.name.label("position"),
            *STANDING_COLUMNS,
            Signup.created_at,
            Signup.cancelled_at,
            Attendance.in_at,
            Attendance.out_at,
            Attendance.entered_late,
            Organisation.name.label("centre"),
            Signup.age_band,
            Signup.company,
        )
        .join(Position, Position.id == Signup.position_id)
        .join(EventSession, EventSession.id == Signup.session_id)
        .join(Event, Event.id == EventSession.event_id)
        .join(Venue, Venue.id == EventSession.venue_id)
        .outerjoin(Organisation, Organisation.id == Signup.centre_id)
        .outerjoin(Attendance, (Attendance.signup_id == Signup.id) & Attendance.annulled_at.is_(None))
        .where(Signup.person_id == person_id)
        .order_by(EventSession.starts_at, Signup.id)
    )
    columns = (
        "title=活动 starts_at=开始 ends_at=结束 venue=地点 position=岗位 status=状态 created_at=报名时间"
        " cancelled_at=取消时间 in_at=签到 out_at=签退 entered_late=补录 centre=代报名的单位"
        " age_band=年龄段 company=陪同或接送"
    )
    headings = dict(pair.split("=") for pair in columns.split())
    rows = [row._asdict() | {"status": state_of_row(row)} for row in session().execute(signups)]
    shown = [{name: row[name] for name in headings} for row in rows]
    return [
        Section("signups", N_("报名和签到"), headings, shown),
        _answers(person_id),
    ]


def _answers(person_id: str) -> Section:
    answers = (
        select(Event.title, Question.text, Answer.value, Answer.answered_at)
        .join(Signup, Signup.id == Answer.signup_id)
        .join(Question, Question.id == Answer.question_id)
        .join(Event, Event.id == Question.event_id)
        .where(Signup.person_id == person_id)
        .order_by(Answer.answered_at)
    )
    return _section(
        "answers", N_("报名时的回答"), answers, "title=活动 text=问题 value=回答 answered_at=时间"
    )


def _service(person_id: str) -> list[Section]:
    records = (
        select(Event.title, *ServiceRecord.__table__.columns)
        .join(EventSession, EventSession.id == ServiceRecord.session_id)
        .join(Event, Event.id == EventSession.event_id)
        .where(ServiceRecord.person_id == person_id)
        .order_by(ServiceRecord.served_on, ServiceRecord.id)
    )
    columns = (
        "title=活动 served_on=日期 turnout=到场情况 source=来源 status=状态 minutes=分钟 added_minutes=补录分钟"
        " rule_version=规则版本 reason=补录原因 void_reason=作废原因"
    )
    paper = (
        "number=编号 issuer=出具单位 from_on=起 until_on=止 status=状态 minutes=分钟 added_minutes=补录分钟"
        " issued_at=开具时间"
    )
    objection = "text=内容 made_at=时间 answer=答复 answered_at=答复时间"
    star = "level=星级 hours_needed=申请时要的小时数 state=状态 applied_at=申请时间 decided_at=决定时间"
    return [
        _section("service_records", N_("服务记录"), records, columns),
        _table("objections", N_("异议"), Objection, person_id, columns=objection),
        _table("stars", N_("星级"), Star, person_id, columns=star),
        _table("certificates", N_("证明"), Certificate, person_id, columns=paper),
    ]


def _rest(person_id: str) -> list[Section]:
    works = (
        select(Organisation.name, Membership.permissions, Membership.created_at)
        .join(Organisation, Organisation.id == Membership.organisation_id)
        .where(Membership.person_id == person_id)
        .order_by(Membership.created_at)
    )
    message = "created_at=时间 channel=渠道 recipient=发往 subject=标题 body=内容"
    calendar = "name=名称 created_at=建立时间 last_fetched_at=最近读取 revoked_at=停用时间"
    key = "name=名称 created_at=建立时间 revoked_at=停用时间"
    device = "name=名称 created_at=建立时间 last_seen_at=最近使用 revoked_at=停用时间"
    tellings = (
        select(Event.title, Notice.kind, Notice.made_at, Telling.way, Telling.told_at)
        .join(Notice, Notice.id == Telling.notice_id)
        .join(Event, Event.id == Notice.event_id)
        .where(Telling.person_id == person_id)
        .order_by(Notice.made_at, Telling.id)
    )
    told = "title=活动 kind=事情 made_at=时间 way=告知方式 told_at=电话告知时间"
    mail = "wanted=要收 language=语言 asked_at=选择时间 last_on=最近一天"
    return [
        _section("messages", N_("消息"), _messages(person_id), message),
        _section("tellings", N_("变动的告知"), tellings, told),
        _drafts(person_id),
        _table("todo_mail", N_("每天的待办邮件"), TodoMail, person_id, columns=mail),
        _section("memberships", N_("工作权限"), works, "name=单位 permissions=权限 created_at=起"),
        _table("calendars", N_("日历地址"), Subscription, person_id, columns=calendar),
        _table("devices", N_("签到手机"), Device, person_id, columns=device),
        _table("program_keys", N_("程序密钥"), ApiToken, person_id, columns=key),
    ]


def _drafts(person_id: str) -> Section:
    """What was typed and not sent, without what the page itself put into the form."""
    wanted = select(FormDraft).where(FormDraft.person_id == person_id).order_by(FormDraft.saved_at)
    rows = [
        {"address": one.address, "saved_at": one.saved_at, "text": " ".join(typed(one.fields))}
        for one in session().scalars(wanted)
    ]
    return Section("drafts", N_("表单的草稿"), {"address": "页面", "saved_at": "时间", "text": "内容"}, rows)


def _messages(person_id: str) -> Any:
    """Those that have left: what can still be taken back is nobody's news yet."""
    wanted = select(OutboxMessage).where(OutboxMessage.person_id == person_id, is_out())
    return wanted.with_only_columns(*OutboxMessage.__table__.columns).order_by(OutboxMessage.id)
