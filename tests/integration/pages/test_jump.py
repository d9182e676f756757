"""The search at the top: each finds what they may see, and nobody more."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta

import pytest
from flask.testing import FlaskClient
from sqlalchemy import event as sql_events

from tests.factories.events import (
    a_task,
    a_venue,
    an_event,
    an_organisation,
    positions_of,
    session_draft,
    staff,
)
from tests.factories.signups import a_guest, join
from tests.support.client import CheckedClient
from webapp.core import clock
from webapp.core.db import db, get_row, session, transaction
from webapp.events.models import Event
from webapp.organisations.domain import Permission
from webapp.organisations.models import Organisation
from webapp.people.models import Account, Person
from webapp.signups.models import Signup

SignIn = Callable[..., FlaskClient]
NAME, TITLE = "仇单丽", "会飞的种子"


@dataclass(frozen=True)
class Scene:
    own: Organisation
    event: Event
    person: str
    signup: str
    code: str
    centre: Organisation


@pytest.fixture
def scene() -> Scene:
    own, centre = an_organisation("育种研究所"), an_organisation("桥南社区")
    event = an_event(own, title=TITLE)
    person = a_guest(NAME)
    signup = join(positions_of(event)[0].id, person)
    with transaction():
        get_row(Signup, signup).centre_id = centre.id
    return Scene(own, event, person, signup, get_row(Signup, signup).short_code, centre)


def _account(scene: Scene, who: str) -> Account:
    other = an_organisation()
    at, permission = {
        "office": (other, Permission.GOVERN),
        "organiser": (scene.own, Permission.MANAGE_EVENTS),
        "scanner": (scene.own, Permission.SCAN),
        "centre": (scene.centre, Permission.SIGN_UP_OTHERS),
        "other organiser": (other, Permission.MANAGE_EVENTS),
        "other scanner": (other, Permission.SCAN),
        "other centre": (other, Permission.SIGN_UP_OTHERS),
        "reporter": (scene.own, Permission.REPORT),
        "inspector": (other, Permission.INSPECT),
    }[who]
    return staff(at, permission)


@pytest.mark.parametrize("who", ["office", "organiser", "scanner", "centre"])
@pytest.mark.parametrize("typed", [NAME, "单丽", "qiudan", "qdl"])
def test_who_works_with_a_person_finds_them(
    client: CheckedClient, sign_in: SignIn, scene: Scene, who: str, typed: str
) -> None:
    own = sign_in(client, _account(scene, who))
    assert NAME in own.get("/manage/jump", query_string={"q": typed}).text
    groups = own.get("/manage/jump.json", query_string={"q": typed}).get_json()["groups"]
    hit = next(hit for group in groups for hit in group["hits"] if hit["title"] == NAME)
    assert "****" in hit["note"]
    page = own.get(hit["url"])
    assert page.status_code == 200
    assert TITLE in page.text
    assert ("/manage/elders/" in hit["url"]) == (who == "centre")


@pytest.mark.parametrize("who", ["other organiser", "other scanner", "other centre", "reporter", "inspector"])
def test_nobody_else_finds_or_opens_them(
    client: CheckedClient, sign_in: SignIn, scene: Scene, who: str
) -> None:
    own = sign_in(client, _account(scene, who))
    tail = (get_row(Person, scene.person).phone or "")[-4:]
    for typed in (NAME, "qdl", "单", tail, scene.code):
        groups = own.get("/manage/jump.json", query_string={"q": typed}).get_json()["groups"]
        assert NAME not in repr(groups), typed
        assert all(group["label"] != "人" for group in groups)
    assert own.get(f"/manage/people/{scene.person}").status_code in {403, 404}


def test_long_ago_is_found_too_and_the_forgotten_are_not(
    client: CheckedClient, sign_in: SignIn, scene: Scene
) -> None:
    far = an_event(scene.own, sessions=(session_draft(clock.now() + timedelta(days=90)),))
    person = a_guest("闻人牧")
    join(positions_of(far)[0].id, person)
    own = sign_in(client, _account(scene, "organiser"))
    assert f"/manage/people/{person}" in own.get("/manage/jump?q=闻人牧").text
    with transaction():
        get_row(Person, person).closed_at = clock.now()
    assert f"/manage/people/{person}" not in own.get("/manage/jump?q=闻人牧").text
    assert own.get(f"/manage/people/{person}").status_code == 404


def test_a_code_leads_to_the_session_and_an_inspector_reads_a_mask(
    client: CheckedClient, new_client: Callable[[], CheckedClient], sign_in: SignIn, scene: Scene
) -> None:
    code = scene.code.lower()
    own = sign_in(client, _account(scene, "scanner"))
    first = own.get("/manage/jump.json", query_string={"q": code}).get_json()["groups"][0]
    assert first["label"] == "报名码"
    assert first["hits"][0]["title"] == NAME
    assert NAME in own.get(first["hits"][0]["url"]).text
    inspects = sign_in(new_client(), _account(scene, "inspector"))
    masked = inspects.get("/manage/jump.json", query_string={"q": code}).get_json()["groups"][0]
    assert masked["hits"][0]["title"] == "仇**"
    other = sign_in(new_client(), _account(scene, "other scanner"))
    assert "报名码" not in repr(other.get("/manage/jump.json", query_string={"q": code}).get_json())


@pytest.mark.parametrize(
    ("who", "finds"),
    [
        ("office", True),
        ("organiser", True),
        ("scanner", True),
        ("inspector", True),
        ("other organiser", False),
    ],
)
def test_events_are_found_by_word_and_pinyin(
    client: CheckedClient, sign_in: SignIn, scene: Scene, who: str, finds: bool
) -> None:
    own = sign_in(client, _account(scene, who))
    for typed in ("种子", "huifei", "hfdzz"):
        groups = own.get("/manage/jump.json", query_string={"q": typed}).get_json()["groups"]
        hits = [hit for group in groups if group["label"] == "活动" for hit in group["hits"]]
        assert [hit["title"] for hit in hits] == ([TITLE] if finds else []), typed
        for hit in hits:
            assert own.get(hit["url"]).status_code == 200


def test_drafts_of_others_are_not_found_and_a_centre_finds_what_everyone_sees(
    client: CheckedClient, sign_in: SignIn, scene: Scene
) -> None:
    an_event(scene.own, title="还没发的种子课", published=False)
    own = sign_in(client, _account(scene, "centre"))
    page = own.get("/manage/jump?q=种子").text
    assert TITLE in page
    assert "还没发" not in page


@pytest.mark.parametrize("permission", list(Permission))
def test_whatever_is_found_opens(client: CheckedClient, sign_in: SignIn, permission: Permission) -> None:
    organisation = an_organisation("红旗农场")
    a_venue("红旗活动室")
    a_task("A9-9", title="红旗下的科普")
    an_event(organisation, title="红旗讲座")
    own = sign_in(client, staff(organisation, permission))
    for typed in ("红旗", "hongqi", "A9-9", "今天", "jintian", "活动", "手机", "设置", "a"):
        for group in own.get("/manage/jump.json", query_string={"q": typed}).get_json()["groups"]:
            for hit in group["hits"]:
                assert own.get(hit["url"], follow_redirects=True).status_code == 200, hit
    page = own.get("/manage/jump?q=daiban").text.split("<main")[1]
    assert 'href="/manage/todo"' in page


def test_the_nearest_name_stands_first(client: CheckedClient, sign_in: SignIn, scene: Scene) -> None:
    own = sign_in(client, _account(scene, "office"))
    for name in ("陶朱公", "陶朱", "老陶朱"):
        a_guest(name)
    page = own.get("/manage/jump.json?q=陶朱").get_json()["groups"][0]
    assert [hit["title"] for hit in page["hits"]] == ["陶朱", "陶朱公", "老陶朱"]


def test_nothing_typed_and_odd_words_are_no_fault(
    client: CheckedClient, sign_in: SignIn, scene: Scene
) -> None:
    own = sign_in(client, _account(scene, "office"))
    assert own.get("/manage/jump").status_code == 200
    assert own.get("/manage/jump.json").get_json()["groups"] == []
    for typed in ("'", '"', "* OR 1", "<b>", "%", "_", "🌾", "，", "x" * 300):
        assert own.get("/manage/jump", query_string={"q": typed}).status_code == 200, typed
    assert "没有找到" in own.get("/manage/jump?q=无此人").text


@pytest.mark.parametrize(("who", "most"), [("office", 14), ("organiser", 16), ("centre", 14)])
def test_it_costs_the_same_for_many(
    client: CheckedClient, sign_in: SignIn, scene: Scene, who: str, most: int
) -> None:
    own = sign_in(client, _account(scene, who))
    costs = []
    for _round in range(2):
        seen: list[str] = []

        def note(
            _connection: object, _cursor: object, statement: str, *_rest: object, seen: list[str] = seen
        ) -> None:
            seen.append(statement)

        sql_events.listen(db.engine, "before_cursor_execute", note)
        assert NAME in own.get("/manage/jump.json?q=qiu").text
        sql_events.remove(db.engine, "before_cursor_execute", note)
        costs.append(len(seen))
        for number in range(5):
            other = an_event(scene.own, title=f"秋天的课{number}")
            joined = join(positions_of(other)[0].id, a_guest(f"仇{number}"))
            with transaction():
                get_row(Signup, joined).centre_id = scene.centre.id
    session().rollback()
    assert costs[0] == costs[1] <= most
