"""A certificate from application to verification, on paper and as a picture of the paper."""

from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select

from tests.factories.events import an_organisation, staff
from tests.factories.recognition import make_record
from tests.factories.signups import an_account
from tests.support import paper
from tests.support.client import CheckedClient
from tests.support.time import TestClock
from webapp.core.audit import AuditEntry
from webapp.core.db import get_row, session, transaction
from webapp.core.outbox import OutboxMessage
from webapp.organisations.domain import Permission
from webapp.organisations.models import Organisation
from webapp.recognition.domain.certificates import Application, Issuing, OwnCertificate
from webapp.recognition.models import Certificate
from webapp.recognition.service import certificates as service

SignIn = Callable[[CheckedClient, Any], CheckedClient]
NewClient = Callable[[], CheckedClient]
ISSUING = Issuing("李建国", "赵桂芝", "0454-8888888", "部分服务在户外进行。")
ASKED = {"from_on": "2026-01-01", "until_on": "2026-11-28", "purpose": "申请大学实践学分"}


def _issued(person_id: str, organisation: Organisation, by: str, *, purpose: str = "") -> Certificate:
    period = (date(2026, 1, 1), date(2026, 11, 28))
    organisation_id = organisation.id
    with transaction():
        made = service.apply(Application(organisation_id, *period, purpose), person_id=person_id).id
        service.accept(made, by=by)
    with transaction():
        service.issue(made, ISSUING, by=by)
    return get_row(Certificate, made)


def test_a_certificate_from_application_to_revocation(
    app: Flask, clock: TestClock, new_client: NewClient, sign_in: SignIn, tmp_path: Path
) -> None:
    organisation = an_organisation("佳木斯市科学技术协会")
    volunteer, manager = an_account("诸葛建国"), staff(organisation, Permission.MANAGE_EVENTS, name="赵桂芝")
    stranger = staff(an_organisation("旁边的单位"), Permission.MANAGE_EVENTS)
    own, desk, other = (sign_in(new_client(), one) for one in (volunteer, manager, stranger))

    assert "还不能申请证明" in own.get("/me/certificates").text
    make_record(volunteer.person_id, organisation=organisation, served_on=date(2026, 3, 7), minutes=125)
    make_record(volunteer.person_id, organisation=organisation, served_on=date(2026, 9, 5), added_minutes=90)
    make_record(
        volunteer.person_id, served_on=date(2026, 9, 6)
    )  # another organisation's: not this one's to certify

    form = {"organisation": organisation.id, **ASKED}
    too_early = own.post("/me/certificates", data=form | {"from_on": "2025-01-01", "until_on": "2025-12-31"})
    assert too_early.status_code == 422
    assert "还没有公示期满" in too_early.text
    assert own.post("/me/certificates", data=form | {"until_on": "2026-12-31"}).status_code == 422
    assert own.post("/me/certificates", data=form).status_code == 302
    assert own.post("/me/certificates", data=form).status_code == 409

    held = session().scalars(select(Certificate)).one()
    path = f"/manage/certificates/{held.id}"
    issuing = {"head": "李建国", "handler": "赵桂芝", "contact": "0454-8888888", "remarks": ""}
    assert "诸葛建国" in desk.get("/manage/certificates").text
    assert "诸葛建国" in desk.get(path).text
    assert desk.post(path + "/issue", data=issuing).status_code == 409  # first accepted, then issued
    for client in (other, own):
        assert client.post(path + "/accept").status_code in {403, 404}
    assert desk.post(path + "/accept").status_code == 302
    assert own.get(f"/certificates/{held.id}.pdf").status_code == 404
    assert desk.post(path + "/issue", data=issuing | {"head": ""}).status_code == 422
    assert desk.post(path + "/issue", data=issuing).status_code == 302

    session().rollback()
    held = get_row(Certificate, held.id)
    assert (held.minutes, held.added_minutes, len(held.lines)) == (125, 90, 2)
    assert held.number is not None
    assert held.number.startswith("KPX-2026-000001-")
    answer = own.get(f"/certificates/{held.id}.pdf")
    assert answer.mimetype == "application/pdf"
    assert "no-store" in answer.headers["Cache-Control"]
    text = paper.text_of(answer.data, tmp_path)
    assert "共计2.1小时" in text
    assert "补录并经复核的服务时间1.5小时" in text
    assert other.get(f"/certificates/{held.id}.pdf").status_code == 404

    visitor = new_client()
    shown = visitor.get(f"/verify/{held.number.lower().replace('-', ' ')}")
    assert "这份证明有效" in shown.text
    assert "诸葛**" in shown.text
    assert "建国" not in shown.text
    assert visitor.get("/verify/?number=" + held.number).location.endswith(held.number)
    assert visitor.get(f"/verify/{held.number[:-4]}AAAA").status_code == 404
    assert visitor.get("/verify/").status_code == 200

    _revoked(held, desk, own, visitor)


