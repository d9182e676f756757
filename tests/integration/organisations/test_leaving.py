"""A right is taken away: what hangs on it is named on the page and by the command, handed on or told."""

from functools import partial
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select

from tests.factories.attendance import make_scene
from tests.factories.organisations import grant, make_organisation, make_staff
from tests.factories.people import make_account
from tests.factories.phones import Phone
from tests.support.client import CheckedClient
from tests.support.crowd import at_once
from tests.support.time import TestClock
from webapp.attendance.models import Device
from webapp.core import todo
from webapp.core.audit import AuditEntry
from webapp.core.db import get_row, session, transaction
from webapp.core.errors import Refusal
from webapp.core.outbox import OutboxMessage
from webapp.events.models import Event, EventSession
from webapp.organisations import service
from webapp.organisations.domain import Permission
from webapp.organisations.models import Organisation
from webapp.organisations.queries import find_membership, governors, permissions_of
from webapp.people.models import Account


def host_of(session_id: str) -> Organisation:
    event_id = get_row(EventSession, session_id).event_id
    return get_row(Organisation, get_row(Event, event_id).organisation_id)


def told(person_id: str) -> list[str]:
    session().rollback()
    wanted = select(OutboxMessage.subject).where(OutboxMessage.person_id == person_id)
    return list(session().scalars(wanted.order_by(OutboxMessage.id)))


def endpoints(person_id: str) -> list[str]:
    return [one.endpoint for one in todo.collect(todo.Viewer(person_id, permissions_of(person_id)))]


@pytest.fixture
def office(app: Flask, clock: TestClock) -> Account:
    return make_staff(make_organisation("市科协"), Permission.GOVERN, name="韩主任")


@pytest.mark.parametrize("handed_on", [False, True])
def test_phones_of_whoever_leaves(
    client: CheckedClient, sign_in: Any, office: Account, handed_on: bool
) -> None:
    scene = make_scene()
    phone, host = Phone(scene), host_of(scene.session)
    colleague = make_staff(host, Permission.MANAGE_EVENTS, name="钱接手").person_id
    sign_in(client, office)
    path = f"/manage/organisations/{host.id}/members/{scene.scanner}"
    page = client.get(path).text
    assert "配对了 1 台签到手机" in page and "交给钱接手" in page
    choice = {f"what:phones:{host.id}": colleague} if handed_on else {}
    assert client.post(f"{path}/remove", data=choice).status_code == 302
    session().rollback()
    device = get_row(Device, phone.device)
    if handed_on:
        assert (device.person_id, device.revoked_at) == (colleague, None)
        assert "1 台签到手机交给了您" in told(colleague)
        assert "attendance.session_devices" not in endpoints(colleague)
    else:
        assert device.revoked_at is not None
        assert any(one.startswith("请重新配对签到手机") for one in told(colleague))
        assert "attendance.session_devices" in endpoints(colleague)
        Phone(scene)  # still answered for by who left; any living pairing is one
        assert "attendance.session_devices" not in endpoints(colleague)


def test_only_what_is_lost_is_dealt_with(office: Account) -> None:
    scene = make_scene()
    phone, host = Phone(scene), host_of(scene.session)
    with transaction():
        service.set_membership(
            scene.scanner, host.id, [Permission.SCAN, Permission.REPORT], by=office.person_id
        )
        service.set_membership(scene.scanner, host.id, [Permission.SCAN], by=office.person_id)
    session().rollback()
    assert get_row(Device, phone.device).revoked_at is None
    assert f"{host.name}没有人能填报任务进展了" in told(office.person_id)


def test_the_page_says_who_is_the_only_one_and_keeps_the_last_of_the_office(
    client: CheckedClient, sign_in: Any, office: Account
) -> None:
    host = make_organisation("南岗社区")
    only = make_staff(host, Permission.SIGN_UP_OTHERS)
    sign_in(client, office)
    assert (
        "唯一能“代报名”的人" in client.get(f"/manage/organisations/{host.id}/members/{only.person_id}").text
    )
    (place,) = session().scalars(select(Organisation.id).where(Organisation.name == "市科协"))
    own = f"/manage/organisations/{place}/members/{office.person_id}"
    page = client.get(own).text
    assert "最后一位" in page and "先给另一个人这项权限" in page
    assert client.post(own, data={"permissions": ["scan"]}).status_code == 422
    assert "最后一位" in client.post(f"{own}/remove", follow_redirects=True).text


def test_the_command_says_the_same(app: Flask, office: Account) -> None:
    host = make_organisation("南岗社区")
    member = make_account("赵桂芝", email="zhao@example.cn")
    grant(member, host, Permission.MANAGE_EVENTS, Permission.SCAN)
    words = ["account", "take-away", "zhao@example.cn", "--organisation", "南岗社区"]
    asked = app.test_cli_runner().invoke(args=words, input="n\n")
    assert "唯一能“组织活动”的人" in asked.output and asked.exit_code == 1
    session().rollback()
    assert find_membership(member.person_id, host.id) is not None
    done = app.test_cli_runner().invoke(args=[*words, "--permission", "manage_events", "--yes"])
    assert done.exit_code == 0, done.output
    session().rollback()
    left = find_membership(member.person_id, host.id)
    assert left is not None and left.permissions == ["scan"]
    last = app.test_cli_runner().invoke(args=["account", "close", office.email or "", "--yes"])
    assert last.exit_code == 1 and "最后一位" in last.output


def test_two_of_the_office_who_take_each_others_right_at_once_leave_one(app: Flask) -> None:
    for _ in range(3):
        pair = [make_staff(make_organisation(), Permission.GOVERN) for _ in range(2)]
        with transaction():
            keep = {one.person_id for one in pair}
            for row in session().scalars(select(Account).where(Account.person_id.not_in(keep))):
                row.disabled_at = row.created_at
        places = [
            session()
            .scalars(
                select(AuditEntry.subject_id).where(
                    AuditEntry.action == "membership.set",
                    AuditEntry.details["person"].as_string() == one.person_id,
                )
            )
            .one()
            for one in pair
        ]
        ids = [one.person_id for one in pair]

        def take(whose: str, where: str, by: str) -> None:
            with transaction():
                service.set_membership(whose, where, (), by=by)

        answers = at_once(
            app, partial(take, ids[0], places[0], ids[1]), partial(take, ids[1], places[1], ids[0])
        )
        session().rollback()
        assert [isinstance(one, Refusal) for one in answers].count(True) == 1
        assert len(governors()) == 1
