"""AuditEntry: who did what to what, when and through what. Written in the same transaction as the act.

Where an entry belongs (event, session, organisation, person) is looked up once, when its transaction ends, so that
histories and lists need not go through what it was done to, which may be gone by then (docs/decisions/0044).
"""

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

from flask import g, has_request_context, request
from sqlalchemy import JSON, Index, String, insert, select
from sqlalchemy.orm import Mapped, mapped_column, object_session

from webapp.core import clock, deeds
from webapp.core.db import Base, Id, before_commit, new_id, session


class Via(StrEnum):
    """Through what somebody did it."""

    PAGE = "page"
    LIST = "list"  # with several rows of a list at once
    API = "api"
    SYSTEM = "system"  # a job, a command


class AuditEntry(Base):
    """One act worth answering for."""

    __tablename__ = "audit_entry"
    __table_args__ = (
        Index("ix_audit_entry_subject", "subject_type", "subject_id", "at"),
        # The newest of everything, of an organisation, of an event, of a kind, by and about somebody.
        Index("ix_audit_entry_at", "at", "id"),
        Index("ix_audit_entry_organisation_id", "organisation_id", "at", "id"),
        Index("ix_audit_entry_event_id", "event_id", "at", "id"),
        Index("ix_audit_entry_kind", "kind", "at", "id"),
        Index("ix_audit_entry_actor_id", "actor_id", "at", "id"),
        Index("ix_audit_entry_person_id", "person_id", "at", "id"),
    )

    id: Mapped[Id]
    at: Mapped[datetime]
    actor_id: Mapped[str | None] = mapped_column(String(18))  # no foreign key: the entry outlives the person
    action: Mapped[str] = mapped_column(String(60))
    subject_type: Mapped[str] = mapped_column(String(40))
    subject_id: Mapped[str] = mapped_column(String(40))
    details: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)
    kind: Mapped[str] = mapped_column(String(20), default="", server_default="")  # the area that tells of it
    via: Mapped[str] = mapped_column(String(10), default="", server_default="")  # Via; "": not noted then
    # Where it belongs; the entry outlives these as well.
    event_id: Mapped[str | None] = mapped_column(String(18))
    session_id: Mapped[str | None] = mapped_column(String(18))
    organisation_id: Mapped[str | None] = mapped_column(String(18))
    person_id: Mapped[str | None] = mapped_column(String(18))  # whom it was done to


@dataclass(frozen=True)
class Place:
    """Where something belongs."""

    event_id: str | None = None
    session_id: str | None = None
    organisation_id: str | None = None
    person_id: str | None = None


@dataclass
class Asked:
    """What the core asks of areas: where rows of one kind belong, by their ids, in one statement."""

    places: Callable[[str, Collection[str]], Mapping[str, Place]] | None = None


asked = Asked()
_NEW = "audit"  # entries of this transaction
# What was done to something that is gone at the end: its entry notes one of these, by which it is found.
_NOTED = (("session", "event_session"), ("event", "event"), ("organisation", "organisation"))


def record(action: str, subject_type: str, subject_id: str, *, by: str | None, **details: Any) -> None:
    """Note that person `by` (None for the system) did `action`, e.g. record("event.cancel", "event", id, by=…)."""
    entry = AuditEntry(
        at=clock.now(),
        actor_id=by,
        action=action,
        subject_type=subject_type,
        subject_id=subject_id,
        details=details,
        kind=deeds.kind_of(action),
        via=_via(),
    )
    current = session()
    current.add(entry)
    current.info.setdefault(_NEW, []).append((entry, (subject_type, subject_id), details))
    before_commit(_NEW, _place_new)


def record_many(
    action: str, subject_type: str, ids: Sequence[str], *, by: str | None, **details: Any
) -> None:
    """The same done to many rows of a list, in one statement; they stand in the database already."""
    places = _places(subject_type, ids)
    same = {
        "at": clock.now(),
        "actor_id": by,
        "action": action,
        "subject_type": subject_type,
        "details": details,
    }
    same |= {"kind": deeds.kind_of(action), "via": Via.LIST}
    rows = [same | {"id": new_id(), "subject_id": one} | asdict(places.get(one, Place())) for one in ids]
    if rows:
        session().execute(insert(AuditEntry), rows)


def _via() -> Via:
    if not has_request_context():
        return Via.SYSTEM
    if request.path.startswith("/api/"):
        return Via.API
    return Via.LIST if g.get("is_of_list") else Via.PAGE


def of_list() -> None:
    """What this request does, it does with rows chosen from a list."""
    if has_request_context():
        g.is_of_list = True


def _place_new() -> None:
    """Say of this transaction's entries where they belong; those of a savepoint that failed are none."""
    entries = [one for one in session().info.pop(_NEW, []) if object_session(one[0]) is not None]
    wanted: dict[str, set[str]] = {}
    for _, (kind, row_id), _details in entries:
        wanted.setdefault(kind, set()).add(row_id)
    places = {kind: _places(kind, ids) for kind, ids in wanted.items()}
    for entry, (kind, row_id), details in entries:
        for name, value in asdict(places[kind].get(row_id) or _noted(kind, row_id, details)).items():
            setattr(entry, name, value)


def _noted(kind: str, row_id: str, details: Mapping[str, Any]) -> Place:
    """Where it belongs by what the entry says itself."""
    gone = {"event_id": row_id} if kind == "event" else {}
    for name, noted_kind in _NOTED:
        noted = details.get(name)
        if isinstance(noted, str) and (found := _places(noted_kind, [noted]).get(noted)):
            return Place(**(asdict(found) | gone))
    return Place(**gone)


def _places(kind: str, ids: Collection[str]) -> Mapping[str, Place]:
    return asked.places(kind, ids) if asked.places and ids else {}


def last_of(subject_type: str, subject_id: str, *, since: datetime) -> AuditEntry | None:
    """The newest act upon a subject since then; looking at it is none."""
    looks = (AuditEntry.action.not_like("%.reveal%"), AuditEntry.action.not_like("%.download"))
    return session().scalar(
        select(AuditEntry)
        .where(
            AuditEntry.subject_type == subject_type,
            AuditEntry.subject_id == subject_id,
            AuditEntry.at > since,
            *looks,
        )
        .order_by(AuditEntry.at.desc(), AuditEntry.id.desc())
        .limit(1)
    )


def is_recorded(action: str, subject: tuple[str, str], *, by: str, since: datetime) -> bool:
    """Whether this person has done this, to the subject of that type and id, since then."""
    wanted = select(AuditEntry.id).where(
        AuditEntry.subject_type == subject[0],
        AuditEntry.subject_id == subject[1],
        AuditEntry.at > since,
        AuditEntry.action == action,
        AuditEntry.actor_id == by,
    )
    return session().scalar(wanted.limit(1)) is not None
