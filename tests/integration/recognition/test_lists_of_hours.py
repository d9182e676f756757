"""One word on several records: each is looked at for itself, and all of it can be taken back."""

import re
from collections.abc import Callable
from datetime import timedelta

from tests.factories.events import an_organisation, staff
from tests.factories.recognition import a_past_session, make_record
from tests.factories.signups import a_volunteer, join
from tests.support.client import CheckedClient
from webapp.core import clock
from webapp.core.db import session
from webapp.events.models import EventSession, Position
from webapp.organisations.domain import Permission
from webapp.organisations.models import Organisation
from webapp.recognition.domain import RecordSource, RecordStatus, Turnout
from webapp.recognition.models import ServiceRecord

SignIn = Callable[..., CheckedClient]
WAITS = {"status": RecordStatus.TO_CONFIRM, "minutes": 0, "out_at": None}


def _record(host: Organisation, name: str, **values: object) -> str:
    values.setdefault("person_id", a_volunteer(name))
    return make_record(organisation=host, **(WAITS | values)).id


def _absent(host: Organisation, name: str, **values: object) -> str:
    absent = {"in_at": None, "source": RecordSource.ABSENT, "turnout": Turnout.UNKNOWN}
    return _record(host, name, **(absent | values))


def _held(host: Organisation) -> EventSession:
    return a_past_session(clock.today() - timedelta(days=1), host)


def _there(held: EventSession, name: str) -> dict[str, object]:
    """Signed up for that session."""
    position = session().query(Position.id).filter_by(session_id=held.id).scalar()
    person = a_volunteer(name)
    with clock.freeze(clock.now() - timedelta(days=5)):
        signup = join(position, person, source="self")
    return {"session_id": held.id, "signup_id": signup, "person_id": person}


def _of(record_id: str) -> tuple[str, int, str]:
    session().rollback()
    found = session().get_one(ServiceRecord, record_id)
    return found.status, found.minutes, found.turnout


def test_several_sign_outs_are_confirmed_at_once_and_taken_back(
    client: CheckedClient, sign_in: SignIn
) -> None:
    host, other = an_organisation(), an_organisation()
    leader = staff(host, Permission.MANAGE_EVENTS)
    browser = sign_in(client, leader)
    stayed = [_record(host, name) for name in ("张晓梅", "李大海")]
    absent, foreign = _absent(host, "赵没来", **_there(_held(host), "赵没来")), _record(other, "别家人")
    assert "李大海" not in browser.get("/manage/hours?q=zxm").text
    assert "赵没来" not in browser.get("/manage/hours?wait=left").text
    data = {"act": "left", "row": [*stayed, absent, foreign]}
    said = browser.post("/manage/hours/chosen?wait=left", data=data, follow_redirects=True).text
    assert "2 条已按结束时间确认签退" in said
    assert "赵没来" in said.split("没有处理 2 条")[1]
    assert "别家人" not in said
    assert [_of(one)[:2] for one in stayed] == [(RecordStatus.NOTICED, 120)] * 2
    assert _of(foreign)[0] == RecordStatus.TO_CONFIRM
    undo = re.search(r'action="(/undo/[^"]+)"', said)
    assert undo
    browser.post(undo[1])
    assert [_of(one)[0] for one in stayed] == [RecordStatus.TO_CONFIRM] * 2
    assert browser.post("/manage/hours/chosen", data={"act": "absent", "row": absent}).status_code == 303
    assert _of(absent)[2] == Turnout.NO_SHOW


def test_added_time_is_agreed_to_by_another_only(client: CheckedClient, sign_in: SignIn) -> None:
    host = an_organisation()
    leader = staff(host, Permission.MANAGE_EVENTS)
    added = {"added_minutes": 60, "status": RecordStatus.PROPOSED, "confirmed_by": None}
    theirs = make_record(a_volunteer("孙补录"), organisation=host, **added).id
    mine = make_record(a_volunteer("钱自己"), organisation=host, created_by=leader.person_id, **added).id
    browser = sign_in(client, leader)
    data = {"act": "second", "everything": "2"}
    said = browser.post("/manage/hours/chosen?wait=second", data=data, follow_redirects=True).text
    assert "钱自己" in said.split("没有处理 1 条")[1]
    assert (_of(theirs)[0], _of(mine)[0]) == (RecordStatus.NOTICED, RecordStatus.PROPOSED)


def test_an_inspector_finds_no_name(client: CheckedClient, sign_in: SignIn) -> None:
    _record(an_organisation(), "周某某")
    browser = sign_in(client, staff(an_organisation(), Permission.INSPECT))
    assert "周**" in browser.get("/manage/hours").text
    for q in ("zmm", "周某某"):
        assert "没有找到" in browser.get(f"/manage/hours?q={q}").text
    assert "周某某" not in browser.get("/manage/hours?format=csv").text
    assert browser.post("/manage/hours/chosen", data={"act": "left"}).status_code == 403


def test_a_sessions_hours_are_settled_together(client: CheckedClient, sign_in: SignIn) -> None:
    host = an_organisation()
    held, other = _held(host), _held(host)
    stayed = [_record(host, name, **_there(held, name)) for name in ("张晓梅", "李大海")]
    elsewhere = _record(host, "吴别场", **_there(other, "吴别场"))
    browser = sign_in(client, staff(host, Permission.MANAGE_EVENTS))
    path = f"/manage/sessions/{held.id}/hours"
    assert "李大海" not in browser.get(f"{path}?q=zxm").text
    browser.post(f"{path}/chosen", data={"act": "left", "row": [*stayed, elsewhere]})
    assert [_of(one)[0] for one in (*stayed, elsewhere)] == [RecordStatus.NOTICED] * 2 + [
        RecordStatus.TO_CONFIRM
    ]
    assert browser.get(f"{path}?format=xlsx").data.startswith(b"PK")
    assert "没有找到" in browser.get(f"{path}?wait=left").text
