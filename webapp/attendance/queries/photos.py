"""Photos of a session, and where their files lie."""

from pathlib import Path

from sqlalchemy import func, select

from webapp.attendance.models import EvidencePhoto, HeadCount
from webapp.core.config import current_settings
from webapp.core.db import session
from webapp.core.errors import NotFound


def folder() -> Path:
    """Where the files are: part of what a backup must hold."""
    return current_settings().data_dir / "photos"


def file_of(photo_id: str, *, small: bool = False) -> Path:
    """The file of a photo, or its small picture."""
    return folder() / (f"{photo_id}.small.jpg" if small else f"{photo_id}.jpg")


def missing() -> list[str]:
    """A sentence where photos of the database have no file any more; nothing where all are there."""
    ids = session().scalars(select(EvidencePhoto.id).where(EvidencePhoto.removed_at.is_(None)))
    lost = sum(not file_of(one).exists() for one in ids)
    return [f"{lost} photos of events have no file: put {folder()} back from the backup."] if lost else []


def photos_of(session_id: str) -> list[EvidencePhoto]:
    """Photos that stand, in the order they came."""
    wanted = select(EvidencePhoto).where(
        EvidencePhoto.session_id == session_id, EvidencePhoto.removed_at.is_(None)
    )
    return list(session().scalars(wanted.order_by(EvidencePhoto.created_at, EvidencePhoto.id)))


def annulled_counts(session_id: str) -> set[str]:
    """Ids of the session's head-counts that were taken back: photos that came with them stay."""
    wanted = select(HeadCount.id).where(
        HeadCount.session_id == session_id, HeadCount.annulled_at.is_not(None)
    )
    return set(session().scalars(wanted))


def count_photos(session_id: str) -> int:
    """How many stand."""
    wanted = select(func.count()).select_from(EvidencePhoto)
    found = session().scalar(
        wanted.where(EvidencePhoto.session_id == session_id, EvidencePhoto.removed_at.is_(None))
    )
    return int(found or 0)


def standing_photo(photo_id: str) -> EvidencePhoto:
    """A photo that was not removed; raises NotFound."""
    photo = session().get(EvidencePhoto, photo_id)
    if photo is None or photo.removed_at is not None:
        raise NotFound
    return photo
