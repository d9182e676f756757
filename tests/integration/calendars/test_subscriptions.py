"""One's own address: what it shows, who may look after it, and how it ends."""

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
from webapp.calendars.domain import SUBSCRIPTIONS_MAX, Scope, SubscriptionRevoked, TooManySubscriptions
from webapp.calendars.models import Subscription
from webapp.core.audit import AuditEntry
from webapp.core.db import session, transaction
from webapp.core.errors import NotFound
from webapp.events.models import EventSession
from webapp.organisations.domain import Permission
from webapp.organisations.models import Organisation
from webapp.people.models import Account, Person
from webapp.signups.models import Signup

SignIn = Callable[[FlaskClient, Any], FlaskClient]


@pytest.fixture
def city(app: Flask, clock: TestClock) -> City:
    return City()


@pytest.fixture
def volunteer(app: Flask) -> Account:
    return make_person("张桂兰")


def address_for(owner: Scope, by: str) -> str:
    """A new address of this owner."""
    with transaction():
        made = service.create_subscription(owner, "手机", by=by)
        return f"/calendar/s/{queries.token_of(made)}.ics"


def mine(account: Account) -> str:
    return address_for(Scope("person", account.person_id), account.person_id)


def entries(client: FlaskClient, path: str) -> dict[str, Any]:
    """VEVENTs by title."""
    answer = client.get(path)
    assert answer.status_code == 200, answer.text
    return {str(one["SUMMARY"]): one for one in icalendar.Calendar.from_ical(answer.data).walk("VEVENT")}


# --- what it shows ----------------------------------------------------------------------------------------------


def test_a_persons_feed_shows_their_shifts_and_nobody_elses(
    city: City, client: FlaskClient, volunteer: Account
) -> None:
    other = make_person("李玉梅")
    for person, status, title in (
        (volunteer, "confirmed", "甲"), (volunteer, "waitlisted", "乙"), (volunteer, "offered", "丙"),
        (volunteer, "cancelled", "丁"), (volunteer, "pending", "戊"), (other, "confirmed", "己"),
    ):  # fmt: skip
        sign_up(city.add(title=title), person.person_id, status)
    sign_up(city.add(title="庚", status="cancelled"), volunteer.person_id)
    sign_up(city.add(title="辛", status="postponed"), volunteer.person_id)
    found = entries(client, mine(volunteer))
    assert {title: (str(one["STATUS"]), str(one["TRANSP"])) for title, one in found.items()} == {
        "甲（讲解员）": ("CONFIRMED", "OPAQUE"),
        "【候补】乙（讲解员）": ("TENTATIVE", "TRANSPARENT"),
        "【待确认】丙（讲解员）": ("TENTATIVE", "TRANSPARENT"),
        "【已取消】丁（讲解员）": ("CANCELLED", "TRANSPARENT"),
        "【待审核】戊（讲解员）": ("TENTATIVE", "TRANSPARENT"),
        "【已取消】庚（讲解员）": ("CANCELLED", "TRANSPARENT"),
        "【延期】辛（讲解员）": ("TENTATIVE", "TRANSPARENT"),
    }


def test_a_feed_carries_no_personal_data(city: City, client: FlaskClient, volunteer: Account) -> None:
    made = sign_up(city.add(cancelled_at=None), volunteer.person_id)
    row = session().get_one(Signup, made)
    person = session().get_one(Person, volunteer.person_id)
    secrets = [
        person.name,
        person.phone,
        (person.phone or "")[3:],
        volunteer.email,
        row.short_code,
        person.id,
    ]
    session().rollback()
    for path in (mine(volunteer), "/calendar/all.ics"):
        text = client.get(path).text
        for secret in secrets:
            assert secret
            assert secret not in text
        assert "/p/" not in text


def test_each_step_of_a_sign_up_raises_the_sequence_once(
    city: City, client: FlaskClient, volunteer: Account, clock: TestClock
) -> None:
    place = city.add(title="甲", sequence=3)
    made, path = sign_up(place, volunteer.person_id, "waitlisted", waitlisted_at=clock.now), mine(volunteer)
    numbers, uids, changed = [], set(), []

    def look() -> None:
        (entry,) = entries(client, path).values()
        numbers.append(int(entry["SEQUENCE"]))
        uids.add(str(entry["UID"]))
        changed.append(entry["LAST-MODIFIED"].dt)
        assert entry["DTSTAMP"].dt == entry["LAST-MODIFIED"].dt

    look()
    clock.advance(minutes=1)
    change(Signup, made, status="confirmed", confirmed_at=clock.now)
    look()
    clock.advance(minutes=1)
    change(EventSession, place, sequence=4, updated_at=clock.now)  # moved
    look()
    clock.advance(minutes=1)
    change(Signup, made, status="cancelled", cancelled_at=clock.now)
    look()
    assert numbers == sorted(set(numbers))
    assert changed == sorted(set(changed))
    assert len(uids) == 1
    assert uids.pop() != session().get_one(EventSession, place).uid


