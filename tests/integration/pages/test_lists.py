"""Every list of the staff's side: as many questions for thirty rows as for three, and acts on chosen rows."""

from collections.abc import Callable

import pytest
from flask.testing import FlaskClient
from sqlalchemy import event as sql_events

from tests.factories import events as make
from tests.support.client import CheckedClient
from webapp.core import audit
from webapp.core.db import db, session, transaction
from webapp.events.models import Event
from webapp.organisations.domain import Permission
from webapp.organisations.models import Organisation

SignIn = Callable[..., FlaskClient]


def _event(host: Organisation, number: int) -> None:
    make.an_event(host, title=f"讲座{number}")


def _deed(host: Organisation, _number: int) -> None:
    with transaction():
        audit.record("organisation.change", "organisation", host.id, by=None, before={"phone": "1"})


LISTS: dict[str, Callable[[Organisation, int], None]] = {
    "/manage/events": _event,
    "/manage/audit": _deed,
}


@pytest.mark.parametrize("address", LISTS)
def test_a_longer_list_asks_no_more(client: CheckedClient, sign_in: SignIn, address: str) -> None:
    host = make.an_organisation()
    sign_in(client, make.staff(host, Permission.MANAGE_EVENTS, Permission.GOVERN))
    asked: list[str] = []

    def statements() -> int:
        asked.clear()
        assert client.get(address).status_code == 200
        return len(asked)

    def note(_c: object, _u: object, statement: str, *_rest: object) -> None:
        asked.append(statement)

    for number in range(3):
        LISTS[address](host, number)
    client.get(address)
    sql_events.listen(db.engine, "before_cursor_execute", note)
    try:
        few = statements()
        for number in range(3, 30):
            LISTS[address](host, number)
        assert statements() == few
    finally:
        sql_events.remove(db.engine, "before_cursor_execute", note)
    assert client.get(f"{address}?format=xlsx").data.startswith(b"PK")
    assert "没有找到" in client.get(f"{address}?q=龘靐").text


def test_chosen_drafts_are_published_and_what_is_no_draft_is_named(
    client: CheckedClient, sign_in: SignIn
) -> None:
    host, other = make.an_organisation(), make.an_organisation()
    sign_in(client, make.staff(host, Permission.MANAGE_EVENTS))
    draft = make.an_event(host, title="草稿甲", published=False)
    out = make.an_event(host, title="已发布乙")
    foreign = make.an_event(other, title="别家丙", published=False)
    ids = [draft.id, out.id, foreign.id]
    page = client.get("/manage/events?status=draft").text
    assert "草稿甲" in page
    assert "已发布乙" not in page
    data = {"act": "publish", "row": ids}
    said = client.post("/manage/events/chosen", data=data, follow_redirects=True).text
    session().rollback()
    states = {one.id: one.status for one in session().query(Event)}
    assert (states[ids[0]], states[ids[2]]) == ("published", "draft")
    assert "已发布乙" in said.split("没有处理 2 条")[1]
    assert client.post("/manage/events/chosen", data={"act": "publish"}).status_code == 422


def test_chosen_drafts_thrown_away_come_back(client: CheckedClient, sign_in: SignIn) -> None:
    host = make.an_organisation()
    sign_in(client, make.staff(host, Permission.MANAGE_EVENTS))
    ids = [make.an_event(host, title=f"草稿{n}", published=False).id for n in range(2)]
    page = client.post(
        "/manage/events/chosen", data={"act": "discard", "row": ids}, follow_redirects=True
    ).text
    session().rollback()
    assert session().query(Event).count() == 0
    undo = page.split('action="/undo/')[1].split('"')[0] if 'action="/undo/' in page else ""
    assert undo, page[page.find("undo-bar") : page.find("undo-bar") + 500]
    client.post(f"/undo/{undo}")
    session().rollback()
    assert session().query(Event).count() == 2
