"""Scans of other programs that were made without network, and are handed in later, many at once (design.md 6)."""

from collections.abc import Callable, Sequence
from typing import Any

from webapp.attendance.domain import Answer, Outcome, ScanRequest
from webapp.attendance.domain.links import Link
from webapp.attendance.domain.phones import ScanKind, Verdict
from webapp.attendance.service.links import Sender, accept_links
from webapp.core import clock


def accept_batch(
    requests: Sequence[ScanRequest], *, may_scan: Callable[[str], bool] = lambda _: True
) -> list[dict[str, Any]]:
    """Answer each scan in the order made; none is refused for the others' sake.

    All are of one device, whose owner `may_scan` for a session or not. Whoever is in the batch was let in: what would
    have been refused is kept as a flagged scan for people to settle.
    """
    if not requests:
        return []
    sender = Sender(
        person_id=requests[0].by,
        device=None,
        chain=None,
        device_key=requests[0].device,
        may_scan=may_scan,
    )
    in_order = sorted(
        range(len(requests)),
        key=lambda place: (requests[place].scanned_at is None, requests[place].scanned_at),
    )
    answers = accept_links([_link(requests[place]) for place in in_order], sender=sender)
    found = dict(zip(in_order, answers, strict=True))
    return [_result(request.nonce, found[place]) for place, request in enumerate(requests)]


def _link(request: ScanRequest) -> Link:
    return Link(
        counter=None,
        prev="",
        nonce=request.nonce,
        session=request.session_id,
        kind=ScanKind.PASS,
        direction=request.direction,
        what=request.code,
        method=request.method,
        scanned_at=(request.scanned_at or clock.now()).isoformat(),
        offset_ms=0,
        offline=True,
        rehearsal=False,
        verdict=Verdict.UNLISTED,
        outcome=Outcome.ACCEPTED,
        mac="",
    )


def _result(nonce: str, answer: Answer) -> dict[str, Any]:
    return {
        "nonce": nonce,
        "outcome": answer.body["outcome"],
        "flagged": answer.flagged,
        "replayed": bool(answer.body.get("replayed")),
    }
