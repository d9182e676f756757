"""Districts and venues on both databases: seeding, service, pages."""

from collections.abc import Callable
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import func, select

from tests.factories.organisations import make_organisation, make_staff
from tests.factories.venues import QIANJIN, XIANGYANG, details, make_venue, seed_districts
from webapp.core.db import db, transaction
from webapp.core.errors import NotFound
from webapp.organisations.domain import Permission
from webapp.people.models import Account
from webapp.venues import queries, service
from webapp.venues.domain import (
    BadVenueText,
    NotYourVenue,
    TownshipElsewhere,
    UnknownDistrict,
    UnknownKind,
    VenueExists,
)
from webapp.venues.models import District, Venue

SignIn = Callable[[FlaskClient, Any], FlaskClient]


@pytest.fixture(autouse=True)
def city(app: Flask) -> None:
    seed_districts()


def test_the_citys_districts() -> None:
    assert [row.name for row in queries.list_districts()] == [
        "向阳区", "前进区", "东风区", "郊区", "桦南县", "桦川县", "汤原县", "同江市", "富锦市", "抚远市",
    ]  # fmt: skip
    assert db.session.scalar(select(func.count()).select_from(District)) == 148
    assert len(queries.list_townships()) == 96
    assert len(queries.list_townships(ordinary=False)) == 138
    assert queries.list_townships(XIANGYANG)[0].name == "西林街道"
    assert {row.kind for row in queries.list_townships(XIANGYANG, ordinary=False)} == {"街道", "other"}


def test_seeding_twice_changes_nothing() -> None:
    with transaction():
        assert service.seed_districts() == 0


@pytest.mark.parametrize(
    ("changes", "refusal"),
    [
        ({"name": ""}, BadVenueText),
        ({"name": "长" * 81}, BadVenueText),
        ({"address": " "}, BadVenueText),
        ({"address": "长" * 161}, BadVenueText),
        ({"kind": "castle"}, UnknownKind),
        ({"district_code": "110101"}, UnknownDistrict),
        ({"district_code": "230803007"}, UnknownDistrict),
        ({"township_code": "230804007"}, TownshipElsewhere),
        ({"township_code": "1"}, TownshipElsewhere),
        ({"organisation_id": "000000000000000000"}, NotFound),
    ],
)
def test_a_wrong_venue_is_refused(changes: dict[str, str], refusal: type[Exception]) -> None:
    with pytest.raises(refusal), transaction():
        service.make_venue(details(**changes), by=None)
    assert db.session.scalars(select(Venue)).all() == []


def test_one_name_is_one_venue_in_a_district() -> None:
    make_venue(name="示例图书馆")
    with pytest.raises(VenueExists), transaction():
        service.make_venue(details(name="示例图书馆"), by=None)
    make_venue(name="示例图书馆", district_code=QIANJIN)
    with transaction():
        found = service.find_or_make_venue(details(name="示例图书馆"), by=None)
        assert found.district_code == XIANGYANG
    assert len(queries.find_venues(q="图书馆")) == 2


def test_what_is_looked_for_is_taken_as_it_is() -> None:
    made = make_venue(name="示例 100% 展厅", address="一路_二号")
    make_venue(name="别处")
    assert [row.id for row in queries.find_venues(q="100%")] == [made.id]
    assert [row.id for row in queries.find_venues(q="路_二")] == [made.id]
    assert queries.find_venues(q="展厅", district=QIANJIN) == []
    assert len(queries.find_venues(district=XIANGYANG)) == 2


