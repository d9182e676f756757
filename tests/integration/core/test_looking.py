"""Another view or language on a form with errors: the form and what was typed stay, and nothing is done."""

from collections.abc import Callable
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import func, select

from tests.factories.events import a_district, an_event, an_organisation, staff
from tests.support import html
from tests.support.client import CheckedClient, fields_of
from webapp.core.db import get_row, session
from webapp.events.models import Event
from webapp.organisations.domain import Permission
from webapp.venues.models import Venue

SignIn = Callable[[CheckedClient, Any], CheckedClient]
OWN = {"Sec-Fetch-Site": "same-origin"}  # as browsers say of a form of our own page


def choose(client: CheckedClient, page: Any, where: str, button: str, value: str) -> Any:
    """Press a button at the top of this page, and go where it leads."""
    forms = [one for one in html.parse(page.data)[0].iter("form") if one.get("action") == where]
    fields = fields_of(forms[0])
    names = {one.get("name") for one in forms[0].iter("button")}
    assert names == {button}
    return as_a_browser(client, where, fields | {button: value})


def as_a_browser(client: CheckedClient, where: str, fields: dict[str, Any]) -> Any:
    """Send it, and the same once more to where a 307 leads."""
    answer = client.post(where, data=fields, headers=OWN)
    assert answer.status_code == 307
    return client.post(answer.location, data=fields, headers=OWN)


def count_venues() -> int:
    session().rollback()
    return session().scalar(select(func.count()).select_from(Venue)) or 0


@pytest.mark.parametrize(
    ("where", "button", "value", "shown"),
    [("/view", "to_view", "elder", "标准版"), ("/language", "to_language", "en", "Address")],
)
def test_what_was_typed_stays_when_another_view_or_language_is_chosen(
    app: Flask, client: CheckedClient, sign_in: SignIn, where: str, button: str, value: str, shown: str
) -> None:
    a_district()
    sign_in(client, staff(an_organisation(), Permission.MANAGE_EVENTS))
    before = count_venues()
    page = client.post("/manage/venues/new", data={"name": "科普角", "address": ""}, headers=OWN)
    assert page.status_code == 422
    again = choose(client, page, where, button, value)
    assert again.status_code == 422
    assert 'value="科普角"' in again.text
    assert shown in again.text
    # And once more from there, back to how it was.
    back = {"to_view": "normal", "to_language": "zh"}[button]
    last = choose(client, again, where, button, back)
    assert 'value="科普角"' in last.text
    assert count_venues() == before


def test_a_form_that_is_good_by_now_is_shown_and_not_taken(
    app: Flask, client: CheckedClient, sign_in: SignIn
) -> None:
    host = an_organisation()
    sign_in(client, staff(host, Permission.MANAGE_EVENTS))
    event_id = an_event(host).id
    path = f"/manage/events/{event_id}/cancel"
    sent = {"reason": "大雪", "only_look": path, "to_view": "elder"}
    shown = as_a_browser(client, "/view", sent)
    assert shown.status_code == 422
    assert "大雪" in shown.text
    assert get_row(Event, event_id).status == "published"


def test_what_a_page_said_of_a_change_is_known_when_another_view_is_chosen(
    app: Flask, client: CheckedClient, new_client: Callable[[], CheckedClient], sign_in: SignIn
) -> None:
    host = an_organisation()
    account = staff(host, Permission.MANAGE_EVENTS)
    first, second = sign_in(client, account), sign_in(new_client(), account)
    event_id = an_event(host).id
    path = f"/manage/events/{event_id}/cancel"
    old = fields_of(next(one for one in _forms(first.get(path)) if one.get("action") == path))
    assert second.fill(f"/manage/events/{event_id}/edit", title="另一个名字").status_code == 303
    page = first.post(path, data=old | {"reason": "大雪"}, headers=OWN)
    assert page.status_code == 409
    again = choose(first, page, "/view", "to_view", "elder")
    now = fields_of(next(one for one in _forms(again) if one.get("action") == path))
    assert now["reason"] == ["大雪"]
    assert first.post(path, data=now, headers=OWN).status_code == 303  # looked at as it is now


def _forms(page: Any) -> Any:
    return html.parse(page.data)[0].iter("form")


def test_a_button_alone_does_nothing_when_it_is_only_looked_at(
    app: Flask, client: CheckedClient, sign_in: SignIn
) -> None:
    host = an_organisation()
    sign_in(client, staff(host, Permission.MANAGE_EVENTS))
    event_id = an_event(host).id
    path = f"/manage/events/{event_id}/postpone"
    answer = client.post(path, data={"only_look": path}, headers=OWN)
    assert answer.status_code == 303
    assert answer.location == path
    assert get_row(Event, event_id).status == "published"


def test_nobody_is_led_elsewhere(app: Flask, client: CheckedClient) -> None:
    for target in ("https://example.org/", "//example.org", "/\\\\example.org"):
        answer = client.post("/view", data={"view": "elder", "only_look": target}, headers=OWN)
        assert (answer.status_code, answer.location) == (307, "/")