def _revoked(held: Certificate, desk: CheckedClient, own: CheckedClient, visitor: CheckedClient) -> None:
    path = f"/manage/certificates/{held.id}"
    assert desk.post(path + "/revoke", data={"reason": ""}).status_code == 422
    assert desk.post(path + "/revoke", data={"reason": "冒名顶替"}).status_code == 302
    assert "这份证明已撤销" in visitor.get(f"/verify/{held.number}").text
    assert own.get(f"/certificates/{held.id}.pdf").status_code == 410
    assert "冒名顶替" in own.get("/me/certificates").text
    told = session().scalars(select(OutboxMessage.subject).order_by(OutboxMessage.id)).all()
    assert list(told) == [f"志愿服务证明{what}" for what in ("已申请", "已受理", "已开具", "已撤销")]
    seen = set(session().scalars(select(AuditEntry.action).where(AuditEntry.subject_type == "certificate")))
    assert seen >= {"certificate.issue", "certificate.reveal", "certificate.download", "certificate.revoke"}


def test_what_is_issued_stays_and_nobody_issues_their_own(app: Flask, clock: TestClock) -> None:
    organisation = an_organisation()
    manager = staff(organisation, Permission.MANAGE_EVENTS)
    person = an_account().person_id
    make_record(person, organisation=organisation, served_on=date(2026, 3, 7))
    held = _issued(person, organisation, manager.person_id)
    make_record(person, organisation=organisation, served_on=date(2026, 3, 8))
    assert len(get_row(Certificate, held.id).lines) == 1
    second = _issued(person, organisation, manager.person_id)
    assert len(second.lines) == 2
    assert second.number
    assert second.number.startswith("KPX-2026-000002-")
    make_record(manager.person_id, organisation=organisation, served_on=date(2026, 3, 7))
    with pytest.raises(OwnCertificate):
        _issued(manager.person_id, organisation, manager.person_id)


CASES = [("王小明", "佳木斯市科学技术协会", 1), ("买买提·艾力江", "佳木斯市郊区西林街道长安社区" * 3, 40)]


@pytest.mark.databases("sqlite")
@pytest.mark.settings(base_url="http://kepu.example.cn")
@pytest.mark.parametrize("case", CASES, ids=("short", "long"))
def test_the_paper_is_what_a_reader_sees(
    clock: TestClock, client: CheckedClient, sign_in: SignIn, tmp_path: Path, case: tuple[str, str, int]
) -> None:
    """One line and forty, short names and long ones: looked at as pictures, since text in a PDF proves nothing."""
    name, issuer, lines = case
    organisation, account = an_organisation(issuer), an_account(name)
    record = make_record(
        account.person_id, organisation=organisation, served_on=date(2026, 3, 7), minutes=125
    )
    manager = staff(organisation, Permission.MANAGE_EVENTS)
    held_id = _issued(account.person_id, organisation, manager.person_id, purpose="申请大学实践学分").id
    with transaction():
        held = get_row(Certificate, held_id)
        held.lines, held.minutes = held.lines * lines, record.minutes * lines
        number = held.number
    made = sign_in(client, account).get(f"/certificates/{held_id}.pdf").data
    pages = paper.pages_of(made, tmp_path)
    assert len(pages) == (1 if lines == 1 else 2)
    assert paper.codes_on(pages[0]) == [f"http://kepu.example.cn/verify/{number}"]
    text = paper.text_of(made, tmp_path)
    for words in (name, issuer, "（公章）", "负责人：李建国", "证件号码", f"服务{lines}次", str(number)):
        assert words in text
    assert all(font.startswith("Noto-Serif-CJK-SC") for font in paper.fonts_of(made, tmp_path))
    title = {"box": (0.2, 0.05, 0.8, 0.105)}
    assert paper.looks_like(pages[0], "志愿服务证明", **title) > 0.8
    assert paper.looks_like(pages[0], "志干眼咨账亚", **title) < 0.5
    assert paper.looks_like(pages[0], "口口口口口口", **title) < 0.5
