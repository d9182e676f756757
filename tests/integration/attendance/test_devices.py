"""Paired phones: who pairs them, with what code, what they may do and nothing else; the protocol they speak."""

import base64
import io
import json
import re
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import delete, select
from sqlalchemy import event as sql_events

from tests.factories.attendance import Scene, make_scene, sign_up
from tests.factories.organisations import grant
from tests.factories.people import PASSWORD, make_account
from tests.integration.test_access import steps
from tests.support.client import CheckedClient
from tests.support.crowd import at_once
from tests.support.time import TestClock
from webapp.attendance.domain.links import read_link, seal
from webapp.attendance.domain.phones import DeviceKind, NoSession, PairingExpired, PairingTooLong
from webapp.attendance.models import Attendance, Device, Scan
from webapp.attendance.service import devices
from webapp.core import clock as city
from webapp.core import qr
from webapp.core.db import db, new_id, transaction
from webapp.organisations.domain import Permission
from webapp.people.models import Account
from webapp.people.queries import signed_in as as_signed_in
from webapp.signups.queries import pass_code

SignIn = Callable[[CheckedClient, Any], CheckedClient]
NewClient = Callable[[], CheckedClient]
OURS = {"X-Kepu-Device": "1", "Accept": "application/json"}


@pytest.fixture
def scene(app: Flask, clock: TestClock) -> Scene:
    """Starts at 9:30, ends at 11:30; it is 9:00."""
    return make_scene()


@pytest.fixture
def staff(client: CheckedClient, sign_in: SignIn, scene: Scene) -> CheckedClient:
    account = db.session.get_one(Account, scene.scanner_account)
    return sign_in(client, as_signed_in(account))


def offer(
    scene: Scene, *, until: timedelta = timedelta(hours=8), kind: DeviceKind = DeviceKind.PHONE
) -> Device:
    with transaction():
        return devices.offer_pairing(
            name="东门手机",
            kind=kind,
            session_ids=[scene.session],
            until=city.now() + until,
            by=scene.scanner,
        )


@pytest.fixture
def phone(scene: Scene, new_client: NewClient) -> CheckedClient:
    """A phone that was paired for the scene's session for eight hours."""
    made, code = new_client(), devices.pairing_code(offer(scene))
    assert made.fill(f"/scan/pair/{code}").status_code == 303
    return made


def post(phone: CheckedClient, path: str, body: dict[str, Any], **more: Any) -> Any:
    return phone.post(path, json=body, headers=OURS, csrf=False, **more)


def chain_of(phone: CheckedClient) -> dict[str, str]:
    answer = post(phone, "/scan/device", {"device": None})
    assert answer.status_code == 200
    return dict(answer.json["chain"])


def sealed(chain: dict[str, str], *whats: str, session: str, **changes: Any) -> list[dict[str, Any]]:
    """Links of this chain, one for each code."""
    import base64

    key, made = base64.urlsafe_b64decode(chain["key"] + "="), list[dict[str, Any]]()
    for number, what in enumerate(whats, 1):
        sent = {
            "counter": number, "prev": made[-1]["mac"] if made else "", "nonce": new_id(), "session": session,
            "kind": "pass", "direction": "in", "what": what, "method": "camera", "scanned_at": city.now().isoformat(),
            "offset_ms": 0, "offline": True, "rehearsal": False, "verdict": "verified", "outcome": "accepted",
            "mac": "",
        } | changes  # fmt: skip
        link = read_link(sent)
        assert link is not None
        made.append(sent | {"mac": seal(key, chain["id"], link)})
    return made


