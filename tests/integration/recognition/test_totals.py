"""What a person and a team have: final apart from noticed, measured apart from added."""

from datetime import date

from flask import Flask

from tests.factories.recognition import make_record
from tests.factories.signups import a_volunteer
from tests.support.time import TestClock
from webapp.recognition.domain import RecordSource, RecordStatus, Turnout
from webapp.recognition.queries import (
    TeamTotals,
    Totals,
    final_records,
    hours_by_year,
    team_totals,
    totals_of,
)


def test_totals_by_status_year_and_source(app: Flask, clock: TestClock) -> None:
    me = a_volunteer()
    assert totals_of(me) == Totals()
    assert hours_by_year(me) == []
    old = make_record(me, served_on=date(2025, 3, 1), minutes=100)
    make_record(me, served_on=date(2026, 3, 1), minutes=60, source=RecordSource.CLOSED)
    new = make_record(me, served_on=date(2026, 5, 1), minutes=30)
    make_record(me, served_on=date(2026, 5, 2), added_minutes=45)
    make_record(me, minutes=20, status=RecordStatus.NOTICED)
    make_record(me, added_minutes=15, status=RecordStatus.NOTICED)
    make_record(me, added_minutes=500, status=RecordStatus.PROPOSED, confirmed_by=None)
    make_record(me, minutes=0, status=RecordStatus.TO_CONFIRM, out_at=None)
    make_record(me, minutes=0, status=RecordStatus.FINAL, turnout=Turnout.NO_SHOW, in_at=None, out_at=None)
    make_record(me, minutes=999, status=RecordStatus.VOID)
    make_record(minutes=7)
    assert totals_of(me) == Totals(190, 45, 1, 20, 15)
    years = hours_by_year(me)
    assert [(one.year, one.minutes, one.added_minutes) for one in years] == [(2026, 90, 45), (2025, 100, 0)]
    assert years[0].by_source == {RecordSource.CLOSED: 60, RecordSource.SCAN: 30}
    assert [one.minutes for one in final_records(me)] == [100, 60, 30, 0]
    spring = final_records(me, from_on=date(2026, 3, 1), until_on=date(2026, 5, 1))
    assert [one.minutes for one in spring] == [60, 30]
    assert spring[0].session.event.title
    assert [one.id for one in final_records(me, organisation_id=old.organisation_id)] == [old.id]
    assert new.organisation_id != old.organisation_id


def test_a_team_without_records_has_noughts(app: Flask) -> None:
    assert team_totals("0" * 18) == TeamTotals(0, 0, 0, 0, 0)
