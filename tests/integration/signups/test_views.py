"""The pages: signing up with and without an account, on behalf, cancelling, the pass; and bad input to each."""

import re
import subprocess
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import func, select

from tests.factories.events import an_organisation, staff
from tests.factories.signups import (
    a_guest,
    a_position,
    a_volunteer,
    an_account,
    join,
    leave,
    status_of,
    taken,
    tell_of_offer,
)
from tests.support.time import TestClock
from webapp.core import tokens
from webapp.core.db import get_row, new_id, session, transaction
from webapp.events import service as events
from webapp.events.models import Position
from webapp.organisations.domain import Permission
from webapp.people.models import Consent, Person
from webapp.signups import queries
from webapp.signups.domain import GUEST_LINK_PURPOSE, SignupStatus
from webapp.signups.models import Signup
from webapp.venues.models import Venue

SignIn = Callable[[FlaskClient, Any], FlaskClient]
GUEST = {"name": "赵桂兰", "phone": "138 0013 8000", "consent": "y"}


def _page(position: str) -> str:
    return f"/positions/{position}/sign-up"


def _last_made() -> str:
    session().rollback()
    return session().scalars(select(Signup.id).order_by(Signup.id.desc()).limit(1)).one()


def _only_signup() -> Signup:
    session().rollback()
    return queries.get_with_session(session().scalars(select(Signup.id)).one())


def _count(model: type) -> int:
    session().rollback()
    return int(session().scalar(select(func.count()).select_from(model)) or 0)


# ------------------------------------------------------------------------------------------------------- guests


def test_a_guest_signs_up_with_name_and_telephone_and_sees_the_pass_at_once(
    app: Flask, client: FlaskClient
) -> None:
    position = a_position()
    answer = client.fill(_page(position), **GUEST)
    assert answer.status_code == 302
    page = client.get(answer.location)
    made = _only_signup()
    assert "已报名" in page.text and made.short_code[:3] in page.text and "赵桂兰" in page.text
    assert page.headers["Cache-Control"] == "private, no-store"
    assert (made.status, made.source, made.created_by) == (SignupStatus.CONFIRMED, "guest", None)
    assert get_row(Person, made.person_id).phone == "+8613800138000"
    consent = session().scalars(select(Consent)).one()
    assert (consent.purpose, consent.method, consent.person_id) == ("sign_up", "web", made.person_id)


def test_a_guest_in_the_queue_is_told_the_place_and_sees_no_code_yet(app: Flask, client: FlaskClient) -> None:
    position = a_position(capacity=1)
    holder = join(position)
    join(position)
    assert "候补第 2 位" in client.get(_page(position)).text
    link = client.fill(_page(position), **GUEST).location
    page = client.get(link).text
    assert "候补第 2 位" in page and "qr.svg" not in page
    leave(holder)
    assert "候补第 1 位" in client.get(link).text
    with transaction():
        events.change_position(position, name="观众", capacity=2, waitlist=True, by=None)
    assert "请确认参不参加" in client.get(link).text and "qr.svg" not in client.get(link).text
    tell_of_offer(_last_made())  # from now on its time runs
    assert "名额留到" in client.get(link).text and "qr.svg" not in client.get(link).text
    assert client.fill(link + "/offer", answer="yes").location == link
    assert "已报名" in client.get(link).text and "qr.svg" in client.get(link).text