def test_an_organiser_pairs_a_phone(staff: CheckedClient, scene: Scene, new_client: NewClient) -> None:
    account = db.session.get_one(Account, scene.scanner_account)
    grant(
        account, db.session.get_one(Account, scene.scanner_account) and _home(scene), Permission.MANAGE_EVENTS
    )
    path = f"/manage/sessions/{scene.session}/devices"
    made = staff.fill(path, name="东门手机")
    assert made.status_code == 303
    page = staff.get(made.location).text
    found = re.search(r"(?<=>)[0-9A-Z]{4}-[0-9A-Z]{4}(?=<)", page)  # a form's token may look like one, too
    assert found
    assert "配对好了" not in page
    phone = new_client()
    address = f"/scan/pair/{found[0]}"
    picture = base64.b64encode(qr.svg(f"http://localhost{address}")).decode()
    assert picture in page  # what a camera opens is the address as it is: paths know capitals
    asked = phone.get(address)
    assert asked.status_code == 200
    assert db.session.scalars(select(Device.paired_at)).one() is None  # a preview of the link pairs nothing
    done = phone.fill(f"/scan/pair/{found[0].lower().replace('-', ' ')}")
    assert (done.status_code, done.location) == (303, "/scan")
    home = phone.get("/scan").text
    assert f"/scan/{scene.session}" in home
    assert "东门手机" in home
    assert "配对好了" in staff.get(made.location).text
    assert "可以签到" in staff.get(path).text
    assert "可以签到" in staff.get("/manage/devices").text
    other = new_client()
    again = other.fill(f"/scan/pair/{found[0]}")
    assert again.status_code == 410
    assert "已经用过" in again.text


def _home(scene: Scene) -> Any:
    from webapp.organisations.models import Organisation

    return db.session.get_one(Organisation, scene.organisation)


def test_of_two_phones_with_one_code_one_is_paired(app: Flask, scene: Scene) -> None:
    code = devices.pairing_code(offer(scene))

    def take() -> str:
        with transaction():
            return devices.pair(code)[1]

    got = at_once(app, *[take] * 6)
    assert len([one for one in got if isinstance(one, str)]) == 1
    assert all(isinstance(one, str | PairingExpired) for one in got)


def test_a_code_lasts_ten_minutes_and_a_pairing_two_weeks(scene: Scene, clock: TestClock) -> None:
    code = devices.pairing_code(offer(scene))
    clock.advance(minutes=10, seconds=1)
    with pytest.raises(PairingExpired), transaction():
        devices.pair(code)
    for until in (timedelta(days=15), timedelta(0), -timedelta(hours=1)):
        with pytest.raises(PairingTooLong):
            offer(scene, until=until)
    with pytest.raises(NoSession), transaction():
        devices.offer_pairing(
            name="x",
            kind=DeviceKind.PHONE,
            session_ids=[],
            until=city.now() + timedelta(hours=1),
            by=scene.scanner,
        )


def test_names_stay_in_no_cache_of_a_paired_phone(scene: Scene, phone: CheckedClient) -> None:
    page = phone.get(f"/scan/{scene.session}/list")
    assert page.status_code == 200 and page.headers["Cache-Control"] == "no-store"


def test_what_was_typed_goes_along_to_the_list(scene: Scene, phone: CheckedClient) -> None:
    led = phone.get(f"/scan/{scene.session}?list=&direction=in&code=7K2M9Q")
    assert led.status_code == 302
    assert 'value="7K2M9Q"' in phone.get(led.headers["Location"]).text
    sign_up(scene.seats, name="王小明")
    named = phone.get(f"/scan/{scene.session}?list=&code=王小明").headers["Location"]
    assert 'value="王小明"' in phone.get(named).text
    assert phone.get(f"/scan/{scene.session}?list").headers["Location"].endswith("/list")


def test_a_paired_phone_scans_and_nothing_else(app: Flask, scene: Scene, phone: CheckedClient) -> None:
    """Every route of the application, with the phone's cookie."""
    faults = []
    other = make_scene()
    for step in steps(app):
        if step.access.kind in {"public", "operations"}:
            continue
        for session_id in (scene.session, other.session):
            path = step.path({"session_id": session_id})
            answer = phone.open(path, method=step.method, headers=OURS, fault=True)
            if step.rule.endpoint == "attendance.relay_links":
                continue  # a chain it names decides
            is_its_own = step.access.kind == "scanner" and (
                "session_id" not in step.rule.arguments or session_id == scene.session
            )
            if is_its_own and answer.status_code in {401, 403, 404}:
                faults.append(f"{step}: {answer.status_code}, although it is for phones")
            if not is_its_own and answer.status_code not in {401, 403, 404}:
                faults.append(f"{step}: {answer.status_code}")
    assert not faults, "\n".join(faults)