def test_a_new_pass_is_no_news_for_a_calendar(
    city: City, client: FlaskClient, volunteer: Account, clock: TestClock
) -> None:
    made, path = sign_up(city.add(), volunteer.person_id), mine(volunteer)
    first = client.get(path)
    clock.advance(minutes=1)
    change(Signup, made, pass_serial=2)
    second = client.get(path)
    assert second.data == first.data
    assert second.headers["ETag"] == first.headers["ETag"]


def test_who_cancels_and_comes_back_has_one_shift(
    city: City, client: FlaskClient, volunteer: Account
) -> None:
    place = city.add(title="甲")
    sign_up(place, volunteer.person_id, "cancelled")
    sign_up(place, volunteer.person_id, "confirmed")
    assert set(entries(client, mine(volunteer))) == {"甲（讲解员）"}


def test_cancelled_shifts_stay_sixty_days(
    city: City, client: FlaskClient, volunteer: Account, clock: TestClock
) -> None:
    for days, status, title in (
        (59, "cancelled", "甲"),
        (62, "cancelled", "乙"),
        (30, "confirmed", "丙"),
        (33, "confirmed", "丁"),
    ):
        sign_up(city.add(clock.now - timedelta(days=days), title=title), volunteer.person_id, status)
    assert set(entries(client, mine(volunteer))) == {"【已取消】甲（讲解员）", "丙（讲解员）"}


def test_a_person_without_shifts_has_a_valid_calendar(
    city: City, client: FlaskClient, volunteer: Account
) -> None:
    answer = client.get(mine(volunteer))
    assert answer.status_code == 200
    assert [one.name for one in icalendar.Calendar.from_ical(answer.data).subcomponents] == ["VTIMEZONE"]


def test_a_centres_feed_shows_what_comes_to_its_venues(city: City, client: FlaskClient) -> None:
    second = city.make_venue("桥南社区二楼", organisation_id=city.centre)
    elsewhere = city.make_venue("别处")
    city.add(title="甲")
    city.add(title="乙", venue_id=second)
    city.add(title="丙", venue_id=elsewhere)
    city.add(title="丁", status="cancelled")
    by = make_member(city.centre, Permission.SIGN_UP_OTHERS)
    found = entries(client, address_for(Scope("organisation", city.centre), by.person_id))
    assert set(found) == {"甲", "乙", "【已取消】丁"}
    assert found["【已取消】丁"]["STATUS"] == "CONFIRMED"  # people there must see it


# --- the address ------------------------------------------------------------------------------------------------


def test_the_address_is_secret_and_only_its_fingerprint_is_kept(
    city: City, client: FlaskClient, volunteer: Account, caplog: pytest.LogCaptureFixture
) -> None:
    path = mine(volunteer)
    token = path.removeprefix("/calendar/s/").removesuffix(".ics")
    assert len(token) == 32  # 160 bits
    row = session().query(Subscription).one()
    kept = [str(getattr(row, column.key)) for column in Subscription.__table__.columns]
    assert token not in kept
    assert queries.token_of(row) == token  # it can be shown again
    session().rollback()
    client.get(path).close()
    client.get(f"/calendar/s/{token[:-1]}x.ics")
    assert token not in caplog.text
    assert token not in " ".join(str(one.details) for one in session().query(AuditEntry))
    assert client.get(path).headers["Cache-Control"].startswith("private")


def test_an_address_made_under_another_secret_still_works_but_is_not_shown(
    city: City, client: FlaskClient, volunteer: Account, app: Flask
) -> None:
    path = mine(volunteer)
    app.config["SECRET_KEY"] = "another secret, another secret, another secret"
    assert client.get(path).status_code == 200
    assert queries.token_of(session().query(Subscription).one()) is None


