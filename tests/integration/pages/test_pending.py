"""Who asks for a place: on what ground to decide, everyone or some of them at once, also without script."""

import re
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import event as sql_events
from sqlalchemy import select, update

from tests.factories.attendance import make_scene, person_of, sign_up
from tests.factories.events import an_organisation, staff
from tests.factories.recognition import make_record
from tests.factories.signups import a_guest, a_position, a_volunteer, join, status_of
from tests.factories.volunteers import give_skill, make_course, make_skill, make_training
from tests.support.client import CheckedClient
from tests.support.time import TestClock
from webapp.core import clock as city
from webapp.core.audit import AuditEntry
from webapp.core.db import db, transaction
from webapp.events.domain.questions import QuestionDraft
from webapp.events.models import Position
from webapp.events.service.questions import add_question
from webapp.organisations.domain import Permission
from webapp.organisations.models import Organisation
from webapp.signups.models import Answer, Signup
from webapp.signups.queries import pass_code

SignIn = Callable[[CheckedClient, Any], CheckedClient]


@pytest.fixture
def organisation(app: Flask) -> Organisation:
    return an_organisation()


@pytest.fixture
def organiser(client: CheckedClient, sign_in: SignIn, organisation: Organisation) -> CheckedClient:
    return sign_in(client, staff(organisation, Permission.MANAGE_EVENTS))


def needs_approval(organisation: Organisation, kind: str = "volunteer", capacity: int = 5) -> str:
    position = a_position(kind, capacity, organisation=organisation)
    with transaction() as current:
        current.execute(update(Position).where(Position.id == position).values(needs_approval=True))
    return position


def rows(page: str) -> dict[str, str]:
    """The text of each line by its name."""
    found = {}
    for row in page.split("<tr>")[2:]:
        name = re.search(r"</span>([^<]+)</label>", row)
        if name:
            found[name[1].strip()] = " ".join(re.sub(r"<[^>]+>", " ", row.partition("</tr>")[0]).split())
    return found


def test_grounds_to_decide_by(organiser: CheckedClient, organisation: Organisation, clock: TestClock) -> None:
    able, new = a_volunteer("王秀英"), a_volunteer("王秀兰")
    first_aid, driving = make_skill("急救", needs_certificate=True), make_skill("驾驶")
    give_skill(able, first_aid, checked=True, expires_on=city.today() + timedelta(days=90))
    give_skill(able, driving)
    give_skill(new, first_aid)
    make_training(able, make_course("讲解培训"))
    make_record(able, minutes=150)
    position = needs_approval(organisation)
    held = db.session.get_one(Position, position).session.event_id
    with transaction():
        question = add_question(held, QuestionDraft("text", "会说方言吗？", (), False), by=None).id
    asked = {name: join(position, who) for name, who in (("王秀英", able), ("王秀兰", new))}
    with transaction() as current:
        current.add(Answer(signup_id=asked["王秀英"], question_id=question, value="会一点"))
        current.get_one(Signup, asked["王秀兰"]).age_band = "16_17"
    lines = rows(organiser.get(f"/manage/positions/{position}/pending").text)
    for text in ("急救 （证书已核，到", "驾驶", "培训：讲解培训", "累计 2.5 小时", "会说方言吗？ ： 会一点"):
        assert text.replace(" ", "") in lines["王秀英"].replace(" ", ""), text
    for text in (
        "急救（证书还没核）",
        "累计 0.0 小时",
        "近一年没有参加过",
        "16 至 17 岁",
        "还没有监护人同意",
    ):
        assert text.replace(" ", "") in lines["王秀兰"].replace(" ", ""), text


