"""Rows of volunteers and teams for export, keyed by column; telephones as they are kept."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, distinct, func, or_, select
from sqlalchemy.orm import aliased

from webapp.core import clock
from webapp.core.db import session
from webapp.organisations.models import Organisation
from webapp.people.models import Person
from webapp.recognition.domain import RecordStatus
from webapp.recognition.domain.commendations import Decision
from webapp.recognition.models import Commendation, CommendationList, ServiceRecord, Star
from webapp.venues.models import District
from webapp.volunteers.domain import (
    AGE_BAND_LABELS,
    TEAM_KIND_LABELS,
    AgeBand,
    MemberState,
    TeamKind,
    band_now,
)
from webapp.volunteers.models import Course, Skill, Team, TeamMembership, Training, Volunteer, VolunteerSkill

Row = dict[str, Any]


@dataclass(frozen=True)
class Scope:
    """Whose data, of which days: both days count; None means every organisation."""

    organisation_ids: list[str] | None
    from_on: date
    until_on: date

    def of(self, column: Any) -> list[ColumnElement[bool]]:
        """The condition that a row is of one of these organisations."""
        return [] if self.organisation_ids is None else [column.in_(self.organisation_ids)]

    def served(self) -> list[ColumnElement[bool]]:
        """The conditions of final time served in these days for these organisations."""
        return [
            ServiceRecord.status == RecordStatus.FINAL,
            ServiceRecord.minutes + ServiceRecord.added_minutes > 0,
            ServiceRecord.served_on.between(self.from_on, self.until_on),
            *self.of(ServiceRecord.organisation_id),
        ]


def in_hours(minutes: int | None) -> float:
    """Minutes as hours with one decimal, half up."""
    return float((Decimal(minutes or 0) / 60).quantize(Decimal("0.1"), rounding=ROUND_HALF_UP))


def _gathered(rows: Iterable[Any]) -> dict[str, str]:
    """Texts by their first column, joined."""
    found: dict[str, list[str]] = {}
    for owner, text in rows:
        found.setdefault(owner, []).append(text)
    return {owner: "、".join(texts) for owner, texts in found.items()}


NOTHING = (0, 0, 0, 0)


def _time_of(owner: Any, scope: Scope) -> dict[str, tuple[int, int, int, int]]:
    """By person or team: sessions, people, measured and added minutes."""
    found = session().execute(
        select(
            owner,
            func.count(distinct(ServiceRecord.session_id)),
            func.count(distinct(ServiceRecord.person_id)),
            func.sum(ServiceRecord.minutes),
            func.sum(ServiceRecord.added_minutes),
        )
        .where(owner.is_not(None), *scope.served())
        .group_by(owner)
    )
    return {row[0]: (int(row[1]), int(row[2]), int(row[3]), int(row[4])) for row in found}


def volunteers(scope: Scope) -> list[Row]:
    """Who served in these days; for the whole city also everyone with a profile. Nine statements."""
    is_meant: list[ColumnElement[bool]] = [
        Person.id.in_(select(ServiceRecord.person_id).where(*scope.served()))
    ]
    if scope.organisation_ids is None:
        is_meant.append(Person.id.in_(select(Volunteer.person_id)))
    meant = select(Person.id).where(Person.closed_at.is_(None), or_(*is_meant))
    people = session().execute(
        select(Person.id, Person.name, Person.phone, Volunteer)
        .outerjoin(Volunteer, Volunteer.person_id == Person.id)
        .where(Person.id.in_(meant))
        .order_by(Person.id)
    )
    time = _time_of(ServiceRecord.person_id, scope)
    more = {
        "skills": _skills(meant),
        "teams": _teams_of(meant, scope),
        "trainings": _trainings(meant, scope),
        "awards": _awards(meant),
    }
    stars = select(Star.person_id, func.max(Star.level)).where(
        Star.state == "granted", Star.person_id.in_(meant)
    )
    levels = {row[0]: row[1] for row in session().execute(stars.group_by(Star.person_id))}
    districts = {row[0]: row[1] for row in session().execute(select(District.code, District.name))}
    rows = []
    for person_id, name, phone, profile in people:
        sessions, _people, minutes, added = time.get(person_id, NOTHING)
        row: Row = {"name": name, "phone": phone, "stars": levels.get(person_id), "sessions": sessions}
        row |= {"hours": in_hours(minutes), "added_hours": in_hours(added)}
        row |= {key: texts.get(person_id) for key, texts in more.items()}
        rows.append(row | _profile(profile, districts))
    return rows


def _profile(profile: Volunteer | None, districts: dict[str, str]) -> Row:
    if profile is None:
        return {}
    band = band_now(profile.age_band, profile.age_band_on, clock.today())
    return {
        "number": profile.number,
        "age_band": AGE_BAND_LABELS[AgeBand(band)] if band else None,
        "districts": "、".join(districts.get(code, code) for code in profile.districts),
        "languages": "、".join(profile.languages),
    }


def _skills(meant: Select[Any]) -> dict[str, str]:
    """Skills that count today: with a certificate someone saw, where one is needed."""
    is_seen = or_(Skill.needs_certificate.is_(False), VolunteerSkill.checked_at.is_not(None))
    is_valid = or_(VolunteerSkill.expires_on.is_(None), VolunteerSkill.expires_on >= clock.today())
    return _gathered(
        session().execute(
            select(VolunteerSkill.person_id, Skill.name)
            .join(Skill, Skill.id == VolunteerSkill.skill_id)
            .where(VolunteerSkill.person_id.in_(meant), is_seen, is_valid)
            .order_by(Skill.rank, Skill.name)
        )
    )


def _teams_of(meant: Select[Any], scope: Scope) -> dict[str, str]:
    is_member = and_(TeamMembership.person_id.in_(meant), TeamMembership.state == MemberState.MEMBER)
    return _gathered(
        session().execute(
            select(TeamMembership.person_id, Team.name)
            .join(Team, Team.id == TeamMembership.team_id)
            .where(is_member, Team.closed_at.is_(None), *scope.of(Team.organisation_id))
            .order_by(Team.name)
        )
    )


def _trainings(meant: Select[Any], scope: Scope) -> dict[str, str]:
    rows = session().execute(
        select(Training.person_id, Training.held_on, Course.name, Training.minutes)
        .join(Course, Course.id == Training.course_id)
        .where(
            Training.person_id.in_(meant),
            Training.voided_at.is_(None),
            Training.held_on.between(scope.from_on, scope.until_on),
            *scope.of(Training.organisation_id),
        )
        .order_by(Training.held_on, Training.id)
    )
    return _gathered((row[0], f"{row[1]} {row[2]} {in_hours(row[3])} 小时") for row in rows)


def _awards(meant: Select[Any]) -> dict[str, str]:
    """Lists that are fixed, and on which the person was chosen."""
    return _gathered(
        session().execute(
            select(Commendation.person_id, CommendationList.title)
            .join(CommendationList, CommendationList.id == Commendation.list_id)
            .where(
                Commendation.person_id.in_(meant),
                Commendation.decision == Decision.CHOSEN,
                CommendationList.closed_at.is_not(None),
            )
            .order_by(CommendationList.closed_at)
        )
    )


def teams(scope: Scope) -> list[Row]:
    """Teams hosted by these organisations, with what they did in these days. Three statements."""
    leader = aliased(Person)
    found = session().execute(
        select(
            Team.id,
            Team.name,
            Team.kind,
            Organisation.name,
            leader.name,
            leader.phone,
            Team.created_at,
            Team.closed_at,
        )
        .join(Organisation, Organisation.id == Team.organisation_id)
        .join(leader, leader.id == Team.leader_id)
        .where(*scope.of(Team.organisation_id))
        .order_by(Organisation.name, Team.name)
    )
    members = {
        row[0]: row[1]
        for row in session().execute(
            select(TeamMembership.team_id, func.count())
            .where(TeamMembership.state == MemberState.MEMBER)
            .group_by(TeamMembership.team_id)
        )
    }
    everyones = Scope(None, scope.from_on, scope.until_on)  # a team also serves for others than its host
    time = _time_of(ServiceRecord.team_id, everyones)
    rows = []
    for team_id, name, kind, organisation, led_by, phone, made_at, closed_at in found:
        sessions, people, minutes, added = time.get(team_id, NOTHING)
        row: Row = {"name": name, "kind": TEAM_KIND_LABELS[TeamKind(kind)], "organisation": organisation}
        row |= {"leader": led_by, "phone": phone, "members": members.get(team_id, 0)}
        row |= {"made_on": clock.local(made_at).date(), "sessions": sessions, "people": people}
        row |= {"closed_on": clock.local(closed_at).date() if closed_at else None}
        rows.append(row | {"hours": in_hours(minutes), "added_hours": in_hours(added)})
    return rows
