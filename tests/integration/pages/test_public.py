"""The first page, how pages look and speak, privacy and help."""

from datetime import timedelta
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from tests.factories import attendance as scenes
from tests.factories.organisations import grant, make_organisation
from tests.factories.people import make_account
from tests.support.client import CheckedClient
from tests.support.time import TestClock
from webapp.core import clock as city
from webapp.core.db import db, transaction
from webapp.events.models import Event
from webapp.organisations.domain import OrganisationKind, Permission
from webapp.people.queries import signed_in


def cookies_of(answer: TestResponse) -> dict[str, str]:
    return {one.split("=")[0]: one for one in answer.headers.getlist("Set-Cookie")}


def an_event(title: str, *, days: float) -> str:
    scene = scenes.make_scene(starts_at=city.now() + timedelta(days=days))
    with transaction() as session:
        session.get_one(Event, scene.event).title = title
    return scene.event


def test_this_week_is_on_the_first_page(app: Flask, client: FlaskClient, clock: TestClock) -> None:
    soon, last = an_event("今天的讲座", days=0.1), an_event("下周五的讲座", days=6)
    an_event("下周六的讲座", days=7)
    page = client.get("/").text
    assert page.index("今天的讲座") < page.index("下周五的讲座")
    assert f'href="/events/{soon}"' in page
    assert f'href="/events/{last}"' in page
    assert "下周六的讲座" not in page
    assert "今天" in page


def test_a_week_without_events_shows_the_next_ones(app: Flask, client: FlaskClient, clock: TestClock) -> None:
    page = client.get("/").text
    assert "这一周附近没有活动" in page
    an_event("下个月的讲座", days=30)
    page = client.get("/").text
    assert "这一周附近没有活动" in page
    assert "下个月的讲座" in page


def test_the_district_is_remembered_on_this_device(app: Flask, client: FlaskClient, clock: TestClock) -> None:
    an_event("向阳区的讲座", days=1)
    chosen = client.get("/?district=230803")
    assert "HttpOnly" in cookies_of(chosen)["district"]
    assert "SameSite=Lax" in cookies_of(chosen)["district"]
    page = client.get("/")
    assert '<option value="230803" selected>' in page.text
    assert "向阳区的讲座" in page.text
    assert "district" not in cookies_of(page)
    client.get("/?district=")
    assert "selected" not in client.get("/").text


@pytest.mark.parametrize("district", ["999999", "'", "王", "x" * 3000, "230803'--"])
def test_an_unknown_district_is_the_whole_city(
    app: Flask, client: FlaskClient, clock: TestClock, district: str
) -> None:
    an_event("向阳区的讲座", days=1)
    page = client.get("/", query_string={"district": district})
    assert page.status_code == 200
    assert "向阳区的讲座" in page.text
    client.set_cookie("district", "nonsense")
    assert client.get("/").status_code == 200


def test_words_lead_to_the_list(app: Flask, client: FlaskClient, clock: TestClock) -> None:
    an_event("向阳区的讲座", days=1)
    answer = client.get("/?q=%20手机课%20&district=230803")
    assert answer.status_code == 302
    assert answer.location == "/events/?q=%E6%89%8B%E6%9C%BA%E8%AF%BE&district=230803"
    assert "district" in cookies_of(answer)


@pytest.mark.parametrize(
    ("address", "field", "value", "name"),
    [
        ("/view", "view", "elder", "view"),
        ("/view", "view", "contrast", "view"),
        ("/view", "view", "elder-contrast", "view"),
        ("/view", "view", "normal", "view"),
        ("/language", "language", "en", "lang"),
        ("/language", "language", "zh", "lang"),
    ],
)
def test_how_one_sees_the_pages_is_kept_for_a_year(
    app: Flask, client: FlaskClient, address: str, field: str, value: str, name: str
) -> None:
    answer = client.post(address, data={field: value, "next": "/help?x=1"})
    assert (answer.status_code, answer.location) == (303, "/help?x=1")
    cookie = cookies_of(answer)[name]
    for part in (f"{name}={value}", "Max-Age=31536000", "HttpOnly", "SameSite=Lax", "Path=/"):
        assert part in cookie
    assert "Secure" not in cookie
    page = client.get("/help").text
    if field == "view":
        assert f'data-view="{value.replace("-", " ")}"' in page
    else:
        assert ('lang="en"' if value == "en" else 'lang="zh-CN"') in page.split("<head>")[0]


