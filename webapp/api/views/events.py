"""Events: list, read, make, publish, cancel; change a session."""

from typing import Any

from webapp.api import queries
from webapp.api.forms.given import EventOut, SessionOut, listing
from webapp.api.forms.taken import EventIn, EventQuery, ReasonIn, SessionIn, SessionPatch
from webapp.api.views import answer, blueprint, once, problems
from webapp.core import clock
from webapp.core.auth import current_person, the_person, token_optional, token_required
from webapp.events import queries as events
from webapp.events import service
from webapp.events.domain import EventDraft, PositionDraft, SessionDraft
from webapp.organisations.domain import Permission
from webapp.plan import queries as plans

MANAGERS = (Permission.MANAGE_EVENTS, Permission.GOVERN)


@blueprint.get("/events")
@token_optional
@blueprint.input(EventQuery, location="query", arg_name="query")
@blueprint.output(listing(EventOut))
@blueprint.doc(tags=["events"], responses=problems(422))
def list_events(query: EventQuery) -> Any:
    """Public events as on /events/: the next first, then those over."""
    wanted = events.EventFilter(**query.model_dump(exclude={"cursor", "limit"}))
    page = events.list_public(wanted, cursor=query.cursor or None, limit=query.limit)
    found = events.load_events([item.event.id for item in page.items])
    return answer({"items": [queries.event_body(event) for event in found], "next": page.next})


@blueprint.get("/events/<event_id>")
@token_optional
@blueprint.output(EventOut)
@blueprint.doc(tags=["events"], responses=problems(404))
def get_event(event_id: str) -> Any:
    """One event; drafts only for their organisation."""
    person = current_person()
    return answer(queries.event_body(events.get_visible_event(event_id, person.id if person else None)))


@blueprint.post("/events")
@token_required(*MANAGERS)
@blueprint.input(EventIn, arg_name="body")
@blueprint.output(EventOut, 201)
@blueprint.doc(tags=["events"], security="token", responses=problems(401, 403, 404, 409, 422))
def create_event(body: EventIn) -> Any:
    """Make an event as a draft, with its sessions and positions."""
    person = the_person()
    first_day = clock.local_date(min(session.starts_at for session in body.sessions))
    plan = body.plan or getattr(plans.plan_on(first_day), "code", None)
    draft = EventDraft(
        organisation_id=body.organisation,
        type_slug=body.type,
        title=body.title,
        summary=body.summary,
        bring=body.bring,
        risk_statement=body.risk_statement,
        audiences=list(body.audiences),
        task_ids=[plans.get_task(code, plan=plan).id for code in dict.fromkeys(body.tasks)],
        sessions=[_session_draft(session) for session in body.sessions],
    )

    def work() -> tuple[Any, int]:
        with service.answered(body.outside_plan):
            made = service.create_event(draft, by=person.id)
        return queries.event_body(events.get_visible_event(made.id, person.id)), 201

    return once(work)


def _session_draft(session: SessionIn) -> SessionDraft:
    return SessionDraft(
        title=session.title,
        venue_id=session.venue,
        starts_at=session.starts_at,
        ends_at=session.ends_at,
        positions=[PositionDraft(p.name, p.kind, p.capacity, p.waitlist) for p in session.positions],
    )


@blueprint.post("/events/<event_id>/publish")
@token_required(*MANAGERS)
@blueprint.output(EventOut)
@blueprint.doc(tags=["events"], security="token", responses=problems(401, 403, 404, 422))
def publish_event(event_id: str) -> Any:
    """Publish a draft, or hand it to the office where the organisation needs approval."""
    person = the_person()

    def work() -> tuple[Any, int]:
        service.publish_or_submit(event_id, by=person.id)
        return queries.event_body(events.get_visible_event(event_id, person.id)), 200

    return once(work)


@blueprint.post("/events/<event_id>/cancel")
@token_required(*MANAGERS)
@blueprint.input(ReasonIn, arg_name="body")
@blueprint.output(EventOut)
@blueprint.doc(tags=["events"], security="token", responses=problems(401, 403, 404, 422))
def cancel_event(event_id: str, body: ReasonIn) -> Any:
    """Cancel with a reason; everyone signed up is told."""
    person = the_person()

    def work() -> tuple[Any, int]:
        service.cancel(event_id, reason=body.reason, by=person.id)
        return queries.event_body(events.get_visible_event(event_id, person.id)), 200

    return once(work)


@blueprint.patch("/sessions/<session_id>")
@token_required(*MANAGERS)
@blueprint.input(SessionPatch, arg_name="body")
@blueprint.output(SessionOut)
@blueprint.doc(tags=["events"], security="token", responses=problems(401, 403, 404, 409, 422))
def change_session(session_id: str, body: SessionPatch) -> Any:
    """Move or rename a session; people signed up are told when time or place changes."""
    person = the_person()

    def work() -> tuple[Any, int]:
        session = events.get_session_for(person.id, session_id, *MANAGERS)
        if body.title is not None:
            service.rename_session(session_id, title=body.title, by=person.id)
        if body.starts_at or body.ends_at or body.venue:
            with service.answered(body.outside_plan):
                service.reschedule(
                    session_id,
                    starts_at=body.starts_at or session.starts_at,
                    ends_at=body.ends_at or session.ends_at,
                    venue_id=body.venue or session.venue_id,
                    by=person.id,
                )
        changed = events.get_session_for(person.id, session_id, *MANAGERS)
        return queries.session_body(changed, events.positions_of(session_id)), 200

    return once(work)
