"""Whatever is put into an address, a query, a form or a body: an answer below 500, on the stricter of the databases.

Forms are those that people find (tests/integration/test_crawl.py), with the ids of the demonstration, so that what is
sent comes as far as the services.
"""

from collections.abc import Iterator
from itertools import cycle, islice
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient

from tests.factories.people import make_token
from tests.integration.test_access import NOWHERE, steps
from tests.integration.test_crawl import Crawl, SignIn, client_of, demonstrated
from tests.support import html
from webapp.core.db import db
from webapp.people.models import Account

ODD = (
    "\x00",
    "9" * 400,
    "-1",
    "1e999",
    "0001-01-01",
    "9999-12-31T23:59",
    "a\nb\u2028c",
    "\u202e😀",
    "' OR 1=1 --",
)
QUERIES = ("%00", "%FF%FE", "9" * 400, "-1", "%F0%9F%98%80", "a%0Ab", "1e999", "٣", "2026-13-45", "[]")
NAMES = (
    "q",
    "from",
    "to",
    "day",
    "district",
    "cursor",
    "before",
    "plan",
    "page",
    "part",
    "feed",
    "signups",
    "limit",
)
BODIES = (b"{", b"[]", b"null", b'{"a": NaN}', b'"\\ud800"', b"[" * 5000, b"\xff\xfe", b'{"person": [{}]}')
# What would end the walk: signing out, closing the account, a new password.
LAST = {"people.sign_out", "pages.close_account", "people.change_password", "pages.correct_data"}


@pytest.fixture
def city(app: Flask) -> Flask:
    """The application with the demonstration's data."""
    return demonstrated(app)


def sendings(fields: dict[str, list[Any]], odds: Iterator[str]) -> Iterator[dict[str, Any]]:
    """A form with something odd everywhere, then in one field after the other while the rest is as it came."""
    for odd in islice(odds, 2):
        yield dict.fromkeys(fields, odd)
    for name, odd in zip(islice(fields, 8), odds, strict=False):
        yield fields | {name: [odd, odd]}


@pytest.mark.databases("postgresql")
def test_every_form_takes_anything(city: Flask, sign_in: SignIn, monkeypatch: pytest.MonkeyPatch) -> None:
    client = client_of(city, sign_in, "office")
    crawl, odds = Crawl(client, city, of_each=1), cycle(ODD)
    crawl.go()
    assert len(crawl.forms) > 60
    monkeypatch.setattr(html, "problems", lambda *_args, **_more: [])  # looked at page by page elsewhere
    for endpoint, (address, fields) in crawl.forms.items():
        if endpoint in LAST:
            continue
        fields.pop("csrf_token", None)
        for data in sendings(fields, odds):
            answer = client.post(address, data=data)  # the client looks for itself that it is no 500
            assert answer.status_code < 500, (address, data)


@pytest.mark.databases("postgresql")
def test_every_address_takes_any_query_and_any_body(city: Flask, sign_in: SignIn) -> None:
    client = client_of(city, sign_in, "office")
    token = make_token(db.session.query(Account).filter_by(email="office@demo.test").one())
    queries, bodies = cycle(QUERIES), cycle(BODIES)  # each route some, all of them each some
    bearer = {"Authorization": f"Bearer {token}"}
    for step in steps(city):
        headers = bearer if step.is_api or step.access.kind == "token" else {}
        if step.rule.endpoint in LAST:
            continue
        if step.method == "GET":
            for odd in islice(queries, 3):
                _ask(client, step.path(), step.method, headers, "&".join(f"{name}={odd}" for name in NAMES))
            continue
        for body in islice(bodies, 3):
            answer = client.open(
                step.path(other=NOWHERE),
                method=step.method,
                data=body,
                content_type="application/json",
                headers=headers,
            )
            assert answer.status_code < 500, (str(step), body)


def _ask(client: FlaskClient, path: str, method: str, headers: dict[str, str], query: str) -> None:
    answer = client.open(f"{path}?{query}", method=method, headers=headers)
    answer.close()
    # A service without its worker is not ready, and says so with a 503.
    assert answer.status_code < 500 or path == "/readyz", (path, query)
