"""Reads: a guardian's link, and what it opens; minors of a session without a consent that stands."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from sqlalchemy import ColumnElement, Row, Select, and_, exists, func, literal_column, not_, select
from sqlalchemy.orm import contains_eager

from webapp.core import clock, tokens
from webapp.core.config import current_settings
from webapp.core.db import session
from webapp.events.domain import EventStatus
from webapp.events.models import Event, EventSession, Position
from webapp.people.models import Guardianship
from webapp.people.queries import get_guardianship, standing_guardianship
from webapp.signups.domain import GUARDIAN_WITHDREW, LIVING, SignupStatus
from webapp.signups.domain.telling import NoticeKind
from webapp.signups.models import Notice, Signup
from webapp.volunteers.domain import AgeBand, mark_of

PURPOSE = "guardian's consent"
TOLD_FOR = timedelta(days=3)  # so long a withdrawal stands among what waits for the organiser


def is_minor() -> ColumnElement[bool]:
    """Of a sign-up: below 18, as far as anybody said. Written out, so that the index of minors is seen to hold them."""
    return and_(Signup.age_band.is_not(None), Signup.age_band != literal_column(f"'{AgeBand.ADULT}'"))


def consent_stands() -> ColumnElement[bool]:
    """Of a sign-up: a guardian agreed and has not taken it back."""
    return exists().where(Guardianship.person_id == Signup.person_id, Guardianship.withdrawn_at.is_(None))


def lacks_consent() -> ColumnElement[bool]:
    """Of a sign-up: a minor for whom no consent stands."""
    return and_(is_minor(), not_(consent_stands()))


@dataclass(frozen=True)
class MinorFacts:
    """What lists mark of a sign-up before its person stands there."""

    mark: str | None = None  # volunteers.domain.Mark
    lacks_consent: bool = False
    company: str | None = None  # the adult who comes along; "" nobody; None: nobody was asked


NO_MINOR = MinorFacts()


def minor_columns() -> tuple[ColumnElement[Any], ...]:
    """What a list selects beside its own, to be read by minor_from()."""
    return (
        Signup.age_band.label("minor_band"),
        Signup.company.label("minor_company"),
        lacks_consent().label("minor_lacks"),
    )


def minor_from(row: Row[*tuple[Any, ...]]) -> MinorFacts:
    """The marks of a row with minor_columns()."""
    mark = mark_of(row.minor_band)
    return MinorFacts(mark, bool(row.minor_lacks), row.minor_company) if mark else NO_MINOR


def minor_facts(signup_ids: Collection[str]) -> dict[str, MinorFacts]:
    """The marks of these sign-ups; who is of age is absent. One statement for 500."""
    found: dict[str, MinorFacts] = {}
    ids = sorted(signup_ids)
    for first in range(0, len(ids), 500):
        wanted = select(Signup.id, *minor_columns()).where(
            Signup.id.in_(ids[first : first + 500]), is_minor()
        )
        found |= {row.id: minor_from(row) for row in session().execute(wanted)}
    return found


# --- what waits for an organiser ----------------------------------------------------------------------------------


def sessions_lacking_consent(organisations: Collection[str] | None) -> Sequence[Row[*tuple[Any, ...]]]:
    """Sessions not over, of these organisations (None: of all), with how many minors lack a consent."""
    wanted = _by_session(organisations).where(Signup.status.in_(LIVING), lacks_consent())
    return session().execute(wanted).all()


def sessions_withdrawn(organisations: Collection[str] | None) -> Sequence[Row[*tuple[Any, ...]]]:
    """The same with how many were cancelled by their guardian in the last days."""
    wanted = _by_session(organisations).where(
        Signup.status == SignupStatus.CANCELLED,
        Signup.cancel_reason == GUARDIAN_WITHDREW,
        Signup.cancelled_at > clock.now() - TOLD_FOR,
        EventSession.starts_at > clock.now(),
    )
    return session().execute(wanted).all()


def _by_session(organisations: Collection[str] | None) -> Select[*tuple[Any, ...]]:
    wanted = (
        select(Signup.session_id, Event.title, EventSession.starts_at, func.count().label("number"))
        .join(EventSession, EventSession.id == Signup.session_id)
        .join(Event, Event.id == EventSession.event_id)
        .where(
            EventSession.ends_at > clock.now(),
            EventSession.cancelled_at.is_(None),
            Event.status == EventStatus.PUBLISHED,
        )
        .group_by(Signup.session_id, Event.title, EventSession.starts_at)
        .order_by(EventSession.starts_at, Signup.session_id)
    )
    return wanted if organisations is None else wanted.where(Event.organisation_id.in_(organisations))


# --- the guardian's link -----------------------------------------------------------------------------------------


def guardian_token(guardianship_id: str) -> str:
    """What a guardian's link carries: it opens what this child is signed up for, to this guardian."""
    return tokens.sign(PURPOSE, guardianship_id)


def guardian_path(guardianship_id: str) -> str:
    """Below our own address."""
    return f"/guardian/{guardian_token(guardianship_id)}"


def guardian_link(guardianship_id: str) -> str:
    """The whole address; nothing where this installation does not know its own."""
    base = current_settings().base_url
    return base + guardian_path(guardianship_id) if base else ""


@dataclass(frozen=True)
class ForGuardian:
    """What a guardian's link opens."""

    given: Guardianship  # the consent the link was sent with
    standing: Guardianship | None  # theirs, as it stands now
    is_replaced: bool  # another guardian speaks for the child now
    signups: list[Signup]  # of the child, to come: living, and what this guardian's withdrawal ended
    moved: list[Signup]  # of these: the time is another than when they agreed


def behind_link(token: str) -> ForGuardian:
    """What the link opens; raises NotFound, also when the child is no longer known to us."""
    given = get_guardianship(str(tokens.unsign(PURPOSE, token)))
    now = standing_guardianship(given.person_id)
    same = now is not None and (now.guardian_name, now.guardian_phone) == (
        given.guardian_name,
        given.guardian_phone,
    )
    coming = _coming(given.person_id)
    at_another_time = moved_since(now, [one.session_id for one in coming]) if now is not None else set()
    moved = [one for one in coming if one.is_living and one.session_id in at_another_time]
    return ForGuardian(given, now if same else None, now is not None and not same, coming, moved)


def moved_since(agreed: Guardianship, session_ids: Collection[str]) -> set[str]:
    """Of these sessions, those whose time or place was changed after a guardian agreed."""
    wanted = select(Notice.session_id).where(
        Notice.session_id.in_(list(session_ids)),
        Notice.kind == NoticeKind.MOVED,
        Notice.made_at > agreed.given_at,
    )
    return {one for one in session().scalars(wanted) if one}


def _coming(person_id: str) -> list[Signup]:
    wanted = (
        select(Signup)
        .join(Signup.position)
        .join(Position.session)
        .join(EventSession.event)
        .join(Signup.person)
        .options(
            contains_eager(Signup.position)
            .contains_eager(Position.session)
            .contains_eager(EventSession.event),
            contains_eager(Signup.person),
        )
        .where(
            Signup.person_id == person_id,
            EventSession.ends_at > clock.now(),
            Signup.status.in_(LIVING)
            | ((Signup.status == SignupStatus.CANCELLED) & (Signup.cancel_reason == GUARDIAN_WITHDREW)),
        )
        .order_by(EventSession.starts_at, Signup.id)
    )
    return list(session().scalars(wanted))
