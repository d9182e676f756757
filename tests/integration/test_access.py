"""Every route as every kind of person: the declared rule answers right, and nothing of one is shown to another.

The routes are read from the application, the ids from the tables, so a new route is walked without a word here.
"""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select
from werkzeug.routing import Rule
from werkzeug.test import TestResponse

from tests.factories import attendance as scenes
from tests.factories.organisations import grant, make_organisation
from tests.factories.people import make_account, make_token
from webapp.attendance import service as attendance
from webapp.core import jobs
from webapp.core.auth import Access
from webapp.core.db import Base, db, transaction
from webapp.organisations.domain import OrganisationKind, Permission
from webapp.people.models import Account
from webapp.venues.models import Venue

KINDS: dict[str, tuple[Permission, ...] | None] = {
    "visitor": None,
    "volunteer": (),
    "organiser": (Permission.MANAGE_EVENTS,),
    "scanner": (Permission.SCAN,),
    "centre": (Permission.SIGN_UP_OTHERS,),
    "unit contact": (Permission.REPORT,),
    "office": (Permission.GOVERN,),
    "inspector": (Permission.INSPECT,),
}
NOWHERE = "0" * 18  # shaped like an id, and nobody's
ODD = ("x", "王小明'\"<>", "a" * 300, "%00")
GUEST, GUEST_PHONE = "诸葛孔明", "13987654321"
# What a program would send where the API asks for a field.
GUESSES: dict[str, Any] = {
    "audience": "老年人",
    "count": 3,
    "method": "counted",
    "items": [],
    "direction": "in",
}
# Whoever has an account may take a place in anyone's event: these arguments name nothing that is kept from people.
FOR_ALL = {"position_id"}
# A centre signs its elders up for what others hold; the page shows places, and nobody who has one.
ANYONES = {"signups.sign_up_other", "signups.sign_up_many", "signups.sign_up_again"}


@pytest.fixture(autouse=True)
def _a_worker_was_seen(app: Flask) -> None:
    """A service without its worker is not ready, and says so with a 503."""
    jobs.beat()


@dataclass
class Step:
    """One route, one method, and the rule it declares."""

    rule: Rule
    method: str
    access: Access

    @property
    def is_api(self) -> bool:
        return self.rule.rule.startswith("/api/")

    def path(self, values: dict[str, str] | None = None, *, other: str = NOWHERE) -> str:
        """The address, with each argument filled from `values`, else with `other`."""

        def fill(found: re.Match[str]) -> str:
            kind = found[1] or ""
            stands_in = other * 3 if "minlength" in kind else other  # signed links are long
            if kind.startswith("any("):
                stands_in = kind[4:].partition(",")[0]
            return (values or {}).get(found[2], stands_in)

        return re.sub(r"<(?:([^:<>]+):)?([^<>]+)>", fill, self.rule.rule)

    def __str__(self) -> str:
        return f"{self.method} {self.rule.rule}"


def steps(app: Flask) -> Iterator[Step]:
    for rule in app.url_map.iter_rules():
        view: Any = app.view_functions[rule.endpoint]
        access: Access | None = None
        while view is not None and access is None:
            access = getattr(view, "__access__", None)
            view = getattr(view, "__wrapped__", None)
        for method in sorted((rule.methods or set()) - {"HEAD", "OPTIONS"}):
            if access is not None:
                yield Step(rule, method, access)


class Walker:
    """Sends requests as one kind of person, by cookie or by token as the route asks."""

    def __init__(self, app: Flask, sign_in: Callable[..., FlaskClient], account: Account | None) -> None:
        self.app, self.sign_in = app, sign_in
        self.key = account.get_id() if account else None
        self.token = make_token(account) if account else None

    def get_id(self) -> str:
        return self.key or ""

    def send(self, step: Step, path: str, **more: Any) -> TestResponse:
        client = self.app.test_client()
        if self.key:
            self.sign_in(client, self)
        if step.is_api or step.access.kind == "token":
            if self.token:
                more.setdefault("headers", {"Authorization": f"Bearer {self.token}"})
            if step.method != "GET":
                more.setdefault("json", {})
        return client.open(path, method=step.method, fault=True, **more)

    def send_whole(self, step: Step, path: str) -> TestResponse:
        """The same with the fields that an answer says are missing."""
        answer = self.send(step, path)
        body: dict[str, Any] = {}
        while answer.status_code == 422 and answer.is_json and (answer.json or {}).get("errors"):
            missing = set(answer.json["errors"]) - set(body)  # type: ignore[index]
            if not missing:
                break
            body |= {name: GUESSES.get(name, "x") for name in missing}
            answer = self.send(step, path, json=body)
        return answer


