"""A centre and its people: seen by person and by event, phones after one press, signed up again by ticks."""

from collections.abc import Callable
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import func, select

from tests.factories.events import an_organisation, staff
from tests.factories.signups import a_position, faults, join, taken
from tests.support import html
from tests.support.client import fields_of
from webapp.core import clock
from webapp.core.audit import AuditEntry
from webapp.core.db import get_row, session, transaction
from webapp.core.errors import NotFound
from webapp.events.models import Position
from webapp.organisations.domain import Permission
from webapp.organisations.models import Membership
from webapp.people import service as people
from webapp.people.models import Guardianship, Person
from webapp.signups.domain.rows import Named
from webapp.signups.models import Signup
from webapp.signups.queries import centres as queries
from webapp.signups.service import cancel_signup
from webapp.signups.service.many import sign_up_many

SignIn = Callable[[FlaskClient, Any], FlaskClient]
GUI, QIAN, SUN = (
    Named("赵桂兰", "+8613800138000"),
    Named("钱 大爷", None),
    Named("孙小宝", "+8613800138002", "under_14", "孙大明", "+8613800138003", company="李老师"),
)


def centre_staff() -> tuple[Any, Any, str]:
    """Two who sign up for one centre, and its id."""
    centre = an_organisation()
    first, second = (staff(centre, Permission.SIGN_UP_OTHERS, name=name) for name in ("李组织", "周组织"))
    return first, second, centre.id


def signed_up(position: str, people_named: list[Named], by: str) -> list[str]:
    with transaction():
        return sign_up_many(position, people_named, by=by).made


def session_of(position: str) -> str:
    session().rollback()
    return get_row(Position, position).session_id


def count(model: Any, *where: Any) -> int:
    session().rollback()
    return session().scalar(select(func.count()).select_from(model).where(*where)) or 0


def test_a_colleague_sees_whom_the_centre_signed_up_and_a_stranger_does_not(
    app: Flask, client: FlaskClient, sign_in: SignIn
) -> None:
    first, second, centre = centre_staff()
    position = a_position(capacity=5)
    made = signed_up(position, [GUI, QIAN], first.person_id)
    join(position)
    held = session_of(position)
    sign_in(client, second)
    page = client.get("/manage/elders").text
    assert page.index("钱 大爷".replace(" ", "")) < page.index("赵桂兰")  # whom we signed up last first
    assert "王小明" not in page
    assert "138****8000" in page
    assert "13800138000" not in page
    occasions = client.get("/manage/elders/sessions")
    assert f"/manage/elders/sessions/{held}" in occasions.text
    shown = client.get(f"/manage/elders/sessions/{held}")
    assert "赵桂兰" in shown.text
    assert f"/manage/sessions/{held}/cards" in shown.text
    assert client.get(f"/manage/sessions/{held}/cards").status_code == 200
    assert client.get(f"/manage/signups/{made[0]}").status_code == 200
    person = get_row(Signup, made[0]).person_id
    assert "赵桂兰" in client.get(f"/manage/elders/{person}").text
    sign_in(client, staff(an_organisation(), Permission.SIGN_UP_OTHERS))
    for path in (f"/manage/elders/sessions/{held}", f"/manage/elders/{person}", f"/manage/signups/{made[0]}"):
        assert client.get(path).status_code == 404, path
    assert client.get(f"/manage/elders?centre={centre}").status_code == 404


def test_numbers_are_shown_after_one_press_and_noted_once(
    app: Flask, client: FlaskClient, sign_in: SignIn
) -> None:
    first, _second, centre = centre_staff()
    position = a_position(capacity=5)
    signed_up(position, [GUI, QIAN], first.person_id)
    sign_in(client, first)
    for path in ("/manage/elders", f"/manage/elders/sessions/{session_of(position)}"):
        before = count(AuditEntry, AuditEntry.action == "phone.reveal_list")
        page = client.fill(path, form=path, centre=centre)
        assert page.status_code == 200
        assert "13800138000" in page.text
        assert count(AuditEntry, AuditEntry.action == "phone.reveal_list") == before + 1


def test_people_are_found_by_name_or_the_end_of_the_number(app: Flask) -> None:
    first, _second, centre = centre_staff()
    signed_up(
        a_position(capacity=9), [GUI, QIAN, Named("阿依古丽·买买提", "+8613900000777")], first.person_id
    )

    def found(q: str) -> list[str]:
        return [one.name for one in queries.list_elders([centre], q=q)[0]]

    assert found("桂") == found("8000") == ["赵桂兰"]
    assert found("阿依古丽•买买提") == found("古丽买") == found("0777") == ["阿依古丽·买买提"]
    assert found("zgl") == ["赵桂兰"]
    assert found("李") == []
    assert len(found(" ")) == 3