def test_a_page_of_another_site_cannot_send_for_the_phone(scene: Scene, phone: CheckedClient) -> None:
    body = {"device": None}
    assert phone.post("/scan/device", json=body, csrf=False, fault=True).status_code == 400
    assert post(phone, "/scan/device", body).status_code == 200


def test_hello_chain_links(scene: Scene, phone: CheckedClient, clock: TestClock) -> None:
    hello = phone.get("/scan/hello.json", headers=OURS).json
    assert hello is not None
    assert hello["now"] == int(city.now().timestamp() * 1000)
    assert hello["device"]["name"] == "东门手机"
    assert [one["id"] for one in hello["sessions"]] == [scene.session]
    one, two = sign_up(scene.seats, name="王小明"), sign_up(scene.seats)
    chain = chain_of(phone)
    links = sealed(chain, pass_code(one), pass_code(two), session=scene.session)
    slow = (city.now() - timedelta(minutes=7)).isoformat()
    body = {"chain": chain["id"], "sent_at": slow, "links": links}
    answer = post(phone, "/scan/links", body).json
    assert [(found["nonce"], found["outcome"]) for found in answer["results"]] == [
        (link["nonce"], "accepted") for link in links
    ]
    assert answer["results"][0]["person"]["display_name"] == "王小明"
    assert answer["counts"][scene.session]["came"] == 2
    assert db.session.scalars(select(Device.clock_offset_ms)).one() == 7 * 60_000
    again = post(phone, "/scan/links", body).json
    assert all(found["replayed"] for found in again["results"])
    live = sealed(
        chain, pass_code(one), session=scene.session, offline=False, verdict="", outcome="", counter=3
    )
    (told,) = post(phone, "/scan/links", {"chain": chain["id"], "links": live}).json["results"]
    assert told["outcome"] == "already_in"
    assert told["detail"]


def test_a_phone_is_told_what_is_missing_of_its_chain(
    staff: CheckedClient, scene: Scene, phone: CheckedClient
) -> None:
    chain = chain_of(phone)
    hello = f"/scan/hello.json?chain={chain['id']}"

    def told(client: CheckedClient = phone) -> Any:
        answer = client.get(hello, headers=OURS).json
        assert answer is not None
        return answer["chain"]

    assert told() == {"counter": 0, "missing": []}
    links = sealed(chain, *(f"ZZZZZ{number}" for number in range(5)), session=scene.session)
    body = {"chain": chain["id"], "links": links}
    post(phone, "/scan/links", body)
    assert told() == {"counter": 5, "missing": []}
    with transaction():  # as after a backup was restored
        db.session.execute(delete(Scan).where(Scan.counter.in_([2, 3, 5])))
    assert told() == {"counter": 4, "missing": [[2, 3]]}
    assert told(staff) is None  # it is another's
    post(phone, "/scan/links", body)
    assert told() == {"counter": 5, "missing": []}
    for odd in ("x", ""):
        answer = phone.get(f"/scan/hello.json?chain={odd}", headers=OURS).json
        assert answer is not None
        assert answer["chain"] is None


def test_the_tablet_hears_that_somebody_who_may_scan_signed_in(
    scene: Scene, phone: CheckedClient, clock: TestClock
) -> None:
    """With that it knows that whoever stands there is no passer-by."""

    def signed_in_at() -> Any:
        answer = phone.get("/scan/hello.json", headers=OURS).json
        assert answer is not None
        return answer["signed_in_at"]

    account = make_account()
    assert phone.fill("/sign-in", login=account.email, password=PASSWORD).status_code == 302
    assert signed_in_at() is None  # they may not
    grant(account, _home(scene), Permission.SCAN)
    for _ in range(2):
        clock.advance(minutes=1)
        assert phone.fill("/sign-in", login=account.email, password=PASSWORD).status_code == 302
        assert signed_in_at() == int(city.now().timestamp() * 1000)


def test_a_tablet_for_the_public_is_led_to_its_page(scene: Scene, new_client: NewClient) -> None:
    for kind, path in ((DeviceKind.KIOSK, "/kiosk"), (DeviceKind.PHONE, "")):
        made, code = new_client(), devices.pairing_code(offer(scene, kind=kind))
        made.fill(f"/scan/pair/{code}")
        home = made.get("/scan").text
        assert f'href="/scan/{scene.session}{path}"' in home
        assert ("自助签到" in home) == (kind == DeviceKind.KIOSK)


