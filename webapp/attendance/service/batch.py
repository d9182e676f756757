"""Scans that were made without network and are handed in later, many at once."""

from collections.abc import Sequence
from typing import Any

from webapp.attendance.domain import ScanRequest
from webapp.attendance.service.checkin import check_in


def accept_batch(requests: Sequence[ScanRequest]) -> list[dict[str, Any]]:
    """Answer each scan in the order made; none is refused for the others' sake.

    What would have been refused is kept as a flagged scan for people to settle.
    """
    results = []
    for request in sorted(requests, key=lambda one: (one.scanned_at is None, one.scanned_at)):
        answer = check_in(request)
        results.append(
            {
                "nonce": request.nonce,
                "outcome": answer.body["outcome"],
                "flagged": answer.flagged,
                "replayed": bool(answer.body.get("replayed")),
            }
        )
    order = {request.nonce: place for place, request in enumerate(requests)}
    return sorted(results, key=lambda result: order[result["nonce"]])
