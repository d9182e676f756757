"""The staff's navigation: each page has its place in it, and each person sees what they may open."""

from collections.abc import Callable

import pytest
from flask import Flask
from flask.testing import FlaskClient

from tests.factories.events import an_event, an_organisation, sessions_of, staff
from tests.support.client import CheckedClient
from webapp.core.auth import access_of
from webapp.organisations.domain import Permission
from webapp.pages.domain.shell import SECTIONS, section_of

SignIn = Callable[..., FlaskClient]
KEYS = {section.key for section in SECTIONS}


def test_every_page_of_staff_has_its_section(app: Flask) -> None:
    lost = [
        rule.endpoint
        for rule in app.url_map.iter_rules()
        if access_of(rule.endpoint) == "allowed" and section_of(rule.endpoint) not in KEYS
    ]
    assert lost == []


def test_every_place_is_a_page_that_needs_nothing_more(app: Flask) -> None:
    arguments = {rule.endpoint: rule.arguments for rule in app.url_map.iter_rules()}
    assert [p.endpoint for s in SECTIONS for p in s.places if arguments.get(p.endpoint, {"none"})] == []


@pytest.mark.parametrize("permission", list(Permission))
def test_each_link_of_the_navigation_opens(
    client: CheckedClient, sign_in: SignIn, permission: Permission
) -> None:
    own = sign_in(client, staff(an_organisation(), permission))
    page = own.get("/manage/")
    shell = page.text.split('<nav class="shell"')[1].split("</nav>")[0]
    links = {part.split('"')[0] for part in shell.split('href="')[1:] if part.startswith("/")}
    links = {one for one in links if not one.startswith("/static")}
    assert "/manage/todo" in links
    for one in links:
        answer = own.get(one, follow_redirects=True)
        assert answer.status_code == 200, one
        assert '<nav class="shell"' in answer.text or one == "/scan", one
        assert '<nav class="crumbs"' not in answer.text, one  # the navigation says where one is


def test_a_visitor_and_a_volunteer_see_no_navigation_of_staff(client: CheckedClient) -> None:
    assert '<nav class="shell"' not in client.get("/plan/").text


def test_the_mark_counts_what_the_page_lists(client: CheckedClient, sign_in: SignIn) -> None:
    own = an_organisation()
    for_them = sign_in(client, staff(own, Permission.MANAGE_EVENTS))
    assert for_them.get("/manage/todo/count.json").get_json() == {"count": 0}
    assert "没有待办" in for_them.get("/manage/todo").text
    an_event(own, title="还没发的讲座", published=False)
    assert for_them.get("/manage/todo/count.json").get_json() == {"count": 1}
    assert "草稿“还没发的讲座”还没有发布" in for_them.get("/manage/todo").text


def test_breadcrumbs_stand_only_where_depth_needs_them(client: CheckedClient, sign_in: SignIn) -> None:
    own = an_organisation()
    for_them = sign_in(client, staff(own, Permission.MANAGE_EVENTS, Permission.GOVERN))
    made = an_event(own, title="安全用药讲座")
    session_id = sessions_of(made)[0].id
    deep = {
        f"/manage/organisations/{own.id}/members": "/manage/organisations",
        "/manage/venues/new": "/manage/venues",
        f"/manage/unit/{own.id}/helpers": f"/manage/unit/{own.id}",
    }
    for address, above in deep.items():
        crumbs = for_them.get(address).text.split('<nav class="crumbs"')[1].split("</nav>")[0]
        assert f'href="{above}"' in crumbs, address
        assert 'href="/manage/"' not in crumbs, address  # 今天 is above everything: nobody need be told
    page = for_them.get(
        f"/manage/sessions/{session_id}/devices"
    ).text  # a session's pages go up to their event, once
    assert 'class="crumbs"' not in page and page.count('class="work-up"') == 1
    above, tabs = (page.split(f'class="{one}"')[1].split("</a>")[0] for one in ("work-up", "work-tabs"))
    assert f'href="/manage/events/{made.id}"' in above and f'href="/manage/sessions/{session_id}"' in tabs
