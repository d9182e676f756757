"""Drafts of long forms: saved while one writes, offered again, never over what somebody else saved, gone once sent."""

import json
from collections.abc import Callable
from typing import Any
from xml.etree.ElementTree import Element

import pytest
from flask import Flask
from sqlalchemy import func, select

from tests.factories import events as made
from tests.support import html
from tests.support.client import CheckedClient, fields_of
from tests.support.time import TestClock
from webapp.core import jobs
from webapp.core.db import new_id, session
from webapp.core.drafts import FORMS_MAX, PAGES_MAX, FormDraft
from webapp.events.models import Event
from webapp.people.models import Account
from webapp.people.service import close_account

SignIn = Callable[[CheckedClient, Any], CheckedClient]
NEW = "/manage/events/new"


class Desk:
    """Somebody with events of their own, at several pages."""

    def __init__(self, app: Flask, sign_in: SignIn) -> None:
        self.app, self.sign_in = app, sign_in
        self.organisation = made.an_organisation()
        self.organisation_id = self.organisation.id
        self.type_slug = made.a_type().slug
        self.account_id = made.staff(self.organisation, "manage_events").id
        self.client = self.another()

    def another(self, account: Account | None = None) -> CheckedClient:
        client = CheckedClient(self.app, self.app.response_class)
        return self.sign_in(client, account or session().get_one(Account, self.account_id))

    def event(self) -> str:
        return str(made.an_event(session().merge(self.organisation), published=False).id)


@pytest.fixture
def desk(app: Flask, sign_in: SignIn) -> Desk:
    return Desk(app, sign_in)


def form_in(page: Any) -> Element:
    """The one whose draft is saved."""
    [found] = [
        one
        for one in html.parse(page.data)[0].iter("form")
        if any("data-draft" in mark.attrib for mark in one.iter("p"))
    ]
    return found


def opened(client: CheckedClient, address: str) -> dict[str, list[str]]:
    page = client.get(address)
    assert page.status_code == 200
    return fields_of(form_in(page))


def save(client: CheckedClient, address: str, fields: dict[str, list[str]]) -> Any:
    """What the script of the page sends."""
    pairs = [[name, value] for name, some in fields.items() for value in some]
    data = {name: fields[f"draft_{name}"][0] for name in ("page", "writer", "based")}
    sent = data | {"address": address, "fields": json.dumps(pairs)}
    answer = client.post("/drafts", data=sent, headers={"Accept": "application/json"})
    if answer.status_code == 200:
        fields["draft_page"] = [answer.get_json()["page"]]
    return answer


def offers_in(page: Any) -> list[Element]:
    return [
        one
        for one in html.parse(page.data)[0].iter("div")
        if "draft-offer" in (one.get("class") or "").split()
    ]


def go_on(client: CheckedClient, address: str, number: int = 0) -> dict[str, list[str]]:
    """Press 接着写."""
    offer = offers_in(client.get(address))[number]
    button = next(iter(offer.iter("form")))
    page = client.post(button.get("action") or "", data=fields_of(button))
    assert page.status_code == 200, page.text
    assert "error-summary" not in page.text
    return fields_of(form_in(page))


def count() -> int:
    session().rollback()
    return session().scalar(select(func.count()).select_from(FormDraft)) or 0


def test_what_was_typed_is_offered_and_gone_once_it_is_sent(desk: Desk, clock: TestClock) -> None:
    fields = opened(desk.client, NEW)
    assert save(desk.client, NEW, fields | {"title": ["手机课"], "csrf_token": ["x"]}).status_code == 200
    clock.advance(minutes=30)
    said = save(desk.client, NEW, fields | {"title": ["手机用得明白"], "summary": [""]}).get_json()["said"]
    assert "草稿已保存" in said
    assert count() == 1
    kept = session().scalars(select(FormDraft)).one().fields
    assert not {"csrf_token", "draft_page", "change"} & {name for name, _value in kept}
    client = desk.another()
    again = go_on(client, NEW)
    assert again["title"] == ["手机用得明白"]
    assert again["key"] == fields["key"]
    answer = client.post(NEW, data=again | {"type_slug": [desk.type_slug], "change": ["remove-session-0"]})
    assert answer.status_code == 200
    assert count() == 1  # one row less is no reason to forget it
    left = {name: some for name, some in again.items() if not name.startswith("sessions")}
    answer = client.post(NEW, data=left | {"type_slug": [desk.type_slug], "change": ["save"]})
    assert answer.status_code == 303
    assert count() == 0
    assert session().scalar(select(Event.title)) == "手机用得明白"
    assert offers_in(client.get(NEW)) == []


def test_a_form_that_is_refused_keeps_its_draft_and_goes_on_in_it(desk: Desk) -> None:
    fields = opened(desk.client, NEW)
    save(desk.client, NEW, fields | {"title": ["手机课"]})
    page = desk.client.post(NEW, data=fields | {"title": [""], "change": ["save"]})
    assert page.status_code == 422
    again = fields_of(form_in(page))
    assert again["draft_page"] == fields["draft_page"]
    assert save(desk.client, NEW, again | {"title": ["手机"]}).status_code == 200
    assert count() == 1


def test_two_phones_at_one_draft_lose_nothing(desk: Desk) -> None:
    at_the_desk = opened(desk.client, NEW)
    save(desk.client, NEW, at_the_desk | {"title": ["在桌前写的"]})
    phone = desk.another()
    on_the_phone = go_on(phone, NEW)
    save(phone, NEW, on_the_phone | {"title": ["在手机上接着写的"]})
    answer = save(desk.client, NEW, at_the_desk | {"title": ["又在桌前写的"]})
    assert "两份都留着" in answer.get_json()["said"]
    assert count() == 2
    assert go_on(phone, NEW, 0)["title"] == ["又在桌前写的"]
    assert go_on(phone, NEW, 1)["title"] == ["在手机上接着写的"]