def asked_to_sign_in(answer: TestResponse) -> bool:
    if answer.status_code == 401:
        return answer.mimetype == "application/problem+json"
    return answer.status_code == 302 and "/sign-in" in (answer.location or "")


def fault_of(step: Step, held: frozenset[str] | None, answer: TestResponse) -> str | None:
    """What is wrong with this answer to a person who holds these permissions (None: nobody is signed in)."""
    access, status = step.access, answer.status_code
    needs_someone = access.kind in {"signed_in", "allowed", "scanner", "token"}
    if status >= 500:
        return f"answers {status}"
    if access.kind == "operations":
        return None if status == 200 else f"answers {status} to this machine"
    if needs_someone and held is None:
        return None if asked_to_sign_in(answer) else f"answers {status} to a visitor"
    if needs_someone and access.permissions and not access.permissions & (held or frozenset()):
        return None if status == 403 else f"answers {status} without the permission"
    if status in {401, 403} or (needs_someone and asked_to_sign_in(answer)):
        if step.rule.endpoint == "attendance.relay_links":
            return None  # of a chain that does not exist
        return f"answers {status} although the rule lets them in"
    return None


def _walk(app: Flask, sign_in: Callable[..., FlaskClient], kinds: dict[str, Walker]) -> list[str]:
    found = []
    for step in sorted(
        steps(app), key=lambda one: one.rule.endpoint == "people.sign_out"
    ):  # it ends the walk
        for kind, walker in kinds.items():
            given = KINDS[kind]
            held = None if given is None else frozenset(Permission if Permission.GOVERN in given else given)
            fault = fault_of(step, held, walker.send(step, step.path()))
            if fault:
                found.append(f"{step} as {kind} {fault}")
    return found


def test_every_route_as_every_kind_of_person(app: Flask, sign_in: Callable[..., FlaskClient]) -> None:
    home = make_organisation(kind=OrganisationKind.OFFICE)
    kinds = {}
    for kind, permissions in KINDS.items():
        account = None if permissions is None else make_account()
        if account is not None and permissions:
            grant(account, home, *permissions)
        kinds[kind] = Walker(app, sign_in, account)
    faults = _walk(app, sign_in, kinds)
    assert not faults, "\n".join(faults)


@pytest.mark.databases("postgresql")  # the stricter of the two: it refuses what SQLite only does not find
def test_odd_addresses_get_an_answer(app: Flask, sign_in: Callable[..., FlaskClient]) -> None:
    """Ids of every shape, and queries nobody's page sends, as the one whom every rule lets in."""
    office = make_account()
    grant(office, make_organisation(), Permission.GOVERN)
    walker, faults = Walker(app, sign_in, office), []
    for step in steps(app):
        paths = [step.path(other=odd) for odd in ODD] if step.rule.arguments else [step.path()]
        if step.method == "GET":
            names = ("q", "from", "to", "district", "cursor", "plan", "next", "by", "limit")
            paths += [
                step.path() + "?" + "&".join(f"{name}={odd}" for name in names) for odd in ("%00", "%FF9e9")
            ]
        for path in paths:
            answer = walker.send(step, path)
            if answer.status_code >= 500:
                faults.append(f"{step.method} {path}: {answer.status_code}")
    assert not faults, "\n".join(faults)


def test_a_token_that_is_none_opens_nothing(app: Flask, sign_in: Callable[..., FlaskClient]) -> None:
    """Not without one, not with a wrong one, and not with the sign-in cookie of the office."""
    office = make_account()
    grant(office, make_organisation(), Permission.GOVERN)
    walker, faults = Walker(app, sign_in, office), []
    headers: list[dict[str, str]] = [
        {},
        {"Authorization": "Bearer nonsense"},
        {"Authorization": "Basic bm8="},
    ]
    headers += [{"Authorization": f"Bearer{walker.token}"}, {"Authorization": f"Token {walker.token}"}]
    for step in steps(app):
        if step.access.kind == "token":
            for given in headers:
                answer = walker.send(step, step.path(), headers=given, csrf=False)
                if answer.status_code != 401 or answer.mimetype != "application/problem+json":
                    faults.append(f"{step} with {given or 'the cookie alone'}: {answer.status_code}")
    assert not faults, "\n".join(faults)


