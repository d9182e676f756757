"""Taking scans back: which, until when, and what goes with them. Nothing is erased."""

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import select, update

from webapp.attendance.domain import ANNUL_WINDOW, Outcome
from webapp.attendance.domain.phones import ScanKind
from webapp.attendance.models import HeadCount, Scan
from webapp.core import audit
from webapp.core.db import session

_COLUMNS = (
    Scan.id, Scan.nonce, Scan.device, Scan.session_id, Scan.signup_id, Scan.kind, Scan.direction, Scan.outcome,
    Scan.at, Scan.rehearsal, Scan.annulled_at,
)  # fmt: skip


def find(device: str, nonce: str) -> dict[str, Any] | None:
    """The scan a device means by a nonce."""
    found = session().execute(select(*_COLUMNS).where(Scan.device == device, Scan.nonce == nonce)).mappings()
    row = found.one_or_none()
    return dict(row) if row else None


def judge(target: dict[str, Any] | None, *, session_id: str, at: datetime, rehearsal: bool) -> Outcome:
    """Whether a device may take its own scan back at that moment: within 15 minutes by the scans' own times."""
    if target is None or target["session_id"] != session_id or target["kind"] == ScanKind.UNDO:
        return Outcome.UNKNOWN
    if bool(target["rehearsal"]) != rehearsal:
        return Outcome.UNKNOWN
    return Outcome.ACCEPTED if at - target["at"] <= ANNUL_WINDOW else Outcome.TOO_LATE


class Waiting:
    """What a device has taken back before it handed it in: a file, or another phone, may bring the undoing first."""

    def __init__(self, device: str, nonces: Collection[str]) -> None:
        rows = session().execute(
            select(Scan.code, Scan.session_id, Scan.at, Scan.rehearsal).where(
                Scan.device == device,
                Scan.kind == ScanKind.UNDO,
                Scan.code.in_(nonces),
                Scan.outcome == Outcome.UNKNOWN,
                Scan.flag.is_(None),
            )
        )
        self._undone = {
            row.code: {"session_id": row.session_id, "at": row.at, "rehearsal": row.rehearsal} for row in rows
        }

    def add(self, nonce: str, *, session_id: str, at: datetime, rehearsal: bool) -> None:
        """The device takes this back, which may yet come."""
        self._undone[nonce] = {"session_id": session_id, "at": at, "rehearsal": rehearsal}

    def has(self, row: dict[str, Any]) -> bool:
        """Whether a scan that has just come was taken back, in time."""
        undone = self._undone.get(row["nonce"])
        return undone is not None and judge(row, **undone) == Outcome.ACCEPTED


def same_scans(target: dict[str, Any], rows: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
    """Scans of this batch that say the same about the same person: they are taken back together.

    Whoever scanned a wrong pass twice takes both back; a scan of another device goes on saying what it says.
    """
    return [
        row
        for row in rows
        if row["id"] == target["id"]
        or (
            target["signup_id"] is not None
            and row["signup_id"] == target["signup_id"]
            and row["direction"] == target["direction"]
            and row["rehearsal"] == target["rehearsal"]
        )
    ]


def take_back(scan_ids: Sequence[str], *, by: str, now: datetime) -> None:
    """Annul scans, what the same device said of the same people besides, and head-counts they made."""
    for scan_id in scan_ids:
        target = session().execute(select(*_COLUMNS).where(Scan.id == scan_id)).one()
        same = Scan.id == scan_id
        if target.signup_id is not None:
            same = same | (
                (Scan.signup_id == target.signup_id)
                & (Scan.device == target.device)
                & (Scan.direction == target.direction)
                & (Scan.rehearsal == target.rehearsal)
            )
        session().execute(
            update(Scan)
            .where(same, Scan.annulled_at.is_(None))
            .values(annulled_at=now)
            .execution_options(synchronize_session=False)
        )
        session().execute(
            update(HeadCount)
            .where(HeadCount.scan_id == scan_id, HeadCount.annulled_at.is_(None))
            .values(annulled_at=now, annulled_by=by)
            .execution_options(synchronize_session=False)
        )
        audit.record("scan.annul", "scan", scan_id, by=by)
