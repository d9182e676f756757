"""Whether this DATA_DIR belongs to this database: asked before anything is served, so that a restore without its
files says so instead of making new ones.
"""

from sqlalchemy import inspect, text

from webapp.core import known, signing, tokens
from webapp.core.config import current_settings
from webapp.core.db import db, transaction
from webapp.core.known import SECRET, SIGNING

_WAY_OUT = (
    "Put the file back from the backup. If it is lost for good, `flask --app wsgi keys renew --yes` goes on "
    "without it: {loses}."
)
LOSES_PASSES = "every pass shown or printed so far becomes void, and people find a new one on their page"
LOSES_LINKS = "everybody is signed out, and links of calendars, guests' passes, wall codes and pairings end"


# Databases of these versions have passes signed with keys, and do not know by which: it is written down since 0008.
_SIGNED_FROM, _KNOWN_FROM = "0003", "0008"
# The demonstration is checked in without showing a pass, so without a key.
_SIGNED = "SELECT 1 FROM scan WHERE method = 'camera' AND code LIKE 'pass:%' AND device <> 'demo' LIMIT 1"


def problems() -> list[str]:
    """What the database misses of the secrets it has used; nothing in a new one."""
    if _is_older():
        return _lost_keys_of_older()
    return _lost_keys() + _other_secret()


def require_same_before_upgrade() -> None:
    """Raises BadKeys where a database of an earlier version was put back without its keys: once it is upgraded nobody
    could tell any more.
    """
    if found := _lost_keys_of_older():
        raise signing.BadKeys("\n".join(found))


def _is_older() -> bool:
    with db.engine.connect() as connection:
        if not inspect(connection).has_table("alembic_version"):
            return False
        version = connection.scalar(text("SELECT version_num FROM alembic_version")) or ""
    return str(version) < _KNOWN_FROM


def _lost_keys_of_older() -> list[str]:
    path = current_settings().data_dir / signing.FILE
    if path.exists() or not _is_older():
        return []
    with db.engine.connect() as connection:
        version = str(connection.scalar(text("SELECT version_num FROM alembic_version")) or "")
        if version < _SIGNED_FROM or connection.execute(text(_SIGNED)).first() is None:
            return []
    return [
        f"{path} is missing, and this database has passes signed with its keys. "
        + _WAY_OUT.format(loses=LOSES_PASSES)
    ]


def require_same() -> None:
    """Raises BadKeys with everything that is missing."""
    found = problems()
    if found:
        raise signing.BadKeys("\n".join(found))


def prepare() -> None:
    """Before anything is served: refuse to go on with other secrets, know those used now. Raises BadKeys."""
    require_same()
    with transaction():
        remember()


def remember() -> None:
    """Know the keys and the secret used now, in the current transaction."""
    for key in signing.all_keys():
        known.remember(SIGNING, key.kid, retired=key.retired_at is not None)
    if not known.known(SECRET):
        known.remember(SECRET, _mark())


def renew() -> list[str]:
    """Go on with what is there, in the current transaction; returns what was lost by it, one sentence each."""
    if _is_older():
        signing.make_missing()
        return [LOSES_PASSES]
    lost = [LOSES_PASSES] if _lost_keys() else []
    lost += [LOSES_LINKS] if _other_secret() else []
    known.forget(SIGNING)
    known.forget(SECRET)
    signing.make_missing()
    remember()
    return lost


def _mark() -> str:
    return tokens.mac("installation", "this database belongs to this secret")


def _lost_keys() -> list[str]:
    used = known.known(SIGNING)
    if not used:
        return []
    path = current_settings().data_dir / signing.FILE
    if not path.exists():
        names = ", ".join(one.mark for one in used)
        return [
            f"{path} is missing, and this database has passes signed with its keys ({names}). "
            + _WAY_OUT.format(loses=LOSES_PASSES)
        ]
    here = {key.kid: key for key in signing.all_keys()}
    lost = [one.mark for one in used if one.retired_at is None and one.mark not in here]
    found = []
    if lost:
        found.append(
            f"{path} is not the file of this database: it lacks the keys {', '.join(lost)} that passes were signed "
            "with. " + _WAY_OUT.format(loses=LOSES_PASSES)
        )
    living = {kid for kid, key in here.items() if key.retired_at is None}
    found += [
        f"{path} is an old one: the key {one.mark} was retired since, and would count again. "
        f"Put the newest file back, or run `flask --app wsgi keys retire {one.mark}`."
        for one in used
        if one.retired_at is not None and one.mark in living
    ]
    return found


def _other_secret() -> list[str]:
    used = known.known(SECRET)
    if not used or used[0].mark == _mark():
        return []
    place = current_settings().data_dir / "secret_key"
    return [
        f"SECRET_KEY (or {place}, where it is not set) is not the secret this database was used with. "
        + _WAY_OUT.format(loses=LOSES_LINKS)
    ]
