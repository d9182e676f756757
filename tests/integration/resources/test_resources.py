"""A caravan goes to one place at a time, and its keepers see where."""

import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta
from typing import Any

import icalendar
import pytest
from flask import Flask
from flask.testing import FlaskClient

from tests.clients.programs import seen_by_icalendar, seen_by_libical
from tests.factories.calendars import City, change, make_member
from tests.support.time import TestClock
from webapp.core import clock as city_clock
from webapp.core.db import session, transaction
from webapp.core.errors import NotFound
from webapp.events import service as events
from webapp.events.models import Event, EventSession
from webapp.organisations.domain import Permission
from webapp.people.models import Account
from webapp.resources import queries, service
from webapp.resources.domain import (
    AlreadyBooked,
    NotForUse,
    ResourceDetails,
    ResourceExists,
    StillBooked,
)
from webapp.resources.models import Booking, Resource

SignIn = Callable[[FlaskClient, Any], FlaskClient]
CARAVAN = ResourceDetails("科普大篷车一号", "caravan", "钥匙在办公室")


@pytest.fixture
def city(app: Flask, clock: TestClock) -> City:
    return City()


@pytest.fixture
def keeper(city: City) -> Account:
    return make_member(city.unit, Permission.MANAGE_EVENTS)


@pytest.fixture
def caravan(city: City, keeper: Account) -> str:
    with transaction():
        return service.make_resource(city.unit, CARAVAN, by=keeper.person_id).id


def book(resource_id: str, session_id: str, keeper: Account) -> str:
    with transaction():
        return service.book(resource_id, session_id, by=keeper.person_id).id


def start(hours: int = 24) -> datetime:
    return city_clock.now() + timedelta(hours=hours)


@pytest.mark.parametrize(
    ("begins", "hours", "clashes"),
    [
        (24, 2, True),
        (25, 2, True),
        (20, 9, True),
        (23, 2, True),
        (25, 0.5, True),
        (26, 2, False),
        (22, 2, False),
    ],
)
def test_it_is_in_one_place_at_a_time(
    city: City, caravan: str, keeper: Account, begins: int, hours: float, clashes: bool
) -> None:
    """It is away from the 24th hour to the 26th."""
    made = book(caravan, city.add(start(24), hours=2), keeper)
    other = city.add(start(begins), hours=hours)
    if clashes:
        with pytest.raises(AlreadyBooked):
            book(caravan, other, keeper)
    else:
        assert book(caravan, other, keeper) != made
        assert book(caravan, other, keeper) == session().query(Booking).filter_by(session_id=other).one().id


def test_what_is_cancelled_or_released_holds_nothing(city: City, caravan: str, keeper: Account) -> None:
    first, second, third = city.add(start()), city.add(start()), city.add(start())
    made = book(caravan, first, keeper)
    with transaction():
        service.release(made, by=keeper.person_id)
    book(caravan, second, keeper)
    change(EventSession, second, cancelled_at=city_clock.now())
    book(caravan, third, keeper)
    change(Event, session().get_one(EventSession, third).event_id, status="cancelled")
    book(caravan, first, keeper)  # released once, booked again
    assert session().query(Booking).filter_by(session_id=first).count() == 2


def test_a_session_moves_with_what_it_has_or_not_at_all(city: City, caravan: str, keeper: Account) -> None:
    first, second = city.add(start(24)), city.add(start(48))
    book(caravan, first, keeper)
    book(caravan, second, keeper)

    def move(hours: int) -> None:
        with transaction():
            events.reschedule(
                second,
                starts_at=start(hours),
                ends_at=start(hours + 2),
                venue_id=city.venue,
                by=keeper.person_id,
            )

    with pytest.raises(AlreadyBooked):
        move(25)
    assert session().get_one(EventSession, second).sequence == 0
    session().rollback()
    move(72)
    assert session().get_one(EventSession, second).sequence == 1


