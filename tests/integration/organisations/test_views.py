"""The office's pages about organisations and their people."""

from collections.abc import Callable

import pytest
from flask import Flask
from flask.testing import FlaskClient

from tests.factories.organisations import make_organisation, make_staff
from tests.factories.people import make_account
from webapp.organisations import queries
from webapp.organisations.domain import OrganisationKind, Permission
from webapp.organisations.models import Organisation

LIST = "/manage/organisations"


@pytest.fixture
def office(app: Flask) -> Organisation:
    return make_organisation("市科协", kind=OrganisationKind.OFFICE)


@pytest.fixture
def governor(office: Organisation, client: FlaskClient, sign_in: Callable[..., FlaskClient]) -> FlaskClient:
    return sign_in(client, make_staff(office, Permission.GOVERN, name="韩主任"))


def test_add_and_change_an_organisation(governor: FlaskClient) -> None:
    done = governor.fill(
        f"{LIST}/new", name="市卫生健康委", kind="unit", phone="0454-8888888", needs_approval="y"
    )
    made = queries.find_by_name("市卫生健康委")
    assert made is not None
    assert done.location == f"{LIST}/{made.id}/members"
    assert (made.kind, made.phone, made.needs_approval) == ("unit", "0454-8888888", True)
    page = governor.get(LIST)
    assert "市卫生健康委" in page.text
    assert "要审核" in page.text
    changed = governor.fill(
        f"{LIST}/{made.id}", name="市卫健委", full_name="市卫生健康委员会", needs_approval=None
    )
    assert changed.location == LIST
    found = queries.get_organisation(made.id)
    assert (found.name, found.full_name, found.needs_approval) == ("市卫健委", "市卫生健康委员会", False)


@pytest.mark.parametrize(
    ("field", "value", "status", "sentence"),
    [
        ("name", "", 422, "请填写单位名称"),
        ("name", "字" * 81, 422, "最多 80 个字"),
        ("name", "市\x00科协", 422, "特殊字符"),
        ("name", "市科协", 409, "已有同名的单位"),
        ("kind", "kingdom", 422, 'id="kind-error"'),
        ("phone", "12", 422, "请填写 11 位手机号"),
        ("phone", "0454-8888888 转 12345678901234567890", 422, "最多 20 个字"),
    ],
)
def test_a_wrong_organisation(
    governor: FlaskClient, field: str, value: str, status: int, sentence: str
) -> None:
    good = {"name": "老科协", "kind": "association", "phone": "13800000001"}
    answer = governor.post(f"{LIST}/new", data=good | {field: value})
    assert answer.status_code == status
    assert sentence in answer.text
    assert "Not a valid" not in answer.text
    assert len(queries.list_organisations()) == 1


def test_a_member_comes_changes_and_goes(
    governor: FlaskClient, office: Organisation, sign_in: Callable[..., FlaskClient], app: Flask
) -> None:
    address = f"{LIST}/{office.id}/members"
    newcomer = make_account("李秀英", email="li@example.cn")
    person_id = newcomer.person_id
    done = governor.fill(address, address, login="LI@example.cn", permissions=["scan", "manage_events"])
    assert done.location == address
    assert queries.permissions_of(person_id) == {"scan", "manage_events"}
    assert sign_in(app.test_client(), newcomer).get(LIST).status_code == 403
    governor.fill(f"{address}/{person_id}", f"{address}/{person_id}", permissions=["report"])
    assert queries.permissions_of(person_id) == {"report"}
    page = governor.get(address)
    assert "李秀英" in page.text
    assert "韩主任" in page.text
    assert "填报任务进展" in page.text
    assert governor.post(f"{address}/{person_id}/remove").location == address
    assert queries.permissions_of(person_id) == frozenset()
    assert governor.get(f"{address}/{person_id}").status_code == 404
    assert governor.post(f"{address}/{person_id}/remove").status_code == 404


@pytest.mark.parametrize(
    ("data", "status", "sentence"),
    [
        ({"login": "nobody@example.cn", "permissions": "scan"}, 422, "没有找到"),
        ({"login": "nonsense", "permissions": "scan"}, 422, "没有找到"),
        ({"login": "han@example.cn", "permissions": "scan"}, 409, "已经在名单里"),
        ({"login": "li@example.cn"}, 422, "请至少选一项"),
        ({"login": "li@example.cn", "permissions": "fly"}, 422, 'id="permissions-error"'),
        ({"login": "", "permissions": "scan"}, 422, "请填写本人登录用的"),
    ],
)
def test_a_wrong_member(
    governor: FlaskClient, office: Organisation, data: dict[str, str], status: int, sentence: str
) -> None:
    make_account("李秀英", email="li@example.cn")
    han = make_account("韩秘书", email="han@example.cn")
    address = f"{LIST}/{office.id}/members"
    assert governor.post(address, data={"login": "han@example.cn", "permissions": "scan"}).status_code == 302
    answer = governor.post(address, data=data)
    assert answer.status_code == status
    assert sentence in answer.text
    assert queries.permissions_of(han.person_id) == {"scan"}


def test_the_last_governor_cannot_lock_the_office_out(governor: FlaskClient, office: Organisation) -> None:
    member = queries.list_members(office.id)[0]
    address, person_id = f"{LIST}/{office.id}/members", member.person_id
    refused = governor.post(f"{address}/{person_id}", data={"permissions": "scan"})
    assert refused.status_code == 422
    assert "最后一位" in refused.text
    assert governor.post(f"{address}/{person_id}/remove").location == address
    assert "最后一位" in governor.get(address).text
    assert "govern" in queries.permissions_of(person_id)


def test_the_inspector_reads_and_is_offered_no_button(
    app: Flask, client: FlaskClient, office: Organisation, sign_in: Callable[..., FlaskClient]
) -> None:
    sign_in(client, make_staff(office, Permission.INSPECT, name="督查员"))
    address = f"{LIST}/{office.id}/members"
    for page in (client.get(LIST), client.get(address)):
        assert page.status_code == 200
        assert "市科协" in page.text
        assert 'class="form"' not in page.text
        assert "/new" not in page.text
    assert client.post(address, data={}).status_code == 403
    assert client.get(f"{LIST}/{office.id}").status_code == 403


@pytest.mark.databases("sqlite")
def test_three_hundred_units_are_paged_and_found(governor: FlaskClient) -> None:
    for number in range(300):
        make_organisation(f"第{number:03d}社区服务中心")
    first = governor.get(LIST)
    assert first.text.count('class="row-head"') == 50
    assert "page=2" in first.text
    found = governor.get(f"{LIST}?q=社区 ２１７")
    assert found.text.count('class="row-head"') == 1
    assert "第217社区服务中心" in found.text
