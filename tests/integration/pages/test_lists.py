"""Every list of the staff's side: as many questions for thirty rows as for three, and acts on chosen rows."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from flask.testing import FlaskClient
from sqlalchemy import event as sql_events
from sqlalchemy import select

from tests.factories import events as make
from tests.factories.signups import a_position
from tests.support.client import CheckedClient
from tests.support.rows import make_row
from webapp.attendance.domain.phones import DeviceKind
from webapp.attendance.models import Device
from webapp.attendance.service import devices
from webapp.calendars.domain import Scope
from webapp.calendars.service import create_subscription
from webapp.core import audit, clock
from webapp.core.db import db, session, transaction
from webapp.events.models import Event, EventSession
from webapp.organisations.domain import Permission
from webapp.organisations.models import Organisation
from webapp.people.models import Account
from webapp.resources.models import Booking, Resource

SignIn = Callable[..., FlaskClient]


def _event(host: Organisation, number: int) -> None:
    make.an_event(host, title=f"讲座{number}")


def _hour(host: Organisation, _number: int) -> None:
    _made("service_record", organisation_id=host.id, status="to_confirm", minutes=0)


def _certificate(host: Organisation, _number: int) -> None:
    _made("certificate", organisation_id=host.id, status="applied")


def _training(host: Organisation, _number: int) -> None:
    _made("training", organisation_id=host.id)


def _team(host: Organisation, _number: int) -> None:
    _made("team_membership", team_id=_made("team", organisation_id=host.id, kind="service"), state="member")


def _paper(host: Organisation, number: int) -> None:
    person = _made("person", name=f"王证书{number}")
    team = _made("team", organisation_id=host.id, kind="service")
    _made("team_membership", team_id=team, person_id=person, state="member")
    skill = _made("skill", needs_certificate=True)
    _made("volunteer_skill", person_id=person, skill_id=skill, certificate="证书 1 号")


def _unmet(host: Organisation, _number: int) -> None:
    held = _held(host)
    place = _made("position", session_id=held.id)
    _made(
        "unmet", signup_id=_made("signup", session_id=held.id, position_id=place), state="open", lack="team"
    )


def _call(host: Organisation, _number: int) -> None:
    held = _held(host)
    notice = _made("notice", event_id=held.event_id, session_id=held.id, kind="moved")
    _made("telling", notice_id=notice, way="phone")


def _review(host: Organisation, _number: int) -> None:
    _made("scan", session_id=_held(host).id, flag="no_proof", direction="in", answer={})


def _member(host: Organisation, number: int) -> None:
    person = _made("person", name=f"王人员{number}")
    _made("membership", organisation_id=host.id, person_id=person, permissions=["scan"])


def _hour_of_one(host: Organisation, _number: int) -> None:
    held = session().scalars(select(EventSession.id)).first() or _held(host).id
    signup = _made("signup", session_id=held, position_id=_made("position", session_id=held))
    values = {"session_id": held, "signup_id": signup, "status": "to_confirm", "turnout": "unknown"}
    _made("service_record", organisation_id=host.id, minutes=0, **values)


def _held(host: Organisation) -> EventSession:
    event = _made("event", organisation_id=host.id, status="published")
    starts = clock.now() + timedelta(days=1)
    held = _made("event_session", event_id=event, starts_at=starts, ends_at=starts + timedelta(hours=2))
    return session().get_one(EventSession, held)


def _made(table: str, **values: Any) -> Any:
    with transaction():
        return make_row(table, **values)


def _venue(host: Organisation, number: int) -> None:
    make.a_venue(f"活动室{number}", organisation_id=host.id)


def _unit(_host: Organisation, number: int) -> None:
    make.an_organisation(f"第{number}社区")


def _thing(host: Organisation, number: int) -> None:
    with transaction() as current:
        current.add(Resource(organisation_id=host.id, name=f"展品{number}", kind="kit"))


def _booking(host: Organisation, number: int) -> None:
    event = session().query(Event).first() or make.an_event(host)
    held = make.sessions_of(event)[0].id
    session().rollback()
    with transaction() as current:
        thing = Resource(organisation_id=host.id, name=f"展品{number}", kind="kit")
        current.add(thing)
        current.flush()
        current.add(Booking(resource_id=thing.id, session_id=held))


def _deed(host: Organisation, _number: int) -> None:
    with transaction():
        audit.record("organisation.change", "organisation", host.id, by=None, before={"phone": "1"})


def _phone(host: Organisation, number: int) -> None:
    event = session().query(Event).first() or make.an_event(host)
    held, by = make.sessions_of(event)[0].id, session().query(Account).first().person_id
    session().rollback()
    until = clock.now() + timedelta(days=1)
    with transaction():
        devices.offer_pairing(
            name=f"手机{number}", kind=DeviceKind.PHONE, session_ids=[held], until=until, by=by
        )


def _calendar(_host: Organisation, number: int) -> None:
    centre = make.an_organisation(f"社区{number}").id
    by = session().query(Account).first().person_id
    session().rollback()
    with transaction():
        create_subscription(Scope("organisation", centre), "大屏", by=by)


def _short(host: Organisation, _number: int) -> None:
    home = session().get_one(Organisation, host.id)
    a_position("volunteer", 3, starts_at=clock.now() + timedelta(days=1), organisation=home)


LISTS: dict[str, Callable[[Organisation, int], None]] = {
    "/manage/calendars": _calendar,
    "/manage/devices": _phone,
    "/manage/events": _event,
    "/manage/events/{event}/things": _booking,
    "/manage/hours": _hour,
    "/manage/certificates": _certificate,
    "/manage/trainings": _training,
    "/manage/teams": _team,
    "/manage/papers": _paper,
    "/manage/unmet": _unmet,
    "/manage/calls": _call,
    "/manage/review": _review,
    "/manage/organisations/{host}/members": _member,
    "/manage/sessions/{held}/hours": _hour_of_one,
    "/manage/organisations": _unit,
    "/manage/resources": _thing,
    "/manage/turnout": _short,
    "/manage/venues": _venue,
    "/manage/audit": _deed,
}


@pytest.mark.parametrize("address", LISTS)
def test_a_longer_list_asks_no_more(client: CheckedClient, sign_in: SignIn, address: str) -> None:
    add, host = LISTS[address], make.an_organisation()
    sign_in(client, make.staff(host, Permission.MANAGE_EVENTS, Permission.GOVERN))
    asked: list[str] = []

    def statements() -> int:
        asked.clear()
        assert client.get(address).status_code == 200
        return len(asked)

    def note(_c: object, _u: object, statement: str, *_rest: object) -> None:
        asked.append(statement)

    for number in range(3):
        add(host, number)
    held = session().scalars(select(EventSession.id)).first()
    event = session().scalars(select(Event.id)).first()
    session().rollback()
    address = address.format(host=host.id, held=held, event=event)
    client.get(address)
    sql_events.listen(db.engine, "before_cursor_execute", note)
    try:
        few = statements()
        for number in range(3, 30):
            add(host, number)
        assert statements() == few
    finally:
        sql_events.remove(db.engine, "before_cursor_execute", note)
    assert client.get(f"{address}?format=xlsx").data.startswith(b"PK")
    assert "没有找到" in client.get(f"{address}?q=龘靐").text


def test_chosen_drafts_are_published_and_what_is_no_draft_is_named(
    client: CheckedClient, sign_in: SignIn
) -> None:
    host, other = make.an_organisation(), make.an_organisation()
    sign_in(client, make.staff(host, Permission.MANAGE_EVENTS))
    draft = make.an_event(host, title="草稿甲", published=False)
    out = make.an_event(host, title="已发布乙")
    foreign = make.an_event(other, title="别家丙", published=False)
    ids = [draft.id, out.id, foreign.id]
    page = client.get("/manage/events?status=draft").text
    assert "草稿甲" in page
    assert "已发布乙" not in page
    data = {"act": "publish", "row": ids}
    said = client.post("/manage/events/chosen", data=data, follow_redirects=True).text
    session().rollback()
    states = {one.id: one.status for one in session().query(Event)}
    assert (states[ids[0]], states[ids[2]]) == ("published", "draft")
    assert "已发布乙" in said.split("没有处理 2 条")[1]
    assert client.post("/manage/events/chosen", data={"act": "publish"}).status_code == 422


def test_chosen_drafts_thrown_away_come_back(client: CheckedClient, sign_in: SignIn) -> None:
    host = make.an_organisation()
    sign_in(client, make.staff(host, Permission.MANAGE_EVENTS))
    ids = [make.an_event(host, title=f"草稿{n}", published=False).id for n in range(2)]
    page = client.post(
        "/manage/events/chosen", data={"act": "discard", "row": ids}, follow_redirects=True
    ).text
    session().rollback()
    assert session().query(Event).count() == 0
    undo = page.split('action="/undo/')[1].split('"')[0] if 'action="/undo/' in page else ""
    assert undo, page[page.find("undo-bar") : page.find("undo-bar") + 500]
    client.post(f"/undo/{undo}")
    session().rollback()
    assert session().query(Event).count() == 2


def test_units_and_venues_are_found_by_pinyin_and_chosen_units_publish_by_themselves(
    client: CheckedClient, sign_in: SignIn
) -> None:
    host = make.an_organisation("市科协")
    sign_in(client, make.staff(host, Permission.GOVERN))
    ids = [make.an_organisation(name, needs_approval=True).id for name in ("西林社区", "友谊社区")]
    make.a_venue("西林活动室")
    assert "西林社区" in (found := client.get("/manage/organisations?q=xlsq").text)
    assert "友谊社区" not in found
    assert "西林活动室" in client.get("/manage/venues?q=xilin").text
    chosen = {"act": "trust", "row": ids}
    page = client.post("/manage/organisations/chosen", data=chosen, follow_redirects=True).text
    session().rollback()
    assert {session().get_one(Organisation, one).needs_approval for one in ids} == {False}
    _undo(client, page)
    session().rollback()
    assert {session().get_one(Organisation, one).needs_approval for one in ids} == {True}


def test_chosen_things_go_out_of_use_and_sessions_do_without_them_and_both_come_back(
    client: CheckedClient, sign_in: SignIn
) -> None:
    host = make.an_organisation()
    sign_in(client, make.staff(host, Permission.MANAGE_EVENTS))
    _thing(host, 1)
    _booking(host, 2)
    event = session().query(Event).one().id
    free, taken = (session().query(Resource).filter_by(name=f"展品{n}").one().id for n in (1, 2))
    booking = session().query(Booking).one()
    day, row = f"{clock.local(booking.session.starts_at):%Y-%m-%d}", booking.id
    session().rollback()
    assert "展品2" not in client.get(f"/manage/resources?free={day}").text
    said = client.post(
        "/manage/resources/chosen", data={"act": "close", "row": [free, taken]}, follow_redirects=True
    ).text
    assert "还有 1 场要用它，请先取消那些安排，再停用（展品2）" in said
    assert ">展品1<" in client.get("/manage/resources?state=closed").text
    _undo(client, said)
    assert ">展品1<" not in client.get("/manage/resources?state=closed").text
    address = f"/manage/events/{event}/things"
    said = client.post(f"{address}/chosen", data={"act": "release", "row": [row]}, follow_redirects=True).text
    assert "1 处安排取消了" in said
    assert "还没有安排车辆和器材" in said
    _undo(client, said)
    assert "展品2" in client.get(address).text
    other = f"/manage/events/{make.an_event(host).id}/things/chosen"
    assert client.post(other, data={"act": "release", "row": [row]}).status_code == 404


def test_chosen_pairings_end_and_go_on_after_an_undo(client: CheckedClient, sign_in: SignIn) -> None:
    host = make.an_organisation()
    sign_in(client, make.staff(host, Permission.MANAGE_EVENTS))
    for number in range(3):
        _phone(host, number)
    ids = [one for (one,) in session().query(Device.id).order_by(Device.name)]
    session().rollback()
    first = {"act": "revoke", "row": ids[:1]}
    assert (
        "1 台手机不能再签到" in client.post("/manage/devices/chosen", data=first, follow_redirects=True).text
    )
    both = {"act": "revoke", "row": ids[:2]}
    said = client.post("/manage/devices/chosen", data=both, follow_redirects=True).text
    assert "配对已经结束，不用取消（手机0）" in said
    _undo(client, said)
    counts = [client.get(f"/manage/devices?state={one}").text for one in ("revoked", "waiting", "paired")]
    assert ["找到 1 条" in counts[0], "找到 2 条" in counts[1], "没有找到" in counts[2]] == [True] * 3


def _undo(client: CheckedClient, page: str) -> None:
    assert (
        client.post("/undo/" + page.split('action="/undo/')[1].split('"', maxsplit=1)[0]).status_code == 303
    )
