"""Reads: what was said of people's ages, by profile, earlier sign-ups, and whoever settled it."""

from collections import defaultdict
from collections.abc import Collection, Iterator
from datetime import datetime

from sqlalchemy import func, select

from webapp.core import clock
from webapp.core.db import session
from webapp.people.queries import settled_ages
from webapp.signups.models import Signup
from webapp.volunteers.domain import Age, Said, known_age
from webapp.volunteers.models import Volunteer

_AT_ONCE = 500  # so many ids in one statement


def known_ages(person_ids: Collection[str]) -> dict[str, Age]:
    """Person id → how old they are today by all that was said; who nobody spoke of is absent.

    Three statements for 500 people. What a guardian or staff settled stands in the place of everything before it.
    """
    found: dict[str, Age] = {}
    ids = sorted(set(person_ids))
    for first in range(0, len(ids), _AT_ONCE):
        some = ids[first : first + _AT_ONCE]
        words: dict[str, list[Said]] = defaultdict(list)
        settled = settled_ages(some)
        for person_id, word in settled.items():
            words[person_id].append(Said(word.band, clock.local_date(word.said_at)))
        since = {person_id: word.said_at for person_id, word in settled.items()}
        for person_id, said in (*_signups(some, since), *_profiles(some, since)):
            words[person_id].append(said)
        for person_id, all_said in words.items():
            age = known_age(all_said, clock.today())
            if age is not None:
                found[person_id] = age
    return found


def known_age_of(person_id: str) -> Age | None:
    """The same of one person."""
    return known_ages([person_id]).get(person_id)


def _signups(ids: list[str], since: dict[str, datetime]) -> Iterator[tuple[str, Said]]:
    """The first and the last time each band was said: together they say as much as all the times between."""
    first, last = func.min(Signup.created_at).label("first"), func.max(Signup.created_at).label("last")
    rows = session().execute(
        select(Signup.person_id, Signup.age_band, first, last)
        .where(Signup.person_id.in_(ids), Signup.age_band.is_not(None), Signup.age_said)
        .group_by(Signup.person_id, Signup.age_band)
    )
    for row in rows:
        for at in (row.first, row.last):
            if row.person_id not in since or at > since[row.person_id]:
                yield row.person_id, Said(row.age_band, clock.local_date(at))


def _profiles(ids: list[str], since: dict[str, datetime]) -> Iterator[tuple[str, Said]]:
    rows = session().execute(
        select(Volunteer.person_id, Volunteer.age_band, Volunteer.age_band_on).where(
            Volunteer.person_id.in_(ids), Volunteer.age_band.is_not(None), Volunteer.age_band_on.is_not(None)
        )
    )
    for row in rows:
        if row.person_id not in since or row.age_band_on > clock.local_date(since[row.person_id]):
            yield row.person_id, Said(row.age_band, row.age_band_on)
