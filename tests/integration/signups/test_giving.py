"""Companions, guardians and answers: said when signing up, judged again at the door."""

from collections.abc import Callable
from typing import Any

from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from tests.factories.events import staff
from tests.factories.signups import a_position, status_of, taken
from webapp.attendance import service as attendance
from webapp.attendance.domain import Direction, Method, ScanRequest
from webapp.core import clock
from webapp.core.db import get_row, session, transaction
from webapp.events.domain.questions import QuestionDraft
from webapp.events.models import Event, Position
from webapp.events.service.questions import add_question
from webapp.organisations.domain import Permission
from webapp.organisations.models import Organisation
from webapp.people.models import Guardianship
from webapp.people.service.guardians import withdraw_guardian
from webapp.signups.models import Signup

SignIn = Callable[[FlaskClient, Any], FlaskClient]
GUEST = {"name": "赵桂兰", "phone": "13800138000", "consent": "y"}
GUARDIAN = {"guardian_name": "王大明", "guardian_phone": "13900139000", "guardian_consent": "y"}


def _page(position_id: str) -> str:
    return f"/positions/{position_id}/sign-up"


def _signups(position_id: str) -> list[Signup]:
    session().rollback()
    wanted = select(Signup).where(Signup.position_id == position_id).order_by(Signup.created_at, Signup.id)
    return list(session().scalars(wanted))


def test_companions_come_all_or_none_and_leave_together(app: Flask, client: FlaskClient) -> None:
    small = a_position(capacity=2, waitlist=False)
    party = {"companions-0-name": "钱大爷", "companions-1-name": "孙奶奶"}
    refused = client.fill(_page(small), **GUEST, **party)
    assert refused.status_code == 409
    assert "一个也没有报上" in refused.text and "钱大爷" in refused.text and taken(small) == 0
    position = a_position(capacity=5)
    assert client.fill(_page(position), **GUEST, **{"companions-0-name": "赵桂兰"}).status_code == 422
    link = client.fill(_page(position), **GUEST, **party).location
    main, *along = _signups(position)
    assert [one.with_signup_id for one in along] == [main.id, main.id]
    page = client.get(link).text
    assert "钱大爷" in page and "孙奶奶" in page and page.count("qr.svg") == 3
    client.fill(link + "/cancel", whole="all")
    assert {status_of(one.id) for one in (main, *along)} == {"cancelled"}
    assert taken(position) == 0


def test_a_minor_needs_a_guardian_now_and_at_the_door(
    app: Flask, client: FlaskClient, sign_in: SignIn
) -> None:
    position = a_position(capacity=5, starts_at=clock.now())
    refused = client.fill(_page(position), **GUEST, age_band="under_10")
    assert refused.status_code == 422 and "请填写监护人姓名" in refused.text
    assert (
        client.fill(_page(position), **GUEST, **GUARDIAN, age_band="under_10", company="guardian").status_code
        == 302
    )
    (made,) = _signups(position)
    kept = session().scalars(select(Guardianship)).one()
    assert (made.age_band, kept.guardian_phone, kept.method) == ("under_10", "+8613900139000", "web")
    held = get_row(Position, position).session
    person_id, session_id, signup_id = made.person_id, held.id, made.id
    organiser = staff(get_row(Organisation, held.event.organisation_id), Permission.MANAGE_EVENTS)
    with transaction():
        withdraw_guardian(person_id, by=organiser.person_id)

    def scan(nonce: str) -> dict[str, Any]:
        with transaction():
            request = ScanRequest(
                session_id, Direction.IN, nonce, "d", organiser.person_id, Method.ROSTER, signup_id=signup_id
            )
            return attendance.check_in(request).body

    answer = scan("1")
    assert (answer["outcome"], answer["lacks"]) == ("pending", "guardian") and "监护人" in answer["detail"]
    sign_in(client, organiser)
    page = f"/manage/signups/{signup_id}/guardian"
    given = {f"record-{name}": value for name, value in (GUARDIAN | {"what": "record"}).items()}
    assert client.post(page, data=given).status_code == 303
    assert "王大明" not in client.get(page).text
    reason = {"reveal-what": "reveal", "reveal-reason": "请家长来接"}
    assert "王大明" in client.post(page, data=reason).text
    assert scan("2")["outcome"] == "accepted"


def test_questions_are_asked_answered_changed_and_exported(
    app: Flask, client: FlaskClient, sign_in: SignIn
) -> None:
    position = a_position(capacity=5)
    event_id = get_row(Position, position).session.event_id
    with transaction():
        car = add_question(event_id, QuestionDraft("choice", "怎么来？", ("开车", "公交"), True), by=None).id
        plate = QuestionDraft("text", "车牌号？", (), True, shown_if_id=car, shown_if_answer="开车")
        plate_id = add_question(event_id, plate, by=None).id
    assert client.fill(_page(position), **GUEST).status_code == 422
    answered = {f"question_{car}": "开车", f"question_{plate_id}": "=1+1"}
    link = client.fill(_page(position), **GUEST, **answered).location
    assert f'href="{link}/answers"' in client.get(link).text
    assert client.fill(link + "/answers", **{f"question_{plate_id}": ""}).status_code == 422
    assert client.fill(link + "/answers", **{f"question_{plate_id}": "=2"}).status_code == 303
    session().rollback()
    organisation = get_row(Organisation, get_row(Event, event_id).organisation_id)
    sign_in(client, staff(organisation, Permission.MANAGE_EVENTS))
    page = client.get(f"/manage/events/{event_id}/answers").text
    assert "赵桂兰" in page and "=2" in page
    assert "'=2" in client.get(f"/manage/events/{event_id}/answers.csv", follow_redirects=True).text
    assert client.get(f"/manage/events/{event_id}/answers?format=xlsx").data.startswith(b"PK")
    asked = f"/manage/events/{event_id}/questions"
    assert client.fill(asked, asked, text="带孩子吗？", kind="tick").status_code == 303
    assert client.post(f"{asked}/{car}/remove").status_code == 303  # another one depends on it
    assert "怎么来？" in client.get(asked).text and client.get(f"{asked}/{plate_id}").status_code == 200