def test_how_often_they_came(organiser: CheckedClient, organisation: Organisation, clock: TestClock) -> None:
    past = make_scene()
    came, missed = sign_up(past.seats, name="王小明"), sign_up(past.seats, name="李四方")
    past.scan(pass_code(came))
    clock.advance(days=3)
    position = needs_approval(organisation, "audience")
    for one in (came, missed):
        join(position, one.person_id)
    lines = rows(organiser.get(f"/manage/positions/{position}/pending").text)
    assert "近一年来过 1 次" in lines["王小明"] and "没有来" not in lines["王小明"]
    assert "近一年来过 0 次 没有来 1 次" in lines["李四方"] and "累计" not in lines["李四方"]


def test_everyone_at_once_without_script(organiser: CheckedClient, organisation: Organisation) -> None:
    position = needs_approval(organisation, "audience")
    path = f"/manage/positions/{position}/pending"
    asked = [join(position, a_guest(name)) for name in ("赵一", "钱二", "孙三")]
    page = organiser.get(path).text
    shown = re.findall(r'name="shown" value="([^"]+)"', page)
    assert shown == asked and "这 3 人全部选上" in page
    late = join(position, a_guest("李四"))  # asked after the page was opened: nobody decided about them
    done = organiser.post(path, data={"everyone": "1", "shown": shown, "decision": "approve"})
    assert done.status_code == 200 and "刚才处理了 3 人" in done.text
    assert {str(status_of(one)) for one in asked} == {"confirmed"}
    assert status_of(late) == "pending"
    assert organiser.post(path, data={"shown": [late], "decision": "approve"}).status_code == 422
    assert status_of(late) == "pending"


def test_numbers_after_one_press(organiser: CheckedClient, organisation: Organisation) -> None:
    position = needs_approval(organisation, "audience", capacity=1)
    one = a_guest("赵一")
    join(position, one)
    phone = person_of(db.session.scalars(select(Signup).where(Signup.person_id == one)).one()).phone or "-"
    for page, back in (("pending", "pending"), ("waitlist", "waitlist")):
        path = f"/manage/positions/{position}/{page}"
        answer = organiser.post(f"/manage/positions/{position}/phones", data={"back": back})
        assert answer.location == path
    assert f'href="tel:{phone}"' in organiser.get(f"/manage/positions/{position}/pending").text
    entries = db.session.scalars(select(AuditEntry).where(AuditEntry.action == "phones.reveal")).all()
    assert [(entry.subject_type, entry.subject_id) for entry in entries] == [("position", position)]
    other = needs_approval(an_organisation(), "audience")
    assert organiser.post(f"/manage/positions/{other}/phones").status_code == 404


def test_it_costs_the_same_for_many(organiser: CheckedClient, organisation: Organisation) -> None:
    position = needs_approval(organisation, "audience")
    costs = []
    for number in (1, 6):
        for _ in range(number):
            join(position, a_guest("赵一"))
        seen: list[str] = []

        def note(
            _connection: object, _cursor: object, statement: str, *_rest: object, to: list[str] = seen
        ) -> None:
            to.append(statement)

        sql_events.listen(db.engine, "before_cursor_execute", note)
        organiser.get(f"/manage/positions/{position}/pending")
        sql_events.remove(db.engine, "before_cursor_execute", note)
        costs.append(len(seen))
    assert costs[0] == costs[1]


def test_the_desk_says_who_waits_for_a_decision(
    organiser: CheckedClient,
    organisation: Organisation,
    new_client: Callable[[], CheckedClient],
    sign_in: SignIn,
) -> None:
    soon, begun = needs_approval(organisation), needs_approval(organisation)
    foreign = needs_approval(an_organisation())
    for position in (soon, soon, begun, foreign):
        join(position, a_volunteer())
    with transaction() as current:
        current.get_one(Position, begun).session.starts_at = city.now() - timedelta(minutes=1)
    desk = organiser.get("/manage/").text
    assert "2 人报名" in desk and f"/manage/positions/{soon}/pending" in desk
    assert begun not in desk and foreign not in desk
    scanner = sign_in(new_client(), staff(organisation, Permission.SCAN))
    assert "等审核" not in scanner.get("/manage/").text  # decides nothing
