"""A session at which people can be checked in, made through the services, with everything it stands on."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from itertools import count

from webapp.attendance import service
from webapp.attendance.domain import Answer, Direction, Method, ScanRequest
from webapp.core import clock
from webapp.core.db import db, new_id, transaction
from webapp.events import service as events
from webapp.events.domain import EventDraft, PositionDraft, SessionDraft
from webapp.events.models import Event, EventSession, Position
from webapp.organisations.domain import Permission
from webapp.organisations.models import Membership, Organisation
from webapp.people import service as people
from webapp.people.models import Account, Person
from webapp.plan.models import EventType, Plan, PlanSection, PlanTask
from webapp.signups import queries as signup_queries
from webapp.signups import service as signups
from webapp.signups.models import Signup
from webapp.venues.models import District, Venue

PASSWORD = "good password 1"
_numbers = count(1)


@dataclass
class Scene:
    """Ids of what was made; rows are read anew where they are needed."""

    organisation: str
    venue: str
    tasks: list[str]
    event: str
    session: str
    seats: str  # an audience position of 50
    shift: str  # a volunteer position of 5
    scanner: str  # person id
    scanner_account: str

    def scan(
        self,
        code: str = "",
        *,
        direction: Direction = Direction.IN,
        nonce: str | None = None,
        method: Method = Method.CAMERA,
        **more: object,
    ) -> Answer:
        """One scan in a transaction of its own."""
        values = {"device": "door", "session_id": self.session, "by": self.scanner} | more
        request = ScanRequest(
            direction=direction,
            nonce=nonce or new_id(),
            method=method,
            code=code,
            **values,  # type: ignore[arg-type]
        )
        with transaction():
            return service.check_in(request)


def make_account(name: str, login: str) -> Account:
    """Someone with an account."""
    with transaction():
        return people.register(name=name, login=login, password=PASSWORD)


def sign_up(position_id: str, *, name: str | None = None) -> Signup:
    """A guest takes a place."""
    number = next(_numbers)
    with transaction():
        person = people.find_or_make_person(name=name or "示例观众", phone=f"+86139{number:08d}")
        made = signups.sign_up(position_id, person.id, by=person.id, source="guest")
    return signup_queries.get_with_session(made.id)


def volunteer_for(position_id: str) -> Signup:
    """A new volunteer with an account takes a shift."""
    number = next(_numbers)
    account = make_account("示例志愿者", f"standing{number}@example.cn")
    with transaction():
        made = signups.sign_up(position_id, account.person_id, by=account.person_id, source="self")
    return signup_queries.get_with_session(made.id)


def make_plan(code: str, first: date, last: date, *, tasks: int = 1) -> list[str]:
    """A plan with one section and some tasks; the tasks' ids."""
    with transaction() as session:
        plan = Plan(code=code, title=f"示例计划 {code}", starts_on=first, ends_on=last, texts={})
        session.add(plan)
        session.flush()
        section = PlanSection(
            plan_id=plan.id, code="A1", kind="action", number="一", title="示例行动", goal_text="", position=0
        )
        session.add(section)
        session.flush()
        made = [
            PlanTask(
                plan_id=plan.id,
                section_id=section.id,
                code=f"A1-{number + 1}",
                title=f"示例任务{number + 1}",
                text="示例任务的全文。",
                progress_mode="event",
                suggested_types=[],
                audiences=[],
                dates=[],
                position=number,
            )
            for number in range(tasks)
        ]
        session.add_all(made)
    return [task.id for task in made]


def make_scene(*, starts_at: datetime | None = None, tasks: int = 1) -> Scene:
    """A published event that starts in half an hour, a scanner, and a plan of this year with `tasks` tasks."""
    starts_at = starts_at or clock.now() + timedelta(minutes=30)
    year = clock.local_date(starts_at).year
    task_ids = make_plan(f"plan-{next(_numbers)}", date(year, 1, 1), date(year, 12, 31), tasks=tasks)
    with transaction() as session:
        if session.get(EventType, "lecture") is None:
            session.add(EventType(slug="lecture", label="科普讲座", position=0))
            session.add(District(code="230803", name="向阳区", kind="区"))
        organisation = Organisation(name=f"示例单位{next(_numbers)}", kind="unit")
        session.add(organisation)
        session.flush()
        venue = Venue(
            name=f"示例社区{next(_numbers)}",
            kind="community_centre",
            district_code="230803",
            address="示例街 1 号",
        )
        session.add(venue)
    account = make_account("示例签到员", f"scanner{next(_numbers)}@example.cn")
    with transaction() as session:
        session.add(
            Membership(
                person_id=account.person_id,
                organisation_id=organisation.id,
                permissions=[Permission.SCAN, Permission.MANAGE_EVENTS],
            )
        )
    with transaction():
        event = events.create_event(
            EventDraft(
                organisation_id=organisation.id,
                type_slug="lecture",
                title="示例健康讲座",
                summary="讲三减三健。",
                risk_statement="室内活动，注意台阶。",
                audiences=["老年人"],
                task_ids=task_ids,
                sessions=[
                    SessionDraft(
                        title="",
                        venue_id=venue.id,
                        starts_at=starts_at,
                        ends_at=starts_at + timedelta(hours=2),
                        positions=[
                            PositionDraft("观众", "audience", 50, True),
                            PositionDraft("讲解员", "volunteer", 5, True),
                        ],
                    )
                ],
            ),
            by=None,
        )
        events.publish(event.id, by=None)
    return _scene(organisation, venue, task_ids, event, account)


def _scene(
    organisation: Organisation, venue: Venue, task_ids: list[str], event: Event, account: Account
) -> Scene:
    session = db.session.query(EventSession).filter_by(event_id=event.id).one()
    positions = {
        row.kind: row.id for row in db.session.query(Position).filter_by(session_id=session.id).all()
    }
    return Scene(
        organisation=organisation.id,
        venue=venue.id,
        tasks=task_ids,
        event=event.id,
        session=session.id,
        seats=positions["audience"],
        shift=positions["volunteer"],
        scanner=account.person_id,
        scanner_account=account.id,
    )


def person_of(signup: Signup) -> Person:
    """Who signed up."""
    return db.session.get_one(Person, signup.person_id)
