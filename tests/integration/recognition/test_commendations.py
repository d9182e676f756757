"""A commendation list: candidates with their evidence, decided by people, fixed, taken along as a sheet."""

import io
from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

from flask import Flask
from openpyxl import load_workbook
from sqlalchemy import select

from tests.factories.events import an_organisation, staff
from tests.factories.recognition import a_past_session, make_record
from tests.factories.signups import a_volunteer
from tests.support.client import CheckedClient
from tests.support.time import TestClock
from webapp.core.db import session, transaction
from webapp.organisations.domain import Permission
from webapp.recognition.models import Commendation, CommendationList
from webapp.volunteers.models import Team, TeamMembership

SignIn = Callable[[CheckedClient, Any], CheckedClient]
FORM = {
    "title": "2026 年优秀科技志愿者",
    "kind": "volunteer",
    "from_on": "2026-01-01",
    "until_on": "2026-11-28",
    "volunteer_activities": "3",
    "volunteer_hours": "6",
    "team_members": "1",
    "team_activities": "2",
    "team_hours_each": "1",
    "team_hours": "4",
}


def test_a_list_from_figures_to_decisions(
    app: Flask, clock: TestClock, client: CheckedClient, sign_in: SignIn
) -> None:
    organisation = an_organisation()
    sessions = [a_past_session(date(2026, 3, 1) + timedelta(days=n), organisation) for n in range(3)]
    first, second, near = (a_volunteer(name) for name in ("首位", "第二位", "差一点"))
    for person, count in ((first, 3), (second, 3), (near, 2)):
        for held in sessions[:count]:
            make_record(person, session_id=held.id, served_on=date(2026, 3, 1))
    make_record(near, session_id=sessions[2].id, served_on=date(2026, 3, 3), added_minutes=600)
    make_record(near, served_on=date(2025, 3, 3))  # outside the period
    sign_in(client, staff(organisation, Permission.GOVERN))

    assert client.post("/manage/commendations", data=FORM | {"volunteer_hours": "x"}).status_code == 422
    where = client.post("/manage/commendations", data=FORM).location
    page = client.get(where).text
    assert page.index("首位") < page.index("差一点")
    assert "总小时差 2.0" in page
    names = {row.person_id: row for row in session().scalars(select(Commendation))}
    assert set(names) == {first, second}
    assert names[first].evidence == {"activities": 3, "minutes": 360, "added_minutes": 0, "members": 1}

    ids = {person: row.id for person, row in names.items()}
    client.post(where + "/decide", data={"name": ids[first], "decision": "chosen"})
    client.post(where + "/decide", data={"name": ids[second], "decision": "passed"})
    assert "请写明理由" in client.get(where).text
    client.post(where + "/close")
    assert "还有 1 个候选没有决定" in client.get(where).text
    made = make_record(near, served_on=date(2026, 5, 3))
    client.post(where + "/refresh")
    assert session().scalars(select(Commendation.person_id)).all().count(made.person_id) == 1
    third = session().scalars(select(Commendation.id).where(Commendation.person_id == near)).one()
    for one in (ids[second], third):
        client.post(where + "/decide", data={"name": one, "decision": "passed", "reason": "已表彰过"})
    client.post(where + "/close")
    assert session().scalars(select(CommendationList)).one().closed_at is not None
    client.post(where + "/decide", data={"name": ids[first], "decision": "passed", "reason": "x"})
    assert "已经定稿" in client.get(where).text

    book = load_workbook(io.BytesIO(client.get(where + ".xlsx").data))
    rows = list(book.worksheets[0].iter_rows(values_only=True))
    assert {row[0]: row[1:4] for row in rows[1:]}["首位"] == (3, 6, 0)
    assert all(cell.data_type != "f" for row in book.worksheets[0] for cell in row)


def test_a_list_of_teams(app: Flask, clock: TestClock, client: CheckedClient, sign_in: SignIn) -> None:
    organisation, leader = an_organisation(), a_volunteer("队长")
    with transaction() as current:
        team = Team(name="银发科普队", kind="elders", organisation_id=organisation.id, leader_id=leader)
        current.add(team)
        current.flush()
        current.add(TeamMembership(team_id=team.id, person_id=leader, state="member"))
    for day in (1, 2):
        make_record(leader, organisation=organisation, served_on=date(2026, 4, day), team_id=team.id)
    sign_in(client, staff(organisation, Permission.GOVERN))
    page = client.get(client.post("/manage/commendations", data=FORM | {"kind": "team"}).location)
    assert "银发科普队" in page.text
    assert "队员人数 ≥ 1" in page.text
    assert "正在评议" in client.get("/manage/commendations").text
