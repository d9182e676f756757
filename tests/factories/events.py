"""Events with what they need: organisation, venue, task. Everything is made through the services, as in life."""

import itertools
from collections.abc import Sequence
from datetime import date, datetime, timedelta
from typing import Any, TypeVar

from sqlalchemy import select

from webapp.core import clock
from webapp.core.db import Base, session, transaction
from webapp.events import service
from webapp.events.domain import EventDraft, PositionDraft, SessionDraft
from webapp.events.models import Event, EventSession, Position
from webapp.organisations.domain import OrganisationKind
from webapp.organisations.models import Membership, Organisation
from webapp.people.models import Account, Person
from webapp.plan.models import EventType, Plan, PlanSection, PlanTask
from webapp.venues.models import District, Venue

Row = TypeVar("Row", bound=Base)
_numbers = itertools.count(1)
SEATS = PositionDraft("观众", "audience", 30)
GUIDES = PositionDraft("讲解员", "volunteer", 2)


def _kept(row: Row) -> Row:
    if session().info.get("in_transaction"):  # a row made on demand inside the test's own transaction
        session().add(row)
        session().flush()
        return row
    with transaction() as current:
        current.add(row)
    return row


def an_organisation(name: str = "", **values: Any) -> Organisation:
    """A unit; `needs_approval`, `kind`, `phone` may be given."""
    values.setdefault("kind", OrganisationKind.UNIT.value)
    return _kept(Organisation(name=name or f"测试单位{next(_numbers)}", **values))


def a_person(name: str = "王小明") -> Person:
    """Someone without an account."""
    return _kept(Person(name=name))


def staff(organisation: Organisation, *permissions: str, name: str = "李组织") -> Account:
    """Someone who may sign in and holds these permissions for the organisation."""
    number = next(_numbers)
    with transaction() as current:
        person = Person(name=name)
        current.add(person)
        current.flush()
        account = Account(
            person=person, email=f"staff{number}@example.test", password_hash="-", session_key=f"key{number}"
        )
        current.add_all(
            [
                account,
                Membership(
                    person_id=person.id, organisation_id=organisation.id, permissions=list(permissions)
                ),
            ]
        )
    return account


def a_district(code: str = "230803", name: str = "向阳区", parent: str | None = None) -> District:
    """A county-level district (or a township in one); made once."""
    found = session().get(District, code)
    return found or _kept(District(code=code, name=name, kind="区", parent_code=parent))


def a_venue(name: str = "", district: District | None = None, **values: Any) -> Venue:
    """A community centre."""
    district = district or a_district()
    values.setdefault("address", "西林路 118 号")
    return _kept(
        Venue(
            name=name or f"测试社区服务中心{next(_numbers)}",
            kind="community_centre",
            district_code=district.code,
            **values,
        )
    )


def a_type(slug: str = "lecture", label: str = "科普讲座/科普报告会") -> EventType:
    """A kind of event; made once."""
    found = session().get(EventType, slug)
    return found or _kept(EventType(slug=slug, label=label, position=next(_numbers)))


def a_task(
    code: str = "A4-2", title: str = "加强老年人健康科普服务", plan_code: str = "test-plan"
) -> PlanTask:
    """A task of a plan that holds from 2021 to 2030; made once per plan and code."""
    plan = session().scalar(select(Plan).where(Plan.code == plan_code))
    if plan is None:
        plan = _kept(
            Plan(
                code=plan_code,
                title="测试方案",
                starts_on=date(2021, 1, 1),
                ends_on=date(2030, 12, 31),
                texts={},
            )
        )
    section_code = code.split("-", maxsplit=1)[0]
    section = session().scalar(
        select(PlanSection).where(PlanSection.plan_id == plan.id, PlanSection.code == section_code)
    )
    if section is None:
        section = _kept(
            PlanSection(
                plan_id=plan.id,
                code=section_code,
                kind="action",
                number="四",
                title="老年人科学素质提升行动",
                goal_text="",
                position=next(_numbers),
            )
        )
    found = session().scalar(select(PlanTask).where(PlanTask.plan_id == plan.id, PlanTask.code == code))
    return found or _kept(
        PlanTask(
            plan_id=plan.id,
            section_id=section.id,
            code=code,
            title=title,
            text=title + "。",
            progress_mode="event",
            suggested_types=[],
            audiences=[],
            dates=[],
            position=next(_numbers),
        )
    )


def session_draft(
    starts_at: datetime | None = None,
    *,
    hours: float = 2,
    venue: Venue | None = None,
    positions: Sequence[PositionDraft] = (SEATS, GUIDES),
    title: str = "",
) -> SessionDraft:
    """A session in a week's time, unless another start is given."""
    starts_at = starts_at or clock.now() + timedelta(days=7)
    venue = venue or a_venue()
    return SessionDraft(title, venue.id, starts_at, starts_at + timedelta(hours=hours), positions)


def event_draft(organisation: Organisation | None = None, **values: Any) -> EventDraft:
    """A draft that could be published as it is."""
    made: dict[str, Any] = {
        "organisation_id": (organisation or an_organisation()).id,
        "type_slug": a_type().slug,
        "title": "手机用得明白：挂号与防诈骗",
        "summary": "教老年朋友用手机挂号，认出常见骗局。",
        "bring": "手机、老花镜",
        "risk_statement": "室内活动，无特别风险。",
        "audiences": ["老年人"],
    }
    made |= values
    made["task_ids"] = values["task_ids"] if "task_ids" in values else [a_task().id]
    made["sessions"] = values["sessions"] if "sessions" in values else [session_draft()]
    return EventDraft(**made)


def an_event(organisation: Organisation | None = None, *, published: bool = True, **values: Any) -> Event:
    """An event; published unless `published=False`. Values are those of EventDraft."""
    draft = event_draft(organisation, **values)
    with transaction():
        event = service.create_event(draft, by=None)
        if published:
            service.publish(event.id, by=None)
    return event


def sessions_of(event: Event) -> list[EventSession]:
    """Its sessions by start."""
    return list(
        session().scalars(
            select(EventSession)
            .where(EventSession.event_id == event.id)
            .order_by(EventSession.starts_at, EventSession.id)
        )
    )


def positions_of(event: Event, name: str | None = None) -> list[Position]:
    """Its positions by session and rank; only those of this name, if one is given."""
    found = select(Position).join(EventSession).where(EventSession.event_id == event.id)
    if name is not None:
        found = found.where(Position.name == name)
    return list(session().scalars(found.order_by(EventSession.starts_at, Position.rank)))
