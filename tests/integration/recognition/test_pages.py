"""Pages of hours: who sees what, and what the buttons do."""

from collections.abc import Callable
from datetime import timedelta
from types import SimpleNamespace

import pytest
from flask import Flask
from sqlalchemy import event as sql_events

from tests.factories.events import an_organisation, staff
from tests.factories.organisations import grant, make_organisation
from tests.factories.recognition import a_past_session, make_record, records_of
from tests.factories.signups import a_volunteer, an_account
from tests.support.client import CheckedClient
from tests.support.time import TestClock
from webapp.core import clock as times
from webapp.core.db import db, session, transaction
from webapp.events.models import EventSession, Position
from webapp.organisations.domain import Permission
from webapp.recognition import queries, service
from webapp.recognition.domain import RecordSource, RecordStatus, Turnout
from webapp.recognition.domain.standing import seen_as
from webapp.recognition.models import ServiceRecord
from webapp.signups import service as signups

SignIn = Callable[[CheckedClient, object], CheckedClient]


class Held(SimpleNamespace):
    """A session held yesterday with one volunteer's records."""

    def measured(self, **values: object) -> ServiceRecord:
        """The volunteer's record; without a sign-out unless more is said."""
        start = db.session.get_one(EventSession, self.session).starts_at
        known: dict[str, object] = {"minutes": 0, "in_at": start, "out_at": None}
        known |= {"source": RecordSource.SCAN, "turnout": Turnout.UNKNOWN, "status": RecordStatus.TO_CONFIRM}
        return make_record(
            self.account.person_id, session_id=self.session, signup_id=self.signup, **(known | values)
        )


@pytest.fixture
def held(app: Flask, clock: TestClock) -> Held:
    organisation = make_organisation("办活动的单位")
    session_id = a_past_session(times.today() - timedelta(days=1), organisation).id
    account = an_account("欧阳锋芒")
    position = db.session.query(Position).filter_by(session_id=session_id).one().id
    with times.freeze(times.now() - timedelta(days=5)), transaction():
        made = signups.sign_up(position, account.person_id, by=account.person_id, source="self").id
    leader = staff(organisation, Permission.MANAGE_EVENTS)
    second = staff(organisation, Permission.MANAGE_EVENTS, name="赵复核")
    return Held(
        organisation=organisation,
        session=session_id,
        account=account,
        signup=made,
        leader=leader,
        second=second,
    )


def test_a_leader_confirms_and_corrects(
    held: Held, new_client: Callable[[], CheckedClient], sign_in: SignIn
) -> None:
    record = held.measured()
    me, leader = (sign_in(new_client(), one) for one in (held.account, held.leader))
    page = leader.get(f"/manage/sessions/{held.session}/hours").text
    assert "欧阳**" not in page and "欧阳" in page
    assert "没有签退" in page
    assert "待确认" in me.get("/me/hours").text

    path = f"/manage/hours/records/{record.id}/confirm"
    assert "T11:00" in leader.get(path).text  # the planned end is offered
    end = times.local(db.session.get_one(EventSession, held.session).ends_at)
    typed = {"seen": seen_as(record), "out_at": f"{end + timedelta(hours=1):%Y-%m-%dT%H:%M}"}
    wrong = leader.post(path, data=typed)
    assert wrong.status_code == 422
    assert "最晚到 11:15" in wrong.text
    typed["out_at"] = f"{end:%Y-%m-%dT%H:%M}"
    assert leader.post(path, data=typed | {"seen": "older"}).status_code == 409
    assert leader.post(path, data=typed).status_code == 303
    assert leader.post(path, data=typed).status_code == 303  # the same once more
    (record,) = records_of(held.account.person_id)
    assert (record.minutes, record.status) == (120, RecordStatus.NOTICED)

    mine = me.get("/me/hours").text
    assert "公示到12月2日" in mine
    objection = f"/me/hours/{record.id}/objection"
    assert leader.get(objection).status_code == 404
    assert me.get(objection).status_code == 200
    assert me.post(objection, data={"text": ""}).status_code == 422
    assert me.post(objection, data={"text": "我十一点十分走"}).status_code == 303
    assert "我十一点十分走" in leader.get("/manage/hours").text

    path = f"/manage/hours/records/{record.id}/correct"
    assert "我十一点十分走" in leader.get(path).text
    typed = {"seen": seen_as(record), "in_at": f"{end - timedelta(hours=2):%Y-%m-%dT%H:%M}"}
    typed |= {"out_at": f"{end + timedelta(minutes=10):%Y-%m-%dT%H:%M}", "reason": ""}
    assert leader.post(path, data=typed).status_code == 422
    assert leader.post(path, data=typed | {"reason": "照片可证"}).status_code == 303
    old, new = records_of(held.account.person_id)
    assert (old.status, new.minutes) == (RecordStatus.VOID, 130)
    mine = me.get("/me/hours").text
    assert "照片可证" in mine
    assert "答复" in mine


