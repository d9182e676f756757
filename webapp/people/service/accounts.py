"""Accounts: made by oneself or by a command, and their passwords.

Passwords are hashed by the `prepare_…` functions, which write nothing and are called before the transaction.
"""

import secrets

from sqlalchemy import select
from sqlalchemy.exc import IntegrityError

from webapp.core import audit, passwords
from webapp.core.db import broken_constraint, get_row, lock_row, savepoint, session
from webapp.core.passwords import Hashed
from webapp.core.spelling import name_key
from webapp.people import queries
from webapp.people.domain import AccountTaken, BadLogin, WrongPassword, check_password, normal_name
from webapp.people.models import Account, Person
from webapp.people.service.persons import record_consent

_TAKEN = {"uq_account_email", "uq_account_phone"}


def prepare_password(password: str) -> Hashed:
    """Check a new password against the rule and hash it; raises WeakPassword."""
    check_password(password)
    return passwords.hash_password(password)


def register(*, name: str, login: str, password: str | Hashed) -> Account:
    """Someone makes their own account and agrees to the privacy text; raises BadName, BadLogin, AccountTaken.

    Nobody proved yet that the telephone is theirs. So a guest of the same name and telephone is not taken over:
    what that guest signed up for stays out of sight of the new account.
    """
    found = queries.as_login(login)
    if found is None:
        raise BadLogin
    account = make_account(name=name, password=password, email=found.email, phone=found.phone)
    record_consent(account.person_id, "account", method="web")
    audit.record("account.register", "person", account.person_id, by=account.person_id)
    return account


def make_account(
    *, name: str, password: str | Hashed, email: str | None = None, phone: str | None = None
) -> Account:
    """A person with an account, flushed; raises BadName, BadLogin, WeakPassword, AccountTaken."""
    logins = [queries.as_login(text) for text in (email, phone) if text]
    if not logins or None in logins:
        raise BadLogin
    hashed = password if isinstance(password, Hashed) else prepare_password(password)
    for login in logins:
        if login and queries.find_account(login):
            raise AccountTaken
    person = _person_for(
        normal_name(name), next((login.phone for login in logins if login and login.phone), None)
    )
    account = Account(
        person=person,
        email=next((login.email for login in logins if login and login.email), None),
        phone=next((login.phone for login in logins if login and login.phone), None),
        password_hash=hashed.text,
        session_key=new_session_key(),
    )
    return _add(account)


def _person_for(name: str, phone: str | None) -> Person:
    same = select(Person.id).where(Person.phone == phone, Person.name_key == name_key(name))
    taken = phone and session().scalar(same)
    return Person(name=name, phone=None if taken else phone)


def _add(account: Account) -> Account:
    try:
        with savepoint() as current:
            current.add(account)
    except IntegrityError as error:
        if broken_constraint(error) in _TAKEN | {"uq_person_phone_name_key"}:
            raise AccountTaken from error  # a faster one took it after we looked
        raise
    return account


def new_session_key() -> str:
    """Another key of an account: every sign-in so far ends."""
    return secrets.token_urlsafe(15)


def prepare_password_change(account_id: str, *, old: str, new: str) -> Hashed:
    """Check both passwords and hash the new one; raises WeakPassword (field `new`), WrongPassword (`old`)."""
    check_password(new, field="new")
    account = get_row(Account, account_id)
    if not passwords.matches(account.password_hash, old):
        raise WrongPassword(field="old")
    return passwords.hash_password(new)


def change_password(account_id: str, new: Hashed) -> Account:
    """Keep the new password and end every session; the caller signs the present one in again."""
    account = _set_password(account_id, new)
    audit.record("account.password", "person", account.person_id, by=account.person_id)
    return account


def reset_password(account_id: str, new: Hashed, *, by: str | None) -> Account:
    """The same by someone else, for a person who forgot it; `by` is None for the command line."""
    account = _set_password(account_id, new)
    audit.record("account.password_reset", "person", account.person_id, by=by)
    return account


def _set_password(account_id: str, new: Hashed) -> Account:
    account = lock_row(Account, account_id)
    account.password_hash, account.session_key = new.text, new_session_key()
    session().flush()
    return account
