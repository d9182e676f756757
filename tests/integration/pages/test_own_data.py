"""What is kept of a person: taken away, corrected, erased by themselves and by time."""

import io
import json
from datetime import datetime, timedelta
from typing import Any

import pytest
from flask import Flask
from openpyxl import load_workbook

from tests.factories import signups as made
from tests.factories.organisations import grant, make_organisation
from tests.support.client import CheckedClient
from tests.support.time import TestClock
from webapp.core import clock as city
from webapp.core.db import db, get_row, transaction
from webapp.core.outbox import OutboxMessage
from webapp.organisations.domain import Permission
from webapp.pages.service import own_data
from webapp.people.domain import CLOSED_NAME
from webapp.people.models import Account, Person
from webapp.signups.models import Signup

PASSWORD = "a long quiet river"


@pytest.fixture
def me(app: Flask, client: CheckedClient, sign_in: Any, clock: TestClock) -> Account:
    account = made.an_account("李秀英")
    sign_in(client, account)
    return account


def test_everything_kept_of_a_person_can_be_taken_away(me: Account, client: CheckedClient) -> None:
    seat = made.join(made.a_position(), me.person_id)
    page = client.get("/me/data")
    assert "报名和签到" in page.text
    whole = json.loads(client.get("/me/data.json").text)
    assert whole["person"][0]["name"] == "李秀英"
    assert [row["status"] for row in whole["signups"]] == ["confirmed"]
    book = load_workbook(io.BytesIO(client.get("/me/data.xlsx").data))
    assert book.sheetnames[0] == "本人"
    assert book["本人"]["A2"].value == "李秀英"
    signups = {head.value: cell for head, cell in zip(*book["报名和签到"].iter_rows(max_row=2), strict=True)}
    assert signups["状态"].value == "已报名"
    assert isinstance(signups["开始"].value, datetime)
    assert signups["开始"].value == city.local(city.now() + timedelta(days=7)).replace(tzinfo=None)
    assert {one.value for one in book["同意"]["A"]} <= {"事项", "建立账号", "报名"}
    assert book["报名和签到"].page_setup.orientation == "landscape"
    assert (book["报名和签到"].page_setup.paperSize, book["报名和签到"].print_title_rows) == (9, "$1:$1")
    assert seat not in json.dumps(whole)  # ids are ours, not theirs


def test_a_cell_is_never_a_formula(app: Flask) -> None:
    section = own_data.Section("x", "表", {"a": "列"}, [{"a": "=1+1"}, {"a": None}])
    book = load_workbook(io.BytesIO(own_data.as_sheet([section])))
    assert (book["表"]["A2"].value, book["表"]["A2"].data_type) == ("=1+1", "s")


def test_name_and_logins_can_be_corrected(me: Account, client: CheckedClient) -> None:
    person_id = me.person_id
    given = {"name": "李秀瑛", "phone": "138 0000 1234", "email": "", "password": PASSWORD}
    wrong = client.post("/me/data/correct", data=given | {"password": "something else"})
    assert wrong.status_code == 422
    assert "李秀瑛" in wrong.text
    assert client.post("/me/data/correct", data=given).status_code == 302
    db.session.rollback()
    account = db.session.get_one(Account, me.id)
    assert (account.person.name, account.phone, account.email) == ("李秀瑛", "+8613800001234", None)
    nothing = client.post("/me/data/correct", data=given | {"phone": ""})
    assert "至少留一个" in nothing.text
    assert db.session.get_one(Person, person_id).phone == "+8613800001234"


def test_a_login_someone_else_has_is_refused_beside_the_field(me: Account, client: CheckedClient) -> None:
    other = made.an_account("王强")
    given = {"name": "李秀英", "phone": "", "email": other.email, "password": PASSWORD}
    answer = client.post("/me/data/correct", data=given)
    assert answer.status_code == 409
    assert "已经注册过" in answer.text


def test_closing_gives_places_back_and_forgets_the_name(
    me: Account, client: CheckedClient, new_client: Any
) -> None:
    position, person_id, account_id = made.a_position(capacity=1), me.person_id, me.id
    mine = made.join(position, person_id)
    next_one = made.join(position, made.a_guest("王小明"))
    assert (
        client.post("/me/data/close", data={"password": PASSWORD}).status_code == 422
    )  # the tick is missing
    done = client.post("/me/data/close", data={"password": PASSWORD, "understood": "y"})
    assert done.status_code == 302
    db.session.rollback()
    person = db.session.get_one(Person, person_id)
    assert (person.name, person.phone) == (CLOSED_NAME, None)
    assert person.closed_at is not None
    assert db.session.get(Account, account_id) is None
    assert made.status_of(mine) == "cancelled"
    assert made.status_of(next_one) in {"offered", "confirmed"}
    assert not db.session.query(OutboxMessage).filter_by(person_id=person_id).all()
    assert not made.faults()
    assert client.get("/me").status_code == 302


def test_closing_forgets_who_came_along_and_why_somebody_was_cancelled(
    me: Account, client: CheckedClient, clock: TestClock
) -> None:
    """Names stand in more fields than `name`: whose company a child came in, and what was written as a reason."""
    mine, child = made.join(made.a_position(), me.person_id), made.a_guest("王小明")
    along, other = made.join(made.a_position(), child), made.join(made.a_position(), made.a_guest("张三"))
    with transaction():
        get_row(Signup, mine).company = "李大姐"
        for one, named in ((along, "李秀英"), (other, "赵老师")):
            get_row(Signup, one).with_signup_id, get_row(Signup, one).company = mine, named
    made.leave(mine, by=me.person_id, reason="李秀英家里有事")
    client.post("/me/data/close", data={"password": PASSWORD, "understood": "y"})
    db.session.rollback()
    rows = [get_row(Signup, one) for one in (mine, along, other)]
    assert [one.company for one in rows] == [None, None, "赵老师"]
    assert rows[0].cancel_reason is None


def test_the_last_who_governs_cannot_leave(me: Account, client: CheckedClient) -> None:
    grant(me, make_organisation(), Permission.GOVERN)
    answer = client.post("/me/data/close", data={"password": PASSWORD, "understood": "y"})
    assert answer.status_code == 422
    assert "最后一位" in answer.text
    db.session.rollback()
    assert db.session.get(Account, me.id) is not None
