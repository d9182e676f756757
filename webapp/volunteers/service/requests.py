"""Use cases: an organiser asks a team to staff a session; its leader may say no."""

from sqlalchemy import select
from sqlalchemy.exc import IntegrityError

from webapp.core import audit, clock
from webapp.core.db import broken_constraint, get_row, lock_row, savepoint, session
from webapp.core.errors import NotFound
from webapp.events.domain import EventStatus
from webapp.events.models import EventSession
from webapp.organisations.domain import Permission
from webapp.organisations.queries import require
from webapp.volunteers import queries
from webapp.volunteers.domain import (
    NOTE_LIMIT,
    AlreadyRequested,
    NotOnTheList,
    ReasonMissing,
    RequestSettled,
    SessionIsOver,
    check_words,
)
from webapp.volunteers.models import Team, TeamRequest
from webapp.volunteers.service import notices

NO_MORE = "团队已经解散"
ASKED, DECLINED = "asked", "declined"  # "accepted" is written when members are signed up (signups)


def request_team(session_id: str, team_id: str, *, note: str, by: str) -> TeamRequest:
    """Ask a team to come; one that said no may be asked again.

    Raises NotAllowed, NotOnTheList, SessionIsOver, AlreadyRequested, TextTooLong.
    """
    held = lock_row(EventSession, session_id)
    require(by, Permission.MANAGE_EVENTS, held.event.organisation_id)
    off = held.cancelled_at is not None or held.event.status != EventStatus.PUBLISHED
    if off or held.ends_at <= clock.now():
        raise SessionIsOver
    team = session().get(Team, team_id)
    if team is None or team.closed_at is not None:
        raise NotOnTheList(field="team_id")
    row = _asked_row(session_id, team, by)
    row.state, row.note, row.answer = ASKED, check_words("note", note, limit=NOTE_LIMIT), ""
    row.asked_by, row.asked_at, row.answered_at, row.answered_by = by, clock.now(), None, None
    session().flush()
    audit.record("team.request", "team", team_id, by=by, session=session_id)
    notices.team_requested(row, row.asked_at.isoformat())
    return row


def _asked_row(session_id: str, team: Team, by: str) -> TeamRequest:
    """The row there is, if it was declined, else a new one; the session is locked."""
    known = _find(team.id, session_id)
    if known is not None and known.state != DECLINED:
        raise AlreadyRequested
    if known is not None:
        return known
    try:
        with savepoint() as current:
            made = TeamRequest(session_id=session_id, team_id=team.id, asked_by=by)
            current.add(made)
    except IntegrityError as error:
        if broken_constraint(error) == "uq_team_request_session_id_team_id":
            raise AlreadyRequested from error
        raise
    return made


def decline_request(request_id: str, *, answer: str, by: str) -> TeamRequest:
    """The team does not come, in its leader's words. Raises NotFound, ReasonMissing, RequestSettled."""
    if not answer.strip():
        raise ReasonMissing(field="answer")
    answer = check_words("answer", answer, limit=NOTE_LIMIT)
    if get_row(TeamRequest, request_id).team_id not in {one.id for one in queries.teams_led_by(by)}:
        raise NotFound
    row = lock_row(TeamRequest, request_id)
    if row.state != ASKED:
        raise RequestSettled
    row.state, row.answered_at, row.answered_by = DECLINED, clock.now(), by
    row.answer = answer
    session().flush()
    audit.record("team.request_declined", "team", row.team_id, by=by, session=row.session_id)
    notices.request_declined(row, row.asked_at.isoformat())
    return row


def end_requests(team_id: str, *, by: str) -> None:
    """The team is no more: whoever asked it to come is told that it cannot."""
    wanted = select(TeamRequest).where(TeamRequest.team_id == team_id, TeamRequest.state == ASKED)
    for row in session().scalars(wanted.order_by(TeamRequest.id)).all():
        row.state, row.answered_at, row.answered_by = DECLINED, clock.now(), by
        row.answer = NO_MORE
        session().flush()
        audit.record("team.request_declined", "team", team_id, by=by, session=row.session_id)
        if row.session.ends_at > clock.now():
            notices.request_declined(row, row.asked_at.isoformat())


def _find(team_id: str, session_id: str) -> TeamRequest | None:
    """The request of this session to this team, in whatever state."""
    wanted = select(TeamRequest).where(TeamRequest.team_id == team_id, TeamRequest.session_id == session_id)
    return session().scalar(wanted.execution_options(populate_existing=True))
