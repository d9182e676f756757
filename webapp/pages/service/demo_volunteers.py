"""What the demonstration's volunteers can do, their teams and trainings; by number alone, so always the same."""

from datetime import timedelta

from sqlalchemy import select

from webapp.core import clock
from webapp.core.clock import freeze
from webapp.core.db import session
from webapp.events.models import Event, EventSession, Position
from webapp.pages.service.demonstration import FIRST_PHONE, Stage
from webapp.people.queries import account_of
from webapp.people.service.guardians import Guardian, record_guardian
from webapp.venues.queries import list_districts
from webapp.volunteers import queries as volunteers
from webapp.volunteers import service
from webapp.volunteers.domain import (
    LANGUAGES,
    TIMES,
    ProfileDraft,
    Requirements,
    SkillClaim,
    TeamDetails,
    TeamKind,
    TrainingDraft,
)
from webapp.volunteers.models import Skill, VolunteerSkill

FIRST_AID, GUIDING, PHONES = "急救", "科普讲解", "手机和电脑辅导"
YOUNG = 19  # number of the one who is 16 or 17
GUIDE_COURSE, AID_COURSE = "科普讲解员培训", "救护员培训"
# Name, kind, description; number of the leader among the volunteers, numbers of members, of who asks.
TEAMS = (
    (
        "示例·市科技志愿服务总队（演示）",
        TeamKind.SERVICE,
        "周末进社区讲科学、教手机。欢迎会讲解、有耐心的朋友。",
        (0, range(1, 8), (15, 16)),
    ),
    (
        "示例·应急科普专家团队（演示）",
        TeamKind.EMERGENCY,
        "讲地震、火灾、溺水怎么自救，教心肺复苏。队员都有救护证书。",
        (8, (2, 9, 10), ()),
    ),
    (
        "示例·老专家科普团（演示）",
        TeamKind.ELDER_EXPERTS,
        "退休的医生、教师和农艺师，到乡镇讲健康和种植。",
        (11, (12, 13, 14), (17,)),
    ),
)


def add_volunteers(stage: Stage) -> None:
    """Profiles for everyone, three teams, trainings, and one coming position that asks for a checked skill.

    To be called in a transaction, after the events were played.
    """
    service.seed_skills()
    skills = {one.name: one for one in volunteers.list_skills()}
    with freeze(stage.now - timedelta(days=40)):
        for number, person_id in enumerate(stage.volunteers):
            service.save_profile(person_id, _profile(number, skills), by=person_id)
        young = stage.volunteers[YOUNG]
        guardian = Guardian("示例·家长", f"+86{FIRST_PHONE}")
        record_guardian(young, guardian, method="oral", recorded_by=stage.staff["organiser"])
        _check_papers(stage, skills[FIRST_AID])
        _teams(stage)
    with freeze(stage.now - timedelta(days=20)):
        _trainings(stage)
    position_id = _coming_position(stage)
    if position_id is not None:
        wanted = Requirements(skills=frozenset({skills[FIRST_AID].id}))
        service.set_requirements(position_id, wanted, by=stage.staff["organiser"])


def _profile(number: int, skills: dict[str, Skill]) -> ProfileDraft:
    districts = [one.code for one in list_districts()]
    names = [GUIDING] if number % 2 == 0 else [PHONES]
    names += ["摄影摄像"] if number % 5 == 0 else []
    claims = [SkillClaim(skills[name].id) for name in names]
    if _has_paper(number):
        # One of them runs out soon, so that the warning can be seen.
        ends = clock.today() + timedelta(days=60 if number == 2 else 600)
        claims.append(SkillClaim(skills[FIRST_AID].id, f"示例·救护员证 {number + 1:04d} 号", ends))
    return ProfileDraft(
        number=f"230800DEMO{number + 1:03d}" if number % 3 else None,
        age_band="16_17" if number == YOUNG else "adult",
        districts=[districts[number % len(districts)], districts[0]],
        times=[one for place, one in enumerate(TIMES) if (place + number) % 4 == 0],
        languages=[LANGUAGES[0], *([LANGUAGES[1 + number % 6]] if number % 4 == 0 else [])],
        takes_calls=number % 7 != 6,
        skills=claims,
    )


def _has_paper(number: int) -> bool:
    return number in {2, 8, 9, 10, 18}


def _check_papers(stage: Stage, skill: Skill) -> None:
    """The office looked at all papers but the last."""
    for number, person_id in enumerate(stage.volunteers):
        if _has_paper(number) and number != 18:
            wanted = select(VolunteerSkill).where(
                VolunteerSkill.person_id == person_id, VolunteerSkill.skill_id == skill.id
            )
            row = session().scalars(wanted).one()
            service.check_certificate(
                row.id, certificate=row.certificate, expires_on=row.expires_on, by=stage.staff["office"]
            )


def _teams(stage: Stage) -> None:
    host = stage.organisations[stage.data["unit"]]
    people = stage.volunteers
    for name, kind, about, (leader, members, asking) in TEAMS:
        account = account_of(people[leader])
        if account is None:
            continue
        team = service.make_team(
            TeamDetails(name, kind, about),
            organisation_id=host,
            login=account.email or "",
            by=stage.staff["organiser"],
            is_demo=True,
        )
        rows = [service.ask_to_join(team.id, people[one]) for one in members]
        service.accept(team.id, [row.id for row in rows], by=people[leader])
        for one in asking:
            service.ask_to_join(team.id, people[one], note="我住得近，周末都有空。")


def _trainings(stage: Stage) -> None:
    office, host = stage.staff["office"], stage.organisations[stage.data["unit"]]
    guiding = service.add_course(GUIDE_COURSE, valid_months=None, by=office)
    aid = service.add_course(AID_COURSE, valid_months=36, by=office)
    for course, minutes, numbers in ((guiding, 180, range(8)), (aid, 480, (2, 8, 9, 10))):
        held_on = clock.today() - timedelta(days=5)
        draft = TrainingDraft(course.id, host, held_on, minutes, "示例·培训教室")
        people = [stage.volunteers[number] for number in numbers]
        service.record_trainings(draft, people, by=stage.staff["organiser"])


def _coming_position(stage: Stage) -> str | None:
    """The last coming shift of the demonstration organiser's unit."""
    return session().scalar(
        select(Position.id)
        .join(EventSession, EventSession.id == Position.session_id)
        .join(Event, Event.id == EventSession.event_id)
        .where(
            Event.organisation_id == stage.organisations[stage.data["unit"]],
            Event.status == "published",
            EventSession.cancelled_at.is_(None),
            EventSession.starts_at > stage.now,
            Position.kind == "volunteer",
        )
        .order_by(EventSession.starts_at.desc(), Position.rank, Position.id)
        .limit(1)
    )
