"""Hours of a person or a team: what is final, what is on its way. Measured and hand-added time stay apart."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date

from sqlalchemy import ColumnElement, case, distinct, func, select
from sqlalchemy.orm import InstrumentedAttribute, joinedload

from webapp.core.db import session
from webapp.recognition.domain import RecordSource, RecordStatus
from webapp.recognition.models import ServiceRecord
from webapp.volunteers.domain import MemberState
from webapp.volunteers.models import TeamMembership


@dataclass(frozen=True)
class Totals:
    """A person's time, in minutes."""

    minutes: int = 0  # final, measured from in and out
    added_minutes: int = 0  # final, added by hand
    to_confirm: int = 0  # records that wait for someone's word: a number of records, they have no minutes yet
    noticed: int = 0  # measured, in its public notice
    noticed_added: int = 0  # added by hand, in its public notice


def _sum(column: InstrumentedAttribute[int], status: RecordStatus) -> ColumnElement[int]:
    return func.coalesce(func.sum(case((ServiceRecord.status == status, column), else_=0)), 0)


def totals_of(person_id: str) -> Totals:
    """What a person has, by how far it has come. One statement."""
    final, noticed = RecordStatus.FINAL, RecordStatus.NOTICED
    waiting = (ServiceRecord.status == RecordStatus.TO_CONFIRM) & ServiceRecord.in_at.is_not(None)
    row = session().execute(
        select(
            _sum(ServiceRecord.minutes, final),
            _sum(ServiceRecord.added_minutes, final),
            func.count(case((waiting, 1))),
            _sum(ServiceRecord.minutes, noticed),
            _sum(ServiceRecord.added_minutes, noticed),
        ).where(ServiceRecord.person_id == person_id)
    )
    return Totals(*(int(number) for number in row.one()))


def final_minutes(person_ids: Collection[str]) -> dict[str, int]:
    """Everyone's final time so far in minutes, measured and added; whoever has none is absent. One statement."""
    both = func.sum(ServiceRecord.minutes + ServiceRecord.added_minutes)
    rows = session().execute(
        select(ServiceRecord.person_id, both)
        .where(ServiceRecord.person_id.in_(person_ids), ServiceRecord.status == RecordStatus.FINAL)
        .group_by(ServiceRecord.person_id)
        .having(both > 0)
    )
    return {row[0]: int(row[1]) for row in rows}


@dataclass(frozen=True)
class YearHours:
    """A year's final time, in minutes: measured by source, added apart."""

    year: int
    minutes: int
    added_minutes: int
    by_source: Mapping[RecordSource, int] = field(default_factory=dict)  # measured minutes alone


def hours_by_year(person_id: str) -> list[YearHours]:
    """Final time by year, the latest first."""
    years: dict[int, dict[RecordSource, int]] = {}
    for record in final_records(person_id):
        source = RecordSource(record.source)
        parts = years.setdefault(record.served_on.year, {})
        parts[source] = parts.get(source, 0) + record.minutes + record.added_minutes
    found = []
    for year, parts in sorted(years.items(), reverse=True):
        added = parts.pop(RecordSource.ADDED, 0)
        found.append(YearHours(year, sum(parts.values()), added, parts))
    return found


def final_records(
    person_id: str,
    *,
    organisation_id: str | None = None,
    from_on: date | None = None,
    until_on: date | None = None,
) -> list[ServiceRecord]:
    """Final records with time in them, by the day served, each with its session and event. Both days count."""
    wanted: list[ColumnElement[bool]] = [
        ServiceRecord.person_id == person_id,
        ServiceRecord.status == RecordStatus.FINAL,
        ServiceRecord.minutes + ServiceRecord.added_minutes > 0,
    ]
    if organisation_id is not None:
        wanted.append(ServiceRecord.organisation_id == organisation_id)
    if from_on is not None:
        wanted.append(ServiceRecord.served_on >= from_on)
    if until_on is not None:
        wanted.append(ServiceRecord.served_on <= until_on)
    return list(
        session().scalars(
            select(ServiceRecord)
            .where(*wanted)
            .options(joinedload(ServiceRecord.session))
            .order_by(ServiceRecord.served_on, ServiceRecord.id)
        )
    )


@dataclass(frozen=True)
class TeamTotals:
    """What a team has done: final time served for it, in minutes."""

    members: int  # now
    sessions: int
    people: int  # who served for it, members or not any more
    minutes: int
    added_minutes: int


def team_totals(team_id: str) -> TeamTotals:
    """Figures of a team from final records. Two statements."""
    return teams_totals([team_id])[team_id]


def teams_totals(team_ids: Sequence[str]) -> dict[str, TeamTotals]:
    """The same for several teams, in two statements."""
    members = (
        select(TeamMembership.team_id, func.count())
        .where(TeamMembership.team_id.in_(team_ids), TeamMembership.state == MemberState.MEMBER)
        .group_by(TeamMembership.team_id)
    )
    served = (
        select(
            ServiceRecord.team_id,
            func.count(distinct(ServiceRecord.session_id)),
            func.count(distinct(ServiceRecord.person_id)),
            func.sum(ServiceRecord.minutes),
            func.sum(ServiceRecord.added_minutes),
        )
        .where(
            ServiceRecord.team_id.in_(team_ids),
            ServiceRecord.status == RecordStatus.FINAL,
            ServiceRecord.minutes + ServiceRecord.added_minutes > 0,
        )
        .group_by(ServiceRecord.team_id)
    )
    count = {row[0]: int(row[1]) for row in session().execute(members)}
    time = {row[0]: tuple(int(number) for number in row[1:]) for row in session().execute(served)}
    return {one: TeamTotals(count.get(one, 0), *time.get(one, (0, 0, 0, 0))) for one in team_ids}