def test_a_revoked_address_ends_at_once_and_says_so(
    city: City, client: FlaskClient, volunteer: Account, clock: TestClock
) -> None:
    sign_up(city.add(), volunteer.person_id)
    path, other = mine(volunteer), mine(volunteer)
    tag = client.get(path).headers["ETag"]
    row = session().query(Subscription).order_by(Subscription.id).first()
    assert row
    own = Scope("person", volunteer.person_id)
    with transaction():
        service.revoke_subscription(row.id, own, by=volunteer.person_id)
    for answer in (client.get(path), client.get(path, headers={"If-None-Match": tag}), client.head(path)):
        assert answer.status_code == 200
    (title,) = entries(client, path)
    assert title == "这个日历地址已经停用"
    last = entries(client, path)[title]
    assert last["DTSTART"].params["VALUE"] == "DATE"
    first, second = client.get(path), client.get(path)
    assert (first.data, first.headers["ETag"]) == (second.data, second.headers["ETag"])
    assert client.get(path, headers={"If-None-Match": first.headers["ETag"]}).status_code == 304
    assert client.get(other).status_code == 200
    assert client.get(f"/calendar/subscribe?feed={path}").status_code == 410
    clock.advance(days=61)
    gone = client.get(path)
    assert (gone.status_code, gone.headers["Content-Type"]) == (410, "text/plain; charset=utf-8")
    assert "已经停用" in gone.text
    with pytest.raises(NotFound), transaction():
        service.revoke_subscription(row.id, own, by=volunteer.person_id)


def test_a_renewed_address_is_another_one_under_the_same_name(
    city: City, client: FlaskClient, volunteer: Account
) -> None:
    path, row = mine(volunteer), session().query(Subscription.id).scalar()
    session().rollback()
    with transaction():
        made = service.renew_subscription(row, Scope("person", volunteer.person_id), by=volunteer.person_id)
        assert made.name == "手机"
        renewed = f"/calendar/s/{queries.token_of(made)}.ics"
    assert renewed != path
    assert list(entries(client, path)) == ["这个日历地址已经停用"]
    assert client.get(renewed).status_code == 200


def test_an_address_ends_with_its_owner(city: City, client: FlaskClient, clock: TestClock) -> None:
    for row in ("person", "account", "organisation"):
        owner = make_person()
        path = mine(owner)
        if row == "organisation":
            path = address_for(Scope("organisation", city.centre), owner.person_id)
        assert client.get(path).status_code == 200
        if row == "person":
            change(Person, owner.person_id, closed_at=clock.now)
        elif row == "account":
            change(Account, owner.id, disabled_at=clock.now)
        else:
            change(Organisation, city.centre, closed_at=clock.now)
        assert client.get(path).status_code == 410, row
        with pytest.raises(SubscriptionRevoked):
            queries.find_subscribed(path.removeprefix("/calendar/s/").removesuffix(".ics"))


def test_ten_addresses_are_enough(volunteer: Account) -> None:
    for _ in range(SUBSCRIPTIONS_MAX):
        mine(volunteer)
    with pytest.raises(TooManySubscriptions):
        mine(volunteer)


@pytest.mark.settings(limit_calendar="3 per minute")
def test_a_program_gone_mad_is_told_to_wait_in_text(
    city: City, client: FlaskClient, volunteer: Account
) -> None:
    path, other = mine(volunteer), mine(volunteer)
    assert [client.get(path).status_code for _ in range(4)] == [200, 200, 200, 429]
    answer = client.get(path)
    assert answer.headers["Content-Type"] == "text/plain; charset=utf-8"
    assert int(answer.headers["Retry-After"]) > 0
    assert client.get(other).status_code == 200  # each address for itself
    assert client.get("/calendar/all.ics").status_code == 200


@pytest.mark.settings(limit_code_guess="5 per minute")
def test_guessing_addresses_is_slowed_down_and_reading_is_not(
    city: City, client: FlaskClient, volunteer: Account
) -> None:
    path = mine(volunteer)
    assert {client.get(path).status_code for _ in range(8)} == {200}
    assert [client.get(f"/calendar/s/guess{n}.ics").status_code for n in range(7)][-1] == 429


# --- the last fetch ---------------------------------------------------------------------------------------------