def test_the_same_form_sent_twice_shows_the_same_pass_and_another_form_shows_nothing(
    app: Flask, client: FlaskClient
) -> None:
    position = a_position()
    sent = GUEST | {"nonce": new_id()}
    first, again = (client.post(_page(position), data=sent) for _ in range(2))
    made = _only_signup().id
    assert first.status_code == again.status_code == 302
    opened = [queries.get_for_guest(answer.location.rsplit("/", 1)[1]).id for answer in (first, again)]
    assert opened == [made, made]
    stranger = app.test_client().post(_page(position), data=GUEST | {"nonce": new_id()})
    assert stranger.status_code == 409
    assert "已经报过" in stranger.text and not re.search(r"/signups/(?!find)", stranger.text)
    family = client.post(_page(position), data=sent | {"name": "赵小宝"})
    assert family.status_code == 302 and _count(Signup) == 2


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        ({"name": ""}, "请填写姓名"),
        ({"name": "12345"}, "姓名不能以“1”开头"),
        ({"name": "王" * 51}, "最多 50 个字"),
        ({"name": "王\x00明"}, "特殊字符"),
        ({"phone": ""}, "请填写手机号"),
        ({"phone": "123"}, "11 位手机号"),
        ({"phone": "１３８００１３８０００" * 3}, "最多 30 个字"),
        ({"phone": "+1 202 555 0147"}, "11 位手机号"),
        ({"consent": ""}, "隐私说明"),
        ({"nonce": "x" * 61}, "最多 60 个字"),
    ],
)
def test_what_a_guest_types_wrong_gets_a_sentence_and_stays(
    app: Flask, client: FlaskClient, change: dict[str, str], sentence: str
) -> None:
    position = a_position()
    sent = {name: value for name, value in (GUEST | {"nonce": "n"} | change).items() if value}
    answer = client.post(_page(position), data=sent)
    assert answer.status_code == 422
    assert sentence in answer.text
    kept = "138 0013 8000" if "name" in change else "赵桂兰"
    assert kept in answer.text
    assert _count(Signup) == _count(Person) == 0


def test_bytes_that_are_no_text_an_expired_form_and_wrong_methods(app: Flask, client: FlaskClient) -> None:
    position = a_position()
    odd = client.post(
        _page(position),
        data=b"name=%ff%fe&phone=13800138000&consent=y",
        content_type="application/x-www-form-urlencoded",
    )
    assert odd.status_code == 422
    assert client.post(_page(position), data=GUEST | {"csrf_token": "x"}, csrf=False).status_code == 400
    assert client.post(_page(position), json={"name": "王"}).status_code == 422
    assert client.put(_page(position)).status_code == 405
    assert _count(Signup) == 0


def test_unknown_ids_and_made_up_links_are_not_there(app: Flask, client: FlaskClient) -> None:
    keys = ["0" * 18, "x", "没有", "a" * 36, "a" * 60, "%00", "..", "W10.aaaa.bbbb" * 5]
    for path in ("/positions/{}/sign-up", "/signups/{}", "/signups/{}/cancel", "/signups/{}/qr.svg"):
        for address in (path.format(key) for key in keys):
            for answer in (client.get(address), client.post(address)):
                # a sign-up's own id asks for sign-in first; nothing answers with what it found
                allowed = {302, 404, 405} if address.endswith("cancel") else {404, 405}
                assert answer.status_code in allowed, address


def test_a_closed_session_and_a_full_one_say_so(app: Flask, client: FlaskClient, clock: TestClock) -> None:
    full = a_position(capacity=1, waitlist=False)
    join(full)
    assert "名额已满" in client.get(_page(full)).text
    answer = client.post(_page(full), data=GUEST)
    assert answer.status_code == 409 and "不设候补" in answer.text
    clock.advance(days=30)
    assert "报名已经结束" in client.get(_page(full)).text
    answer = client.post(_page(full), data=GUEST)
    assert answer.status_code == 409 and "已经结束" in answer.text


@pytest.mark.settings(limit_public_write="3 per minute")
def test_a_flood_is_stopped(app: Flask, client: FlaskClient) -> None:
    position = a_position(capacity=9)
    got = [client.post(_page(position), data=GUEST | {"name": f"王小{one}"}) for one in "甲乙丙丁"]
    assert [answer.status_code for answer in got] == [302, 302, 302, 429]
    assert client.get(_page(position)).status_code == 200


def test_a_guest_cancels_by_the_link_and_the_next_moves_up(app: Flask, client: FlaskClient) -> None:
    position = a_position(capacity=1)
    link = client.fill(_page(position), **GUEST).location
    waiting = join(position)
    assert "让给后面的人" in client.get(link + "/cancel").text
    assert client.fill(link + "/cancel").location == link
    page = client.get(link).text
    assert "已取消" in page and "qr.svg" not in page
    assert status_of(waiting) == SignupStatus.OFFERED
    assert client.post(link + "/cancel").location == link  # sent again: nothing happens twice
    assert taken(position) == 1


