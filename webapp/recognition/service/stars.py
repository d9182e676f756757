"""Stars: a volunteer applies, the office grants or declines. Never by itself."""

from itertools import pairwise

from sqlalchemy.exc import IntegrityError

from webapp.core import audit, clock
from webapp.core.db import broken_constraint, lock_row, savepoint, session
from webapp.people.models import Person
from webapp.recognition import queries
from webapp.recognition.domain import NOTE_LIMIT
from webapp.recognition.domain.counting import stars_earned
from webapp.recognition.domain.refusals import (
    AlreadyDecided,
    BadThresholds,
    NotEnoughHours,
    OwnRecord,
    ReasonMissing,
    StarWaiting,
)
from webapp.recognition.models import Star
from webapp.recognition.service import notices

MOST_LEVELS, MOST_HOURS = 10, 100_000


def apply_for_star(person_id: str) -> str:
    """Apply for the highest level one's final hours are enough for; id of the application.

    Raises StarWaiting while one waits, NotEnoughHours. The unique index keeps a level from being had twice.
    """
    lock_row(Person, person_id)
    stars = queries.stars_of(person_id)
    if stars.waiting is not None:
        raise StarWaiting
    if stars.reachable is None:
        raise NotEnoughHours
    needed = list(queries.star_hours.get())[stars.reachable - 1]
    made = Star(person_id=person_id, level=stars.reachable, minutes=stars.minutes, hours_needed=needed)
    try:
        with savepoint():
            session().add(made)
    except IntegrityError as error:
        if broken_constraint(error).startswith("uq_star"):
            raise StarWaiting from None
        raise
    audit.record("star.apply", "star", made.id, by=person_id, level=made.level)
    return made.id


def decide_star(star_id: str, *, grant: bool, by: str, note: str = "") -> None:
    """Grant or decline; a decline says why. The same decision again changes nothing.

    What a level took when the application was made is what it takes: raised since, it binds those who apply from then.
    Raises AlreadyDecided, OwnRecord, ReasonMissing, NotEnoughHours when the hours are no longer there.
    """
    star, state = lock_row(Star, star_id), "granted" if grant else "declined"
    if star.person_id == by:
        raise OwnRecord
    if star.state != "applied":
        if (star.state, star.decided_by) == (state, by):
            return
        raise AlreadyDecided
    if not grant and not note.strip():
        raise ReasonMissing(field="note")
    if grant and not _has_the_hours(star):
        raise NotEnoughHours
    star.state, star.note = state, note.strip()[:NOTE_LIMIT]
    star.decided_by, star.decided_at = by, clock.now()
    session().flush()
    audit.record(f"star.{state}", "star", star.id, by=by, note=note)
    notices.star_decided(star)


def _has_the_hours(star: Star) -> bool:
    minutes = queries.counted_minutes(star.person_id)
    if star.hours_needed is not None:
        return minutes >= star.hours_needed * 60
    return stars_earned(minutes, list(queries.star_hours.get())) >= star.level


def set_thresholds(hours: list[int], *, by: str) -> None:
    """How many hours make one star, two stars …; raises BadThresholds unless they rise."""
    rises = all(first < second for first, second in pairwise(hours))
    if not (0 < len(hours) <= MOST_LEVELS and rises and hours[0] > 0 and hours[-1] <= MOST_HOURS):
        raise BadThresholds
    if hours != queries.star_hours.get():
        queries.star_hours.set(hours, by=by)