def test_fetches_are_noted_after_the_answer_and_once_in_a_while(
    city: City, client: FlaskClient, volunteer: Account, clock: TestClock
) -> None:
    path = mine(volunteer)

    def fetch(agent: str) -> Subscription:
        client.get(path, headers={"User-Agent": agent}).close()
        row = session().query(Subscription).one()
        session().refresh(row)
        return row

    first = clock.now
    row = fetch("iOS/19.1 dataaccessd/1.0")
    assert (row.last_fetched_at, row.fetch_count) == (first, 1)
    assert row.last_client == "iOS/19.1 dataaccessd/1.0"
    clock.advance(minutes=9)
    for _ in range(3):
        row = fetch("khal")
    assert (row.last_fetched_at, row.fetch_count, row.last_client) == (first, 1, "iOS/19.1 dataaccessd/1.0")
    clock.advance(minutes=2)
    row = fetch("khal/1\x00" + "x" * 500)
    assert (row.last_fetched_at, row.fetch_count) == (clock.now, 5)
    assert len(row.last_client or "") == 120
    tag = client.get(path).headers["ETag"]
    clock.advance(minutes=30)
    answer = client.get(path, headers={"If-None-Match": tag})
    assert answer.status_code == 304
    answer.close()
    assert session().query(Subscription.last_fetched_at).scalar() == clock.now


# --- pages ------------------------------------------------------------------------------------------------------


def test_my_calendar_from_the_first_visit_to_the_last(
    city: City, client: FlaskClient, volunteer: Account, sign_in: SignIn
) -> None:
    assert client.get("/me/calendar").status_code == 302
    sign_in(client, volunteer)
    made = client.fill("/me/calendar", form="/me/calendar", name="我的手机")
    assert made.status_code == 302
    row = session().query(Subscription).one()
    token = queries.token_of(row)
    assert token
    page = client.get("/me/calendar").text
    assert f"webcal://localhost/calendar/s/{token}.ics" in page
    assert f"http://localhost/calendar/s/{token}.ics" in page
    for word in (
        "苹果",
        "小米",
        "华为",
        "Outlook",
        "WPS",
        "Google",
        "Thunderbird",
        "右上角 ···",
        "还没有日历来取过",
    ):
        assert word in page
    client.get(f"/calendar/s/{token}.ics", headers={"User-Agent": "iOS/19 dataaccessd/1.0"}).close()
    assert "苹果日历" in client.get("/me/calendar").text
    renewed = client.post(f"/me/calendar/{row.id}/renew")
    assert renewed.status_code == 302
    assert token not in client.get("/me/calendar").text
    (living,) = queries.list_subscriptions(person_id=volunteer.person_id)
    assert client.post(f"/me/calendar/{living.id}/revoke").status_code == 302
    assert queries.list_subscriptions(person_id=volunteer.person_id) == []
    assert client.post(f"/me/calendar/{living.id}/revoke").status_code == 404


def test_a_bad_name_is_said_beside_the_field(
    city: City, client: FlaskClient, volunteer: Account, sign_in: SignIn
) -> None:
    sign_in(client, volunteer)
    for name in ("", "   ", "字" * 61, "坏\x00字"):
        answer = client.post("/me/calendar", data={"name": name, "own": "y"})
        assert answer.status_code == 422, name
        assert "field-error" in answer.text
    assert session().query(Subscription).count() == 0


def test_too_many_is_said_beside_the_field(
    city: City, client: FlaskClient, volunteer: Account, sign_in: SignIn
) -> None:
    for _ in range(SUBSCRIPTIONS_MAX):
        mine(volunteer)
    answer = sign_in(client, volunteer).post("/me/calendar", data={"name": "第十一台", "own": "y"})
    assert answer.status_code == 422
    assert "最多可以有 10 个日历地址" in answer.text
    assert "第十一台" in answer.text


def test_nobody_looks_after_someone_elses_address(
    city: City, client: FlaskClient, volunteer: Account, sign_in: SignIn
) -> None:
    mine(volunteer)
    row = session().query(Subscription.id).scalar()
    session().rollback()
    sign_in(client, make_person("别人"))
    for act in ("renew", "revoke"):
        assert client.post(f"/me/calendar/{row}/{act}").status_code == 404
        assert client.post(f"/me/calendar/unknown/{act}").status_code == 404
    assert session().query(Subscription).filter_by(revoked_at=None).count() == 1


def test_a_centres_people_look_after_its_addresses(city: City, app: Flask, sign_in: SignIn) -> None:
    address = f"/manage/organisations/{city.centre}/calendar"
    for permission in Permission:
        client = sign_in(app.test_client(), make_member(city.centre, permission))
        assert client.get(address).status_code == 200
        made = client.post(address, data={"name": "前台电脑", "own": "y"})
        if permission is Permission.INSPECT:  # looks and changes nothing
            assert made.status_code == 403
            assert f'action="{address}"' not in client.get(address).text
            continue
        assert made.status_code == 302
        (row,) = queries.list_subscriptions(organisation_id=city.centre)
        assert (row.organisation_id, row.person_id) == (city.centre, None)
        assert "前台电脑" in client.get(address).text
        assert client.post(f"{address}/{row.id}/renew").status_code == 302
        (living,) = queries.list_subscriptions(organisation_id=city.centre)
        assert client.post(f"{address}/{living.id}/revoke").status_code == 302
    assert client.get("/manage/organisations/unknown/calendar").status_code == 404