def test_a_guests_link_opens_one_sign_up_and_fits_nothing_else(app: Flask, client: FlaskClient) -> None:
    position = a_position()
    mine, other = join(position), join(position, a_guest("钱多多"))
    page = client.get(f"/signups/{queries.guest_token(mine)}").text
    assert "钱多多" not in page and other not in page
    forged = [
        tokens.sign("another purpose", mine),
        queries.guest_token(mine)[:-1],
        queries.guest_token(new_id()),
    ]
    forged += [tokens.sign(GUEST_LINK_PURPOSE, [1, 2]), tokens.sign(GUEST_LINK_PURPOSE, {"a": 1})]
    for token in forged:
        assert client.get(f"/signups/{token:A<40}").status_code == 404
    assert client.get(f"/me/passes/{mine}").status_code == 302  # to sign-in


# ---------------------------------------------------------------------------------------------- with an account


def test_a_volunteer_signs_in_first_agrees_to_the_risks_and_gets_the_pass(
    app: Flask, client: FlaskClient, sign_in: SignIn
) -> None:
    position, account = a_position("volunteer"), an_account("李秀英")
    for method in (client.get, client.post):
        assert "/sign-in" in method(_page(position)).location
    sign_in(client, account)
    refused = client.fill(_page(position))
    assert refused.status_code == 422 and "请看过风险说明" in refused.text
    answer = client.fill(_page(position), risk="y")
    made = _only_signup()
    assert answer.location == f"/me/passes/{made.id}"
    assert "已报名" in client.get(answer.location).text
    assert session().scalars(select(Consent.purpose).where(Consent.purpose.like("risk:%"))).one()
    assert client.get(_page(position)).location == answer.location
    assert client.post(_page(position), data={"risk": "y"}).location == answer.location
    assert _count(Signup) == 1


def test_someone_signed_in_takes_a_seat_with_one_tap(
    app: Flask, client: FlaskClient, sign_in: SignIn
) -> None:
    position = a_position()
    sign_in(client, an_account("李秀英"))
    assert client.fill(_page(position)).status_code == 302
    assert (_only_signup().source, _only_signup().person.name) == ("self", "李秀英")


def test_an_overlap_is_said_in_words(
    app: Flask, client: FlaskClient, sign_in: SignIn, clock: TestClock
) -> None:
    start = clock.now + timedelta(days=1)
    first, second = (a_position("volunteer", starts_at=start) for _ in range(2))
    account = an_account()
    join(first, account.person_id)
    answer = sign_in(client, account).post(_page(second), data={"risk": "y"})
    assert answer.status_code == 409 and "时间重叠" in answer.text


def test_own_pages_and_nobody_elses(app: Flask, client: FlaskClient, sign_in: SignIn) -> None:
    position = a_position("volunteer")
    mine, others = an_account(), join(position, a_volunteer())
    own = join(position, mine.person_id)
    sign_in(client, mine)
    assert client.get(f"/me/passes/{own}").status_code == 200
    for path in (f"/me/passes/{others}", f"/signups/{others}/cancel", "/me/passes/x", "/me/passes/没有"):
        assert client.get(path).status_code == 404, path
    assert client.post(f"/signups/{others}/cancel").status_code == 404
    assert client.fill(f"/signups/{own}/cancel").location == "/me"
    assert status_of(own) == SignupStatus.CANCELLED
    assert client.post(f"/signups/{own}/cancel").location == "/me"
    assert status_of(others) == SignupStatus.CONFIRMED


def test_my_page_shows_next_coming_and_past(
    app: Flask, client: FlaskClient, sign_in: SignIn, clock: TestClock
) -> None:
    account = an_account()
    sign_in(client, account)
    assert "还没有报名" in client.get("/me").text and "/events/" in client.get("/me").text
    person = account.person_id
    past = a_position(starts_at=clock.now + timedelta(hours=1), hours=1)
    join(past, person)
    next_one = a_position("volunteer", starts_at=clock.now + timedelta(days=1))
    code = get_row(Signup, join(next_one, person)).short_code
    full = a_position(capacity=1, starts_at=clock.now + timedelta(days=2))
    join(full)
    join(full, person)
    off = a_position(starts_at=clock.now + timedelta(days=3))
    join(off, person)
    with transaction():
        events.cancel(get_row(Position, off).session.event_id, reason="讲师生病", by=None)
    clock.advance(hours=3)
    page = client.get("/me").text
    for words in (code[:3], "候补第 1 位", "讲师生病", "没有签到", "我的日历地址", "我的账号"):
        assert words in page


