"""Cards of thirty people: three pages, each code readable, for those alone who may hand them over."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

from tests.factories.events import an_organisation, staff
from tests.factories.signups import a_guest, a_position, join
from tests.support import paper
from tests.support.client import CheckedClient
from tests.support.time import TestClock
from webapp.core.audit import AuditEntry
from webapp.core.db import get_row, session
from webapp.core.jobs import run_due
from webapp.events.models import Position
from webapp.organisations.domain import Permission
from webapp.signups.models import Signup
from webapp.signups.queries import pass_code

SignIn = Callable[[CheckedClient, Any], CheckedClient]


@pytest.mark.databases("sqlite")
@pytest.mark.settings(base_url="http://kepu.example.cn")
def test_thirty_cards_are_three_pages_a_scanner_can_read(
    clock: TestClock, new_client: Callable[[], CheckedClient], sign_in: SignIn, tmp_path: Path
) -> None:
    centre = an_organisation("长安社区服务中心")
    position_id = a_position(capacity=40)
    session_id = get_row(Position, position_id).session_id
    helper, colleague = (staff(centre, Permission.SIGN_UP_OTHERS) for _ in range(2))
    names = [f"老人{number:02d}" for number in range(29)] + ["买买提·艾力江·吐尔逊"]
    made = [join(position_id, a_guest(name), by=helper.person_id, source="staff") for name in names]
    join(position_id, a_guest("别人"))
    client, other = sign_in(new_client(), helper), sign_in(new_client(), colleague)

    page = client.get(f"/manage/sessions/{session_id}/cards")
    assert "共 30 张" in page.text
    assert "别人" not in page.text
    answer = client.get(f"/manage/sessions/{session_id}/cards.pdf")
    wanted = {f"http://kepu.example.cn/p/{pass_code(get_row(Signup, one)).upper()}" for one in made}
    codes: set[str] = set()
    for dpi in (300, 240, 360):  # zbar misses one in some hundreds at one size; a camera moves until it reads
        pages = paper.pages_of(answer.data, tmp_path, dpi=dpi)
        assert len(pages) == 3
        codes |= {code for picture in pages for code in paper.codes_on(picture)}
        if codes == wanted:
            break
    assert codes == wanted
    text = paper.text_of(answer.data, tmp_path)
    assert all(name in text for name in names[:29])
    assert "手机用得明白" in text

    few = other.get(f"/manage/sessions/{session_id}/cards?signups={made[3]},{made[4]}&part=9")
    assert "共 2 张" in few.text
    noted = session().scalars(select(AuditEntry).where(AuditEntry.action == "cards.print")).one()
    assert noted.details["count"] == 30
    stranger = sign_in(new_client(), staff(an_organisation(), Permission.SIGN_UP_OTHERS))
    assert stranger.get(f"/manage/sessions/{session_id}/cards").status_code == 404
    shifts = get_row(Position, a_position("volunteer")).session
    sheet, empty = f"/manage/sessions/{shifts.id}", f"/manage/sessions/{shifts.id}/cards"
    host = sign_in(new_client(), staff(shifts.event.organisation, Permission.MANAGE_EVENTS))
    assert "打印报名卡" not in host.get(sheet).text
    assert host.get(empty).status_code == 409
    assert "没有可以打印的报名卡" in host.get(empty).text
    organiser = sign_in(
        new_client(),
        staff(get_row(Position, position_id).session.event.organisation, Permission.MANAGE_EVENTS),
    )
    assert "共 31 张" in organiser.get(f"/manage/sessions/{session_id}/cards").text


@pytest.mark.databases("sqlite")
@pytest.mark.settings(base_url="http://kepu.example.cn")
def test_hundreds_are_made_by_the_worker_for_who_asked(
    new_client: Callable[[], CheckedClient], sign_in: SignIn, tmp_path: Path
) -> None:
    centre = an_organisation("长安社区服务中心")
    position_id = a_position(capacity=80)
    session_id = get_row(Position, position_id).session_id
    helper, colleague = (staff(centre, Permission.SIGN_UP_OTHERS) for _ in range(2))
    for number in range(62):
        join(position_id, a_guest(f"老人{number:02d}"), by=helper.person_id, source="staff")
    client = sign_in(new_client(), helper)
    cards = f"/manage/sessions/{session_id}/cards"

    assert client.get(cards + ".pdf").location == cards
    where = client.fill(cards, form=cards)
    assert where.status_code == 302
    waiting = client.get(where.location).text
    assert "排在队里" in waiting
    assert client.get(where.location + "/result").status_code == 404
    run_due()
    assert "做好了" in client.get(where.location).text
    pages = paper.pages_of(client.get(where.location + "/result").data, tmp_path, dpi=60)
    assert len(pages) == 7
    noted = session().scalars(select(AuditEntry).where(AuditEntry.action == "cards.print")).one()
    assert noted.details["count"] == 62
    other = sign_in(new_client(), colleague)
    assert other.get(where.location).status_code == 404
    assert other.get(where.location + "/result").status_code == 404
