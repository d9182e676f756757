"""The demonstration: what happened, happens and will happen, made through the services at its own time.

Everything is made at the time it would have happened, so the figures are true to their ledger. What happens is
decided by data/demo.json and today's date alone; names and telephones are invented.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from typing import Any

from sqlalchemy import select

from webapp.attendance import service as attendance
from webapp.attendance.domain import CountMethod, Direction, Method, Outcome, ScanRequest
from webapp.attendance.queries import attendance_of
from webapp.core import clock
from webapp.core.clock import Period, freeze
from webapp.core.db import session
from webapp.events import service as events
from webapp.events.domain import EventDraft, PositionDraft, SessionDraft
from webapp.events.models import Event, EventSession, Position
from webapp.people import service as people
from webapp.plan import queries as plans
from webapp.plan.models import Plan
from webapp.signups import queries as signup_queries
from webapp.signups import service as signups
from webapp.signups.models import Signup

VOLUNTEERS = 20
FIRST_PHONE = 19_900_000_000  # 199 0000 0001 and on
WEEK = timedelta(days=7)


@dataclass
class Stage:
    """Who and what there is, by the names the data file uses."""

    data: dict[str, Any]
    now: datetime
    staff: dict[str, str]  # login → person id
    volunteers: list[str]
    venues: dict[str, str]
    organisations: dict[str, str]
    old: Plan
    busy: dict[str, list[Period]] = field(default_factory=dict)
    tasks: dict[tuple[str, str], str] = field(default_factory=dict)  # (plan id, task code) → task id
    known: dict[int, str] = field(default_factory=dict)  # number of a neighbour → person id
    guests: int = 0
    scans: int = 0
    running: EventSession | None = None  # today's
    elsewhere: Signup | None = None  # someone who signed up for another session, still to come

    # --- one line of the data file ------------------------------------------------------------------------------

    def play(self, number: int, recipe: dict[str, Any]) -> None:
        """What the recipe says happened in the old plan, lately, and is to come."""
        day, venue = recipe["past"]
        self.hold(number, recipe, day=date.fromisoformat(day), venue=venue, guests=4 + number * 5 % 4)
        if number % 4 == 0:
            lately = clock.local_date(self.now) - timedelta(days=3 + number)
            self.hold(number, recipe, day=lately, venue=recipe["coming"][1], guests=9 + number % 5)
        self.announce(number, recipe)

    def hold(self, number: int, recipe: dict[str, Any], *, day: date, venue: str, guests: int) -> None:
        """An event of the past, with those who came, those who did not, and a head-count."""
        plan = plans.plan_on(day)
        if plan is None:
            return
        starts_at = _moment(day, recipe["hour"])
        with freeze(starts_at - WEEK):
            made = self.make(recipe, plan, [(starts_at, venue)])
            events.publish(made.id, by=self.by(recipe))
        (place,) = _sessions(made)
        seats, roles = _positions(place)
        with freeze(starts_at - timedelta(days=2)):
            audience = [self.guest(seats) for _ in range(guests)]
            helpers = [
                made
                for role in roles
                for made in self.helpers(role, 2 if role is roles[0] else 1, seed=number)
            ]
        with freeze(starts_at - timedelta(minutes=10)):
            self.scan_in(place, helpers)
            self.scan_in(place, audience[: len(audience) - 2])
        with freeze(place.ends_at):
            self.scan_out(place, helpers)
            if number % 2 == 0:
                group = recipe["audiences"][0]
                self.count(place, group, 20 + number)
        with freeze(place.ends_at + timedelta(hours=3)):
            events.close(made.id, by=self.by(recipe))

    def announce(self, number: int, recipe: dict[str, Any]) -> None:
        """The same kind of event, to come; or running today."""
        days, venue = recipe["coming"]
        today = clock.local_date(self.now)
        starts_at = _moment(today + timedelta(days=days), recipe["hour"])
        if recipe.get("today"):
            starts_at = self.now.replace(minute=self.now.minute // 10 * 10, second=0, microsecond=0)
            starts_at -= timedelta(minutes=40)
        dates = [(starts_at, venue)]
        dates += [(starts_at + WEEK * week, venue) for week in range(1, recipe.get("weeks", 1))]
        dates += [(starts_at + timedelta(days=n + 1), stop) for n, stop in enumerate(recipe.get("stops", ()))]
        plan = plans.plan_on(clock.local_date(starts_at)) or plans.current_plan() or self.old
        with freeze(min(starts_at, self.now) - WEEK):
            made = self.make(recipe, plan, dates)
            if recipe.get("submitted"):
                events.submit(made.id, by=None)
            elif not recipe.get("draft"):
                events.publish(made.id, by=self.by(recipe))
                self.fill(number, made, full=bool(recipe.get("full")))
        if recipe.get("today"):
            self.running = _sessions(made)[0]
            self.run_today(self.running)
        with freeze(self.now - timedelta(days=1)):
            if recipe.get("cancelled"):
                events.cancel(made.id, reason=recipe["cancelled"], by=self.by(recipe))
            if recipe.get("postponed"):
                events.postpone(made.id, by=self.by(recipe))

    def fill(self, number: int, made: Event, *, full: bool) -> None:
        """Some sign up; where `full`, all places go and two people wait."""
        for place in _sessions(made):
            seats, roles = _positions(place)
            for _ in range(seats.capacity + 2 if full else min(seats.capacity - 1, 2 + number % 4)):
                self.elsewhere = self.guest(seats)
            for role in roles:
                self.helpers(role, 1 + number % 2, seed=number)

    def run_today(self, place: EventSession) -> None:
        """It began a while ago: some are here, some were ticked on the roster, some have not come yet."""
        here = signup_queries.roster(place.id)
        seats, _roles = _positions(place)
        with freeze(self.now - timedelta(days=1)):
            for number in range(3):  # elders without a telephone, signed up by the centre
                elder = people.find_or_make_person(name=self.name(180 + number), phone=None)
                people.record_consent(elder.id, "signup", method="oral", recorded_by=self.staff["centre"])
                signups.sign_up(seats.id, elder.id, by=self.staff["centre"], source="staff", both=True)
        codes = [signup_queries.get_with_session(line.signup_id) for line in here]
        early = codes[: len(codes) * 2 // 3]
        with freeze(place.starts_at - timedelta(minutes=5)):
            self.scan_in(place, early)
        with freeze(place.starts_at + timedelta(minutes=15)):
            wrong = attendance_of([early[-1].id])[early[-1].id]
            attendance.annul_attendance(wrong.id, by=self.staff["organiser"], reason="扫错了人，本人还没到。")

    # --- parts --------------------------------------------------------------------------------------------------

    def by(self, recipe: dict[str, Any]) -> str | None:
        """The demonstration organiser for the own unit's events, else the system."""
        return self.staff["organiser"] if recipe["organisation"] == self.data["unit"] else None

    def make(self, recipe: dict[str, Any], plan: Plan, dates: Sequence[tuple[datetime, str]]) -> Event:
        """The event as a draft."""
        small = recipe.get("full") and dates[0][0] > self.now
        seats = PositionDraft("观众席", "audience", 6 if small else recipe["seats"])
        roles = [PositionDraft(name, "volunteer", count + 1) for name, count in recipe["roles"].items()]
        titles = [
            f"第{'一二三四'[n]}课" if recipe.get("weeks") else f"第{n + 1}站" for n in range(len(dates))
        ]
        made = [
            SessionDraft(
                title if len(dates) > 1 else "",
                self.venues[venue],
                starts_at,
                starts_at + timedelta(hours=recipe["hours"]),
                [seats, *roles],
            )
            for title, (starts_at, venue) in zip(titles, dates, strict=True)
        ]
        draft = EventDraft(
            organisation_id=self.organisations[recipe["organisation"]],
            type_slug=recipe["type"],
            title=recipe["title"],
            summary=recipe["summary"],
            bring=recipe["bring"],
            risk_statement=self.data["risk_statement"],
            audiences=recipe["audiences"],
            task_ids=[self.task(plan, code) for code in recipe["tasks"]],
            sessions=made,
            is_demo=True,
        )
        return events.create_event(draft, by=self.by(recipe))

    def task(self, plan: Plan, code: str) -> str:
        """Id of the plan's task."""
        if (plan.id, code) not in self.tasks:
            for section in plans.tree(plan.id):
                self.tasks |= {(plan.id, task.code): task.id for task in section.tasks}
        return self.tasks[plan.id, code]

    def name(self, number: int) -> str:
        """示例·赵一 and so on: plainly invented."""
        surnames, numerals = self.data["surnames"], self.data["numerals"]
        return f"示例·{surnames[number % len(surnames)]}{numerals[number // len(surnames) % len(numerals)]}"

    def guest(self, position: Position) -> Signup:
        """The next of 170 neighbours takes a seat."""
        number = self.guests % 170
        self.guests += 1
        if number not in self.known:
            person = people.find_or_make_person(
                name=self.name(number), phone=f"+86{FIRST_PHONE + number + 1}"
            )
            people.record_consent(person.id, "signup", method="web")
            self.known[number] = person.id
        return signups.sign_up(position.id, self.known[number], by=None, source="guest", both=True)

    def helpers(self, position: Position, most: int, *, seed: int) -> list[Signup]:
        """Volunteers who are free at that time take shifts."""
        shift = Period(position.session.starts_at, position.session.ends_at)
        made: list[Signup] = []
        for turn in range(VOLUNTEERS):
            person = self.volunteers[(seed * 3 + turn) % VOLUNTEERS]
            taken = self.busy.setdefault(person, [])
            if len(made) < min(most, position.capacity) and not any(shift.overlaps(one) for one in taken):
                taken.append(shift)
                made.append(signups.sign_up(position.id, person, by=person, source="self"))
        return made

    def scan_in(self, place: EventSession, coming: Sequence[Signup]) -> None:
        """Most by their pass, every fourth ticked on the roster."""
        for number, signup in enumerate(coming):
            self.scan(place, signup, method=Method.ROSTER if number % 4 == 2 else Method.CAMERA)

    def scan_out(self, place: EventSession, leaving: Sequence[Signup]) -> None:
        """Volunteers go; their minutes are known."""
        for signup in leaving:
            self.scan(place, signup, direction=Direction.OUT)

    def scan(
        self,
        place: EventSession,
        signup: Signup,
        *,
        direction: Direction = Direction.IN,
        method: Method = Method.CAMERA,
    ) -> None:
        """One accepted scan."""
        self.scans += 1
        ticked = method == Method.ROSTER
        request = ScanRequest(
            session_id=place.id,
            direction=direction,
            nonce=f"demo-{self.scans}",
            device="demo",
            by=self.staff["scanner"],
            method=method,
            code="" if ticked else signup_queries.pass_code(signup),
            signup_id=signup.id if ticked else "",
        )
        answer = attendance.check_in(request)
        if answer.body["outcome"] != Outcome.ACCEPTED:
            raise RuntimeError(f"demonstration scan was refused: {answer.body}")

    def count(self, place: EventSession, group: str, count: int) -> None:
        """People without a name, counted at the door."""
        by = self.staff["scanner"]
        attendance.count_heads(
            place.id, audience=group, count=count, method=CountMethod.COUNTED, note="路过参观的居民", by=by
        )


def _moment(day: date, hour: float) -> datetime:
    return clock.from_local(datetime.combine(day, time(int(hour), int(hour % 1 * 60))))


def _sessions(made: Event) -> list[EventSession]:
    wanted = select(EventSession).where(EventSession.event_id == made.id).order_by(EventSession.starts_at)
    return list(session().scalars(wanted))


def _positions(place: EventSession) -> tuple[Position, list[Position]]:
    """The audience's seats, and the volunteers' roles."""
    wanted = select(Position).where(Position.session_id == place.id).order_by(Position.rank)
    seats, *roles = session().scalars(wanted)
    return seats, roles