def test_added_time_takes_two_people(
    held: Held, new_client: Callable[[], CheckedClient], sign_in: SignIn
) -> None:
    start = db.session.get_one(EventSession, held.session).starts_at
    end, until = start + timedelta(hours=2), times.today() + timedelta(days=4)
    held.measured(minutes=130, out_at=end, status=RecordStatus.NOTICED, notice_until=until)
    leader, second = (sign_in(new_client(), one) for one in (held.leader, held.second))
    path = f"/manage/hours/signups/{held.signup}/add"
    assert leader.get(path).status_code == 200
    assert leader.post(path, data={"minutes": "200", "reason": "布展"}).status_code == 422
    assert leader.post(path, data={"minutes": "30", "reason": "布展"}).status_code == 303
    added = records_of(held.account.person_id)[-1]
    approve = f"/manage/hours/added/{added.id}/approve"
    assert "不能自己提、自己批" in leader.post(approve, follow_redirects=True).text
    assert "等复核" in second.get("/manage/hours").text
    assert "开始公示" in second.post(approve, follow_redirects=True).text
    assert queries.totals_of(held.account.person_id) == queries.Totals(0, 0, 0, 130, 30)
    notice = new_client().get(f"/hours/notice?organisation={held.organisation.id}").text
    assert "欧阳**" in notice
    assert "欧阳锋芒" not in notice
    assert notice.count("12月2日") == 2


def test_absence_is_said_and_answered(
    held: Held, new_client: Callable[[], CheckedClient], sign_in: SignIn
) -> None:
    record = held.measured(in_at=None, source=RecordSource.ABSENT)
    me, leader = sign_in(new_client(), held.account), sign_in(new_client(), held.leader)
    path = f"/manage/hours/records/{record.id}/mark"
    assert "请过假" in leader.get(path).text
    assert leader.post(path, data={"seen": seen_as(record), "turnout": "longer"}).status_code == 422
    assert leader.post(path, data={"seen": seen_as(record), "turnout": "no_show"}).status_code == 303
    (record,) = records_of(held.account.person_id)
    assert (record.turnout, record.status) == (Turnout.NO_SHOW, RecordStatus.NOTICED)
    assert "1 次没有来" in leader.get(f"/manage/sessions/{held.session}/hours").text
    assert "欧阳" not in new_client().get("/hours/notice").text  # nobody is shown for staying away
    me.post(f"/me/hours/{record.id}/objection", data={"text": "我请过假"})
    (objection,) = queries.objections_of([record.id])[record.id]
    path = f"/manage/hours/objections/{objection.id}"
    assert "我请过假" in leader.get(path).text
    assert leader.post(path, data={"answer": ""}).status_code == 422
    assert leader.post(path, data={"answer": "没有查到"}).status_code == 303
    assert "没有查到" in me.get("/me/hours").text


def test_staff_of_others_see_nothing(
    held: Held, new_client: Callable[[], CheckedClient], sign_in: SignIn
) -> None:
    record = held.measured()
    with transaction():
        objection = service.object_to(record.id, "不对", by=held.account.person_id)
        added = service.propose_added(held.signup, 10, reason="布展", by=held.leader.person_id)
    stranger = sign_in(
        new_client(), staff(make_organisation("旁边的单位"), Permission.MANAGE_EVENTS, Permission.SCAN)
    )
    page = stranger.get("/manage/hours")
    assert page.status_code == 200
    assert "欧阳" not in page.text
    for path in (
        f"/manage/sessions/{held.session}/hours",
        f"/manage/hours/records/{record.id}/confirm",
        f"/manage/hours/records/{record.id}/mark",
        f"/manage/hours/records/{record.id}/correct",
        f"/manage/hours/signups/{held.signup}/add",
        f"/manage/hours/added/{added}/reject",
        f"/manage/hours/objections/{objection}",
    ):
        assert stranger.get(path).status_code in {403, 404}, path
    assert stranger.post(f"/manage/hours/added/{added}/approve").status_code == 404
    assert stranger.get("/manage/stars").status_code == 403
    own = sign_in(new_client(), an_account())
    assert own.get("/manage/hours").status_code == 403