# ----------------------------------------------------------------------------------------------------- on behalf


def test_staff_sign_someone_up_with_spoken_consent_and_print_the_pass(
    app: Flask, client: FlaskClient, sign_in: SignIn
) -> None:
    position, centre = a_position(), an_organisation(kind="centre")
    helper = staff(centre, Permission.SIGN_UP_OTHERS)
    held = get_row(Position, position).session_id
    sign_in(client, helper)
    answer = client.fill(f"/manage/sessions/{held}/sign-up", name="孙长福", phone=None, consent="y")
    made = _only_signup()
    assert answer.location == f"/manage/signups/{made.id}"
    page = client.get(answer.location).text
    assert "孙长福" in page and "已报名" in page and made.short_code[3:] in page
    consent = session().scalars(select(Consent)).one()
    assert (consent.method, consent.recorded_by) == ("oral", helper.person_id)
    assert (made.source, made.created_by) == ("staff", helper.person_id)
    back = client.fill(f"/signups/{made.id}/cancel", reason="本人来不了")
    assert back.location == f"/manage/signups/{made.id}"
    assert "本人来不了" in client.get(back.location).text


def test_staff_form_sent_twice_makes_one_sign_up(app: Flask, client: FlaskClient, sign_in: SignIn) -> None:
    position = a_position()
    held = get_row(Position, position).session_id
    sign_in(client, staff(an_organisation(), Permission.SIGN_UP_OTHERS))
    sent = {"nonce": new_id(), "position": position, "name": "孙长福", "phone": "", "consent": "y"}
    answers = [client.post(f"/manage/sessions/{held}/sign-up", data=sent) for _ in range(2)]
    assert answers[0].location == answers[1].location
    assert _count(Signup) == _count(Person) - 1 == 1


def test_staff_input_is_checked(app: Flask, client: FlaskClient, sign_in: SignIn) -> None:
    position, elsewhere = a_position(capacity=1), a_position("volunteer")
    path = f"/manage/sessions/{get_row(Position, position).session_id}/sign-up"
    sign_in(client, staff(an_organisation(), Permission.SIGN_UP_OTHERS))
    good = {"position": position, "name": "孙长福", "phone": "13800138000", "consent": "y", "nonce": "1"}
    wrong = [{"position": elsewhere}, {"position": ""}, {"name": ""}, {"phone": "1"}, {"consent": None}]
    for change in wrong:
        sent = {name: value for name, value in (good | change).items() if value is not None}
        assert client.post(path, data=sent).status_code == 422, change
    assert client.post(path, data=good).status_code == 302
    assert client.post(path, data=good | {"nonce": "2"}).status_code == 409
    for unknown in ("0" * 18, "没有"):
        assert client.get(f"/manage/sessions/{unknown}/sign-up").status_code == 404
    volunteers = f"/manage/sessions/{get_row(Position, elsewhere).session_id}/sign-up"
    assert "现在不能代报名" in client.get(volunteers).text


def test_staff_pages_are_for_staff(app: Flask, client: FlaskClient, sign_in: SignIn) -> None:
    position = a_position()
    held, made = get_row(Position, position).session_id, join(position)
    paths = (f"/manage/sessions/{held}/sign-up", f"/manage/signups/{made}")
    for path in paths:
        assert "/sign-in" in client.get(path).location
    sign_in(client, staff(an_organisation(), Permission.SCAN))
    assert [client.get(path).status_code for path in paths] == [403, 403]
    stranger = sign_in(app.test_client(), staff(an_organisation(), Permission.MANAGE_EVENTS))
    assert stranger.get(paths[1]).status_code == 404
    assert stranger.post(f"/signups/{made}/cancel", data={"reason": "x"}).status_code == 404


