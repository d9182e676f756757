"""A new pass for a sign-up: the old code and the old short code stop, the place stays."""

import secrets

from sqlalchemy import select, update
from sqlalchemy.exc import IntegrityError

from webapp.core import audit
from webapp.core.db import broken_constraint, savepoint, session
from webapp.core.errors import NotFound
from webapp.signups.domain import (
    HIGHEST_SERIAL,
    SHORT_CODE_ALPHABET,
    SHORT_CODE_LENGTH,
    NoPass,
    SignupStatus,
    TooManyPasses,
)
from webapp.signups.models import Signup
from webapp.signups.service import notices

_TRIES = 8  # short codes of one session that are taken by chance, one after the other


def reissue_pass(signup_id: str, *, by: str | None, seen: int | None = None) -> bool:
    """Void the pass and give a new one; `by` None is a guest with the signed link of their own sign-up.

    `seen` is the serial of the pass somebody looked at when asking: if it was replaced since, nothing happens and
    the answer is False, so that a button pressed twice makes one new pass. Raises NotFound, NoPass for a sign-up
    without a place, TooManyPasses.
    """
    found = session().execute(
        select(Signup.status, Signup.pass_serial, Signup.person_id)
        .where(Signup.id == signup_id)
        .with_for_update()
    )
    row = found.one_or_none()
    if row is None:
        raise NotFound
    if row.status != SignupStatus.CONFIRMED:
        raise NoPass
    if seen is not None and row.pass_serial != seen:
        return False
    if row.pass_serial >= HIGHEST_SERIAL:
        raise TooManyPasses
    serial = row.pass_serial + 1
    _write(signup_id, serial)
    audit.record("pass.reissue", "signup", signup_id, by=by, serial=serial)
    if by is not None and by != row.person_id:
        notices.pass_replaced(signup_id, serial)
    return True


def _write(signup_id: str, serial: int) -> None:
    for _ in range(_TRIES):
        short_code = "".join(secrets.choice(SHORT_CODE_ALPHABET) for _ in range(SHORT_CODE_LENGTH))
        try:
            with savepoint():
                session().execute(
                    update(Signup)
                    .where(Signup.id == signup_id)
                    .values(pass_serial=serial, short_code=short_code)
                )
                return
        except IntegrityError as error:
            if broken_constraint(error) != "uq_signup_session_id_short_code":
                raise
    raise RuntimeError("no free short code was found")
