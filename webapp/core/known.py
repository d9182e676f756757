"""KnownSecret: by what the database recognises the secrets that lie beside it in DATA_DIR.

A database put back without its files would otherwise get new ones without a word: every pass shown so far would be
another city's, every link of a calendar dead. The rows hold names and fingerprints, nothing a pass could be made of.
"""

from datetime import datetime

from sqlalchemy import String, delete, select
from sqlalchemy.orm import Mapped, mapped_column

from webapp.core import clock
from webapp.core.db import Base, CreatedAt, session

SIGNING, SECRET = "signing", "secret"


class KnownSecret(Base):
    """A key or secret this installation has used."""

    __tablename__ = "known_secret"

    kind: Mapped[str] = mapped_column(String(10), primary_key=True)  # signing | secret
    mark: Mapped[str] = mapped_column(String(64), primary_key=True)  # a key's name; a secret's fingerprint
    created_at: Mapped[CreatedAt]
    retired_at: Mapped[datetime | None]


def known(kind: str) -> list[KnownSecret]:
    """What is known of this kind, by name."""
    wanted = select(KnownSecret).where(KnownSecret.kind == kind).order_by(KnownSecret.mark)
    return list(session().scalars(wanted))


def remember(kind: str, mark: str, *, retired: bool = False) -> None:
    """Know it from now on, in the current transaction; the same again changes nothing but that it was retired."""
    found = session().get(KnownSecret, (kind, mark))
    if found is None:
        found = KnownSecret(kind=kind, mark=mark)
        session().add(found)
    if retired:
        found.retired_at = found.retired_at or clock.now()
    session().flush()


def forget(kind: str) -> None:
    """Know none of this kind any more."""
    session().execute(delete(KnownSecret).where(KnownSecret.kind == kind))
