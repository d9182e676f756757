"""Sign up many people at once for seats of the audience: a list from a centre, in few statements however long.

Order of locks as everywhere: persons that are new are written first, by telephone and name, then the position is
taken; what is decided afterwards stays true until the commit.
"""

import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Row, insert, select, update

from webapp.core import audit, clock
from webapp.core.config import current_settings
from webapp.core.db import new_id, session
from webapp.core.errors import NotFound
from webapp.core.spelling import name_form, name_key
from webapp.events.domain import PUBLIC_STATUSES, PositionKind
from webapp.events.models import Position
from webapp.people.models import Consent, Person
from webapp.people.service.persons import keep_words
from webapp.signups.domain import (
    LIVING,
    SHORT_CODE_ALPHABET,
    SHORT_CODE_LENGTH,
    MayNotSignUpOthers,
    PositionFull,
    SignupExtra,
    SignupSource,
    SignupStatus,
)
from webapp.signups.domain.giving import NobodyToSignUp, NotEnoughPlaces, NotForMany
from webapp.signups.domain.presence import SameHourForNamed, some_names
from webapp.signups.domain.rows import Named
from webapp.signups.models import Signup
from webapp.signups.queries.centres import centre_for
from webapp.signups.queries.courses import courses_joined_by
from webapp.signups.queries.presence import who_has_place_here, who_is_elsewhere
from webapp.signups.service.in_bulk import chunks, insert_new, table_of
from webapp.signups.service.many_minors import Minors, keep_guardians, settle_many
from webapp.signups.service.many_notices import signed_up_from_list
from webapp.signups.service.places import fill, lock_positions
from webapp.signups.service.qualifying import require_qualified
from webapp.signups.service.statements import FACTS
from webapp.signups.service.taking import may_sign_up_others, require_open

_CODES_TO_TRY = 8
_Facts = Row[*tuple[Any, ...]]


@dataclass(frozen=True)
class ManyMade:
    """What became of a list: ids of sign-ups, in the order of the list."""

    made: list[str]
    already: list[str]
    here: list[str]  # the place that others of the list have in this session: they were not signed up anew


def sign_up_many(position_id: str, people: Sequence[Named], *, by: str, both: bool = False) -> ManyMade:
    """Sign these people up: confirmed while there are places and nobody waits, the rest waitlisted.

    Each gave consent by word of mouth, recorded by `by`. Whoever is signed up already, or has another place of the
    session, stays as they are; `both`: also who has something else at that hour. Raises NotFound, MayNotSignUpOthers,
    NotForMany, SignupClosed, NobodyToSignUp, SameHourForNamed, ChildrenOnList; NotEnoughPlaces or
    PositionFull where no waitlist is kept: then nobody is signed up. After any of them the transaction must end.
    """
    if not people:
        raise NobodyToSignUp
    session().flush()  # the statements below go past the session
    _check(_look(position_id, by), by)
    persons = _find_or_make(people)
    lock_positions([position_id])
    facts = _look(position_id, by)  # as it is now that we hold it
    require_open(facts)
    already = _living(position_id, persons)
    here = who_has_place_here(facts.session_id, set(persons) - set(already), apart_from=position_id)
    wanted = {
        person_id: one
        for person_id, one in zip(persons, people, strict=True)
        if person_id not in already and person_id not in here
    }
    made: list[str] = []
    if wanted:
        if not both:
            _ask_about_hour(position_id, wanted)
        minors = settle_many(wanted)
        _require_qualified(facts, minors)
        statuses = _statuses(facts, len(wanted), by=by)
        made = _write(facts, minors.extras, statuses=statuses, by=by)
        _keep_consents(wanted, by)
        keep_guardians(minors, by=by)
        audit.record_many("signup.make", "signup", made, by=by, position=position_id, from_list=True)
        signed_up_from_list(made)
    return ManyMade(
        made,
        [already[person_id] for person_id in dict.fromkeys(persons) if person_id in already],
        [here[person_id] for person_id in dict.fromkeys(persons) if person_id in here],
    )


def _ask_about_hour(position_id: str, wanted: Mapping[str, Named]) -> None:
    names = who_is_elsewhere(position_id, list(wanted))
    if names:
        raise SameHourForNamed(names=some_names(names))


def _look(position_id: str, by: str) -> _Facts:
    given = {"position_id": position_id, "person_id": by}
    found = session().connection().execute(FACTS, given).one_or_none()
    if found is None or found.status not in PUBLIC_STATUSES:
        raise NotFound
    return found


def _check(facts: _Facts, by: str) -> None:
    if facts.kind == PositionKind.VOLUNTEER:
        raise NotForMany
    if not may_sign_up_others(by, facts.organisation_id, is_volunteer=False):
        raise MayNotSignUpOthers
    require_open(facts)


def _require_qualified(facts: _Facts, minors: Minors) -> None:
    """Seats rarely ask for anything; then each of the list is looked at by itself."""
    if facts.min_age is not None or facts.has_requirements:
        on = clock.local_date(facts.starts_at)
        for person_id, one in minors.extras.items():
            require_qualified(facts.id, person_id, on=on, age_band=one.age_band)


# --- persons ------------------------------------------------------------------------------------------------------