def test_a_draft_overrides_nobody(desk: Desk, app: Flask) -> None:
    where = f"/manage/events/{desk.event()}/edit"
    fields = opened(desk.client, where)
    save(desk.client, where, fields | {"summary": ["我的话"]})
    other = desk.another(made.staff(session().merge(desk.organisation), "manage_events", name="王另一"))
    assert other.fill(where, summary="别人的话").status_code == 303
    assert "有人改过这一项" in desk.client.get(where).text
    late = go_on(desk.client, where)
    assert late["summary"] == ["我的话"]
    answer = desk.client.post(where, data=late)
    assert answer.status_code == 409
    assert "别人的话" in answer.text
    assert "我的话" in answer.text


def test_it_is_thrown_away_by_whoever_wrote_it_alone(desk: Desk) -> None:
    fields = opened(desk.client, NEW)
    save(desk.client, NEW, fields | {"title": ["手机课"]})
    other = desk.another(made.staff(session().merge(desk.organisation), "manage_events", name="王另一"))
    assert offers_in(other.get(NEW)) == []
    gone = {"address": NEW, "page": fields["draft_page"], "back": NEW}
    other.post("/drafts/drop", data=gone)
    assert count() == 1
    assert desk.client.post("/drafts/drop", data=gone).location == NEW
    assert count() == 0


def test_secrets_other_addresses_and_too_much_are_not_kept(desk: Desk) -> None:
    fields = opened(desk.client, NEW)
    assert save(desk.client, "/me/data/correct", fields).status_code == 404
    assert save(desk.client, "/nowhere", fields).status_code == 404
    assert save(desk.client, NEW, fields | {"summary": ["长" * 400_000]}).status_code == 413
    assert save(desk.client, NEW, fields | {"password": ["geheim"], "title": ["好"]}).status_code == 200
    assert "geheim" not in str(session().scalars(select(FormDraft)).one().fields)
    for odd in ("{", "[1]", '[["a"]]', '[["a", 1]]', "[" * 9000):
        data = {name: fields[f"draft_{name}"][0] for name in ("page", "writer", "based")}
        sent = data | {"address": NEW, "fields": odd}
        assert desk.client.post("/drafts", data=sent).status_code == 200


def test_they_are_few_and_go_with_time_and_with_the_account(desk: Desk, clock: TestClock) -> None:
    for number in range(FORMS_MAX + 3):
        clock.advance(minutes=1)
        where = f"/manage/events/{new_id()}/edit"
        own = {f"draft_{one}": [new_id()] for one in ("page", "writer", "based")}
        assert save(desk.client, where, own | {"title": [str(number)]}).status_code == 200
    assert count() == FORMS_MAX
    for _number in range(PAGES_MAX + 2):
        save(desk.client, NEW, opened(desk.client, NEW) | {"title": ["手机"]})
    assert len(offers_in(desk.client.get(NEW))) == PAGES_MAX
    assert "手机" in desk.client.get("/me/data.json").text
    clock.advance(days=31)
    jobs.beat()
    jobs.forget_drafts()
    assert count() == 0
    save(desk.client, NEW, opened(desk.client, NEW) | {"title": ["手机"]})
    with made.transaction():
        close_account(desk.account_id)
    assert count() == 0


def test_visitors_have_none(client: CheckedClient) -> None:
    assert client.post("/drafts", data={"address": NEW}).status_code in {302, 401}


def in_few_words(fields: dict[str, list[str]]) -> dict[str, list[str]]:
    """A whole event without its days, saved."""
    return {name: some for name, some in fields.items() if not name.startswith("sessions-")} | {
        "change": ["save"]
    }


def test_who_goes_back_and_mends_what_they_made_is_asked_and_loses_nothing(desk: Desk) -> None:
    form = in_few_words(opened(desk.client, NEW)) | {"title": ["认识星空"], "type_slug": [desk.type_slug]}
    first = desk.client.post(NEW, data=form)
    assert first.status_code == 303
    assert desk.client.post(NEW, data=form).location == first.location
    back = form | {"title": ["认识星空和行星"]}
    save(desk.client, NEW, back)  # by itself, while one writes
    asked = desk.client.post(NEW, data=back)
    assert asked.status_code == 409
    assert "已经存过一份" in asked.text
    assert f'href="{first.location}"' in asked.text
    assert count() == 0  # what it says now is saved anew, as another form
    shown = fields_of(form_in(asked))
    assert shown["title"] == ["认识星空和行星"]
    assert desk.client.post(NEW, data=in_few_words(shown)).location != first.location
    assert session().scalar(select(func.count()).select_from(Event)) == 2


def test_one_draft_gone_on_with_at_two_phones_makes_one_thing(desk: Desk) -> None:
    form = opened(desk.client, NEW) | {"title": ["认识星空"], "type_slug": [desk.type_slug]}
    save(desk.client, NEW, form)
    phones = [in_few_words(go_on(desk.client, NEW)) for _ in range(2)]
    assert desk.client.post(NEW, data=phones[0]).status_code == 303
    assert desk.client.post(NEW, data=phones[1] | {"title": ["认识月亮"]}).status_code == 409
    assert session().scalar(select(func.count()).select_from(Event)) == 1