@pytest.mark.settings(base_url="https://kepu.example.cn")
def test_choices_are_secure_behind_https(app: Flask, client: FlaskClient) -> None:
    app.config["WTF_CSRF_ENABLED"] = False
    answer = client.post("/view", data={"view": "elder"}, base_url="https://kepu.example.cn", csrf=False)
    assert "Secure" in cookies_of(answer)["view"]


@pytest.mark.parametrize(
    "target", ["https://evil.example", "//evil.example", "/\\evil.example", "help", "", None]
)
def test_one_comes_back_to_this_site_alone(app: Flask, client: FlaskClient, target: str | None) -> None:
    data: dict[str, Any] = {"view": "elder"} | ({} if target is None else {"next": target})
    assert client.post("/view", data=data).location == "/"


@pytest.mark.parametrize("data", [{}, {"view": "huge", "language": "fr"}, {"view": "", "language": ""}])
def test_a_choice_that_is_none(app: Flask, client: FlaskClient, data: dict[str, str]) -> None:
    for address in ("/view", "/language"):
        answer = client.post(address, data=data)
        assert answer.status_code == 400
        assert not {"view", "lang"} & set(cookies_of(answer))


def test_privacy_names_the_office_and_the_version(app: Flask, client: FlaskClient) -> None:
    assert "单位的名称和电话写在活动页上" in client.get("/privacy").text
    make_organisation("市科协", kind=OrganisationKind.OFFICE)
    page = client.get("/privacy").text
    for word in ("市科协", "2026-12", "GB/T 40143", "复制、转移、更正、删除", "未满 14 岁"):
        assert word in page
    assert "邮件服务商" not in page
    db.session.rollback()


@pytest.mark.settings(mail_url="smtp://localhost:2525")
def test_privacy_names_the_mail_provider_when_there_is_one(app: Flask, client: FlaskClient) -> None:
    assert "邮件服务商" in client.get("/privacy").text


def test_help_speaks_to_each_kind_of_people(app: Flask, client: FlaskClient) -> None:
    page = client.get("/help").text
    for part in ("visitor", "volunteer", "organiser", "scanner", "centre", "unit", "office", "inspector"):
        assert f'<section class="part prose" id="{part}">' in page


def test_a_place_for_which_it_is_too_late_says_so(client: FlaskClient, clock: TestClock) -> None:
    """Helpers are known when a session starts; who listens may still come."""
    scene = scenes.make_scene()
    before = client.get(f"/events/{scene.event}").text
    assert "报名已结束" not in before
    assert before.count("还有 ") == 2
    clock.advance(minutes=45)
    page = client.get(f"/events/{scene.event}").text
    assert page.count("报名已结束") == 1
    assert page.count("还有 ") == 1
    assert "我来做讲解员" not in page


def test_a_centre_signs_people_up_for_what_is_held_elsewhere(
    client: CheckedClient, sign_in: Any, clock: TestClock
) -> None:
    scene = scenes.make_scene()
    way = f"/manage/sessions/{scene.session}/sign-up"
    assert way not in client.get(f"/events/{scene.event}").text
    worker = make_account()
    grant(worker, make_organisation("示例社区", kind=OrganisationKind.CENTRE), Permission.SIGN_UP_OTHERS)
    sign_in(client, signed_in(worker))
    assert way in client.get(f"/events/{scene.event}").text
    assert client.get(way).status_code == 200