def test_another_organisations_people_do_not(city: City, client: FlaskClient, sign_in: SignIn) -> None:
    by = make_member(city.centre, Permission.SCAN)
    address_for(Scope("organisation", city.centre), by.person_id)
    row = session().query(Subscription.id).scalar()
    session().rollback()
    address = f"/manage/organisations/{city.centre}/calendar"
    assert client.get(address).status_code == 302
    sign_in(client, make_member(city.unit, Permission.MANAGE_EVENTS))
    assert client.get(address).status_code == 403
    assert client.post(address, data={"name": "x"}).status_code == 403
    own = f"/manage/organisations/{city.unit}/calendar"
    for act in ("renew", "revoke"):
        assert client.post(f"{address}/{row}/{act}").status_code == 403
        assert client.post(f"{own}/{row}/{act}").status_code == 404  # the way round through one's own
    assert session().query(Subscription).filter_by(revoked_at=None).count() == 1


def test_an_address_nobody_fetches_is_pointed_out(
    city: City, client: FlaskClient, sign_in: SignIn, clock: TestClock
) -> None:
    by = make_member(city.centre, Permission.SCAN)
    path = address_for(Scope("organisation", city.centre), by.person_id)
    client.get(path).close()
    clock.advance(days=9)
    page = sign_in(client, by).get(f"/manage/organisations/{city.centre}/calendar").text
    assert "很久没有更新" in page


# --- handing an address out -------------------------------------------------------------------------------------


def test_every_feed_has_a_page_and_a_picture_that_lead_to_it(
    city: City, client: FlaskClient, volunteer: Account
) -> None:
    made = city.add(title="健康讲座")
    event = session().get_one(EventSession, made).event_id
    session().rollback()
    for path, name in (
        ("/calendar/all.ics", "全部活动"),
        (f"/calendar/venues/{city.venue}.ics", "桥南社区服务中心"),
        ("/calendar/districts/230803.ics", "向阳区"),
        ("/calendar/types/lecture.ics", "科普讲座"),
        ("/calendar/tasks/A4-2.ics?plan=now", "A4-2 老年人健康科普"),
        (f"/calendar/events/{event}.ics", "健康讲座"),
        (mine(volunteer), "我的班次"),
    ):
        page = client.get("/calendar/subscribe", query_string={"feed": path})
        assert page.status_code == 200, path
        assert f"订阅日历：{name}" in page.text
        assert f"webcal://localhost{path}" in page.text
        picture = client.get("/calendar/subscribe.svg", query_string={"feed": path})
        assert picture.headers["Content-Type"].startswith("image/svg+xml")
        assert b"<svg" in picture.data


def test_in_wechat_the_page_says_first_what_to_do(city: City, client: FlaskClient) -> None:
    page = client.get(
        "/calendar/subscribe?feed=/calendar/all.ics", headers={"User-Agent": "Mozilla/5.0 MicroMessenger/8.0"}
    ).text
    assert "请先点右上角 ···" in page


ELSEWHERE = (
    "", "/", "/me", "/calendar/nothing.ics", "/calendar/venues/unknown.ics", "https://evil.example/calendar/all.ics",
    "//evil.example/calendar/all.ics", "/calendar/all.ics\x00", "/calendar/s/unknown.ics", "/calendar/subscribe",
    "/calendar/tasks/A4-2.ics?plan=%00", "/static/css/base.css", "http://[",
)  # fmt: skip


def test_no_page_leads_anywhere_else(city: City, client: FlaskClient) -> None:
    for feed in ELSEWHERE:
        for address in ("/calendar/subscribe", "/calendar/subscribe.svg"):
            assert client.get(address, query_string={"feed": feed}).status_code in {400, 404}, feed


def test_nothing_a_visitor_wrote_goes_into_the_links(city: City, client: FlaskClient) -> None:
    page = client.get("/calendar/subscribe", query_string={"feed": "/calendar/all.ics?x=visitor#visitor"})
    assert page.status_code == 200
    assert "visitor" not in page.text.split("<main")[1].split("</main>")[0]