def test_the_same_people_again_by_ticks(app: Flask, client: FlaskClient, sign_in: SignIn) -> None:
    first, second, centre = centre_staff()
    signed_up(a_position(capacity=9), [GUI, QIAN, SUN], first.person_id)
    another = a_position(capacity=2)
    path = f"/manage/sessions/{session_of(another)}/sign-up-again"
    sign_in(client, second)
    assert "赵桂兰" in client.get(path).text
    ids = {one.name: one.person_id for one in queries.list_elders([centre])[0]}
    everybody = list(ids.values())
    looked = client.fill(path, form=path, people=everybody, step="look")
    assert looked.status_code == 200
    assert "2 人有名额，1 人候补，0 人已经报过" in looked.text
    assert "同一时间" in looked.text
    assert count(Signup) == 3
    refused = client.fill(path, form=path, people=everybody, step="send")
    assert refused.status_code == 422
    assert "请先征得每个人同意" in refused.text
    found = client.fill(path, form=path, people=[ids["赵桂兰"]], q="孙", step="find")
    assert f'value="{ids["赵桂兰"]}" checked' in found.text
    assert "孙小宝" in found.text
    fields = {"people": everybody, "consent": "y", "step": "send", "nonce": "once"}
    assert client.fill(path, form=path, **fields).status_code == 409  # whether both is asked
    (form,) = [one for one in html.parse(looked.data)[0].iter("form") if one.get("action") == path]
    given = fields_of(form) | fields | {"both": "y"}
    sent = [client.post(path, data=given) for _ in range(2)]
    assert [one.status_code for one in sent] == [303, 303]
    assert sent[0].location == sent[1].location
    assert client.get(sent[0].location).status_code == 200
    assert count(Signup) == 6
    assert count(Person, Person.name == "钱大爷") == 1, "nobody without a telephone became two"
    assert (taken(another), faults()) == (2, [])
    assert "3 人已经报过" in client.fill(path, form=path, people=everybody, step="look").text.replace(
        "勾选的人都已经报过", "3 人已经报过"
    )


def test_who_is_not_the_centres_and_a_minor_without_a_guardian_are_left_out(
    app: Flask, client: FlaskClient, sign_in: SignIn
) -> None:
    first, _second, _centre = centre_staff()
    stranger = signed_up(a_position(), [Named("周生", "+8613900000009")], centre_staff()[0].person_id)
    (child,) = signed_up(a_position(), [SUN], first.person_id)
    other, minor = (get_row(Signup, one).person_id for one in (*stranger, child))
    another = a_position()
    path = f"/manage/sessions/{session_of(another)}/sign-up-again"
    sign_in(client, first)
    fields = {"consent": "y", "step": "send", "position": another}
    assert client.post(path, data=fields | {"people": [other]}).status_code == 422
    with transaction():
        for one in session().scalars(select(Guardianship).where(Guardianship.person_id == minor)):
            one.withdrawn_at = clock.now()
    told = client.post(path, data=fields | {"people": [minor]})
    assert told.status_code == 422
    assert "孙小宝不满 18 岁" in told.text
    assert count(Signup, Signup.position_id == another) == 0


def test_too_few_places_are_said_before(app: Flask, client: FlaskClient, sign_in: SignIn) -> None:
    first, _second, centre = centre_staff()
    signed_up(a_position(capacity=9), [GUI, QIAN], first.person_id)
    another = a_position(capacity=1, waitlist=False)
    path = f"/manage/sessions/{session_of(another)}/sign-up-again"
    sign_in(client, first)
    everybody = [one.person_id for one in queries.list_elders([centre])[0]]
    looked = client.fill(path, form=path, people=everybody, step="look")
    assert "只剩 1 个名额，也不设候补，请少选 1 位" in looked.text
    sent = client.fill(path, form=path, people=everybody, step="send", consent="y")
    assert sent.status_code == 409
    assert count(Signup, Signup.position_id == another) == 0


def test_a_colleague_cancels_and_one_who_left_does_not(app: Flask) -> None:
    first, second, centre = centre_staff()
    made = signed_up(a_position(capacity=5), [GUI, QIAN], first.person_id)
    with transaction():
        cancel_signup(made[0], by=second.person_id)
    with transaction() as current:
        for row in current.scalars(select(Membership).where(Membership.person_id == second.person_id)):
            current.delete(row)
    with pytest.raises(NotFound), transaction():
        cancel_signup(made[1], by=second.person_id)
    assert [one.name for one in queries.list_elders([centre])[0]] == ["钱大爷", "赵桂兰"]


def test_who_was_forgotten_is_no_longer_listed(app: Flask) -> None:
    first, _second, centre = centre_staff()
    made = signed_up(a_position(), [GUI], first.person_id)
    session().rollback()
    with transaction():
        people.own.anonymise(get_row(Signup, made[0]).person_id)
    assert queries.list_elders([centre]) == ([], 0)
    assert queries.list_occasions([centre]) == ([], 0)