def _find_or_make(people: Sequence[Named]) -> list[str]:
    """Person ids in the order of the list. Without a telephone always someone new, unless chosen among those known."""
    spelt: dict[tuple[str | None, str], str] = {}
    for one in people:
        if one.phone and not one.person_id:
            spelt.setdefault((one.phone, name_key(one.name)), one.name)
    known = _known(set(spelt))
    new = [_person_row(phone, spelt[phone, key]) for phone, key in sorted(set(spelt) - set(known), key=str)]
    insert_new(Person, ["phone", "name_key"], new)
    if new:  # another request may have made some of them a moment ago
        known |= _known(set(spelt) - set(known))
    nameless = [_person_row(None, one.name) for one in people if not (one.phone or one.person_id)]
    if nameless:
        session().execute(insert(table_of(Person)), nameless)
    keep_words(row["id"] for row in (*new, *nameless))
    unknown = iter(nameless)
    return [
        one.person_id or (known[one.phone, name_key(one.name)] if one.phone else next(unknown)["id"])
        for one in people
    ]


def _known(named: set[tuple[str | None, str]]) -> dict[tuple[str | None, str], str]:
    """Those of these that are persons already; whoever had closed their account is with us again."""
    phones = sorted({phone for phone, _ in named if phone})
    found: dict[tuple[str | None, str], str] = {}
    closed: list[str] = []
    for some in chunks(phones):
        rows = session().execute(
            select(Person.id, Person.phone, Person.name_key, Person.closed_at).where(Person.phone.in_(some))
        )
        for row in rows:
            if (row.phone, row.name_key) in named:
                found[row.phone, row.name_key] = row.id
                closed += [row.id] if row.closed_at else []
    for some in chunks(closed):
        session().execute(update(Person).where(Person.id.in_(some)).values(closed_at=None))
    return found


def _person_row(phone: str | None, name: str) -> dict[str, Any]:
    now = clock.now()
    return {
        "id": new_id(),
        "name": name_form(name),
        "name_key": name_key(name),
        "phone": phone,
        "created_at": now,
        "updated_at": now,
    }


# --- sign-ups -----------------------------------------------------------------------------------------------------


def _living(position_id: str, person_ids: Sequence[str]) -> dict[str, str]:
    """Person id → living sign-up for the locked position."""
    found: dict[str, str] = {}
    for some in chunks(person_ids):
        rows = session().execute(
            select(Signup.person_id, Signup.id).where(
                Signup.position_id == position_id, Signup.person_id.in_(some), Signup.status.in_(LIVING)
            )
        )
        found |= {row.person_id: row.id for row in rows}
    return found


def _statuses(facts: _Facts, count: int, *, by: str) -> list[SignupStatus]:
    """What so many newcomers get, in their order: those who wait go first."""
    if facts.needs_approval:
        return [SignupStatus.PENDING] * count
    if facts.somebody_waits and facts.taken < facts.capacity:
        fill([facts.id])
        facts = _look(facts.id, by)
    free = max(0, facts.capacity - facts.taken)
    if count > free and not facts.waitlist:
        raise NotEnoughPlaces(count=count) if free else PositionFull
    confirmed = min(count, free)
    return [SignupStatus.CONFIRMED] * confirmed + [SignupStatus.WAITLISTED] * (count - confirmed)


def _write(
    facts: _Facts, wanted: Mapping[str, SignupExtra], *, statuses: Sequence[SignupStatus], by: str
) -> list[str]:
    """The rows, with codes unique in the session, and their places; ids in the order of the list."""
    common = {"position_id": facts.id, "session_id": facts.session_id, "created_by": by}
    common["centre_id"] = centre_for(by, facts.id)
    # Who waits since the same moment waits in the order of the ids: let that be the order of the list.
    ids, now = sorted(new_id() for _ in wanted), clock.now()
    courses = courses_joined_by(facts.id, list(wanted))
    rows = [
        common
        | {"id": new, "person_id": person_id, "course_id": courses.get(person_id)}
        | _said(one)
        | _state(status, now)
        for new, (person_id, one), status in zip(ids, wanted.items(), statuses, strict=True)
    ]
    left = rows
    for _attempt in range(_CODES_TO_TRY):
        written = insert_new(Signup, ["session_id", "short_code"], left)
        left = [row for row in left if row["id"] not in written]
        if not left:
            break
        for row in left:  # the code is another sign-up's of this session
            row["short_code"] = _short_code()
    else:
        raise RuntimeError("no free short code was found")
    taken = statuses.count(SignupStatus.CONFIRMED)
    session().execute(
        update(Position)
        .where(Position.id == facts.id)
        .values(taken=Position.taken + taken)
        .execution_options(synchronize_session=False)
    )
    return [row["id"] for row in rows]


def _said(extra: SignupExtra) -> dict[str, Any]:
    return {"age_band": extra.age_band, "age_said": extra.age_said, "company": extra.company}


def _state(status: SignupStatus, now: datetime) -> dict[str, Any]:
    return {
        "status": status.value,
        "source": SignupSource.STAFF.value,
        "created_at": now,
        "updated_at": now,
        "waitlisted_at": now if status == SignupStatus.WAITLISTED else None,
        "confirmed_at": now if status == SignupStatus.CONFIRMED else None,
        "priority": 0,
        "pass_serial": 1,
        "short_code": _short_code(),
    }


def _short_code() -> str:
    return "".join(secrets.choice(SHORT_CODE_ALPHABET) for _ in range(SHORT_CODE_LENGTH))


# --- what goes along ----------------------------------------------------------------------------------------------


def _keep_consents(wanted: Mapping[str, Named], by: str) -> None:
    now, version = clock.now(), current_settings().policy_version
    common = {"purpose": "sign_up", "policy_version": version, "given_at": now, "method": "oral"}
    rows = [common | {"id": new_id(), "person_id": one, "recorded_by": by} for one in wanted]
    session().execute(insert(table_of(Consent)), rows)
