"""A test client that looks at every answer: no 500, well-formed pages, nothing written and not kept."""

import contextvars
import hashlib
import os
from collections.abc import Mapping
from typing import Any
from urllib.parse import urlsplit
from xml.etree.ElementTree import Element

from flask import Flask, has_app_context
from flask.testing import FlaskClient
from itsdangerous import URLSafeTimedSerializer
from sqlalchemy import event
from sqlalchemy.orm import ORMExecuteState, Session, SessionTransaction
from werkzeug.exceptions import HTTPException
from werkzeug.test import TestResponse

from tests.support import html
from webapp.core.db import db

WRITES = {"POST", "PUT", "PATCH", "DELETE"}
# About what may not be there yet: a guardian's consent.
MAY_SHOW_NOTHING = {"signups.show_guardian", "signups.own_guardian"}
CSRF_SALT = "wtf-csrf-token"  # flask_wtf's default


class CheckedClient(FlaskClient):
    """What a browser does, and a tired reviewer.

    * A writing request gets a valid CSRF token unless it says `csrf=False` or carries a bearer token.
    * A request never shares the test's own application context, so nothing leaks between the two; what the test
      reads afterwards is fresh.
    * A 500 fails the test unless it says `fault=True`; so does a header that a real server could not send.
    * `fill(address, name=value, …)` sends the form of a page as a person would, with the fields it came with.
    """

    def open(self, *args: Any, csrf: bool = True, fault: bool = False, **kwargs: Any) -> TestResponse:
        """Send a request and look at the answer."""
        method = str(kwargs.get("method", "GET")).upper()
        headers = dict(kwargs.get("headers") or {})
        if (
            csrf
            and method in WRITES
            and not {"authorization", "x-csrftoken"} & {key.lower() for key in headers}
        ):
            token = self.csrf_token()
            kwargs["headers"] = headers | {"X-CSRFToken": token}
            if isinstance(kwargs.get("data"), Mapping) and "csrf_token" not in kwargs["data"]:
                kwargs["data"] = {**kwargs["data"], "csrf_token": token}
            elif kwargs.get("data") is None and "json" not in kwargs:
                kwargs["data"] = {"csrf_token": token}
        _forget()
        response: TestResponse = contextvars.Context().run(
            lambda: super(CheckedClient, self).open(*args, **kwargs)
        )
        _forget()
        where = f"{method} {response.request.path} ({response.status_code})"
        if not fault:
            assert response.status_code < 500, f"{where}: {response.text[:2000]}"
        for name, value in response.headers:
            assert value.isascii(), f"{where}: {name} cannot be sent by a server: {value}"
        if response.mimetype == "text/html" and not 300 <= response.status_code < 400 and response.data:
            found = html.problems(
                response.data, fragment="HX-Request" in response.request.headers, decides=self._decides
            )
            assert not found, f"{where}:\n" + "\n".join(found)
        return response

    def _decides(self, action: str) -> bool:
        """Whether a form to this address has to carry what its page showed."""
        try:
            found = self.application.url_map.bind("localhost").match(urlsplit(action).path, method="POST")
        except HTTPException:
            return False
        view = self.application.view_functions[found[0]]
        return hasattr(view, "__decides__") and found[0] not in MAY_SHOW_NOTHING

    def csrf_token(self) -> str:
        """The token a page of this visitor would carry."""
        with self.session_transaction() as session:
            raw = session.setdefault("csrf_token", hashlib.sha1(os.urandom(64)).hexdigest())
        secret = self.application.config["SECRET_KEY"]
        return str(URLSafeTimedSerializer(secret, salt=CSRF_SALT).dumps(raw))

    def fill(self, address: str, /, form: str | None = None, **values: Any) -> TestResponse:
        """Open a page and send its form with these values changed; others go as the page has them.

        `form` is the form's action or id where a page has several that write. A value may be a list, for fields
        that stand several times; None leaves the field out. A name the form does not have is a mistake in the test.
        """
        page = self.get(address)
        assert page.status_code == 200, f"{address} answered {page.status_code}"
        found = _writing_form(html.parse(page.data)[0], form)
        fields = fields_of(found)
        for name, value in values.items():
            known = {control.get("name") for control in found.iter()}
            assert name in known, f"the form has no field {name!r}, only {sorted(filter(None, known))}"
            fields[name] = value if isinstance(value, list) else [] if value is None else [value]
        return self.post(found.get("action") or address, data=fields)


def _writing_form(page: Element, wanted: str | None) -> Element:
    forms = [form for form in page.iter("form") if (form.get("method") or "get").lower() == "post"]
    if not (wanted or "").startswith("/undo/"):  # the bar of what was done before stands above every page
        forms = [form for form in forms if not (form.get("action") or "").startswith("/undo/")]
    if wanted is not None:
        forms = [form for form in forms if wanted in {form.get("action"), form.get("id")}]
    else:
        inside = [form for main in page.iter("main") for form in main.iter("form") if form in forms]
        forms = inside or forms
    assert len(forms) == 1, f"{len(forms)} forms to choose from: {[form.get('action') for form in forms]}"
    return forms[0]


def fields_of(form: Element) -> dict[str, list[Any]]:
    """What a browser would send of a form nobody touched."""
    fields: dict[str, list[Any]] = {}
    for control in form.iter():
        name, kind = control.get("name"), control.get("type")
        if not name or control.get("disabled") is not None:
            continue
        if control.tag == "textarea":
            fields.setdefault(name, []).append((control.text or "").removeprefix("\n"))
        elif control.tag == "select":
            fields.setdefault(name, []).extend(_chosen(control))
        elif control.tag == "input" and kind in {"checkbox", "radio"}:
            if control.get("checked") is not None:
                fields.setdefault(name, []).append(control.get("value", "on"))
        elif control.tag == "input" and kind not in {"submit", "button", "image", "reset", "file"}:
            fields.setdefault(name, []).append(control.get("value", ""))
    return fields


def _chosen(select: Element) -> list[str]:
    options = [option for option in select.iter("option") if option.get("disabled") is None]
    chosen = [option for option in options if option.get("selected") is not None]
    if not chosen and select.get("multiple") is None:
        chosen = options[:1]
    return [option.get("value", html.text_of(option)) for option in chosen]


def _forget() -> None:
    """Let the test's own session see what the request wrote."""
    if has_app_context():
        session = db.session
        assert not (session.new or session.dirty or session.deleted), "the test wrote outside transaction()"
        session.rollback()


def watch_for_unkept_writes(app: Flask) -> None:
    """Fail a request that wrote something and did not commit it."""

    @app.teardown_request
    def look(error: BaseException | None) -> None:
        session = db.session
        if error is None:
            lost = session.info.get("unkept") or session.new or session.dirty or session.deleted
            assert not lost, f"a request ended with something written and not kept: {lost}"


@event.listens_for(Session, "after_flush")
def _flushed(session: Session, _context: object) -> None:
    session.info["unkept"] = True


@event.listens_for(Session, "do_orm_execute")
def _executed(state: ORMExecuteState) -> None:
    if state.is_insert or state.is_update or state.is_delete:
        state.session.info["unkept"] = True


@event.listens_for(Session, "after_commit")
def _committed(session: Session) -> None:
    if not session.in_nested_transaction():
        session.info.pop("unkept", None)


@event.listens_for(Session, "after_soft_rollback")
def _rolled_back(session: Session, ended: SessionTransaction) -> None:
    if not ended.nested:
        session.info.pop("unkept", None)