def test_a_centres_venue_is_kept_by_its_people_and_the_office() -> None:
    centre = make_organisation("示例社区中心")
    own = make_staff(centre, Permission.SIGN_UP_OTHERS).person_id
    other = make_staff(make_organisation(), Permission.MANAGE_EVENTS).person_id
    office = make_staff(make_organisation(), Permission.GOVERN).person_id
    venue = make_venue(organisation_id=centre.id)
    with pytest.raises(NotYourVenue), transaction():
        service.change_venue(venue.id, details(name="改名"), by=other)
    with pytest.raises(NotYourVenue), transaction():
        service.make_venue(details(organisation_id=centre.id), by=other)
    told: list[str] = []
    follower = lambda row: told.append(row.name)  # noqa: E731
    service.changed.connect(follower)
    try:
        for by in (own, office):
            with transaction():
                service.change_venue(venue.id, details(name="改名", organisation_id=centre.id), by=by)
    finally:
        service.changed._followers.remove(follower)
    assert told[0] == "改名"
    assert queries.get_venue(venue.id).name == "改名"


# ------------------------------------------------------------------------------------------------------- pages


@pytest.fixture
def organiser(app: Flask) -> Account:
    return make_staff(make_organisation("示例主办单位"), Permission.MANAGE_EVENTS)


GOOD = {"name": "示例报告厅", "kind": "library", "district_code": XIANGYANG, "address": "示例路 2 号"}


def test_an_organiser_adds_a_venue_and_goes_back(
    client: FlaskClient, organiser: Account, sign_in: SignIn
) -> None:
    sign_in(client, organiser)
    answer = client.fill("/manage/venues/new?next=/manage/events/new", **GOOD)
    assert answer.status_code == 302
    assert answer.location == "/manage/events/new"
    text = client.get("/manage/venues?q=报告厅").text
    assert "示例报告厅" in text
    venue = db.session.scalars(select(Venue)).one()
    answer = client.fill(f"/manage/venues/{venue.id}", address="新址 3 号", township_code="230803007")
    assert answer.status_code == 302
    assert queries.get_venue(venue.id).township_code == "230803007"
    assert "没有找到" in client.get(f"/manage/venues?district={QIANJIN}").text


def test_no_way_leads_off_the_site(client: FlaskClient, organiser: Account, sign_in: SignIn) -> None:
    answer = sign_in(client, organiser).post("/manage/venues/new?next=https://evil.example/", data=GOOD)
    assert answer.location == "/manage/venues"


@pytest.mark.parametrize(
    ("changes", "words", "status"),
    [
        ({"name": ""}, "请填写场所名称", 422),
        ({"name": "长" * 81}, "最多 80 个字", 422),
        ({"name": "a\x00b"}, "无法保存的特殊字符", 422),
        ({"address": ""}, "请填写地址", 422),
        ({"kind": "castle"}, "", 422),
        ({"district_code": "999"}, "", 422),
        ({"district_code": ""}, "请选择县（市）区", 422),
        ({"township_code": "230804007"}, "不在所选的县（市）区里", 422),
        ({"organisation_id": "somebody else's"}, "", 422),
        ({"name": "已有的"}, "已经有叫“已有的”的场所", 409),
    ],
)
def test_a_wrong_form_keeps_what_was_entered(
    client: FlaskClient, organiser: Account, sign_in: SignIn, changes: dict[str, str], words: str, status: int
) -> None:
    make_venue(name="已有的")
    answer = sign_in(client, organiser).post("/manage/venues/new", data=GOOD | changes)
    assert answer.status_code == status
    assert words in answer.text
    assert "请先改好下面几处" in answer.text
    assert ("address" in changes) or "示例路 2 号" in answer.text
    assert len(db.session.scalars(select(Venue)).all()) == 1


def test_who_may(client: FlaskClient, organiser: Account, sign_in: SignIn) -> None:
    venue = make_venue(organisation_id=make_organisation("别人的中心").id)
    for address in ("/manage/venues", "/manage/venues/new", f"/manage/venues/{venue.id}"):
        assert client.get(address).status_code == 302
    scanner = make_staff(make_organisation(), Permission.SCAN)
    assert sign_in(client, scanner).get("/manage/venues").status_code == 403
    answer = sign_in(client, organiser).get(f"/manage/venues/{venue.id}")
    assert answer.status_code == 403
    assert "别人的中心" in answer.text
    assert client.get("/manage/venues/unknown").status_code == 404
    assert client.get("/manage/venues?q=%00&district=nowhere").status_code == 400
