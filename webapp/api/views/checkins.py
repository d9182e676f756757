"""Check-ins, batches, annulment, rosters, head-counts."""

from collections.abc import Iterable
from typing import Any

from webapp.api.forms.door import AnnulOut, BatchOut, CheckInOut, HeadCountOut, RosterOut
from webapp.api.forms.taken import AnnulIn, BatchIn, HeadCountIn, ScanIn
from webapp.api.views import answer, blueprint, once, problems
from webapp.attendance import queries as attendance
from webapp.attendance import service
from webapp.attendance.domain import SCANNERS, Answer, Method, ScanRequest
from webapp.attendance.domain.doors import Heads
from webapp.attendance.models import Scan
from webapp.core.again import in_transaction
from webapp.core.auth import admit, bearer, held_by_token, the_person, token_given, token_required
from webapp.core.db import get_row, transaction
from webapp.core.direct import Errand, attempt
from webapp.core.errors import N_, NotFound
from webapp.core.http import json_or_problem
from webapp.core.just_done import can_undo
from webapp.events import queries as events
from webapp.organisations.domain import Permission
from webapp.organisations.queries import owner_from, owner_of_token, owner_question

_REFUSED = {"$ref": "#/components/schemas/ScanRefused"}
_PROBLEM = {"$ref": "#/components/schemas/Problem"}
_REFUSAL = {"anyOf": [{"allOf": [_PROBLEM, _REFUSED]}, _PROBLEM]}
SCANNED = {
    200: {
        "description": "The stored answer for a repeated (device, nonce).",
        "content": {
            "application/json": {"schema": {"anyOf": [{"$ref": "#/components/schemas/CheckInOut"}, _REFUSED]}}
        },
    }
} | {
    status: documented | {"content": {"application/problem+json": {"schema": _REFUSAL}}}
    for status, documented in problems(404, 409).items()
}
STAFF = (Permission.MANAGE_EVENTS, Permission.GOVERN)


@blueprint.post("/checkins")
@token_given(*SCANNERS)
@blueprint.input(ScanIn, arg_name="body")
@blueprint.output(CheckInOut, 201)
@blueprint.doc(tags=["check-in"], security="token", responses=problems(401, 403, 422) | SCANNED)
def create_checkin(body: ScanIn) -> Any:
    """Check in or out. 201 accepted; 200 the stored answer for a repeated (device, nonce); 409 with `outcome`."""
    found = attempt(lambda errand: _straight(errand, body))
    if found is None:
        person = admit(owner_of_token(bearer()))
        request = _request(body, person.id, device=body.device, offline=False)
        with transaction():
            found = service.check_in(request, held=held_by_token())
    return json_or_problem(found.status, attendance.spoken(found, whole_names=True))


def _straight(errand: Errand, body: ScanIn) -> Answer | None:
    """Token and sign-up are looked up together."""
    seen, owner = service.look(errand, body.code, body.session, beside=owner_question(bearer()))
    person = admit(owner_from(owner))
    request = _request(body, person.id, device=body.device, offline=False)
    return service.check_in_straight(errand, request, seen, held=held_by_token())


@blueprint.post("/checkins/batch")
@token_required(*SCANNERS)
@blueprint.input(BatchIn, arg_name="body")
@blueprint.output(BatchOut)
@blueprint.doc(tags=["check-in"], security="token", responses=problems(401, 403, 422))
def create_checkins(body: BatchIn) -> Any:
    """Hand in scans made without network; what would have been refused is kept and flagged.

    So is a scan for a session that is unknown, or the owner's no longer: `unknown`. 403 if they may scan for none.
    """
    person = the_person()
    sessions = {item.session for item in body.items}
    theirs = {one for one in sessions if events.may_access_session(person.id, one, *SCANNERS)}
    if not theirs:
        _check_any(person.id, sessions)
    requests = [_request(item, person.id, device=body.device, offline=True) for item in body.items]
    results = in_transaction(lambda: service.accept_batch(requests, may_scan=theirs.__contains__))
    return answer({"results": results})


def _check_any(person_id: str, sessions: Iterable[str]) -> None:
    """Raise NotAllowed where a session is known; scans for those nobody knows do not keep back a phone."""
    for session_id in sorted(sessions):
        try:
            events.check_session_access(person_id, session_id, *SCANNERS)
        except NotFound:
            continue


def _request(item: Any, person_id: str, *, device: str, offline: bool) -> ScanRequest:
    """The device is the owner's own: two owners' devices of one name do not meet."""
    return ScanRequest(
        session_id=item.session,
        direction=item.direction,
        nonce=item.nonce,
        device=f"{person_id}:{device}",
        by=person_id,
        method=Method.API,
        code=item.code,
        scanned_at=item.scanned_at,
        offline=offline,
    )


@blueprint.post("/checkins/<checkin_id>/annul")
@token_required(*SCANNERS)
@blueprint.input(AnnulIn, arg_name="body")
@blueprint.output(AnnulOut)
@blueprint.doc(tags=["check-in"], security="token", responses=problems(401, 403, 404, 409, 422))
@can_undo(N_("撤销了一次扫码"), Scan)
def annul_checkin(checkin_id: str, body: AnnulIn) -> Any:
    """Undo: the same device within 15 minutes, or staff with a reason."""
    person = the_person()

    def work() -> tuple[Any, int]:
        session_id = get_row(Scan, checkin_id).session_id
        events.check_session_access(person.id, session_id, *SCANNERS)
        is_staff = events.may_access_session(person.id, session_id, *STAFF)
        # A scan made without naming a device is its owner's, who takes it back without naming one.
        device = f"{person.id}:{body.device}"
        service.annul_scan(checkin_id, by=person.id, device=device, is_staff=is_staff, reason=body.reason)
        return {"id": checkin_id, "outcome": "annulled"}, 200

    return once(work)


@blueprint.get("/sessions/<session_id>/roster")
@token_required(*SCANNERS)
@blueprint.output(RosterOut)
@blueprint.doc(tags=["check-in"], security="token", responses=problems(401, 403, 404))
def get_roster(session_id: str) -> Any:
    """Living sign-ups, in and out; of a session that was cancelled also those it was cancelled for."""
    events.check_session_access(the_person().id, session_id, *SCANNERS)
    counts = attendance.session_counts(session_id)
    return answer(
        {
            "items": [row.as_json() for row in attendance.roster(session_id)],
            "next": None,
            "counts": {
                "expected": counts.expected,
                "came": counts.came,
                "inside": counts.inside,
                "waiting": counts.waiting,
                "heads": counts.heads,
                "scanned": counts.scanned,
                "ticked": counts.ticked,
            },
        }
    )


@blueprint.post("/sessions/<session_id>/headcounts")
@token_required(*SCANNERS)
@blueprint.input(HeadCountIn, arg_name="body")
@blueprint.output(HeadCountOut, 201)
@blueprint.doc(tags=["check-in"], security="token", responses=problems(401, 403, 404, 409, 422))
def create_headcount(session_id: str, body: HeadCountIn) -> Any:
    """Record people counted on the spot."""
    person = the_person()

    def work() -> tuple[Any, int]:
        events.check_session_access(person.id, session_id, *SCANNERS)
        heads = Heads(body.audience, body.count, body.method, body.note, day=body.day)
        made = service.count_page(session_id, heads, by=person.id)
        shown = {
            "id": made.id,
            "session": session_id,
            "audience": made.audience,
            "count": made.count,
            "method": made.method,
            "note": made.note,
            "day": made.counted_on.isoformat(),
        }
        return shown, 201

    return once(work)
