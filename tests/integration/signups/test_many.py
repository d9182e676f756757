"""A centre signs up a list: pasted or uploaded, looked at, corrected, sent; set-wise and race-safe."""

import io
import time
from collections.abc import Callable
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import func, select

from tests.factories.events import an_organisation, staff
from tests.factories.signups import a_position, faults, join, leave, taken
from tests.support import html
from tests.support.client import fields_of
from tests.support.crowd import at_once
from webapp.core.audit import AuditEntry
from webapp.core.db import get_row, session, transaction
from webapp.core.errors import Refusal
from webapp.core.sheets import Sheet, read, xlsx
from webapp.core.tables.pages import SheetTooLarge
from webapp.events.models import Position
from webapp.organisations.domain import Permission
from webapp.people.models import Consent, Guardianship, Person
from webapp.signups.domain.rows import Named
from webapp.signups.models import Signup
from webapp.signups.service.many import sign_up_many

SignIn = Callable[[FlaskClient, Any], FlaskClient]


def _many(count: int, start: int = 0) -> list[Named]:
    return [Named("王" + chr(0x4E00 + one), f"+86139{one:08d}") for one in range(start, start + count)]


def _made(position_id: str, people: list[Named], by: str) -> Any:
    with transaction():
        return sign_up_many(position_id, people, by=by)


def _centre() -> Any:
    return staff(an_organisation(), Permission.SIGN_UP_OTHERS)


def _statuses(position_id: str) -> dict[str, int]:
    session().rollback()
    counted = select(Signup.status, func.count()).where(Signup.position_id == position_id)
    return {row[0]: row[1] for row in session().execute(counted.group_by(Signup.status))}


def test_the_first_get_places_the_rest_wait_and_nobody_twice(app: Flask) -> None:
    by, position = _centre().person_id, a_position(capacity=5)
    join(position)
    first = _made(position, _many(3), by)
    assert (len(first.made), first.already) == (3, [])
    again = _made(position, [*_many(4), Named("李无机"), Named("李无机")], by)
    assert again.already == first.made
    assert _statuses(position) == {"confirmed": 5, "waitlisted": 2}
    assert taken(position) == 5
    assert not faults()
    oral = select(func.count()).where(Consent.method == "oral", Consent.recorded_by == by)
    assert session().scalar(oral) == 6
    kept = select(func.count()).where(AuditEntry.action == "signup.make", AuditEntry.actor_id == by)
    assert session().scalar(kept) == 6
    places = session().scalars(
        select(Signup.id).where(Signup.status == "waitlisted").order_by(Signup.waitlisted_at, Signup.id)
    )
    assert list(places) == again.made[1:]


def test_without_a_waitlist_it_is_all_or_nobody(app: Flask) -> None:
    by, position = _centre().person_id, a_position(capacity=2, waitlist=False)
    with pytest.raises(Refusal, match="一个也没有报上"):
        _made(position, _many(3), by)
    assert _statuses(position) == {}
    assert len(_made(position, _many(2), by).made) == 2
    with pytest.raises(Refusal, match="名额已满"):
        _made(position, _many(1, start=9), by)


def test_volunteers_strangers_and_empty_lists_are_refused(app: Flask) -> None:
    by = _centre().person_id
    for position_id, people, code, who in [
        (a_position("volunteer"), _many(1), "not_eligible", by),
        (a_position(), [], "nobody", by),
        (a_position(), _many(1), "not_allowed", staff(an_organisation()).person_id),
    ]:
        with pytest.raises(Refusal) as refused:
            _made(position_id, people, who)
        assert refused.value.code == code


def test_a_minor_of_the_list_comes_with_a_guardian(app: Flask) -> None:
    by = _centre().person_id
    child = Named("王小明", "+8613900000001", "under_10", "王大明", "+8613900000002", "王大明")
    (made,) = _made(a_position(), [child], by).made
    session().rollback()
    signup = get_row(Signup, made)
    kept = session().scalars(select(Guardianship)).one()
    assert (signup.age_band, kept.person_id, kept.guardian_name) == ("under_10", signup.person_id, "王大明")
    assert (kept.method, kept.recorded_by) == ("oral", by)


def test_lists_and_single_sign_ups_at_the_same_moment_keep_the_promises(app: Flask) -> None:
    by, position = _centre().person_id, a_position(capacity=20)
    people = _many(18)

    def alone() -> None:
        for _ in range(6):
            join(position)

    at_once(
        app,
        lambda: _made(position, people, by),
        lambda: _made(position, list(reversed(people)), by),
        lambda: _made(position, _many(10, start=10), by),
        alone,
        alone,
        lambda: leave(join(position)),
    )
    assert not faults()
    assert (
        session().scalar(select(func.count()).select_from(Person).where(Person.phone.like("+86139%"))) == 20
    )


