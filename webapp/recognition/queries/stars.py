"""Stars: thresholds, what someone has, and who waits for a decision."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, select

from webapp.core import options
from webapp.core.db import session
from webapp.core.errors import N_
from webapp.people.models import Person
from webapp.recognition.domain.counting import stars_earned
from webapp.recognition.models import Star
from webapp.recognition.queries.hours import totals_of

star_hours = options.hidden("star_hours", [100, 300, 600, 1000, 1500], label=N_("各星级的小时数"))
count_added = options.whole_number(
    "star_counts_added",
    0,
    label=N_("评星级时，补录的时长算不算"),
    hint=N_("0 表示不算，只看签到签退得出的时长；1 表示也算。"),
    high=1,
)


@dataclass(frozen=True)
class Stars:
    """How someone stands to the stars."""

    granted: int  # the highest level they have
    waiting: int | None  # the level they applied for
    reachable: int | None  # the level they may apply for now
    minutes: int  # final minutes that count for it
    next_hours: int | None  # hours of the next level


def counted_minutes(person_id: str) -> int:
    """Final minutes that count for stars: measured ones, and added ones only where the office says so."""
    totals = totals_of(person_id)
    return totals.minutes + (totals.added_minutes if count_added.get() else 0)


def stars_of(person_id: str) -> Stars:
    """What someone has, waits for, and may apply for."""
    rows = list_stars(person_id)
    granted = max((one.level for one in rows if one.state == "granted"), default=0)
    waiting = next((one.level for one in rows if one.state == "applied"), None)
    minutes, thresholds = counted_minutes(person_id), list(star_hours.get())
    earned = stars_earned(minutes, thresholds)
    upper = [hours for hours in thresholds if hours * 60 > minutes]
    return Stars(
        granted,
        waiting,
        earned if earned > granted and waiting is None else None,
        minutes,
        upper[0] if upper else None,
    )


def list_stars(person_id: str) -> list[Star]:
    """Every application of a person, the latest first."""
    wanted = select(Star).where(Star.person_id == person_id).order_by(Star.applied_at.desc(), Star.id.desc())
    return list(session().scalars(wanted))


def stars_applied() -> tuple[int, datetime | None]:
    """How many applications wait, and since when."""
    wanted = select(func.count(), func.min(Star.applied_at)).where(Star.state == "applied")
    number, since = session().execute(wanted).one()
    return number, since


def list_applications(*, limit: int = 5000) -> list[tuple[Star, str]]:
    """Applications that wait, the oldest first, then what was decided last; with names."""
    waits = (Star.state == "applied").desc()
    rows = session().execute(
        select(Star, Person.name)
        .join(Person, Person.id == Star.person_id)
        .order_by(waits, Star.decided_at.desc(), Star.applied_at, Star.id)
        .limit(limit)
    )
    return [(star, name) for star, name in rows]
