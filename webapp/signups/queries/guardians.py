"""Reads: a guardian's link, and what it opens; minors of a session without a consent that stands."""

from collections.abc import Collection
from dataclasses import dataclass

from sqlalchemy import ColumnElement, and_, exists, not_, select
from sqlalchemy.orm import contains_eager

from webapp.core import clock, tokens
from webapp.core.config import current_settings
from webapp.core.db import session
from webapp.events.models import EventSession, Position
from webapp.people.models import Guardianship
from webapp.people.queries import get_guardianship, standing_guardianship
from webapp.signups.domain import GUARDIAN_WITHDREW, LIVING, SignupStatus
from webapp.signups.domain.telling import NoticeKind
from webapp.signups.models import Notice, Signup
from webapp.volunteers.domain import AgeBand, mark_of

PURPOSE = "guardian's consent"


def is_minor() -> ColumnElement[bool]:
    """Of a sign-up: below 18, as far as anybody said."""
    return and_(Signup.age_band.is_not(None), Signup.age_band != AgeBand.ADULT.value)


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


def minor_facts(signup_ids: Collection[str]) -> dict[str, MinorFacts]:
    """The marks of these sign-ups; who is of age is absent. One statement for 500."""
    found: dict[str, MinorFacts] = {}
    ids = sorted(signup_ids)
    for first in range(0, len(ids), 500):
        rows = session().execute(
            select(Signup.id, Signup.age_band, Signup.company, not_(consent_stands()).label("lacks")).where(
                Signup.id.in_(ids[first : first + 500]), is_minor()
            )
        )
        found |= {row.id: MinorFacts(mark_of(row.age_band), bool(row.lacks), row.company) for row in rows}
    return found


def minors_of_session(session_id: str) -> dict[str, MinorFacts]:
    """The same of everyone signed up for a session."""
    rows = session().execute(
        select(Signup.id, Signup.age_band, Signup.company, not_(consent_stands()).label("lacks")).where(
            Signup.session_id == session_id, is_minor()
        )
    )
    return {row.id: MinorFacts(mark_of(row.age_band), bool(row.lacks), row.company) for row in rows}


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
