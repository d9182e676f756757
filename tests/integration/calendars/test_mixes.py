"""Addresses whose owner chose what they show."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import icalendar
import pytest
from flask import Flask
from flask.testing import FlaskClient

from tests.factories.calendars import City, change, make_member, make_person, sign_up
from tests.support.time import TestClock
from webapp.calendars import queries, service
from webapp.calendars.domain import NothingWished, Scope, Wishes
from webapp.calendars.models import Subscription
from webapp.calendars.queries import mixes
from webapp.calendars.service import Choice
from webapp.core.db import session, transaction
from webapp.organisations.models import Organisation
from webapp.people.models import Account

SignIn = Callable[[FlaskClient, Any], FlaskClient]


@pytest.fixture
def city(app: Flask, clock: TestClock) -> City:
    return City()


@pytest.fixture
def volunteer(app: Flask) -> Account:
    return make_person("张桂兰")


def address(account: Account, wishes: Wishes | None, **more: Any) -> str:
    with transaction():
        made = service.create_subscription(
            Scope("person", account.person_id), "手机", by=account.person_id, choice=Choice(wishes, **more)
        )
        return f"/calendar/s/{queries.token_of(made)}.ics"


def shown(client: FlaskClient, path: str) -> dict[str, Any]:
    answer = client.get(path)
    assert answer.status_code == 200, answer.text
    return {str(one["SUMMARY"]): one for one in icalendar.Calendar.from_ical(answer.data).walk("VEVENT")}


def test_places_are_added_up_and_kinds_narrow_them_down(
    city: City, client: FlaskClient, volunteer: Account
) -> None:
    other = city.make_venue("别处", district_code="230803")
    city.add(title="甲", audiences=["老年人"])
    city.add(title="乙", type_slug="caravan")
    city.add(title="丙", venue_id=other, audiences=["农民工"], tasks=[city.task])
    cases = {
        Wishes(venues=(city.venue,)): {"甲", "乙"},
        Wishes(venues=(city.venue, other)): {"甲", "乙", "丙"},
        Wishes(venues=(other,), organisations=(city.centre,)): {"甲", "乙", "丙"},
        Wishes(districts=("230803",)): {"甲", "乙", "丙"},
        Wishes(districts=("230804",)): set(),
        Wishes(types=("caravan",)): {"乙"},
        Wishes(venues=(city.venue,), types=("lecture",)): {"甲"},
        Wishes(audiences=("老年人",)): {"甲"},
        Wishes(audiences=("农民",)): set(),
        Wishes(tasks=(city.task,)): {"丙"},
        Wishes(organisations=(city.unit,), audiences=("农民工", "老年人")): {"甲", "丙"},
    }
    for number, (wishes, titles) in enumerate(cases.items()):
        if number == 9:
            with transaction():
                session().query(Subscription).delete()
        assert set(shown(client, address(volunteer, wishes))) == titles, wishes


def test_own_shifts_stand_once_among_the_rest(city: City, client: FlaskClient, volunteer: Account) -> None:
    mine = city.add(title="我的")
    city.add(title="别人的")
    sign_up(mine, volunteer.person_id)
    assert set(shown(client, address(volunteer, Wishes(venues=(city.venue,), own=True)))) == {
        "我的（讲解员）",
        "别人的",
    }
    assert set(shown(client, address(volunteer, Wishes(venues=(city.venue,))))) == {"我的", "别人的"}


def test_an_alarm_rings_for_what_takes_place(city: City, client: FlaskClient, volunteer: Account) -> None:
    city.add(title="甲")
    city.add(title="乙", status="cancelled")
    found = shown(client, address(volunteer, Wishes(venues=(city.venue,)), alarm=60))
    (bell,) = found["甲"].walk("VALARM")
    assert (str(bell["ACTION"]), bell["TRIGGER"].dt) == ("DISPLAY", timedelta(hours=-1))
    assert found["【已取消】乙"].walk("VALARM") == []
    assert shown(client, "/calendar/all.ics")["甲"].walk("VALARM") == []


def test_the_words_around_are_english_where_that_was_chosen(
    city: City, client: FlaskClient, volunteer: Account
) -> None:
    sign_up(city.add(title="甲", bring="老花镜"), volunteer.person_id)
    city.add(title="乙", status="cancelled")
    found = shown(client, address(volunteer, Wishes(venues=(city.venue,), own=True), language="en"))
    assert set(found) == {"甲 (讲解员)", "[Cancelled] 乙"}
    assert "Bring: 老花镜" in str(found["甲 (讲解员)"]["DESCRIPTION"])
    assert "请" not in str(found["[Cancelled] 乙"]["DESCRIPTION"])


def test_a_renewed_address_shows_the_same(city: City, client: FlaskClient, volunteer: Account) -> None:
    city.add(title="甲", type_slug="caravan")
    city.add(title="乙")
    address(volunteer, Wishes(types=("caravan",)), alarm=15, language="en")
    row = session().query(Subscription).one().id
    session().rollback()
    with transaction():
        made = service.renew_subscription(row, Scope("person", volunteer.person_id), by=volunteer.person_id)
        path = f"/calendar/s/{queries.token_of(made)}.ics"
        assert (made.alarm_minutes, made.language) == (15, "en")
    assert set(shown(client, path)) == {"甲"}


def test_nothing_at_all_is_refused(
    city: City, client: FlaskClient, volunteer: Account, sign_in: SignIn
) -> None:
    with pytest.raises(NothingWished), transaction():
        service.create_subscription(
            Scope("person", volunteer.person_id), "手机", by=volunteer.person_id, choice=Choice(Wishes())
        )
    answer = sign_in(client, volunteer).post("/me/calendar", data={"name": "手机"})
    assert answer.status_code == 422
    assert "请至少选一项要显示的内容" in answer.text


def test_it_is_chosen_on_the_page(
    city: City, client: FlaskClient, volunteer: Account, sign_in: SignIn
) -> None:
    sign_in(client, volunteer)
    data = {"name": "手机", "own": "y", "types": ["caravan"], "districts": ["230803"], "alarm": "1440"}
    assert client.post("/me/calendar", data=data).status_code == 302
    made = session().query(Subscription).one()
    assert queries.wishes_of(made) == Wishes(districts=("230803",), types=("caravan",), own=True)
    assert (made.alarm_minutes, made.language) == (1440, "zh")
    for wrong in ({"types": ["none"]}, {"alarm": "7"}, {"language": "fr"}):
        assert client.post("/me/calendar", data={"name": "x", "own": "y"} | wrong).status_code == 422
    page = client.get("/me/calendar").text
    assert "自选内容：自己的班次；区县 1 个；类型 1 种；提前 1440 分钟提醒" in page


# --- changing it afterwards --------------------------------------------------------------------------------------


def test_something_else_at_the_same_address(
    city: City, client: FlaskClient, volunteer: Account, sign_in: SignIn, clock: TestClock
) -> None:
    sign_up(city.add(title="甲"), volunteer.person_id)
    city.add(title="乙", type_slug="caravan")
    with transaction():
        made = service.create_subscription(
            Scope("person", volunteer.person_id), "手机", by=volunteer.person_id
        )
        path, page = f"/calendar/s/{queries.token_of(made)}.ics", f"/me/calendar/{made.id}"
    clock.advance(minutes=1)
    first = client.get(path)
    assert "甲" in first.text
    sign_in(client, volunteer)
    assert 'value="手机"' in client.get(page).text
    clock.advance(minutes=1)
    data = {"name": "旧手机", "types": ["caravan"], "alarm": "60", "language": "en"}
    assert client.post(page, data=data).status_code == 302
    clock.advance(seconds=1)
    later = client.get(path)
    assert set(shown(client, path)) == {"乙"}
    assert later.headers["Last-Modified"] > first.headers["Last-Modified"]
    form = client.get(page).text
    assert 'value="旧手机"' in form
    for ticked in ('value="caravan"', 'value="60"', 'value="en"'):
        assert "checked" in next(
            part for part in form.split("novalidate")[1].split("<input") if ticked in part
        )
    # Back to the usual: whoever asks by date alone has to hear of it, too.
    clock.advance(minutes=1)
    assert client.post(page, data={"name": "手机", "own": "y"}).status_code == 302
    since = {"If-Modified-Since": later.headers["Last-Modified"]}
    assert client.get(path, headers=since).status_code == 200
    assert len(shown(client, path)) == 1
    assert session().query(Subscription).one().wanted is None


def test_a_change_that_shows_nothing_is_refused_and_nothing_is_lost(
    city: City, client: FlaskClient, volunteer: Account, sign_in: SignIn
) -> None:
    address(volunteer, Wishes(types=("caravan",)))
    row = session().query(Subscription).one()
    page = f"/me/calendar/{row.id}"
    session().rollback()
    sign_in(client, volunteer)
    answer = client.post(page, data={"name": "新名字", "alarm": "60"})
    assert answer.status_code == 422
    assert "请至少选一项要显示的内容" in answer.text
    assert 'value="新名字"' in answer.text
    assert session().query(Subscription).one().name == "手机"
    assert client.get("/me/calendar/nothing").status_code == 404


def test_a_centre_changes_its_own_and_nobody_elses(
    city: City, client: FlaskClient, volunteer: Account, sign_in: SignIn
) -> None:
    staff = make_member(city.centre, "manage_events")
    with transaction():
        made = service.create_subscription(Scope("organisation", city.centre), "前台", by=staff.person_id)
        made_id = made.id
    page = f"/manage/organisations/{city.centre}/calendar/{made_id}"
    sign_in(client, staff)
    assert "到本单位场地来的" in client.get(page).text
    assert (
        client.post(page, data={"name": "前台", "own": "y", "organisations": [city.unit]}).status_code == 302
    )
    assert queries.wishes_of(session().query(Subscription).one()) == Wishes(
        organisations=(city.unit, city.centre)
    )
    other = f"/manage/organisations/{city.unit}/calendar/{made_id}"
    session().rollback()
    assert client.get(other).status_code in {403, 404}
    assert client.post(page.replace("/manage/organisations/" + city.centre, "/me")).status_code == 404


def test_shifts_and_events_together_are_no_more_than_a_thousand(
    city: City, client: FlaskClient, volunteer: Account, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(mixes, "ENTRIES_MAX", 4)
    for number in range(2):
        sign_up(city.add(title=f"班次{number}"), volunteer.person_id)
    city.add_many(5)
    found = shown(client, address(volunteer, Wishes(districts=("230803",), own=True)))
    assert len(found) == 4
    assert sum("没有列出" in title for title in found) == 1


def test_what_is_not_offered_any_more_stays_ticked(
    city: City, client: FlaskClient, volunteer: Account, sign_in: SignIn, clock: TestClock
) -> None:
    """Left out, it would make the address show the whole district's caravans."""
    wishes = Wishes(organisations=(city.unit,), tasks=(city.task,), types=("caravan",))
    address(volunteer, wishes)
    row = session().query(Subscription).one().id
    session().rollback()
    change(Organisation, city.unit, closed_at=clock.now)
    clock.advance(days=800)  # no plan is the current one
    sign_in(client, volunteer)
    form = client.get(f"/me/calendar/{row}").text
    for ticked in (city.unit, city.task):
        assert "checked" in next(part for part in form.split("<input") if f'value="{ticked}"' in part)
    data = {"name": "手机", "organisations": [city.unit], "tasks": [city.task], "types": ["caravan"]}
    assert client.post(f"/me/calendar/{row}", data=data).status_code == 302
    assert queries.wishes_of(session().query(Subscription).one()) == wishes