def test_a_draft_is_deleted_with_what_it_booked(city: City, caravan: str, keeper: Account) -> None:
    draft = city.add(start(), status="draft")
    book(caravan, draft, keeper)
    event_id = session().get_one(EventSession, draft).event_id
    session().rollback()
    with transaction():
        events.discard(event_id, by=keeper.person_id)
    assert session().query(Booking).count() == 0


def test_two_who_book_at_once(app: Flask, city: City, caravan: str, keeper: Account) -> None:
    wanted = [city.add(start()) for _ in range(6)]
    person_id, ready = keeper.person_id, threading.Barrier(6)
    session().rollback()

    def attempt(session_id: str) -> bool:
        with app.app_context():
            ready.wait()
            try:
                with transaction():
                    service.book(caravan, session_id, by=person_id)
            except AlreadyBooked:
                return False
            return True

    with ThreadPoolExecutor(6) as pool:
        assert sum(pool.map(attempt, wanted)) == 1
    assert session().query(Booking).count() == 1


def test_what_cannot_be_used(city: City, caravan: str, keeper: Account, clock: TestClock) -> None:
    by = keeper.person_id
    with pytest.raises(ResourceExists), transaction():
        service.make_resource(city.unit, CARAVAN, by=by)
    with transaction():
        service.make_resource(city.centre, CARAVAN, by=by)  # another organisation's
    coming = city.add(start())
    made = book(caravan, coming, keeper)
    with pytest.raises(StillBooked), transaction():
        service.close_resource(caravan, by=by)
    with transaction():
        service.release(made, by=by)
        service.close_resource(caravan, by=by)
    with pytest.raises(NotForUse):
        book(caravan, coming, keeper)
    with transaction():
        service.reopen_resource(caravan, by=by)
    over = city.add(start(-48))
    with pytest.raises(NotForUse):
        book(caravan, over, keeper)
    with pytest.raises(NotFound):
        book("nothing", coming, keeper)


def test_from_registering_to_a_session_on_the_pages(
    app: Flask, city: City, client: FlaskClient, keeper: Account, sign_in: SignIn
) -> None:
    sign_in(client, keeper)
    listed, new = "/manage/resources", "/manage/resources/new"
    old = client.get(f"/manage/organisations/{city.unit}/resources").headers["Location"]
    assert old == f"{listed}?unit={city.unit}"
    office = make_member(city.centre, Permission.GOVERN)
    own = sign_in(app.test_client(), office).get(new)
    assert f'<option selected value="{city.centre}"' in own.text  # not the first of all they govern
    assert "还没有登记车辆和器材" in client.get(listed).text
    of = {"organisation_id": city.unit, "kind": "kit"}
    assert "请填写名称" in client.post(new, data=of).text
    assert client.post(new, data=of | {"name": "别家的", "organisation_id": city.centre}).status_code == 422
    made = client.post(new, data=of | {"name": "展品箱", "note": ""})
    page = made.headers["Location"]
    again = client.post(new, data=of | {"name": "展品箱", "note": "第二箱"})
    assert (again.status_code, "同名" in again.text, "第二箱" in again.text) == (409, True, True)
    held = city.add(start(), title="健康讲座")
    row = session().query(Resource).one().id
    session().rollback()
    taken = f"/manage/sessions/{held}/resources"
    assert "展品箱" in client.get(taken).text
    assert client.post(taken, data={"resource_id": row}).status_code == 303
    assert "健康讲座" in client.get(page).text
    clash = client.post(f"/manage/sessions/{city.add(start())}/resources", data={"resource_id": row})
    assert (clash.status_code, "已经安排给“健康讲座”" in clash.text) == (409, True)
    refused = client.post(f"{page}/close", follow_redirects=True)
    assert "还有 1 场要用它" in refused.text
    booking = session().query(Booking).one().id
    session().rollback()
    assert client.post(f"/manage/bookings/{booking}/release").status_code == 303
    assert "还没有安排" in client.get(page).text
    assert client.post(page, data={"name": "展品箱甲", "kind": "kit", "note": ""}).status_code == 303
    assert "已停用，不能再安排" in client.post(f"{page}/close", follow_redirects=True).text
    assert "展品箱甲" not in client.get(taken).text
    assert client.post(f"{page}/reopen").status_code == 303
    assert client.post(taken, data={"resource_id": "nothing"}).status_code == 422


