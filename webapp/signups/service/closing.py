"""What becomes of the sign-ups of someone who closes their account."""

from collections import Counter
from collections.abc import Collection

from sqlalchemy import ColumnElement, Select, case, delete, select, update
from sqlalchemy.orm import aliased

from webapp.core import clock
from webapp.core.db import session
from webapp.core.errors import N_
from webapp.core.leaving import End, Ending, Part
from webapp.events.models import EventSession
from webapp.organisations.domain import Permission
from webapp.organisations.queries import who_acts
from webapp.people.domain import Way
from webapp.people.models import Person
from webapp.people.queries import reached
from webapp.signups.domain import GUARDIAN_WITHDREW, HOLDS_PLACE, LIVING
from webapp.signups.domain.sharing import HandOverState
from webapp.signups.domain.telling import LeaveFirst
from webapp.signups.models import Answer, CourseSignup, HandOver, Signup, Telling
from webapp.signups.queries.hanging import (
    COMPANIONS,
    TOGETHER,
    companions_hanging,
    promises_hanging,
    shifts_hanging,
)
from webapp.signups.service import leaving_notices, shift_notices
from webapp.signups.service.facts import facts
from webapp.signups.service.inside import came, lock_sessions
from webapp.signups.service.places import fill, lock_positions, mark_cancelled, release
from webapp.signups.service.taking_out import let_go

LEFT = N_("本人注销了账号")
OUR_WORDS = (LEFT, GUARDIAN_WITHDREW)  # reasons that name nobody


def on_closing(leaving: Ending) -> None:
    """Coming places are given back to those who wait, open hand-overs end, answers given are forgotten."""
    coming = _coming(leaving.person_id, together=leaving.choices.get(COMPANIONS) == TOGETHER)
    positions = list(session().scalars(coming.with_only_columns(Signup.position_id)))
    lock_sessions(session().scalars(coming))
    lock_positions(positions)
    rows = session().execute(coming).all()  # as they are now that nobody changes them
    came_today = came([row.id for row in rows])
    if any(came_today.values()):
        raise LeaveFirst
    rows = [row for row in rows if row.id not in came_today]  # who came and left was there
    mark_cancelled([row.id for row in rows], LEFT)
    let_go([row.id for row in rows])
    for row in rows:
        if row.status in HOLDS_PLACE:
            release(row.position_id, 1)
    fill(sorted({row.position_id for row in rows}))
    _end_hand_overs(leaving.person_id)
    session().execute(
        update(CourseSignup)
        .where(CourseSignup.person_id == leaving.person_id, CourseSignup.cancelled_at.is_(None))
        .values(cancelled_at=clock.now())
        .execution_options(synchronize_session=False)
    )
    _tell_companions(leaving.person_id)
    forget_words([leaving.person_id])


def _end_hand_overs(person_id: str) -> None:
    """What they asked of others ended with the shift; whoever asked them keeps the shift, and is told."""
    either = (HandOver.from_person_id == person_id) | (HandOver.to_person_id == person_id)
    ended = session().execute(
        update(HandOver)
        .where(either, HandOver.state == HandOverState.ASKED)
        .values(
            state=case(
                (HandOver.to_person_id == person_id, HandOverState.DECLINED.value),
                else_=HandOverState.WITHDRAWN.value,
            ),
            settled_at=clock.now(),
        )
        .returning(HandOver.id, HandOver.signup_id, HandOver.to_person_id)
        .execution_options(synchronize_session=False)
    )
    asked = {row.signup_id: row.id for row in ended.all() if row.to_person_id == person_id}
    for row in facts(asked):
        shift_notices.hand_over_declined(asked[row.id], row)


def _tell_companions(person_id: str) -> None:
    """Those who came along keep the place: each is told, and for those nothing reaches the organiser is."""
    rows = companions_hanging(person_id)
    ways = {one.id: one.way for one in reached(row.person_id for row in rows)}
    heard = [row.id for row in rows if ways.get(row.person_id) in {Way.MAIL, Way.SMS, Way.SITE}]
    for fact in facts(heard):
        leaving_notices.leads_no_more(fact)
    left = Counter((row.organisation_id, row.title) for row in rows if row.id not in heard)
    for (organisation_id, title), count in left.items():
        staff = who_acts(organisation_id, Permission.MANAGE_EVENTS, besides=person_id)
        leaving_notices.companions_to_staff(
            organisation_id, title=title, count=count, of=person_id, staff=staff
        )


def forget_words(person_ids: Collection[str]) -> None:
    """What people answered, who was to come along with them, as whose company they were named themselves, why they
    were cancelled or declined, what they and others wrote when a shift was handed over, what they were told.

    Must come before their names go: by these they are known where they were named.
    """
    current, ids = session(), list(person_ids)
    own = Signup.person_id.in_(ids)
    signups = select(Signup.id).where(own)
    either = HandOver.from_person_id.in_(ids) | HandOver.to_person_id.in_(ids)
    for statement in (
        update(Signup)
        .where(own, _says_something())
        .values(
            company=None,
            cancel_reason=case((Signup.cancel_reason.in_(OUR_WORDS), Signup.cancel_reason)),
            decline_reason=None,
        ),
        update(Signup).where(_named_along(ids)).values(company=None),
        delete(Answer).where(Answer.signup_id.in_(signups)),
        update(HandOver).where(either).values(note=""),
        update(Telling).where(Telling.person_id.in_(ids)).values(words=""),
    ):
        current.execute(statement.execution_options(synchronize_session=False))


def _says_something() -> ColumnElement[bool]:
    """Whether a sign-up holds words of its own about its person."""
    return (
        Signup.company.is_not(None)
        | Signup.cancel_reason.not_in(OUR_WORDS)
        | Signup.decline_reason.is_not(None)
    )


def _named_along(person_ids: list[str]) -> ColumnElement[bool]:
    """Whoever came along with one of them, and whose company was that one by name."""
    leader, name = aliased(Signup), select(Person.name)
    theirs = select(leader.id).where(leader.person_id.in_(person_ids))
    of_leader = name.join(leader, leader.person_id == Person.id).where(leader.id == Signup.with_signup_id)
    return Signup.with_signup_id.in_(theirs) & (
        Signup.company == of_leader.correlate(Signup).scalar_subquery()
    )


def _coming(person_id: str, *, together: bool) -> Select[str, str, str]:
    theirs = Signup.person_id == person_id
    if together:
        theirs |= Signup.with_signup_id.in_(select(Signup.id).where(Signup.person_id == person_id))
    return (
        select(Signup.id, Signup.position_id, Signup.status)
        .join(EventSession, EventSession.id == Signup.session_id)
        .where(theirs, Signup.status.in_(LIVING), EventSession.ends_at > clock.now())
        .order_by(Signup.id)
    )


PARTS = (
    Part(
        {End.ACCOUNT},
        promises_hanging,
        on_closing,
        keys={
            "signup.person_id",
            "course_signup.person_id",
            "hand_over.from_person_id",
            "hand_over.to_person_id",
            "telling.person_id",
        },
    ),
    Part(
        {End.TEAM, End.DISSOLVED, End.PAPER},
        shifts_hanging,
        keys={"team_membership.person_id", "training.person_id", "volunteer_skill.person_id"},
    ),
)
