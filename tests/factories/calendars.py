"""Sessions as feeds see them, written straight into the tables: every state, past and future, in any number."""

from datetime import date, datetime, timedelta
from itertools import count
from typing import Any

from webapp.core import clock
from webapp.core.db import new_id, transaction
from webapp.events.models import Event, EventSession, EventTask, Position
from webapp.organisations.models import Membership, Organisation
from webapp.people.models import Account, Person
from webapp.plan.models import EventType, Plan, PlanSection, PlanTask
from webapp.signups.models import Signup
from webapp.venues.models import District, Venue

_numbers = count(1)
DISTRICT, TOWNSHIP = "230803", "230803004"


class City:
    """A centre with its venue, a unit that organises, a plan with one task, two kinds of events."""

    def __init__(self) -> None:
        with transaction() as session:
            session.add_all(
                [
                    EventType(slug="lecture", label="科普讲座", position=0),
                    EventType(slug="caravan", label="科普大篷车", position=1),
                    District(code=DISTRICT, name="向阳区", kind="区"),
                ]
            )
            session.flush()  # a township's parent has to be there
            session.add(District(code=TOWNSHIP, name="桥南街道", kind="街道", parent_code=DISTRICT))
            centre = Organisation(name="桥南社区服务中心", kind="centre")
            unit = Organisation(name="市卫生健康委", kind="unit")
            session.add_all([centre, unit])
            session.flush()
            self.centre, self.unit = centre.id, unit.id
        self.venue = self.make_venue("桥南社区服务中心", organisation_id=self.centre, township_code=TOWNSHIP)
        self.task = self._make_task()

    def make_venue(self, name: str, **more: Any) -> str:
        """A place; its id."""
        values = {"kind": "community_centre", "district_code": DISTRICT, "address": "长安路 12 号"} | more
        with transaction() as session:
            venue = Venue(id=new_id(), name=name, **values)
            session.add(venue)
            return venue.id

    def _make_task(self) -> str:
        year = clock.today().year
        with transaction() as session:
            plan = Plan(
                code="now", title="示例计划", starts_on=date(year, 1, 1), ends_on=date(year, 12, 31), texts={}
            )
            session.add(plan)
            session.flush()
            section = PlanSection(
                plan_id=plan.id,
                code="A4",
                kind="action",
                number="四",
                title="老年人",
                goal_text="",
                position=0,
            )
            session.add(section)
            session.flush()
            task = PlanTask(
                id=new_id(), plan_id=plan.id, section_id=section.id, code="A4-2", title="老年人健康科普", text="全文",
                progress_mode="event", suggested_types=[], audiences=[], dates=[], position=0,
            )  # fmt: skip
            session.add(task)
            return task.id

    def add(self, starts_at: datetime | None = None, *, hours: float = 2, **more: Any) -> str:
        """A session of an event of its own; its id. Names of columns set them, the session's before the event's."""
        starts_at = starts_at or clock.now() + timedelta(days=1)
        event = {
            "organisation_id": self.unit, "type_slug": "lecture", "title": f"健康讲座{next(_numbers)}",
            "summary": "讲三减三健。", "status": "published",
        }  # fmt: skip
        made = {
            "venue_id": self.venue, "starts_at": starts_at, "ends_at": starts_at + timedelta(hours=hours),
            "uid": f"ev-{new_id()}@kepu.example.cn", "updated_at": clock.now(),
        }  # fmt: skip
        tasks = more.pop("tasks", ())
        title = more.pop("session_title", "")
        own = {
            name: more.pop(name)
            for name in list(more)
            if name in EventSession.__table__.columns and name != "title"
        }
        with transaction() as session:
            row = Event(id=new_id(), **(event | more))
            session.add(row)
            session.flush()
            found = EventSession(id=new_id(), event_id=row.id, title=title, **(made | own))
            session.add(found)
            session.add_all([EventTask(event_id=row.id, task_id=task) for task in tasks])
            session.flush()
            session.add(Position(session_id=found.id, name="讲解员", kind="volunteer", capacity=5))
            return found.id

    def add_many(self, number: int) -> None:
        """That many sessions of one event, an hour apart, from tomorrow on."""
        start = (clock.now() + timedelta(days=1)).replace(second=0, microsecond=0)
        first = self.add(start, title="长期展览")
        with transaction() as session:
            event_id = session.get_one(EventSession, first).event_id
            session.add_all(
                EventSession(
                    event_id=event_id, venue_id=self.venue, title=f"第{n}场", uid=f"ev-{n:05}@kepu.example.cn",
                    starts_at=start + timedelta(hours=n), ends_at=start + timedelta(hours=n + 1),
                    created_at=clock.now(), updated_at=clock.now(),
                )
                for n in range(1, number)
            )  # fmt: skip


def change(row: type, row_id: str, **values: Any) -> None:
    """Set columns of a row, as a service would."""
    with transaction() as session:
        found: Any = session.get_one(row, row_id)
        for name, value in values.items():
            setattr(found, name, value)


def make_person(name: str = "示例志愿者") -> Account:
    """Someone with an account."""
    number = next(_numbers)
    with transaction() as session:
        person = Person(id=new_id(), name=name, phone=f"+86139{number:08d}")
        session.add(person)
        session.flush()
        account = Account(
            person_id=person.id, email=f"p{number}@example.cn", password_hash="-", session_key=new_id()
        )
        session.add(account)
        return account


def make_member(organisation_id: str, *permissions: str) -> Account:
    """Someone who may do this there."""
    account = make_person("示例工作人员")
    with transaction() as session:
        session.add(
            Membership(
                person_id=account.person_id, organisation_id=organisation_id, permissions=list(permissions)
            )
        )
    return account


def sign_up(session_id: str, person_id: str, status: str = "confirmed", **more: Any) -> str:
    """A sign-up for the session's position; its id."""
    with transaction() as session:
        position = session.query(Position).filter_by(session_id=session_id).one()
        made = Signup(
            id=new_id(), position_id=position.id, session_id=session_id, person_id=person_id, status=status,
            source="self", short_code=f"{next(_numbers):06}",
            offer_expires_at=clock.now() + timedelta(hours=2) if status == "offered" else None, **more,
        )  # fmt: skip
        session.add(made)
        return made.id