def test_a_tablet_before_a_crowd_shows_no_whole_name(scene: Scene, new_client: NewClient) -> None:
    tablet = new_client()
    tablet.fill(f"/scan/pair/{devices.pairing_code(offer(scene, kind=DeviceKind.KIOSK))}")
    one, two = (sign_up(scene.seats, name="王小明") for _ in range(2))
    chain = chain_of(tablet)
    for number, offline in ((1, False), (2, True)):
        links = sealed(
            chain,
            pass_code(one),
            session=scene.session,
            counter=number,
            offline=offline,
            verdict="",
            outcome="",
        )
        for _ in range(2):  # the second time it is the stored answer
            (told,) = post(tablet, "/scan/links", {"chain": chain["id"], "links": links}).json["results"]
            assert told["person"]["display_name"] == "王**", told
    path = f"/scan/{scene.session}"
    assert tablet.get(f"{path}/list").location == f"{path}/kiosk"
    tablet.post(f"{path}/checkins", data={"signup": two.id, "direction": "in"})
    shown = tablet.get("/scan").text
    assert "王小明" not in shown and "王**" in shown


def test_a_pass_of_another_units_session_keeps_its_mask(scene: Scene, phone: CheckedClient) -> None:
    other = make_scene()
    chain, foreign = chain_of(phone), sign_up(other.seats, name="欧阳建国")
    links = sealed(chain, pass_code(foreign), session=scene.session, offline=False, verdict="", outcome="")
    for _ in range(2):
        (told,) = post(phone, "/scan/links", {"chain": chain["id"], "links": links}).json["results"]
        assert (told["outcome"], told["person"]["display_name"]) == ("wrong_session", "欧阳**")


def test_what_cannot_be_read_is_answered_too(scene: Scene, phone: CheckedClient) -> None:
    chain, one = chain_of(phone), sign_up(scene.seats)
    good = sealed(chain, pass_code(one), session=scene.session)
    links: list[Any] = [{"session": scene.session, "nonce": "bad", "counter": -1}, 7, None, *good]
    results = post(phone, "/scan/links", {"chain": chain["id"], "links": links}).json["results"]
    assert [found["outcome"] for found in results] == ["unknown", "unknown", "unknown", "accepted"]
    assert [found.get("flag") for found in results] == ["fault", "fault", "fault", None]
    assert len(db.session.scalars(select(Scan)).all()) == 2
    body: dict[str, Any]
    for body in (
        {"chain": chain["id"]},
        {"chain": chain["id"], "links": [{}] * 501},
        {"chain": None, "links": []},
    ):
        assert post(phone, "/scan/links", body, fault=True).status_code == 400
    odd: Any
    for odd in ([], "x", 7):
        assert phone.post("/scan/links", json=odd, headers=OURS, csrf=False, fault=True).status_code == 400
    stranger = {"chain": new_id(), "links": good}
    assert post(phone, "/scan/links", stranger, fault=True).status_code == 403


def test_the_end_of_a_pairing(scene: Scene, phone: CheckedClient, clock: TestClock) -> None:
    chain, one, two = chain_of(phone), sign_up(scene.seats), sign_up(scene.seats)
    links = sealed(chain, pass_code(one), session=scene.session)
    clock.advance(hours=9)
    late = sealed(chain, pass_code(two), session=scene.session, counter=2)
    for path in ("/scan/hello.json", f"/scan/{scene.session}/pack.json", f"/scan/{scene.session}"):
        answer = phone.get(path, headers=OURS, fault=True)
        assert (answer.status_code, answer.json and answer.json["code"]) == (410, "device_expired")
    assert "配对已到期" in phone.get("/scan", fault=True).text
    results = post(phone, "/scan/links", {"chain": chain["id"], "links": links + late}).json["results"]
    assert [(found["outcome"], found.get("flag")) for found in results] == [
        ("accepted", None),
        ("unknown", "device"),
    ]


