"""A volunteer swaps one shift for another at the same time: both or neither."""

from collections.abc import Callable
from datetime import timedelta

from flask import Flask

from tests.factories.signups import a_position, an_account, faults, join, status_of, taken
from tests.support.client import CheckedClient
from webapp.core import clock
from webapp.core.db import get_row, session, transaction
from webapp.events.models import Position
from webapp.signups.models import Signup

SignIn = Callable[..., CheckedClient]
START = timedelta(days=7)


def _page(position_id: str) -> str:
    return f"/positions/{position_id}/sign-up"


def _status(position_id: str, person_id: str) -> str | None:
    session().rollback()
    found = session().query(Signup).filter_by(position_id=position_id, person_id=person_id).one_or_none()
    return found.status if found else None


def _two(**second: object) -> tuple[str, str]:
    start = clock.now() + START
    one = a_position("volunteer", starts_at=start)
    return one, a_position("volunteer", starts_at=start + timedelta(hours=1), **second)  # type: ignore[arg-type]


def test_which_shift_is_in_the_way_is_said_and_may_be_swapped(
    app: Flask, client: CheckedClient, sign_in: SignIn
) -> None:
    account = an_account()
    person = account.person_id
    one, other = _two()
    first = join(one, person, by=person, source="self")
    sign_in(client, account)
    title = get_row(Position, one).session.event.title
    page = client.get(_page(other)).text
    assert "这个时间您已有别的岗位" in page and title in page
    assert client.fill(_page(other), risk="y").status_code == 409
    assert status_of(first) == "confirmed"
    assert client.fill(_page(other), instead="y", risk="y").status_code == 302
    assert (status_of(first), _status(other, person)) == ("cancelled", "confirmed")
    assert (taken(one), taken(other)) == (0, 1)
    assert faults() == []


def test_nobody_gives_up_a_shift_for_a_waitlist(app: Flask, client: CheckedClient, sign_in: SignIn) -> None:
    account = an_account()
    person = account.person_id
    one, other = _two(capacity=1)
    first = join(one, person, by=person, source="self")
    sign_in(client, account)
    form = client.get(_page(other)).text
    assert "放下它" in form
    busy = an_account().person_id
    join(other, busy, by=busy, source="self")  # meanwhile
    seen = form.split('name="seen"', 1)[1].split('value="', 1)[1].split('"', 1)[0]
    answer = client.post(_page(other), data={"instead": "y", "risk": "y", "seen": seen})
    assert answer.status_code == 409 and "您原来的岗位还在" in answer.text
    assert (status_of(first), _status(other, person)) == ("confirmed", None)
    assert faults() == []


def test_what_was_not_seen_is_not_given_back(app: Flask, client: CheckedClient, sign_in: SignIn) -> None:
    account = an_account()
    person = account.person_id
    one, other = _two()
    sign_in(client, account)
    first = join(one, person, by=person, source="self")
    assert client.post(_page(other), data={"instead": "y", "risk": "y", "seen": ""}).status_code == 409
    assert status_of(first) == "confirmed"


def test_too_late_to_give_back_is_too_late_to_swap(
    app: Flask, client: CheckedClient, sign_in: SignIn
) -> None:
    account = an_account()
    person = account.person_id
    one, other = _two()
    first = join(one, person, by=person, source="self")
    with transaction():
        get_row(Position, one).cancel_hours = 24 * 30
        get_row(Signup, first).confirmed_at = clock.now() - timedelta(hours=1)
    sign_in(client, account)
    answer = client.fill(_page(other), instead="y", risk="y")
    assert answer.status_code == 409 and "以后不能自己取消" in answer.text
    assert (status_of(first), _status(other, person)) == ("confirmed", None)
