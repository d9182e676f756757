"""The work calendar: this year and the next, what is not announced, and notices that run while it is set."""

from collections.abc import Callable
from datetime import date, datetime

import pytest
from flask import Flask
from flask.testing import FlaskClient

from tests.factories.organisations import grant, make_organisation
from tests.factories.recognition import make_record, records_of
from tests.factories.signups import a_volunteer, an_account
from tests.support.client import CheckedClient
from tests.support.crowd import at_once
from tests.support.time import TestClock
from webapp.core import clock as times
from webapp.core import todo
from webapp.core.db import transaction
from webapp.core.errors import ChangedMeanwhile
from webapp.organisations.domain import Permission
from webapp.recognition import jobs, queries, service
from webapp.recognition.domain import RecordStatus
from webapp.recognition.domain.workdays import NothingSaid, SaidOfYear
from webapp.recognition.queries.todo import years_to_announce

SignIn = Callable[[FlaskClient, object], CheckedClient]
OFFICE = todo.Viewer("-", frozenset({Permission.GOVERN}))


def local(*parts: int) -> datetime:
    return times.from_local(datetime(*parts))  # type: ignore[misc, arg-type]  # noqa: DTZ001


def day(month: int, number: int) -> date:
    return date(2027, month, number)


# What the State Council might say of 2027: off from 5 to 12 February, 31 January and 14 February are worked.
SPRING = SaidOfYear(
    [day(2, one) for one in range(5, 13)],
    [date(2027, 1, 31), day(2, 14)],
    is_announced=True,
    notice="示例〔2026〕1号",
)


@pytest.mark.parametrize(
    ("first", "last"),
    [
        (date(2025, 9, 26), date(2025, 9, 30)),  # Sunday 28 September is worked
        (
            date(2025, 9, 30),
            date(2025, 10, 11),
        ),  # off from 1 to 8 October; 9, 10 and the Saturday made up for it
        (date(2026, 2, 13), date(2026, 2, 25)),  # Saturday 14 February is worked; then off until the 23rd
        (date(2026, 9, 30), date(2026, 10, 10)),
        (date(2025, 12, 31), date(2026, 1, 6)),  # off from 1 to 3 January; Sunday the 4th is worked
    ],
)
def test_three_working_days_as_announced(app: Flask, first: date, last: date) -> None:
    assert queries.work_calendar().after(first, 3) == last


def test_a_notice_that_runs_is_counted_anew_and_one_that_is_over_stays_over(
    app: Flask, clock: TestClock
) -> None:
    clock.set(local(2027, 2, 4, 10, 0))  # Thursday
    calendar = queries.work_calendar()
    until = calendar.after(day(2, 4), 3)  # by the statutory days alone
    running, over = a_volunteer(), a_volunteer()
    make_record(
        running, status=RecordStatus.NOTICED, served_on=day(2, 3), notice_from=day(2, 4), notice_until=until
    )
    make_record(
        over,
        status=RecordStatus.NOTICED,
        served_on=date(2027, 1, 28),
        notice_from=date(2027, 1, 29),
        notice_until=day(2, 3),
    )
    by = a_volunteer()
    with transaction():
        assert service.set_workdays(2027, SPRING, by=by) == 1
    (record,) = records_of(running)
    assert record.notice_until == day(2, 16) != until  # Sunday 14th, which is worked, Monday, Tuesday
    assert records_of(over)[0].notice_until == day(2, 3)
    with transaction():
        assert service.set_workdays(2027, SPRING, by=by) == 0  # the same form a second time
    clock.set(local(2027, 2, 16, 23, 0))
    jobs.end_notices()
    assert [records_of(one)[0].status for one in (running, over)] == [
        RecordStatus.NOTICED,
        RecordStatus.FINAL,
    ]
    clock.set(local(2027, 2, 17, 0, 30))
    jobs.end_notices()
    assert records_of(running)[0].status == RecordStatus.FINAL


def test_a_calendar_set_right_shortens_no_notice_behind_its_day(app: Flask, clock: TestClock) -> None:
    clock.set(local(2027, 2, 14, 10, 0))
    person = a_volunteer()
    make_record(
        person,
        status=RecordStatus.NOTICED,
        served_on=day(2, 3),
        notice_from=day(2, 4),
        notice_until=day(2, 17),
    )
    by = a_volunteer()
    with transaction():
        service.set_workdays(2027, SaidOfYear([], [day(2, 6), day(2, 7), day(2, 8)]), by=by)
    assert records_of(person)[0].notice_until == day(2, 14)  # today: nobody loses a day unseen


def test_a_new_version_that_knows_more_days_moves_notices_too(app: Flask, clock: TestClock) -> None:
    clock.set(local(2026, 9, 30, 10, 0))
    person = a_volunteer()
    make_record(
        person, status=RecordStatus.NOTICED, served_on=date(2026, 9, 29), notice_from=date(2026, 9, 30),
        notice_until=date(2026, 10, 5),
    )  # fmt: skip
    jobs.end_notices()
    assert records_of(person)[0].notice_until == date(2026, 10, 10)


def test_two_people_and_a_year_without_days(app: Flask, clock: TestClock) -> None:
    by = a_volunteer()
    with pytest.raises(NothingSaid), transaction():
        service.set_workdays(2027, SaidOfYear([], [], is_announced=True), by=by)
    with transaction():
        service.set_workdays(
            2026, SaidOfYear([], [], is_announced=True, notice="核对过"), by=by
        )  # known already

    def say(one: int) -> str:
        try:
            with transaction():
                service.set_workdays(2027, SaidOfYear([day(2, 5 + one)], []), by=by)
        except ChangedMeanwhile:
            return "late"
        return "said"

    assert sorted(at_once(app, lambda: say(0), lambda: say(1))) == ["late", "said"]


def test_the_page_shows_both_years_and_when_to_look_again(
    app: Flask, client: CheckedClient, sign_in: SignIn, clock: TestClock
) -> None:
    office = an_account()
    grant(office, make_organisation(), Permission.GOVERN)
    sign_in(client, office)
    clock.set(local(2026, 11, 28, 9, 0))
    text = client.get("/manage/hours/workdays").text
    assert "国务院公布的安排，系统里已经有了" in text  # 2026
    assert "2027 年的放假安排尚未公布" in text
    assert "12月4日" in text  # look again in a week
    assert [one.values["year"] for one in years_to_announce(OFFICE)] == [2027]
    address = "/manage/hours/workdays"
    said = {"year": "2027", "revision": "0", "off": "2027-02-05\n2027-02-08", "worked": "2027-02-14"}
    assert client.post(address, data=said | {"off": "后天"}).status_code == 422
    assert client.post(address, data=said | {"off": "2026-02-05"}).status_code == 422
    assert client.post(address, data=said | {"worked": "2027-02-05"}).status_code == 422
    assert client.post(address, data=said | {"year": "2040"}).status_code == 404
    assert (
        client.post(address, data=said | {"is_announced": "y", "notice": "国办发明电〔2026〕9号"}).status_code
        == 303
    )
    assert client.post(address, data=said | {"off": "2027-02-09"}).status_code == 409  # an old page
    text = client.get(address, query_string={"year": "2027"}).text
    assert "国办发明电〔2026〕9号" in text
    assert "2027-02-08" in text
    assert list(years_to_announce(OFFICE)) == []
    clock.set(local(2027, 10, 1, 9, 0))
    assert list(years_to_announce(OFFICE)) == []  # nobody announces a year in October
    clock.set(local(2028, 1, 2, 9, 0))
    assert [one.values["year"] for one in years_to_announce(OFFICE)] == [2028]
