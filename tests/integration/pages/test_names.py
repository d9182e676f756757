"""Promise 8, walked: whoever must act on people can tell them apart on every page; strangers and crowds see masks."""

import re
from collections.abc import Callable, Iterator
from itertools import islice, product
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import func, select
from werkzeug.routing import Rule

from webapp import areas
from webapp.core import jobs
from webapp.core.auth import Access
from webapp.core.db import Base, db
from webapp.events.models import Event, EventSession, Position
from webapp.organisations.models import Membership
from webapp.people.domain import mask_name
from webapp.people.models import Account, Person
from webapp.people.queries import signed_in
from webapp.recognition.models import Certificate
from webapp.signups.domain import LIVING
from webapp.signups.models import Signup
from webapp.signups.queries import pass_code

SignIn = Callable[..., FlaskClient]
EACH = 2  # rows of a kind that pages are opened for
STAFF = ("organiser", "scanner", "office")
# Shown to a crowd, or to whoever stands before it: masks, although staff open them.
FOR_A_CROWD = {"attendance.kiosk", "attendance.scan_pack"}


def account_of(login: str) -> Account:
    return db.session.scalars(select(Account).where(Account.email == f"{login}@demo.test")).one()


def ids_of(argument: str) -> list[str]:
    """Ids of rows a route's argument may mean: those with the most people on them first."""
    by_people = func.count(Signup.id).desc()
    if argument == "session_id":
        wanted = select(EventSession.id).join(Signup, Signup.session_id == EventSession.id)
        return _first(wanted.group_by(EventSession.id).order_by(by_people, EventSession.id))
    if argument == "event_id":
        wanted = select(Event.id).join(EventSession).join(Signup, Signup.session_id == EventSession.id)
        return _first(wanted.group_by(Event.id).order_by(by_people, Event.id))
    if argument == "position_id":
        asking = Signup.status.in_(("pending", "waitlisted", "offered"))
        wanted = select(Position.id).join(Signup, (Signup.position_id == Position.id) & asking)
        return _first(wanted.group_by(Position.id).order_by(by_people, Position.id))
    if argument == "number":
        return _first(select(Certificate.number).where(Certificate.number.is_not(None)))
    thing = argument.removesuffix("_id").replace("_", "")
    for mapper in sorted(Base.registry.mappers, key=lambda one: len(one.class_.__name__)):
        if mapper.class_.__name__.lower().endswith(thing) and "id" in mapper.columns:
            return _first(select(mapper.columns["id"]).order_by(mapper.columns["id"]))
    return []


def _first(wanted: object) -> list[str]:
    return list(db.session.scalars(wanted.limit(EACH)))


def pages(app: Flask, *kinds: str, each: int = 1) -> Iterator[tuple[Rule, str]]:
    """Every page of these rules, with ids of what the demonstration has."""
    known: dict[str, list[str]] = {}
    for rule in app.url_map.iter_rules():
        view: Any = app.view_functions[rule.endpoint]
        access: Access | None = None
        while view is not None and access is None:
            access, view = getattr(view, "__access__", None), getattr(view, "__wrapped__", None)
        if access is None or access.kind not in kinds or "GET" not in (rule.methods or ()):
            continue
        names = sorted(rule.arguments)
        for name in names:
            known.setdefault(name, ids_of(name))
        for values in islice(product(*(known[name] for name in names)), each):
            given = dict(zip(names, values, strict=True))
            yield rule, re.sub(r"<(?:[^:<>]+:)?([^<>]+)>", r"{\1}", rule.rule).format(**given)


@pytest.mark.databases("sqlite")  # what a page shows of a name is the same on both
@pytest.mark.settings(demo=True)
def test_staff_tell_people_apart_and_strangers_do_not_know_them(
    app: Flask, new_client: Callable[[], FlaskClient], sign_in: SignIn
) -> None:
    areas.prepare(app)
    jobs.beat()  # a service without its worker is not ready
    people = set(db.session.scalars(select(Person.name)))
    masks = {mask_name(name) for name in people}
    seen, faults = set[str](), list[str]()
    for login in STAFF:
        client = sign_in(new_client(), signed_in(account_of(login)))
        for rule, path in pages(app, "allowed", "scanner", each=EACH if login == "organiser" else 1):
            if rule.endpoint in FOR_A_CROWD or rule.rule.endswith((".pdf", ".xlsx", ".csv")):
                continue
            answer = client.get(path)
            is_page = answer.status_code == 200 and answer.mimetype == "text/html"
            text = answer.get_data(as_text=True) if is_page else ""
            answer.close()  # some are files
            if is_page:
                seen.add(rule.endpoint)
                faults += [f"{login} {path}: {mask}" for mask in masks if mask in text]
    assert not faults, "\n".join(faults)
    assert len(seen) > 60, len(seen)  # the walk was one
    _check_lists(sign_in(new_client(), signed_in(account_of("organiser"))))
    _check_strangers(app, new_client(), people)


def _check_lists(client: FlaskClient) -> None:
    """On every list of the session with the most people each of them is there with the whole name."""
    account = account_of("organiser")
    own = select(Membership.organisation_id).where(Membership.person_id == account.person_id)
    counted = func.count(Signup.id)
    session_id = db.session.scalars(
        select(EventSession.id)
        .join(Event)
        .join(Signup, Signup.session_id == EventSession.id)
        .where(Event.organisation_id.in_(own), Signup.status == "confirmed")
        .group_by(EventSession.id)
        .order_by(counted.desc())
        .limit(1)
    ).one()
    named = select(Person.name).join(Signup, Signup.person_id == Person.id)
    here = set(db.session.scalars(named.where(Signup.session_id == session_id, Signup.status.in_(LIVING))))
    assert len(here) > 1
    for path in (f"/manage/sessions/{session_id}", f"/scan/{session_id}/list"):
        text = client.get(path).text
        assert not {name for name in here if name not in text}, path


def _check_strangers(app: Flask, client: FlaskClient, people: set[str]) -> None:
    """Nobody's name on any public page, nor on a pass that somebody else opens."""
    faults = []
    for rule, path in pages(app, "public"):
        answer = client.get(path)
        text = answer.get_data().decode(errors="replace")
        answer.close()
        faults += [f"{path}: {name}" for name in people if name in text and "/sign-in" not in rule.rule]
    signup = db.session.scalars(select(Signup).where(Signup.status == "confirmed").limit(1)).one()
    name = db.session.get_one(Person, signup.person_id).name
    shown = client.get(f"/p/{pass_code(signup)}").text
    assert mask_name(name) in shown and name not in shown
    assert not faults, "\n".join(faults)
