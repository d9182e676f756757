"""The way back to a pass without an account: the phone remembers, or telephone and short code."""

from collections.abc import Callable

import pytest
from flask import Flask

from tests.factories.signups import a_position, an_account, join
from tests.support.client import CheckedClient
from tests.support.time import TestClock
from webapp.core.db import get_row, session, transaction
from webapp.events.models import Position
from webapp.organisations.models import Organisation
from webapp.signups.models import Signup

GUEST = {"name": "赵桂兰", "phone": "13800138000", "consent": "y"}


def _event(position_id: str) -> str:
    session().rollback()
    return f"/events/{get_row(Position, position_id).session.event_id}"


def _code(position_id: str) -> str:
    session().rollback()
    return session().query(Signup).filter_by(position_id=position_id).one().short_code


def test_a_phone_remembers_what_was_signed_up_on_it(
    app: Flask, client: CheckedClient, new_client: Callable[[], CheckedClient]
) -> None:
    position, other = a_position(), a_position()
    link = client.fill(f"/positions/{position}/sign-up", **GUEST).location
    assert "您已报名" in client.get(_event(position)).text
    assert "要给别人报名" in client.get(f"/positions/{position}/sign-up").text
    assert "您已报名" not in client.get(_event(other)).text
    assert "您已报名" not in new_client().get(_event(position)).text
    assert "赵桂兰" in client.get("/signups/find").text
    client.fill(link + "/cancel")
    assert "您已报名" not in client.get(_event(position)).text
    client.fill(f"/positions/{other}/sign-up", **GUEST)
    client.post("/signups/forget")
    assert "您已报名" not in client.get(_event(other)).text


def test_a_cookie_of_elsewhere_shows_nothing(app: Flask, client: CheckedClient) -> None:
    position = a_position()
    client.set_cookie("kepu_signups", "WyJ4Il0.forged.forged")
    assert client.get(_event(position)).status_code == 200


def test_found_by_phone_and_short_code_and_guessing_ends(
    app: Flask, client: CheckedClient, new_client: Callable[[], CheckedClient], clock: TestClock
) -> None:
    position = a_position()
    client.fill(f"/positions/{position}/sign-up", **GUEST)
    code = _code(position)
    other = new_client()
    typed = f"{code[:3]} {code[3:]}".lower()
    found = other.fill("/signups/find", phone="138 0013 8000", code=typed)
    assert found.status_code == 302 and "赵桂兰" in other.get(found.location).text
    assert other.fill("/signups/find", phone="13900139000", code=code).status_code == 422
    for _ in range(10):
        assert "没有找到" in other.fill("/signups/find", phone=GUEST["phone"], code="AAAAAA").text
    assert "试的次数太多" in other.fill("/signups/find", phone=GUEST["phone"], code=code).text


@pytest.mark.parametrize("phone", [None, "+864548888888"])
def test_who_has_no_code_is_told_whom_to_call(app: Flask, client: CheckedClient, phone: str | None) -> None:
    position = a_position()
    event = _event(position)
    host = get_row(Position, position).session.event.organisation
    with transaction():
        get_row(Organisation, host.id).phone = phone
    page = client.get(f"/signups/find?event={event.rsplit('/', 1)[1]}").text
    assert ("04548888888" in page) is (phone is not None)
    assert "到现场说姓名就能签到" in page
    assert client.get("/signups/find?event=nothing").status_code == 404


def test_an_earlier_page_fills_in_only_its_own_position(app: Flask, client: CheckedClient) -> None:
    position, other = a_position(), a_position()
    link = client.fill(f"/positions/{position}/sign-up", **GUEST).location
    token = link.rsplit("/", 1)[1]
    assert "赵桂兰" in client.get(f"/positions/{position}/sign-up?again={token}").text
    fresh = client.get(f"/positions/{other}/sign-up?again={token}").text
    assert "赵桂兰" not in fresh
    assert client.get(f"/positions/{position}/sign-up?again=nonsense").status_code == 200


def test_an_account_sees_its_own_on_the_event_page(
    app: Flask, client: CheckedClient, sign_in: Callable[..., CheckedClient]
) -> None:
    account, position = an_account(), a_position("volunteer")
    person = account.person_id
    join(position, person, by=person, source="self")
    sign_in(client, account)
    assert "您已报名" in client.get(_event(position)).text
