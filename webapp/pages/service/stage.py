"""Who and what the demonstration needs before anything happens: plans, places, accounts."""

from collections.abc import Sequence
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

from sqlalchemy import update

from webapp.core import clock
from webapp.core.db import session
from webapp.core.outbox import OutboxMessage
from webapp.core.passwords import Hashed
from webapp.organisations import queries as organisations
from webapp.organisations import service as organisation_service
from webapp.organisations.domain import Permission
from webapp.pages.service.demonstration import VOLUNTEERS, Stage
from webapp.people import service as people
from webapp.plan import queries as plans
from webapp.plan import service as plan_service
from webapp.plan.domain import NextPlan, SurveyDraft
from webapp.plan.models import Plan
from webapp.venues import service as venues
from webapp.venues.domain import VenueDetails

UNIT, OFFICE, CENTRE = "市卫生健康委", "市科协", "长安社区服务中心（演示）"
STAFF: dict[str, tuple[str, str, Sequence[Permission]]] = {
    "office": ("示例·科协", OFFICE, [Permission.GOVERN]),
    "organiser": (
        "示例·组织",
        UNIT,
        [Permission.MANAGE_EVENTS, Permission.SCAN, Permission.SIGN_UP_OTHERS],
    ),
    "scanner": ("示例·签到", UNIT, [Permission.SCAN]),
    "centre": ("示例·社区", CENTRE, [Permission.SIGN_UP_OTHERS]),
    "unit": ("示例·联络", UNIT, [Permission.REPORT]),
    "inspector": ("示例·督查", OFFICE, [Permission.INSPECT]),
}


def set_stage(data: dict[str, Any], password: Hashed) -> Stage:
    """Districts, plans, organisations, venues and accounts, as empty of events as a theatre in the morning."""
    now = clock.now()
    venues.seed_districts()
    old = _plans(now)
    for one in data["organisations"]:
        organisation_service.make_organisation(**one)
    staff = {login: _account(login, name, password) for login, (name, _, _) in STAFF.items()}
    by_name = {row.name: row.id for row in organisations.list_organisations()}
    for login, (_, place, permissions) in STAFF.items():
        organisation_service.set_membership(staff[login], by_name[place], permissions, by=None)
    stage = Stage(
        data, now, staff, volunteers=[], venues=_venues(data, by_name), organisations=by_name, old=old
    )
    stage.volunteers = [
        _account(f"volunteer{number + 1}", f"示例·志愿{stage.name(number)[3:]}", password)
        for number in range(VOLUNTEERS)
    ]
    target = plans.list_targets(old.id)[0]
    survey = SurveyDraft(2023, "佳木斯市", Decimal("10.80"), 1000, "演示数据，不是真实的调查")
    plan_service.record_survey_result(target.id, survey, by=staff["office"])
    return stage


def _plans(now: datetime) -> Plan:
    """The city's plan, and its successor in whose period today lies, marked as a demonstration."""
    old = plan_service.import_bundled()
    year = max(clock.local(now).year, 2026)
    first = 2026 + (year - 2026) // 5 * 5
    if plans.plan_on(clock.local_date(now)) is None:
        title = f"佳木斯市全民科学素质行动实施方案（{first}—{first + 4}年，演示）"
        code = f"jiamusi-{first}-{first + 4}"
        asked = NextPlan(code, title, date(first, 1, 1), date(first + 4, 12, 31), is_demo=True)
        plan_service.roll_over(old.code, asked, by=None)
    return old


def _account(login: str, name: str, password: Hashed) -> str:
    account = people.make_account(name=name, password=password, email=f"{login}@demo.test")
    people.record_consent(account.person_id, "account", method="web")
    return account.person_id


def _venues(data: dict[str, Any], organisations_by_name: dict[str, str]) -> dict[str, str]:
    made = {}
    for one in data["venues"]:
        details = VenueDetails(
            name=one["name"],
            kind=one["kind"],
            district_code=one["district_code"],
            township_code=one["township_code"],
            address=one["address"],
            organisation_id=organisations_by_name.get(one["organisation"] or ""),
        )
        made[one["key"]] = venues.make_venue(details, by=None).id
    return made


def put_old_messages_away(stage: Stage) -> None:
    """What was told days ago was read long since, and does not leave now."""
    session().flush()
    session().execute(
        update(OutboxMessage)
        .where(OutboxMessage.created_at < stage.now - timedelta(days=2))
        .values(state="kept", read_at=OutboxMessage.created_at)
        .execution_options(synchronize_session=False)
    )
