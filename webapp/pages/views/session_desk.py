"""The header, tabs and menu a session's pages share (`session_desk(session)`), and its page of the door."""

from dataclasses import dataclass
from functools import cached_property

from flask import g, render_template, url_for
from sqlalchemy import inspect

from webapp.attendance import queries as attendance
from webapp.attendance.domain import PHOTO_VIEWERS, SCANNERS
from webapp.attendance.queries.board import count_open_flags
from webapp.attendance.queries.devices import OFFERERS, phones_of_session
from webapp.attendance.queries.photos import count_photos
from webapp.attendance.queries.wall import find as find_wall
from webapp.core import clock
from webapp.core.auth import allowed, the_person
from webapp.events import queries as events
from webapp.events.domain import EventStatus, PositionKind
from webapp.events.models import EventSession
from webapp.organisations.domain import Permission
from webapp.organisations.queries import permissions_at
from webapp.pages.domain.session_desk import Moment, SessionAct, next_at
from webapp.pages.views import blueprint
from webapp.pages.views.manage import MANAGERS, RUNNERS
from webapp.recognition.queries.of_event import hours_by_session
from webapp.signups.queries.of_event import promised

_MAKERS = frozenset({Permission.MANAGE_EVENTS, Permission.GOVERN})


@dataclass(frozen=True)
class SessionDesk:
    """A session as its staff work at it; each part is asked for once, where a page shows it."""

    session: EventSession
    held: frozenset[str]

    def _has(self, permissions: tuple[Permission, ...]) -> bool:
        return not self.held.isdisjoint(permissions)

    @property
    def may_change(self) -> bool:
        """Whether the person may change it, and is not only looking or scanning."""
        return bool(self.held & _MAKERS)

    @property
    def sees_list(self) -> bool:
        """Whether the list of people and the board are theirs to see."""
        return self._has((*RUNNERS, Permission.GOVERN))

    @property
    def sees_event(self) -> bool:
        """Whether the event it belongs to has pages for them."""
        return self._has((*MANAGERS, Permission.GOVERN))

    @property
    def sees_photos(self) -> bool:
        """Whether the photos are theirs to see."""
        return self._has(PHOTO_VIEWERS)

    @property
    def may_pair(self) -> bool:
        """Whether they pair phones for it."""
        return self._has(OFFERERS)

    @property
    def may_scan(self) -> bool:
        """Whether they let people in, and there is anything to come to."""
        return self.session.is_held and self._has(SCANNERS)

    @property
    def may_sign_up(self) -> bool:
        """Whether they sign others up, and the session takes any."""
        is_open = self.session.event.status == EventStatus.PUBLISHED and not self.session.cancelled_at
        return is_open and (self.may_change or Permission.SIGN_UP_OTHERS in self.held)

    @property
    def has_cards(self) -> bool:
        """Whether there are seats somebody has, of which cards are printed."""
        return any(one.kind == PositionKind.AUDIENCE and one.taken for one in self.session.positions)

    @property
    def has_shifts(self) -> bool:
        """Whether volunteers serve, so that there are hours."""
        return any(one.kind == PositionKind.VOLUNTEER for one in self.session.positions)

    @cached_property
    def counts(self) -> attendance.SessionCounts:
        """Who is expected, came, is inside."""
        return attendance.session_counts(self.session.id)

    @property
    def is_over(self) -> bool:
        """Whether it has ended."""
        return bool(self.session.ends_at <= clock.now())

    @cached_property
    def flags(self) -> int:
        """Records somebody has to look at."""
        return count_open_flags(self.session.id) if self.sees_event and self.session.is_held else 0

    @cached_property
    def hours_waiting(self) -> int:
        """Hours that wait for somebody."""
        if not (self.may_change and self.has_shifts and self.is_over):
            return 0
        found = hours_by_session([self.session.id]).get(self.session.id)
        return found.waiting if found else 0

    @cached_property
    def pending(self) -> int:
        """Who asks for a place and has no answer."""
        if self.is_over or not (self.may_change and self.session.is_held):
            return 0
        return promised([self.session.id])[self.session.id].pending

    @cached_property
    def act(self) -> SessionAct | None:
        """The one thing that is next."""
        return next_at(
            Moment(
                starts_at=self.session.starts_at,
                ends_at=self.session.ends_at,
                now=clock.now(),
                may_scan=self.may_scan,
                may_sign_up=self.may_sign_up,
                flags=self.flags if self.may_change else 0,
                hours=self.hours_waiting,
                pending=self.pending,
            )
        )

    @property
    def tabs(self) -> list[tuple[str, str]]:
        """Key and address of its pages; one the person may not open is left out."""
        known = [("people", "pages.session_sheet"), ("door", "pages.session_door")] if self.sees_list else []
        if self.has_shifts and self.sees_event:
            known.append(("hours", "recognition.session_hours"))
        if self.sees_event:
            known.append(("history", "pages.session_history"))
        return [(key, url_for(endpoint, session_id=self.session.id)) for key, endpoint in known]


@blueprint.app_template_global("session_desk")
def session_desk(session: EventSession) -> SessionDesk:
    """The session's desk for the person of this request, made once."""
    kept: dict[str, SessionDesk] = g.setdefault("session_desks", {})
    if session.id not in kept:
        held = permissions_at(the_person().id, session.event.organisation_id)
        if "positions" in inspect(session).unloaded:  # pages of one position come with it alone
            session = events.get_session(session.id)
        kept[session.id] = SessionDesk(session, held)
    return kept[session.id]


@blueprint.get("/manage/sessions/<session_id>/door")
@allowed(*RUNNERS, Permission.GOVERN)
def session_door(session_id: str) -> str:
    """What is done at the door, each with what it is for and how it stands; most used first."""
    session = events.get_session_for(the_person().id, session_id, *RUNNERS)
    phones = phones_of_session(session_id) if session_desk(session).may_pair else []
    return render_template(
        "pages/session_door.html",
        event_session=session,
        phones=len(phones),
        wall=find_wall(session_id),
        photos=count_photos(session_id),
    )