def test_a_revoked_phone(scene: Scene, phone: CheckedClient) -> None:
    chain, one = chain_of(phone), sign_up(scene.seats)
    device = db.session.scalars(select(Device)).one()
    for _ in range(2):
        with transaction():
            devices.revoke(device.id, by=scene.scanner)
    answer = phone.get("/scan/hello.json", headers=OURS, fault=True)
    assert (answer.status_code, answer.json and answer.json["code"]) == (410, "device_revoked")
    links = sealed(chain, pass_code(one), session=scene.session)
    results = post(phone, "/scan/links", {"chain": chain["id"], "links": links}).json["results"]
    assert results[0]["flag"] == "device"
    assert db.session.scalars(select(Attendance)).all() == []


def test_a_pairing_is_ended_after_saying_what_that_means(
    staff: CheckedClient, scene: Scene, phone: CheckedClient
) -> None:
    account = db.session.get_one(Account, scene.scanner_account)
    grant(account, _home(scene), Permission.MANAGE_EVENTS)
    path, device = f"/manage/sessions/{scene.session}/devices", db.session.scalars(select(Device)).one()
    ending = f"/manage/devices/{device.id}/revoke"
    assert ending in staff.get(path).text
    asked = staff.get(ending).text
    assert "东门手机" in asked
    assert "还没上传的" in asked  # one tap on a wrong line would throw away a day's scans
    assert phone.get("/scan/hello.json", headers=OURS).status_code == 200
    assert staff.fill(ending).location == path
    assert phone.get("/scan/hello.json", headers=OURS, fault=True).status_code == 410
    assert ending not in staff.get(path).text


def test_a_signed_in_scanner_has_a_chain_too(
    staff: CheckedClient, scene: Scene, phone: CheckedClient
) -> None:
    token = staff.get("/scan/hello.json").json
    assert token is not None
    headers = {"X-CSRFToken": token["csrf"], "Accept": "application/json"}

    def send(path: str, body: dict[str, Any]) -> Any:
        return staff.post(path, json=body, headers=headers, csrf=False, fault=True)

    first = send("/scan/device", {"device": None}).json
    assert first["device"]["kind"] == "browser"
    again = send("/scan/device", {"device": first["device"]["id"]}).json
    assert again["device"]["id"] == first["device"]["id"]
    assert again["chain"]["id"] != first["chain"]["id"]
    one, two, three = (sign_up(scene.seats) for _ in range(3))
    mine = sealed(again["chain"], pass_code(one), session=scene.session)
    assert (
        send("/scan/links", {"chain": again["chain"]["id"], "links": mine}).json["results"][0]["outcome"]
        == "accepted"
    )
    theirs = chain_of(phone)
    brought = sealed(theirs, pass_code(two), session=scene.session)
    assert send("/scan/links", {"chain": theirs["id"], "links": brought}).status_code == 403
    answer = send("/scan/relay", {"chain": theirs["id"], "links": brought, "relay": True}).json
    assert answer["results"][0]["outcome"] == "accepted"
    assert (
        db.session.scalars(select(Scan.relayed_by).where(Scan.chain_id == theirs["id"])).one()
        == scene.scanner
    )
    forged = sealed(
        theirs | {"key": again["chain"]["key"]}, pass_code(three), session=scene.session, counter=2
    )
    answer = send("/scan/relay", {"chain": theirs["id"], "links": forged}).json
    assert answer["results"][0]["flag"] == "tampered"
    plain = sealed(
        again["chain"], pass_code(three), session=scene.session, counter=None, prev="", offline=False
    )
    body = {"chain": None, "device": "mine", "links": [plain[0] | {"mac": "", "verdict": "", "outcome": ""}]}
    assert send("/scan/links", body).json["results"][0]["outcome"] == "accepted"


def test_strangers_neither_see_nor_end_pairings(
    scene: Scene, phone: CheckedClient, new_client: NewClient, sign_in: SignIn
) -> None:
    from tests.factories.organisations import make_organisation

    account = make_account()
    grant(account, make_organisation("旁边的单位"), Permission.MANAGE_EVENTS)
    stranger = sign_in(new_client(), as_signed_in(account))
    device = db.session.scalars(select(Device)).one()
    assert "东门手机" not in stranger.get("/manage/devices").text
    assert stranger.get(f"/manage/devices/{device.id}", fault=True).status_code == 404
    assert stranger.post(f"/manage/devices/{device.id}/revoke", fault=True).status_code == 404
    assert stranger.get(f"/manage/sessions/{scene.session}/devices", fault=True).status_code == 403


