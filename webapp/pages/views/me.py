"""For someone signed in: what is next, what one waits for, what is past; one pass."""

from dataclasses import dataclass
from datetime import datetime

from flask import render_template

from webapp.attendance.queries import attendance_of
from webapp.core import clock
from webapp.core.auth import signed_in, the_person
from webapp.events.domain import EventStatus
from webapp.pages.views import blueprint
from webapp.signups import queries as signups
from webapp.signups.models import Signup


@dataclass(frozen=True)
class Own:
    """One of the person's sign-ups with what became of it."""

    signup: Signup
    place: int | None = None  # on the waitlist
    in_at: datetime | None = None
    out_at: datetime | None = None

    @property
    def is_news(self) -> bool:
        """Cancelled by someone else: shown until its day is over, so that nobody goes there for nothing."""
        return not self.signup.is_living and bool(self.signup.cancel_reason)


@blueprint.get("/me")
@signed_in
def me() -> str:
    """Own shifts and seats: the next with its code, then the coming ones, then the past ones."""
    now, person = clock.now(), the_person()
    coming = signups.signups_of(person.id, ending_after=now)
    places = signups.waitlist_places(coming)
    lines = [Own(one, places.get(one.id)) for one in coming]
    return render_template(
        "pages/me.html",
        next=next((one for one in lines if _is_on(one.signup)), None),
        coming=[one for one in lines if one.signup.is_living or one.is_news],
        past=_past(person.id, now),
        now=now,
    )


def _is_on(signup: Signup) -> bool:
    held = signup.position.session
    is_off = held.cancelled_at is not None or held.event.status != EventStatus.PUBLISHED
    return signup.holds_place and not is_off


def _past(person_id: str, now: datetime) -> list[Own]:
    """Sessions that are over, for which the person had a place or came."""
    rows = signups.past_signups_of(person_id, ended_by=now)
    came = attendance_of([one.id for one in rows])
    lines = []
    for one in rows:
        at = came.get(one.id)
        if at or one.holds_place:
            lines.append(Own(one, in_at=at.in_at if at else None, out_at=at.out_at if at else None))
    return lines


@blueprint.get("/me/passes/<signup_id>")
@signed_in
def show_pass(signup_id: str) -> str:
    """One sign-up: its state in words, and the pass."""
    signup = signups.get_own(the_person().id, signup_id)
    return render_template(
        "pages/show_pass.html",
        signup=signup,
        place=signups.waitlist_place(signup),
        can_cancel=signup.is_living and clock.now() < signup.position.session.starts_at,
    )