def test_it_is_nobody_elses_business(
    city: City, client: FlaskClient, caravan: str, keeper: Account, sign_in: SignIn
) -> None:
    held = city.add(start())
    booking = book(caravan, held, keeper)
    pages = (
        ("get", f"/manage/resources/{caravan}"),
        ("post", f"/manage/resources/{caravan}/close"),
        ("post", f"/manage/resources/{caravan}/reopen"),
        ("post", f"/manage/resources/{caravan}/renew-calendar"),
        ("post", f"/manage/bookings/{booking}/release"),
    )
    assert {getattr(client, how)(page).status_code for how, page in pages} == {302}
    sign_in(client, make_member(city.centre, Permission.MANAGE_EVENTS))
    for how, page in pages:
        assert getattr(client, how)(page).status_code in {403, 404}, page
    assert caravan not in client.get(f"/manage/sessions/{held}/resources").text


# --- its calendar ------------------------------------------------------------------------------------------------


def feed_of(resource_id: str) -> str:
    found = session().get_one(Resource, resource_id)
    path = f"/calendar/resources/{resource_id}.ics?token={queries.feed_token(found)}"
    session().rollback()
    return path


def test_its_keepers_see_where_it_goes(
    city: City, client: FlaskClient, caravan: str, keeper: Account, clock: TestClock
) -> None:
    path = feed_of(caravan)
    assert icalendar.Calendar.from_ical(client.get(path).data).walk("VEVENT") == []
    draft = city.add(start(), title="还没有发布", status="draft")
    booking = book(caravan, draft, keeper)
    book(caravan, city.add(start(48), title="健康讲座"), keeper)
    clock.advance(minutes=1)
    first = client.get(path)
    seen = seen_by_icalendar(first.data)
    assert seen == seen_by_libical(first.data)
    assert sorted(one.title for one in seen.values()) == ["健康讲座", "还没有发布"]
    assert client.get(path).data == first.data
    assert client.get(path, headers={"If-None-Match": first.headers["ETag"]}).status_code == 304
    clock.advance(minutes=1)
    with transaction():
        service.release(booking, by=keeper.person_id)
    clock.advance(seconds=1)
    later = client.get(path)
    assert later.headers["Last-Modified"] > first.headers["Last-Modified"]
    (gone,) = (
        one
        for one in icalendar.Calendar.from_ical(later.data).walk("VEVENT")
        if str(one["UID"]) == f"bk-{booking}@kepu.example.cn"
    )
    assert (str(gone["SUMMARY"]), str(gone["STATUS"]), int(gone["SEQUENCE"])) == (
        "【已取消】还没有发布", "CANCELLED", 1,
    )  # fmt: skip
    clock.advance(days=63)
    assert "还没有发布" not in client.get(path).text


def test_the_address_is_a_secret_that_can_be_changed(
    city: City, client: FlaskClient, caravan: str, keeper: Account
) -> None:
    path = feed_of(caravan)
    bare = path.partition("?")[0]
    assert client.get(path).status_code == 200
    for wrong in (
        bare,
        f"{bare}?token=",
        f"{path}x",
        f"{bare}?token=字",
        "/calendar/resources/none.ics?token=x",
    ):
        answer = client.get(wrong)
        assert (answer.status_code, answer.content_type) == (404, "text/plain; charset=utf-8"), wrong
    with transaction():
        service.renew_feed(caravan, by=keeper.person_id)
    assert client.get(path).status_code == 404
    assert client.get(feed_of(caravan)).status_code == 200
    assert "Set-Cookie" not in client.get(feed_of(caravan)).headers
