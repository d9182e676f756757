"""Signing in: counted first, then checked, then settled, so that guesses made at the same moment count too.

The view calls the three in this order; the first and the last in a transaction of their own, so that an attempt
is kept although the sign-in fails, and no hash is made while the database is locked.
"""

import ipaddress

from sqlalchemy import delete, select
from sqlalchemy.exc import IntegrityError

from webapp.core import clock, passwords, tokens
from webapp.core.db import lock_row, on_conflict_do_nothing, savepoint, session
from webapp.core.passwords import Hashed
from webapp.people import queries
from webapp.people.domain import (
    FORGET_AFTER,
    FREE_ATTEMPTS,
    FREE_ATTEMPTS_ADDRESS,
    SIGN_IN_LASTS,
    TooManyAttempts,
    WrongPassword,
    is_forgotten,
    minutes_left,
    pause_after,
)
from webapp.people.models import Account, EndedSignIn, SignInFailure
from webapp.people.queries import SignedInAccount
from webapp.people.service.accounts import new_session_key

AT_ONCE = 500  # rows forgotten in one transaction
_UNSEEN = {"synchronize_session": False}


def count_attempt(login: str, *, address: str) -> None:
    """Count an attempt against the name and the address; raises TooManyAttempts while either is paused."""
    _count(_name(login), FREE_ATTEMPTS)
    _count(_address(address), FREE_ATTEMPTS_ADDRESS)


def authenticate(login: str, password: str) -> Account:
    """The account whose password this is; raises WrongPassword. Reads only.

    An unknown name, a closed account and a wrong password take the same time and get the same answer.
    """
    found = queries.as_login(login)
    account = queries.find_account(found) if found else None
    if account and (account.disabled_at or account.person.closed_at):
        account = None
    if not passwords.matches(account.password_hash if account else None, password) or account is None:
        raise WrongPassword
    return account


def settle_sign_in(account_id: str, login: str, *, address: str, rehashed: Hashed | None = None) -> Account:
    """After the right password: forget the name's failures, take this attempt back from the address, note the time.

    `rehashed` replaces a hash made with another cost than today's.
    """
    now, current = clock.now(), session()
    name = current.get(SignInFailure, _name(login))
    if name is not None:
        current.delete(name)
        current.flush()
    _take_back(_address(address), FREE_ATTEMPTS_ADDRESS)
    account = lock_row(Account, account_id)
    account.last_sign_in_at = now
    if rehashed is not None:
        account.password_hash = rehashed.text
    current.flush()
    return account


def end_sign_in(account: SignedInAccount) -> None:
    """Sign out: this sign-in opens nothing any more, wherever its cookie was copied to; others of the account stay.

    One of before sign-ins had ids cannot be told from others: then all of them end.
    """
    if account.sign_in_id is None:
        lock_row(Account, account.id).session_key = new_session_key()
        session().flush()
        return
    row = {"id": account.sign_in_id, "ended_at": clock.now()}
    session().execute(on_conflict_do_nothing(EndedSignIn).values(row))


def forget_ended_sign_ins(*, limit: int = AT_ONCE) -> int:
    """Remove what no cookie can name any more, some at once; returns how many rows."""
    old = select(EndedSignIn.id).where(EndedSignIn.ended_at < clock.now() - SIGN_IN_LASTS).limit(limit)
    gone = delete(EndedSignIn).where(EndedSignIn.id.in_(old.scalar_subquery()))
    return int(getattr(session().execute(gone, execution_options=_UNSEEN), "rowcount", 0))


def forget_failures(*, limit: int = AT_ONCE) -> int:
    """Remove what no longer counts (domain.is_forgotten), some at once; returns how many rows."""
    before = clock.now() - FORGET_AFTER
    is_free = SignInFailure.blocked_until.is_(None) | (SignInFailure.blocked_until <= before)
    old = select(SignInFailure.subject).where(SignInFailure.first_at <= before, is_free).limit(limit)
    gone = delete(SignInFailure).where(SignInFailure.subject.in_(old.scalar_subquery()))
    return int(getattr(session().execute(gone, execution_options=_UNSEEN), "rowcount", 0))


def _name(login: str) -> str:
    found = queries.as_login(login)
    return tokens.fingerprint("name:" + (found.text if found else login.strip().lower()))


def _address(address: str) -> str:
    """One subscriber: an IPv4 address, or the /64 that an IPv6 subscriber is given whole."""
    try:
        parsed = ipaddress.ip_address(address)
    except ValueError:
        return tokens.fingerprint("address:" + address)
    if parsed.version == 6 and parsed.ipv4_mapped:
        parsed = parsed.ipv4_mapped
    one = parsed if parsed.version == 4 else ipaddress.ip_network((parsed, 64), strict=False)
    return tokens.fingerprint(f"address:{one}")


def _locked(subject: str) -> SignInFailure:
    """The row of a subject, made if missing, held until the transaction ends (name before address)."""
    if session().get(SignInFailure, subject) is None:
        try:
            with savepoint() as current:
                current.add(SignInFailure(subject=subject, count=0, first_at=clock.now()))
        except IntegrityError:
            pass  # another request made it a moment ago; the lock below waits for it
    return lock_row(SignInFailure, subject)


def _count(subject: str, free: int) -> None:
    now, row = clock.now(), _locked(subject)
    if row.blocked_until and row.blocked_until > now:
        raise TooManyAttempts(minutes=minutes_left(row.blocked_until, now))
    if is_forgotten(row.first_at, row.blocked_until, now):
        row.count, row.first_at, row.blocked_until = 0, now, None
    row.count += 1
    pause = pause_after(row.count, free)
    row.blocked_until = now + pause if pause else None
    session().flush()


def _take_back(subject: str, free: int) -> None:
    row = _locked(subject)
    row.count = max(0, row.count - 1)
    if pause_after(row.count, free) is None:
        row.blocked_until = None
    session().flush()
