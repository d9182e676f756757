"""How rows look as JSON. Times are ISO 8601 with the city's offset; ids are opaque strings."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

from flask import url_for
from flask_babel import gettext as _

from webapp.attendance import queries as attendance
from webapp.attendance.queries import Figure
from webapp.core import clock
from webapp.core.http import base_url
from webapp.core.seen import mark_of
from webapp.events.models import Event, EventSession, Position
from webapp.organisations.models import Organisation
from webapp.plan.models import Plan, PlanTask
from webapp.recognition import queries as recognition
from webapp.signups import queries as signups
from webapp.signups.models import Signup
from webapp.signups.queries.standing import standing_of
from webapp.venues.models import Venue


def moment(value: datetime | None) -> str | None:
    """2026-11-28T09:00:00+08:00."""
    return clock.local(value).isoformat(timespec="seconds") if value else None


def named(organisation: Organisation) -> dict[str, Any]:
    """Id and name."""
    return {"id": organisation.id, "name": organisation.name}


def plan_body(plan: Plan) -> dict[str, Any]:
    """A plan."""
    return {
        "id": plan.id,
        "code": plan.code,
        "title": plan.title,
        "starts_on": plan.starts_on.isoformat(),
        "ends_on": plan.ends_on.isoformat(),
        "is_demo": plan.is_demo,
    }


def figures(found: Iterable[Figure]) -> list[dict[str, Any]]:
    """Figures by metric and grade."""
    return [{"metric": one.metric, "grade": one.grade, "quantity": one.quantity} for one in found]


def parts(found: Mapping[str, Sequence[Figure]], names: Mapping[str, str]) -> list[dict[str, Any]]:
    """Figures of parts, each with its key and name."""
    return [
        {"key": key, "name": names.get(key, key), "figures": figures(some)} for key, some in found.items()
    ]


def task_body(task: PlanTask, plan: Plan, *, section: Any, progress: Sequence[Figure]) -> dict[str, Any]:
    """A task with its units and figures."""
    return {
        "id": task.id,
        "code": task.code,
        "plan": plan.code,
        "section": section.code,
        "title": task.title,
        "text": task.text,
        "progress_mode": task.progress_mode,
        "lead_units": [named(unit) for unit in section.leads],
        "responsible_units": [named(unit) for unit in task.units],
        "progress": figures(progress),
    }


def organisation_body(organisation: Organisation) -> dict[str, Any]:
    """An organisation."""
    return named(organisation) | {"full_name": organisation.full_name, "kind": organisation.kind}


def venue_body(venue: Venue) -> dict[str, Any]:
    """A venue."""
    return {
        "id": venue.id,
        "name": venue.name,
        "kind": venue.kind,
        "address": venue.address,
        "district": {"code": venue.district.code, "name": venue.district.name, "kind": venue.district.kind},
    }


def position_body(position: Position) -> dict[str, Any]:
    """A position and how full it is."""
    return {
        "id": position.id,
        "name": position.name,
        "kind": position.kind,
        "capacity": position.capacity,
        "taken": position.taken,
        "free": position.capacity - position.taken,
        "waitlist": position.waitlist,
    }


def session_body(session: EventSession, positions: Iterable[Position]) -> dict[str, Any]:
    """A session."""
    return {
        "id": session.id,
        "title": session.title,
        "starts_at": moment(session.starts_at),
        "ends_at": moment(session.ends_at),
        "venue": venue_body(session.venue),
        "cancelled": session.cancelled_at is not None,
        "cancel_reason": session.cancel_reason,
        "state": session.state,
        "positions": [position_body(position) for position in positions],
        "seen": str(mark_of(session, at=session.updated_at)),
    }


def event_body(event: Event) -> dict[str, Any]:
    """An event with its sessions, positions and tasks (all loaded by the query that gave it)."""
    return {
        "id": event.id,
        "title": event.title,
        "type": event.type_slug,
        "summary": event.summary,
        "bring": event.bring,
        "risk_statement": event.risk_statement,
        "audiences": event.audiences,
        "status": event.status,
        "cancel_reason": event.cancel_reason,
        "organisation": named(event.organisation),
        "tasks": [{"code": task.code, "plan": task.plan.code, "title": task.title} for task in event.tasks],
        "sessions": [session_body(session, session.positions) for session in event.sessions],
        "url": base_url() + url_for("pages.show_event", event_id=event.id),
        "created_at": moment(event.created_at),
        "updated_at": moment(event.updated_at),
        "seen": str(mark_of(event, at=event.updated_at)),
    }


def signup_body(signup: Signup) -> dict[str, Any]:
    """A sign-up with its pass."""
    code, stands = signups.pass_code(signup), standing_of(signup)
    return {
        "id": signup.id,
        "status": signup.status,
        "state": stands.state,
        "detail": str(_(stands.sentence)),
        "position": signup.position_id,
        "session": signup.session_id,
        "waitlist_place": stands.place,
        "offer_expires_at": moment(signup.offer_deadline) if signup.offer_deadline else None,
        "decline_reason": signup.decline_reason,
        "pass": {
            "code": code,
            "url": base_url() + url_for("attendance.open_pass", code=code),
            "short_code": signup.short_code,
            "valid": stands.has_pass,
        },
        "seen": str(mark_of(signup, at=signup.updated_at)),
    }


def hours_body(person_id: str) -> dict[str, Any]:
    """Shifts a person served as the door saw them, and what was recorded of them."""
    shifts = attendance.shifts_served(person_id)
    items = [
        {
            "session": row.session_id,
            "event": row.event_id,
            "title": row.title,
            "position": row.position,
            "in_at": moment(row.in_at),
            "out_at": moment(row.out_at),
            "minutes": row.minutes,
        }
        for row in shifts
    ]
    totals, stars = recognition.totals_of(person_id), recognition.stars_of(person_id)
    return {
        "items": items,
        "next": None,
        "minutes": sum(row.minutes or 0 for row in shifts),
        "totals": {
            "final": totals.minutes,
            "added": totals.added_minutes,
            "in_notice": totals.noticed,
            "added_in_notice": totals.noticed_added,
            "to_confirm": totals.to_confirm,
        },
        "stars": {
            "granted": stars.granted,
            "applied_for": stars.waiting,
            "may_apply_for": stars.reachable,
        },
    }