def test_the_office_sets_rule_days_and_stars(
    app: Flask, clock: TestClock, new_client: Callable[[], CheckedClient], sign_in: SignIn
) -> None:
    office = an_account()
    grant(office, make_organisation(), Permission.GOVERN)
    client = sign_in(new_client(), office)
    rule = {"early_minutes": "10", "late_minutes": "20", "min_share": "50", "confirm_days": "5"}
    rule |= {"notice_days": "4", "version": "1"}
    assert client.get("/manage/hours/rule").status_code == 200
    assert client.post("/manage/hours/rule", data=rule | {"notice_days": "99"}).status_code == 422
    assert client.post("/manage/hours/rule", data=rule).status_code == 303
    assert client.post("/manage/hours/rule", data=rule).status_code == 303
    assert queries.current_rule().version == 2
    assert client.post("/manage/hours/rule", data=rule | {"late_minutes": "0"}).status_code == 409
    assert client.post("/manage/stars/thresholds", data={"hours": "3、2"}).status_code == 422
    assert client.post("/manage/stars/thresholds", data={"hours": "二"}).status_code == 422
    assert client.post("/manage/stars/thresholds", data={"hours": "1、2"}).status_code == 303

    account = an_account("钱三")
    make_record(account.person_id)
    me = sign_in(new_client(), account)
    assert "申请 2 星" in me.get("/me/hours").text
    assert "申请已提交" in me.post("/me/hours/star", follow_redirects=True).text
    assert "正在等审核" in me.post("/me/hours/star", follow_redirects=True).text
    star = queries.list_stars(account.person_id)[0].id
    assert client.get(f"/manage/stars/{star}/decline").status_code == 200
    assert client.post(f"/manage/stars/{star}/decline", data={"note": ""}).status_code == 422
    assert client.post(f"/manage/stars/{star}/decline", data={"note": "再看看"}).status_code == 303
    assert "再看看" in me.get("/me/hours").text
    me.post("/me/hours/star")
    star = next(one.id for one in queries.list_stars(account.person_id) if one.state == "applied")
    assert "已评定" in client.post(f"/manage/stars/{star}/grant", follow_redirects=True).text
    assert "2 星志愿者" in me.get("/me/hours").text


def test_lists_cost_the_same_number_of_statements(
    held: Held, new_client: Callable[[], CheckedClient], sign_in: SignIn
) -> None:
    leader, me = sign_in(new_client(), held.leader), sign_in(new_client(), held.account)
    pages = [(leader, "/manage/hours"), (me, "/me/hours"), (new_client(), "/hours/notice")]
    costs = []
    for number in (1, 4):
        for _ in range(number):
            make_record(held.account.person_id, organisation=held.organisation, status=RecordStatus.NOTICED)
            record = make_record(
                a_volunteer(),
                organisation=held.organisation,
                minutes=0,
                out_at=None,
                status=RecordStatus.TO_CONFIRM,
            )
            with transaction():
                service.object_to(record.id, "不对", by=record.person_id)
        costs.append([_statements(client, path) for client, path in pages])
    assert costs[0] == costs[1]


def _statements(client: CheckedClient, path: str) -> int:
    seen: list[str] = []

    def note(_connection: object, _cursor: object, statement: str, *_rest: object) -> None:
        seen.append(statement)

    sql_events.listen(db.engine, "before_cursor_execute", note)
    assert client.get(path).status_code == 200
    sql_events.remove(db.engine, "before_cursor_execute", note)
    return len(seen)


def test_hours_of_a_star_raised_meanwhile_do_not_bind_who_applied_before(
    app: Flask, client: CheckedClient, new_client: Callable[[], CheckedClient], sign_in: SignIn
) -> None:
    office = sign_in(client, staff(an_organisation("市科协"), Permission.GOVERN))
    account = an_account("孙立国")
    make_record(account.person_id, minutes=101 * 60)
    me = sign_in(new_client(), account)
    me.post("/me/hours/star")
    assert office.post("/manage/stars/thresholds", data={"hours": "200、400"}).status_code == 303
    assert "1 星要 100 小时" in me.get("/me/hours").text
    assert "这一级当时要 100 小时" in office.get("/manage/stars").text
    star = queries.list_stars(account.person_id)[0].id
    assert "已评定" in office.post(f"/manage/stars/{star}/grant", follow_redirects=True).text
    session().rollback()
    assert queries.stars_of(account.person_id).granted == 1
