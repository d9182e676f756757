"""Who meets a list's thresholds in its period, who is near, and the lists with their names."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from sqlalchemy import ColumnElement, func, select

from webapp.core.db import get_row, session
from webapp.people.models import Person
from webapp.recognition.domain import RecordStatus
from webapp.recognition.domain.commendations import Evidence, ListKind, nearness, shortfalls
from webapp.recognition.models import Commendation, CommendationList, ServiceRecord
from webapp.volunteers.domain import MemberState
from webapp.volunteers.models import Team, TeamMembership

NEAR = 20  # shown of those who fall short


def evidence_of(kind: ListKind, from_on: date, until_on: date) -> dict[str, Evidence]:
    """Person or team id → what they did in the period, from final records. Two statements at most."""
    key = ServiceRecord.person_id if kind == ListKind.VOLUNTEER else ServiceRecord.team_id
    rows = session().execute(
        select(
            key,
            func.count(func.distinct(ServiceRecord.session_id)),
            func.sum(ServiceRecord.minutes),
            func.sum(ServiceRecord.added_minutes),
        )
        .where(*_in_period(from_on, until_on), key.is_not(None))
        .group_by(key)
    )
    sizes = _sizes() if kind == ListKind.TEAM else {}
    return {
        one: Evidence(int(activities), int(minutes), int(added), sizes.get(one, 0) if sizes else 1)
        for one, activities, minutes, added in rows
        if one
    }


def _in_period(from_on: date, until_on: date) -> tuple[ColumnElement[bool], ...]:
    return (
        ServiceRecord.status == RecordStatus.FINAL,
        ServiceRecord.minutes + ServiceRecord.added_minutes > 0,
        ServiceRecord.served_on >= from_on,
        ServiceRecord.served_on <= until_on,
    )


def _sizes() -> dict[str, int]:
    """Members of each team now."""
    rows = session().execute(
        select(TeamMembership.team_id, func.count())
        .where(TeamMembership.state == MemberState.MEMBER)
        .group_by(TeamMembership.team_id)
    )
    return {row[0]: int(row[1]) for row in rows}


def candidates(held: CommendationList) -> dict[str, Evidence]:
    """Who meets every threshold of the list."""
    return {
        key: one
        for key, one in evidence_of(ListKind(held.kind), held.from_on, held.until_on).items()
        if not shortfalls(one, held.thresholds)
    }


@dataclass(frozen=True)
class Near:
    """Someone who falls short, and by how much."""

    name: str
    evidence: Evidence
    share: float  # of the thresholds reached, 0 to 1


def near(held: CommendationList) -> tuple[list[Near], int]:
    """The nearest of those who fall short, and how many fall short in all. Three statements at most."""
    found = {
        key: one
        for key, one in evidence_of(ListKind(held.kind), held.from_on, held.until_on).items()
        if shortfalls(one, held.thresholds)
    }
    ranked = sorted(found, key=lambda key: (-nearness(found[key], held.thresholds), key))[:NEAR]
    names = names_of(ListKind(held.kind), ranked)
    return [
        Near(names[key], found[key], nearness(found[key], held.thresholds)) for key in ranked if key in names
    ], len(found)


def names_of(kind: ListKind, ids: Sequence[str]) -> dict[str, str]:
    """Names of persons or teams. One statement."""
    wanted = (
        select(Person.id, Person.name).where(Person.id.in_(ids))
        if kind == ListKind.VOLUNTEER
        else select(Team.id, Team.name).where(Team.id.in_(ids))
    )
    return {row[0]: row[1] for row in session().execute(wanted)}


def get_list(list_id: str) -> CommendationList:
    """The list; raises NotFound."""
    return get_row(CommendationList, list_id)


def list_lists() -> list[tuple[CommendationList, int, int]]:
    """Every list with how many names stand on it and how many are chosen, the newest first. One statement."""
    rows = session().execute(
        select(
            CommendationList,
            func.count(Commendation.id),
            func.count().filter(Commendation.decision == "chosen"),
        )
        .outerjoin(Commendation, Commendation.list_id == CommendationList.id)
        .group_by(CommendationList.id)
        .order_by(CommendationList.created_at.desc(), CommendationList.id.desc())
    )
    return [(row[0], int(row[1]), int(row[2])) for row in rows]


@dataclass(frozen=True)
class Name:
    """A name on a list."""

    id: str
    name: str
    evidence: Evidence
    decision: str | None
    reason: str


def list_names(held: CommendationList) -> list[Name]:
    """Names of a list with their evidence as it was, most hours first. One statement."""
    rows = session().execute(
        select(Commendation, func.coalesce(Person.name, Team.name))
        .outerjoin(Person, Person.id == Commendation.person_id)
        .outerjoin(Team, Team.id == Commendation.team_id)
        .where(Commendation.list_id == held.id)
    )
    found = [Name(row.id, name, Evidence(**row.evidence), row.decision, row.reason) for row, name in rows]
    return sorted(found, key=lambda one: (-one.evidence.minutes, -one.evidence.activities, one.id))