@pytest.mark.databases("sqlite")
def test_five_hundred_are_a_matter_of_seconds(app: Flask) -> None:
    by, position = _centre().person_id, a_position(capacity=400)
    begun = time.perf_counter()
    made = _made(position, _many(500), by)
    print(f"500 people: {time.perf_counter() - begun:.2f} s")
    assert len(made.made) == 500
    assert time.perf_counter() - begun < 10  # three on a quiet machine; here it must not be one by one
    assert not faults()


# --- the page -----------------------------------------------------------------------------------------------------


def _page(position_id: str) -> str:
    session().rollback()
    return f"/manage/sessions/{get_row(Position, position_id).session_id}/sign-up-many"


def test_paste_look_correct_send_and_send_again(app: Flask, client: FlaskClient, sign_in: SignIn) -> None:
    sign_in(client, _centre())
    position = a_position(capacity=30)
    page = _page(position)
    typed = "赵桂兰 13800138000\n钱大爷 1380013800\n孙奶奶"
    looked = client.fill(page, people=typed)
    assert looked.status_code == 200
    assert "第 2 行：手机号应为 11 位" in looked.text and "1380013800\n孙奶奶" in looked.text.replace(
        "\r", ""
    )
    assert taken(position) == 0
    sent = {"position": position, "people": typed, "step": "send", "consent": "y", "nonce": "n1"}
    refused = client.post(page, data=sent)
    assert refused.status_code == 422
    assert "跳过有问题的行" in refused.text and taken(position) == 0
    done = client.post(page, data=sent | {"people": typed.replace("1380013800\n", "13800138001\n")})
    assert done.status_code == 303
    shown = client.get(done.location).text
    assert "赵桂兰" in shown and "13800138001" in shown and taken(position) == 3
    again = client.post(page, data=sent | {"people": typed.replace("1380013800\n", "13800138001\n")})
    assert again.location == done.location and taken(position) == 3
    skipped = client.post(page, data=sent | {"skip": "y", "nonce": "n2"})
    assert "以前已经报过" in client.get(skipped.location).text
    assert taken(position) == 4  # without a telephone it is always someone new
    without = client.post(page, data=sent | {"consent": ""})
    assert without.status_code == 422 and taken(position) == 4


@pytest.mark.parametrize("kind", ["xlsx", "csv", "gb18030", "broken"])
def test_a_table_is_read_by_its_content(app: Flask, client: FlaskClient, sign_in: SignIn, kind: str) -> None:
    sign_in(client, _centre())
    rows = [["", "姓名", "电话"], ["1", "赵桂兰", "13800138000"], ["2", "=HYPERLINK(1)", "13800138001"]]
    text = "\r\n".join(",".join(row) for row in rows)
    data = {
        "xlsx": xlsx([Sheet("名单", rows[0], rows[1:])]),
        "csv": text.encode("utf-8-sig"),
        "gb18030": text.encode("gb18030"),
        "broken": b"PK\x03\x04" + b"x" * 100,
    }[kind]
    position = a_position()
    sent = {"position": position, "nonce": "n", "people": "", "file": (io.BytesIO(data), "list.bin")}
    answer = client.post(_page(position), data=sent, content_type="multipart/form-data")
    if kind == "broken":
        assert answer.status_code == 422
        assert "打不开" in answer.text
    else:
        assert answer.status_code == 200
        assert "1 行可以报，1 行有问题" in answer.text and "赵桂兰" in answer.text
    assert taken(position) == 0


def test_rows_are_mended_where_they_are_shown(app: Flask, client: FlaskClient, sign_in: SignIn) -> None:
    sign_in(client, _centre())
    position = a_position(capacity=30)
    page = _page(position)
    sample = client.get("/manage/sign-up-many/sample.xlsx").data
    sent = {"position": position, "nonce": "n", "people": "", "file": (io.BytesIO(sample), "list.xlsx")}
    assert "2 行都可以报" in client.post(page, data=sent, content_type="multipart/form-data").text
    typed = "长青社区报名表\n序号\t姓名\t联系电话\n1\t赵桂兰\t13800138000\n2\t钱大爷\t138\n3\t孙奶奶\t1380"
    looked = client.fill(page, people=typed)
    assert "1 行可以报，2 行有问题" in looked.text and "第 1 行是标题" in looked.text
    (form,) = [one for one in html.parse(looked.data)[0].iter("form") if one.get("action") == page]
    fields = fields_of(form)
    mended = {"c4_2": "13800138001", "leave": "5", "step": "look"}
    again = client.post(page, data=fields | mended)
    assert "2 行都可以报" in again.text
    moved = client.post(page, data=fields | mended | {"people": "周新\n" + fields["people"][0]})
    assert "13800138001" not in moved.text  # the text was changed: the cells are of other rows
    (form,) = [one for one in html.parse(again.data)[0].iter("form") if one.get("action") == page]
    done = client.post(page, data=fields_of(form) | {"step": "send", "consent": "y"})
    assert done.status_code == 303 and taken(position) == 2


def test_a_table_too_large_is_not_read() -> None:
    with pytest.raises(SheetTooLarge):
        read(b"x" * 1_000_001, most_bytes=1_000_000)