def test_no_form_is_taken_without_its_token(app: Flask, sign_in: Callable[..., FlaskClient]) -> None:
    office = make_account()
    grant(office, make_organisation(), Permission.GOVERN)
    walker, faults = Walker(app, sign_in, office), []
    for step in steps(app):
        if step.method != "GET" and not step.is_api:
            answer = walker.send(step, step.path(), csrf=False)
            # Whoever is signed in already is led on from the sign-in page, and what the form said is not looked at.
            # A mail program has no token: the link itself is looked at (RFC 8058), and this one is nobody's.
            wanted = {"people.sign_in": 302, "pages.end_todo_mail": 404}.get(step.rule.endpoint, 400)
            if answer.status_code != wanted:
                faults.append(f"{step}: {answer.status_code}")
    assert not faults, "\n".join(faults)


def test_figures_are_for_this_machine_alone(app: Flask, client: FlaskClient) -> None:
    found = [step for step in steps(app) if step.access.kind == "operations"]
    assert found
    for step in found:
        assert client.get(step.path()).status_code == 200
        assert client.get(step.path(), environ_base={"REMOTE_ADDR": "192.0.2.1"}).status_code == 403


# ------------------------------------------------------------------------------------- other people's things


def _someones_event() -> scenes.Scene:
    """A published event of an organisation with everything that can hang on one."""
    scene = scenes.make_scene()
    signup = scenes.sign_up(scene.seats, name=GUEST)
    with transaction() as session:
        scenes.person_of(signup).phone = "+86" + GUEST_PHONE
        session.get_one(Venue, scene.venue).organisation_id = scene.organisation
    scene.scan(scenes.signup_queries.pass_code(signup))
    with transaction():
        attendance.count_heads(
            scene.session, audience="老年人", count=30, method="counted", note="", by=scene.scanner
        )
    make_token(db.session.get_one(Account, scene.scanner_account))
    return scene


def _ids_of_rows(app: Flask) -> dict[str, str]:
    """For each argument of a route the id of the first row it may mean: `session_id` is an EventSession."""
    arguments = {name for rule in app.url_map.iter_rules() for name in rule.arguments}
    found = {}
    for argument in arguments:
        thing = argument.removesuffix("_id").replace("_", "")
        for mapper in sorted(Base.registry.mappers, key=lambda one: len(one.class_.__name__)):
            if mapper.class_.__name__.lower().endswith(thing) and "id" in mapper.columns:
                row = db.session.scalar(select(mapper.columns["id"]).order_by(mapper.columns["id"]).limit(1))
                if row:
                    found[argument] = row
                    break
    return found


@pytest.fixture
def theirs(app: Flask) -> dict[str, str]:
    """Ids of another organisation's things."""
    scene = _someones_event()
    ids = _ids_of_rows(app)
    assert (ids["event_id"], ids["session_id"]) == (scene.event, scene.session)
    return ids | {"organisation_id": scene.organisation, "venue_id": scene.venue, "code": "A1-1"}


def test_staff_of_another_organisation_touch_nothing(
    app: Flask, sign_in: Callable[..., FlaskClient], theirs: dict[str, str]
) -> None:
    stranger = make_account()
    every = [one for one in Permission if one not in {Permission.GOVERN, Permission.INSPECT}]
    grant(stranger, make_organisation("旁边的单位"), *every)
    walker, faults = Walker(app, sign_in, stranger), []
    for step in steps(app):
        named = step.rule.arguments & set(theirs) - FOR_ALL - {"code"}
        if (
            step.rule.endpoint in ANYONES
            or not named
            or step.access.kind not in {"allowed", "scanner", "token", "signed_in"}
        ):
            continue
        answer = walker.send_whole(step, step.path(theirs))
        if answer.status_code not in {403, 404}:
            faults.append(f"{step}: {answer.status_code} {answer.text[:300] if answer.is_json else ''}")
    assert not faults, "\n".join(faults)


@pytest.mark.parametrize("kind", ["visitor", "stranger"])
def test_no_page_shows_who_came_to_those_it_does_not_concern(
    app: Flask, sign_in: Callable[..., FlaskClient], theirs: dict[str, str], kind: str
) -> None:
    account = None if kind == "visitor" else make_account()
    if account is not None and kind == "stranger":
        grant(account, make_organisation("旁边的单位"), Permission.MANAGE_EVENTS, Permission.SCAN)
    walker, faults = Walker(app, sign_in, account), []
    for step in steps(app):
        if step.method == "GET" and step.access.kind != "operations":
            answer = walker.send(step, step.path(theirs))
            text = answer.get_data().decode(errors="replace")
            if answer.status_code >= 500 or any(word in text for word in (GUEST, GUEST_PHONE, "诸葛*")):
                faults.append(f"{step}: {answer.status_code}")
    assert not faults, "\n".join(faults)
