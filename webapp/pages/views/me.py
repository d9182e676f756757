"""For someone signed in: what wants an answer, what is next, hours, what is past; one pass."""

from dataclasses import dataclass
from datetime import datetime

from flask import render_template

from webapp.attendance.queries import attendance_of
from webapp.core import clock
from webapp.core.auth import signed_in, the_person
from webapp.core.inbox import count_unread
from webapp.events.domain import DOORS_CLOSE, PositionKind
from webapp.pages.views import blueprint
from webapp.recognition import queries as recognition
from webapp.signups import queries as signups
from webapp.signups.domain.standing import Standing, State
from webapp.signups.models import Signup
from webapp.signups.queries.answers import is_asked
from webapp.signups.queries.handing import get_hand_over, hand_overs_to, last_hand_over
from webapp.signups.queries.standing import standing_of, standings_of
from webapp.volunteers import queries as volunteers
from webapp.volunteers.domain import MemberState
from webapp.volunteers.models import Team


@dataclass(frozen=True)
class Own:
    """One of the person's sign-ups with what became of it."""

    signup: Signup
    stands: Standing
    in_at: datetime | None = None
    out_at: datetime | None = None
    entered_late: bool = False

    def is_ending(self, now: datetime) -> bool:
        """Whether the session is over."""
        return self.stands.has_date and self.signup.position.session.ends_at <= now

    @property
    def is_news(self) -> bool:
        """Cancelled by someone else: shown until its day is over, so that nobody goes there for nothing."""
        return not self.signup.is_living and bool(self.signup.cancel_reason)


@blueprint.get("/me")
@signed_in
def me() -> str:
    """Own shifts and seats: the next with its code, then the coming ones, then the past ones."""
    now, person = clock.now(), the_person()
    found = signups.signups_of(person.id, ending_after=now - DOORS_CLOSE)
    stands = standings_of(found)
    lines = [Own(one, stands[one.id]) for one in found]
    leaving = [one for one in lines if one.is_ending(now)]  # over, and the code still signs them out
    lines = [one for one in lines if one not in leaving]
    return render_template(
        "pages/me.html",
        offers=[one.signup for one in lines if one.stands.state == State.OFFERED],
        hand_overs=hand_overs_to(person.id),
        clashes=_two_at_once([one.signup for one in lines]),
        teams=_teams_to_answer(person.id),
        next=next((one for one in [*lines, *leaving] if one.stands.has_pass), None),
        coming=[one for one in lines if one.signup.is_living or one.is_news],
        past=_past(person.id, now),
        totals=recognition.totals_of(person.id),
        stars=recognition.stars_of(person.id),
        unread=count_unread(person.id),
        now=now,
    )


def _two_at_once(coming: list[Signup]) -> list[Signup]:
    """Shifts that came to overlap another one of the person's: the first of each pair, whose page offers both."""
    shifts = [
        one
        for one in coming
        if one.holds_place and one.position.kind == PositionKind.VOLUNTEER and one.position.session.is_held
    ]
    return [
        one
        for number, one in enumerate(shifts)
        if any(_overlap(one, other) for other in shifts[number + 1 :])
    ]


def _overlap(one: Signup, other: Signup) -> bool:
    first, second = one.position.session, other.position.session
    return first.starts_at < second.ends_at and second.starts_at < first.ends_at


def _teams_to_answer(person_id: str) -> list[tuple[Team, int]]:
    """Teams the person leads in which someone waits for a word: requests of organisers, people who ask to join."""
    led = volunteers.teams_led_by(person_id)
    if not led:
        return []
    ids = [team.id for team in led]
    requests, asking = volunteers.count_requests(ids), volunteers.count_members(ids, MemberState.ASKED)
    waiting = [(team, requests.get(team.id, 0) + asking.get(team.id, 0)) for team in led]
    return [(team, number) for team, number in waiting if number]


def _past(person_id: str, now: datetime) -> list[Own]:
    """Sessions that are over, for which the person had a place or came."""
    rows = signups.past_signups_of(person_id, ended_by=now)
    came, stands = attendance_of([one.id for one in rows]), standings_of(rows)
    lines = []
    for one in rows:
        at = came.get(one.id)
        if at or one.holds_place:
            in_and_out = (at.in_at, at.out_at, at.entered_late) if at else ()
            lines.append(Own(one, stands[one.id], *in_and_out))
    return lines


@blueprint.get("/me/passes/<signup_id>")
@signed_in
def show_pass(signup_id: str) -> str:
    """One sign-up: its state in words, and the pass."""
    person_id = the_person().id
    signup = signups.get_own(person_id, signup_id)
    given = last_hand_over(signup_id) if signup.holds_place else None
    return render_template(
        "pages/show_pass.html",
        signup=signup,
        may_hand_over=_may_hand_over(signup),
        has_answers=is_asked(signup),
        given=get_hand_over(person_id, given.id) if given else None,
    )


def _may_hand_over(signup: Signup) -> bool:
    """Whether to offer it: a confirmed shift that has not begun, of a position whose organiser need not agree."""
    position = signup.position
    is_shift = standing_of(signup).has_pass and position.kind == PositionKind.VOLUNTEER
    return is_shift and not position.needs_approval and clock.now() < position.session.starts_at
