"""Photos as evidence of a session: the file is on the disk before the row says so."""

import os
from datetime import timedelta
from pathlib import Path

from sqlalchemy import select
from sqlalchemy.exc import IntegrityError

from webapp.attendance.models import EvidencePhoto
from webapp.attendance.queries.photos import file_of, folder
from webapp.core import audit, clock
from webapp.core.db import lock_row, new_id, savepoint, session
from webapp.core.pictures import Picture

PHOTOS_AT_ONCE = 10
LEFT_OVER = timedelta(days=1)  # younger files may belong to a page that is being answered now


def add_photo(
    session_id: str, picture: Picture, *, caption: str, by: str, headcount_id: str | None = None
) -> EvidencePhoto | None:
    """Keep a photo; None where the same file is there already. The caller has checked that `by` may."""
    made = EvidencePhoto(
        id=new_id(),
        session_id=session_id,
        headcount_id=headcount_id,
        caption=caption,
        sha256=picture.sha256,
        original_sha256=picture.original_sha256,
        size=len(picture.data),
        width=picture.width,
        height=picture.height,
        by_person_id=by,
    )
    try:
        with savepoint():
            session().add(made)
    except IntegrityError:
        return None
    _write(file_of(made.id), picture.data)
    _write(file_of(made.id, small=True), picture.small)
    audit.record("photo.add", "event_session", session_id, by=by, photo=made.id, sha256=picture.sha256)
    return made


def remove_photo(photo_id: str, *, by: str, reason: str) -> EvidencePhoto:
    """Take a photo away from the evidence; row, file and reason are kept. Twice is once."""
    photo = lock_row(EvidencePhoto, photo_id)
    if photo.removed_at is None:
        photo.removed_at, photo.removed_by, photo.removed_reason = clock.now(), by, reason
        audit.record("photo.remove", "event_session", photo.session_id, by=by, photo=photo.id, reason=reason)
    return photo


def _write(path: Path, data: bytes) -> None:
    """Whole and on the disk, or not there."""
    path.parent.mkdir(parents=True, exist_ok=True)
    part = path.with_suffix(".part")
    with part.open("wb") as file:
        file.write(data)
        file.flush()
        os.fsync(file.fileno())
    part.replace(path)


def sweep() -> int:
    """Remove files older than a day that no row names; how many."""
    if not folder().is_dir():
        return 0
    old = (clock.now() - LEFT_OVER).timestamp()
    found = [path for path in folder().iterdir() if path.stat().st_mtime < old]
    known = set(session().scalars(select(EvidencePhoto.id)))
    orphans = [path for path in found if path.suffix == ".part" or path.name.partition(".")[0] not in known]
    for path in orphans:
        path.unlink(missing_ok=True)
    return len(orphans)
