"""The header, tabs and menu an event's pages share; pages of earlier areas ask for it by `workspace_of(event)`."""

from dataclasses import dataclass
from functools import cached_property

from flask import g, url_for

from webapp.core import clock
from webapp.core.auth import the_person
from webapp.events import queries as events
from webapp.events import service
from webapp.events.domain import EventStatus
from webapp.events.domain.desk import MENDS, DatedSession, Show, next_session
from webapp.events.models import Cancellation, Event
from webapp.events.queries.desk import dated_sessions
from webapp.organisations.domain import Permission
from webapp.organisations.queries import permissions_at
from webapp.pages.domain.desk import Act, Standing, next_act
from webapp.pages.views import blueprint
from webapp.recognition.queries.of_event import Hours, hours_by_session
from webapp.resources.queries import bookings_at

_MAKERS = {Permission.MANAGE_EVENTS, Permission.GOVERN}
_OPEN = frozenset({EventStatus.DRAFT, EventStatus.SUBMITTED, EventStatus.PUBLISHED, EventStatus.POSTPONED})


@dataclass(frozen=True)
class Workspace:
    """An event as its staff work at it; each part is asked for once, where a page shows it."""

    event: Event
    held: frozenset[str]

    @property
    def may_change(self) -> bool:
        """Whether the person may change it, and is not only looking."""
        return bool(self.held & _MAKERS)

    @property
    def is_open(self) -> bool:
        """Whether it may still change."""
        return self.event.status in _OPEN

    @property
    def was_published(self) -> bool:
        """Whether anybody outside ever saw it."""
        return self.event.published_at is not None

    @property
    def waits_for_office(self) -> bool:
        """Whether only the office publishes it, and the person is not of the office."""
        return self.event.organisation.needs_approval and Permission.GOVERN not in self.held

    @cached_property
    def sessions(self) -> list[DatedSession]:
        """All its sessions by their dates."""
        return dated_sessions(self.event)

    @cached_property
    def uncounted(self) -> list[DatedSession]:
        """Sessions outside every plan it serves."""
        return events.uncounted(self.event, self.sessions)

    @cached_property
    def next(self) -> DatedSession | None:
        """The session that is on, or comes next."""
        return next_session(self.sessions, clock.now())

    @cached_property
    def hours(self) -> dict[str, Hours]:
        """Hours by session."""
        return hours_by_session([one.id for one in self.sessions]) if self.was_published else {}

    @cached_property
    def hours_at(self) -> str | None:
        """The first session whose hours wait for somebody."""
        waiting = {one for one, hours in self.hours.items() if hours.waiting}
        return next((one.id for one in self.sessions if one.id in waiting), None)

    @cached_property
    def missing(self) -> list[tuple[str, str]]:
        """What keeps it from being published or resumed, each with the address where it is mended."""
        if not self.may_change or self.event.status not in {"draft", "submitted", "postponed"}:
            return []
        return [(text, self._mend(MENDS[text])) for text in service.what_is_missing(self.event)]

    def _mend(self, where: str) -> str:
        if where == "add":
            return url_for("events.add_session", event_id=self.event.id)
        if where == "sessions":
            return url_for("pages.event_sessions", event_id=self.event.id, show=Show.ALL)
        return url_for("events.edit_event", event_id=self.event.id, _anchor=where)

    @cached_property
    def undoable(self) -> list[Cancellation]:
        """What of it was cancelled just now and can be taken back."""
        return events.undoable(self.event.id) if self.may_change else []

    @cached_property
    def has_things(self) -> bool:
        """Whether a tab for things leads anywhere."""
        return (self.may_change and self.is_open) or bool(bookings_at(self.event.id))

    @cached_property
    def act(self) -> Act | None:
        """The one thing that is next."""
        return next_act(
            Standing(
                status=EventStatus(self.event.status),
                may_change=self.may_change,
                waits_for_office=self.waits_for_office,
                is_complete=not self.missing,
                has_next=self.next is not None,
                is_over=all(one.place(clock.now()) != Show.COMING for one in self.sessions),
                hours_wait=self.hours_at is not None,
                can_be_undone=any(one.session_id is None for one in self.undoable),
            )
        )

    @property
    def tabs(self) -> list[tuple[str, str]]:
        """Key and address of its pages; one without content that works is left out."""
        known = [("overview", "events.show_managed")]
        known.append(("sessions", "pages.event_sessions"))
        if self.was_published:
            if self.may_change:
                known.append(("people", "pages.event_people"))
            known.append(("messages", "pages.event_messages"))
        if self.may_change and (self.is_open or self.was_published):
            known.append(("questions", "events.edit_questions" if self.is_open else "signups.show_answers"))
        if self.has_things:
            known.append(("things", "pages.event_things"))
        if self.was_published:
            known += [("print", "pages.event_print"), ("outcome", "pages.event_outcome")]
        known.append(("history", "pages.event_history"))
        return [(name, url_for(endpoint, event_id=self.event.id)) for name, endpoint in known]


@blueprint.app_template_global("workspace_of")
def workspace_of(event: Event) -> Workspace:
    """The event's workspace for the person of this request, made once."""
    kept: dict[str, Workspace] = g.setdefault("workspaces", {})
    if event.id not in kept:
        kept[event.id] = Workspace(event, permissions_at(the_person().id, event.organisation_id))
    return kept[event.id]