def test_the_list_costs_the_same_for_many(scene: Scene, staff: CheckedClient) -> None:
    grant(db.session.get_one(Account, scene.scanner_account), _home(scene), Permission.MANAGE_EVENTS)
    path = f"/manage/sessions/{scene.session}/devices"

    def cost() -> int:
        seen: list[str] = []
        engine = db.session.get_bind()
        listen = lambda *args: seen.append(args[2])  # noqa: E731
        sql_events.listen(engine, "before_cursor_execute", listen)
        staff.get(path)
        sql_events.remove(engine, "before_cursor_execute", listen)
        return len(seen)

    offer(scene)
    few = cost()
    for _ in range(6):
        offer(scene)
    assert cost() == few


def test_without_script(scene: Scene, phone: CheckedClient) -> None:
    one = sign_up(scene.seats, name="王小明")
    path = f"/scan/{scene.session}/list"
    assert "王小明" in phone.get(path).text
    page = phone.get(path).text
    fields = {
        "code": one.short_code,
        "direction": "in",
        "nonce": re.findall(r'name="nonce" value="([^"]+)"', page)[0],
    }
    done = phone.post(f"/scan/{scene.session}/checkins", data=fields)
    assert done.status_code == 303
    assert "签到成功" in phone.get(done.location).text


def test_a_code_read_wrongly_pairs_all_the_same(
    app: Flask, scene: Scene, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(devices, "pairing_code", lambda _device: "OB3I-5Z3O")
    with transaction():
        made = devices.offer_pairing(
            name="东门手机",
            kind=DeviceKind.PHONE,
            session_ids=[scene.session],
            until=city.now() + timedelta(hours=3),
            by=scene.scanner,
        )
    with transaction():
        paired, _token = devices.pair("０８31 5z30")
    assert paired.id == made.id


@pytest.mark.parametrize("odd", ["\x00", "\ud800", "", "x" * 41, 5, ["x"], {"x": 1}, True])
def test_names_of_chains_and_devices_may_be_anything(
    phone: CheckedClient, scene: Scene, staff: CheckedClient, odd: Any
) -> None:
    def send(path: str, body: dict[str, Any]) -> int:
        answer = phone.post(
            path, data=json.dumps(body), content_type="application/json", headers=OURS, csrf=False, fault=True
        )
        return answer.status_code

    assert send("/scan/device", {"device": odd, "sent_at": odd}) == 200
    assert send("/scan/links", {"chain": odd, "links": []}) == 403
    assert send("/scan/links", {"chain": None, "device": odd, "links": []}) == 400
    assert send("/scan/relay", {"chain": odd, "links": []}) == 403
    file = {"format": "kepu-scans-1", "chain": odd, "links": []}
    sent = {"file": (io.BytesIO(json.dumps(file).encode()), "kepu.json")}
    assert staff.post("/manage/scans/file", data=sent, fault=True).status_code in {403, 422}


def test_many_links_are_taken_with_as_many_questions_as_few(scene: Scene, phone: CheckedClient) -> None:
    """What a phone may scan for is asked once, not for every link."""

    def cost(number: int) -> int:
        chain, codes = chain_of(phone), [pass_code(sign_up(scene.seats)) for _ in range(number)]
        links, seen, engine = sealed(chain, *codes, session=scene.session), list[str](), db.session.get_bind()
        listen = lambda *args: seen.append(args[2])  # noqa: E731
        sql_events.listen(engine, "before_cursor_execute", listen)
        results = post(phone, "/scan/links", {"chain": chain["id"], "links": links}).json["results"]
        sql_events.remove(engine, "before_cursor_execute", listen)
        assert {one["outcome"] for one in results} == {"accepted"}
        return len([one for one in seen if "SAVEPOINT" not in one.upper()])

    assert cost(3) == cost(30)
