"""One person, one spelling: whatever door a name and a telephone come through, they are one person."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import func, select, text

from tests.conftest import settings_for
from tests.factories.events import an_organisation, staff
from tests.factories.people import make_account, make_token
from tests.factories.signups import a_position
from tests.support.databases import Databases
from webapp import create_app
from webapp.attendance.service.walkins import seat_walk_in
from webapp.core.db import db, downgrade, session, transaction, upgrade
from webapp.core.errors import Refusal
from webapp.core.forms import normal_phone
from webapp.events.models import Position
from webapp.organisations.domain import Permission
from webapp.people import service as people
from webapp.people.models import Account, Person
from webapp.people.queries import count_namesakes
from webapp.signups.domain.reading import read_people
from webapp.signups.models import Signup
from webapp.signups.queries.handing import find_volunteer
from webapp.signups.service.many import sign_up_many

SignIn = Callable[[FlaskClient, Any], FlaskClient]

SPELLINGS = (
    "阿依古丽·买买提",
    "阿依古丽‧买买提",
    "阿依古丽 ∙ 买买提",
    "阿依古丽．买买提\u200b",
    "阿依古丽 买买提",
)
NUMBERS = ("13512340001", "\u202d135 1234 0001\u202c", "+86 135-1234-0001", "１３５１２３４０００１")


def _persons() -> int:
    session().rollback()
    wanted = select(func.count()).select_from(Person).where(Person.phone == "+8613512340001")
    return session().scalar(wanted) or 0


def test_form_list_api_and_door_find_the_same_person(
    app: Flask, client: FlaskClient, sign_in: SignIn
) -> None:
    organisation = an_organisation()
    helper = staff(organisation, Permission.SIGN_UP_OTHERS)
    position = a_position(capacity=30, organisation=organisation)
    guest = client.fill(f"/positions/{position}/sign-up", name=SPELLINGS[0], phone=NUMBERS[0], consent="y")
    assert guest.status_code == 302
    read = read_people(f"{SPELLINGS[1]} {NUMBERS[1]}", phone=normal_phone)
    assert read.faults == ()
    with transaction():
        made = sign_up_many(position, [row.person for row in read.rows], by=helper.person_id)
    assert (made.made, len(made.already)) == ([], 1)
    head = {"Authorization": f"Bearer {make_token(helper)}"}
    body = {"person": {"name": SPELLINGS[2], "phone": NUMBERS[2]}}
    answer = client.post(f"/api/v1/positions/{position}/signups", json=body, headers=head)
    assert (answer.status_code, answer.json["code"]) == (409, "already_signed_up")
    session_id = session().get_one(Position, position).session_id
    with pytest.raises(Refusal, match="已经"), transaction():
        seat_walk_in(
            session_id,
            name=SPELLINGS[3],
            phone=normal_phone(NUMBERS[3]),
            position_id=position,
            by=helper.person_id,
        )
    sign_in(client, helper)
    page = client.fill(
        f"/manage/sessions/{session_id}/sign-up", name=SPELLINGS[4], phone=NUMBERS[0], consent="y"
    )
    assert page.status_code == 409
    assert _persons() == 1
    assert session().scalar(select(func.count()).select_from(Signup)) == 1


def test_one_list_names_the_same_person_twice(app: Flask) -> None:
    read = read_people("\n".join(f"{name} {NUMBERS[0]}" for name in SPELLINGS), phone=normal_phone)
    assert len(read.rows) == 1
    assert {fault.params["first"] for fault in read.faults} == {1}


def test_a_friend_is_found_for_a_hand_over_in_any_spelling(app: Flask) -> None:
    friend = make_account(SPELLINGS[0], phone="+8613512340001")
    for spelling in SPELLINGS:
        assert find_volunteer(name=spelling, phone="+8613512340001") == friend.person_id


def test_a_corrected_name_is_compared_alike(app: Flask) -> None:
    with transaction():
        people.find_or_make_person(name="LIMING", phone="+8613512340001")
    own = make_account("王小明", phone="+8613512340001")
    assert own.person.phone == "+8613512340001"
    with pytest.raises(Refusal), transaction():
        people.correct_details(own.id, name="Li Ming", phone="+8613512340001", email=None)


def test_an_account_signs_in_however_its_address_is_typed(app: Flask, client: FlaskClient) -> None:
    make_account(email="wang@example.cn", password="a long quiet river")
    answer = client.fill("/sign-in", login="Ｗang@ example.cn\u200b", password="a long quiet river")
    assert answer.status_code in {302, 303}


@pytest.mark.parametrize("nothing", ["\u200b", "\u202d\u202c", "\u3000 "])
def test_what_holds_nothing_visible_was_not_filled_in(app: Flask, client: FlaskClient, nothing: str) -> None:
    position = a_position()
    answer = client.fill(f"/positions/{position}/sign-up", name="王小明", phone=nothing, consent="y")
    assert answer.status_code == 422
    assert _people_in_all() == 0


def _people_in_all() -> int:
    session().rollback()
    return session().scalar(select(func.count()).select_from(Signup)) or 0


def test_an_upgrade_merges_nobody_in_silence(
    databases: Databases, database_kind: str, tmp_path: Path
) -> None:
    """Two of one name and telephone stay two; the one with an account is found from then on, `doctor` says so."""
    with databases.fresh(database_kind, migrated=False) as url:
        app = create_app(settings_for(url, tmp_path))
        with app.app_context():
            upgrade(app)
            downgrade(app, "0006")
            names = {"a" * 18: "孙 八", "b" * 18: "孙八", "c" * 18: "孙九"}
            with transaction() as current:
                for one, name in names.items():
                    current.execute(
                        text(
                            "INSERT INTO person (id, name, phone, created_at, updated_at) "
                            "VALUES (:id, :name, '+8613512340001', :at, :at)"
                        ),
                        {"id": one, "name": name, "at": "2026-01-01 00:00:00"},
                    )
            with transaction() as current:
                current.add(
                    Account(person_id="b" * 18, email="sun@example.cn", password_hash="x", session_key="x")
                )
            upgrade(app)
            rows = db.session.execute(text("SELECT id, name_key FROM person ORDER BY id"))
            found = {row.id: row.name_key for row in rows}
            assert found == {"a" * 18: "孙八#" + "a" * 18, "b" * 18: "孙八", "c" * 18: "孙九"}
            assert count_namesakes() == 1
            with transaction():
                assert people.find_or_make_person(name="孙 八", phone="+8613512340001").id == "b" * 18
            db.session.close()
            db.engine.dispose()
