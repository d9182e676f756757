"""What hangs on a volunteer or visitor who leaves: promises made, shifts that rest on a team or a paper."""

from collections.abc import Collection, Iterator, Sequence
from dataclasses import replace
from typing import Any

from sqlalchemy import Row, Select, or_, select

from webapp.core import clock
from webapp.core.db import session
from webapp.core.errors import N_
from webapp.core.leaving import End, Ending, Hanging, Option, some_names
from webapp.events.domain import EventStatus, PositionKind
from webapp.events.models import Event, EventSession, Position
from webapp.people.models import Person
from webapp.signups.domain import LIVING, SignupStatus
from webapp.signups.domain.sharing import HandOverState
from webapp.signups.models import HandOver, Signup
from webapp.volunteers.domain import Lacks, first_lack
from webapp.volunteers.queries import qualifications_of, requirements_of, who_rests_on

COMPANIONS, TOGETHER = (
    "companions",
    "together",
)  # what becomes of who comes along; the option that cancels them
_ACCOUNT = (
    (
        {SignupStatus.CONFIRMED},
        N_("报了 %(n)s 场还没开始的活动：%(names)s。"),
        N_("取消，名额马上让给后面的人。"),
    ),
    ({SignupStatus.OFFERED}, N_("有 %(n)s 个候补名额正留着等确认：%(names)s。"), N_("马上给下一位。")),
    (
        {SignupStatus.WAITLISTED, SignupStatus.PENDING},
        N_("在 %(n)s 场活动里候补或等审核：%(names)s。"),
        N_("退出。"),
    ),
)


def promises_hanging(ending: Ending) -> Iterator[Hanging]:
    """Coming places, held offers, hand-overs that are open, people signed up by whoever closes the account."""
    rows = session().execute(coming_of(Signup.person_id == ending.person_id)).all()
    for states, text, becomes in _ACCOUNT:
        titles = [row.title for row in rows if row.status in states]
        if titles:
            yield Hanging(text, {"n": len(titles), "names": some_names(titles)}, becomes)
    given, asked = _open_hand_overs(ending.person_id)
    if given:
        yield Hanging(N_("有 %(n)s 个岗位正请别人接手。"), {"n": given}, N_("作废，并告诉对方不用接了。"))
    if asked:
        yield Hanging(
            N_("有 %(n)s 个岗位别人请接手，还没答复。"), {"n": asked}, N_("告诉对方接不了，岗位还是对方的。")
        )
    others = companions_hanging(ending.person_id)
    if others:
        yield Hanging(
            N_("带了 %(n)s 个人一起报名：%(names)s。"),
            {"n": len(others), "names": some_names(row.name for row in others)},
            key=COMPANIONS,
            options=(Option("keep", N_("他们的名额保留")), Option(TOGETHER, N_("一起取消"))),
        )


def coming_of(*conditions: Any) -> Select[*tuple[Any, ...]]:
    """Living sign-ups to sessions that are not over."""
    return (
        select(
            Signup.id,
            Signup.position_id,
            Signup.person_id,
            Signup.status,
            Event.title,
            EventSession.starts_at,
        )
        .join(EventSession, EventSession.id == Signup.session_id)
        .join(Event, Event.id == EventSession.event_id)
        .where(Signup.status.in_(LIVING), EventSession.ends_at > clock.now(), *conditions)
        .order_by(EventSession.starts_at, Signup.id)
    )


def _open_hand_overs(person_id: str) -> tuple[int, int]:
    """How many shifts they asked others to take, and were asked to take."""
    either = or_(HandOver.from_person_id == person_id, HandOver.to_person_id == person_id)
    wanted = select(HandOver.from_person_id).where(either, HandOver.state == HandOverState.ASKED)
    sides = list(session().scalars(wanted))
    given = sum(one == person_id for one in sides)
    return given, len(sides) - given


def companions_hanging(person_id: str) -> Sequence[Row[*tuple[Any, ...]]]:
    """Coming sign-ups of people who come along with this person."""
    wanted = coming_of(Signup.with_signup_id.in_(select(Signup.id).where(Signup.person_id == person_id)))
    named = wanted.join(Person, Person.id == Signup.person_id)
    return session().execute(named.add_columns(Person.name, Event.organisation_id)).all()


# --- shifts that ask for something ------------------------------------------------------------------------------


def resting_shifts(*conditions: Any) -> Select[*tuple[Any, ...]]:
    """Volunteers' confirmed shifts that are not over, of events that are held or put off."""
    return (
        select(
            Signup.id,
            Signup.position_id,
            Signup.person_id,
            Event.title,
            Event.organisation_id,
            EventSession.starts_at,
        )
        .join(Position, Position.id == Signup.position_id)
        .join(EventSession, EventSession.id == Signup.session_id)
        .join(Event, Event.id == EventSession.event_id)
        .where(
            Signup.status == SignupStatus.CONFIRMED,
            Position.kind == PositionKind.VOLUNTEER,
            EventSession.ends_at > clock.now(),
            EventSession.cancelled_at.is_(None),
            Event.status.in_((EventStatus.PUBLISHED, EventStatus.POSTPONED)),
            *conditions,
        )
        .order_by(EventSession.starts_at, Signup.id)
    )


def lacking(
    rows: Collection[Row[*tuple[Any, ...]]], *, without: str = ""
) -> list[tuple[Row[*tuple[Any, ...]], Lacks]]:
    """Of these shifts, those whose holder has not what they ask for on that day, with the first thing lacking.

    `without` is the id of a training, a certificate or a team to be thought away. Age is not asked about here: it was
    said when signing up.
    """
    asked = requirements_of({row.position_id for row in rows})
    days: dict[Any, set[str]] = {}
    for row in rows:
        if row.position_id in asked:
            days.setdefault(clock.local_date(row.starts_at), set()).add(row.person_id)
    has = {day: qualifications_of(people, on=day, without=without) for day, people in days.items()}
    found = []
    for row in rows:
        if row.position_id in asked:
            wanted = replace(asked[row.position_id], min_age=None)
            lack = first_lack(wanted, has[clock.local_date(row.starts_at)][row.person_id])
            if lack is not None:
                found.append((row, lack))
    return found


def shifts_hanging(ending: Ending) -> Iterator[Hanging]:
    """Shifts that ask for the team or the paper that ends."""
    people = who_rests_on(ending)
    rows = session().execute(resting_shifts(Signup.person_id.in_(people))).all() if people else []
    already = {row.id for row, _ in lacking(rows)}
    left = [row for row, _ in lacking(rows, without=ending.subject_id) if row.id not in already]
    if left:
        values = {"n": len(left), "names": some_names(row.title for row in left)}
        text = N_("报了 %(n)s 个要求它的岗位：%(names)s。")
        if ending.end == End.DISSOLVED:
            text = N_("队员报了 %(n)s 个只收这个队的岗位：%(names)s。")
        yield Hanging(text, values, N_("名额先留着，由主办单位决定保留还是让出，并告诉本人。"))