def test_an_organiser_cancels_with_a_reason(app: Flask, client: FlaskClient, sign_in: SignIn) -> None:
    organisation = an_organisation()
    position = a_position(organisation=organisation)
    made = join(position)
    sign_in(client, staff(organisation, Permission.MANAGE_EVENTS))
    path = f"/signups/{made}/cancel"
    refused = client.fill(path, reason=" ")
    assert refused.status_code == 422 and "请写明原因" in refused.text
    assert client.fill(path, reason="长" * 301).status_code == 422
    answer = client.fill(path + "?next=//evil.example/", reason="重复报名")
    assert answer.location == f"/manage/sessions/{get_row(Position, position).session_id}"
    assert get_row(Signup, made).cancel_reason == "重复报名"


# ------------------------------------------------------------------------------------------------------ the pass


def _decoded(file: Path) -> str:
    read = subprocess.run(["zbarimg", "--quiet", "--raw", str(file)], capture_output=True, text=True)
    return read.stdout.strip()


@pytest.mark.settings(base_url="https://kepu.example.cn")
def test_a_scanner_reads_the_picture(app: Flask, client: FlaskClient, tmp_path: Path) -> None:
    code = queries.pass_code(get_row(Signup, join(a_position())))
    answer = client.get(f"/signups/{code}/qr.png")
    assert (answer.mimetype, answer.headers["Cache-Control"]) == ("image/png", "private, no-store")
    (tmp_path / "pass.png").write_bytes(answer.data)
    assert _decoded(tmp_path / "pass.png") == f"https://kepu.example.cn/p/{code.upper()}"
    drawing = client.get(f"/signups/{code}/qr.svg")
    assert drawing.mimetype == "image/svg+xml" and b"style" not in drawing.data
    assert client.get(f"/signups/{code[:-1]}2/qr.svg").status_code == 404


def test_a_pass_is_read_in_every_way_it_comes(app: Flask) -> None:
    made = get_row(Signup, join(a_position()))
    code = queries.pass_code(made)
    for text in (
        code,
        f" {code.upper()}\n",
        f"https://kepu.example.cn/p/{code}",
        f"http://127.0.0.1:8000/p/{code}/",
        f"https://kepu.example.cn/p/{code}?from=wechat#top",
    ):
        assert queries.read_pass(text) == (made.id, 1), text
    last = "2" if code[-1] != "2" else "3"
    for text in (
        "",
        "x",
        code[:-1] + last,
        "1" + code[1:],
        "https://kepu.example.cn/w/" + code,
        "http://[/p/x",
    ):
        assert queries.read_pass(text) is None, text


def test_a_short_code_belongs_to_its_session(app: Flask) -> None:
    first, second = (get_row(Signup, join(a_position())) for _ in range(2))
    typed = f" {first.short_code[:3].lower()}-{first.short_code[3:]} "
    assert queries.find_by_short_code(first.session_id, typed) == first.id
    assert queries.find_by_short_code(second.session_id, typed) is None
    assert queries.find_by_short_code(first.session_id, "没有") is None


def test_the_roster_is_in_order(app: Flask) -> None:
    position = a_position(capacity=1)
    for name in ("赵一", "钱二", "孙三"):
        join(position, a_guest(name))
    lines = queries.roster(get_row(Position, position).session_id)
    assert [(line.name, line.place) for line in lines] == [("赵一", None), ("钱二", 1), ("孙三", 2)]
    assert all("****" in line.masked_phone for line in lines)


def test_staff_find_the_way_from_their_own_pages(app: Flask, client: FlaskClient, sign_in: SignIn) -> None:
    organisation, centre = an_organisation(), an_organisation(kind="centre")
    position = a_position(organisation=organisation)
    held, made = get_row(Position, position).session, join(position)
    session_id, venue_id = held.id, held.venue_id
    with transaction() as current:
        current.get_one(Venue, venue_id).organisation_id = centre.id
    sign_in(client, staff(organisation, Permission.MANAGE_EVENTS))
    sheet = client.get(f"/manage/sessions/{session_id}").text
    assert f"/signups/{made}/cancel" in sheet and f"/manage/sessions/{session_id}/sign-up" in sheet
    helper = sign_in(app.test_client(), staff(centre, Permission.SIGN_UP_OTHERS))
    assert f"/manage/sessions/{session_id}/sign-up" in helper.get("/manage/").text
