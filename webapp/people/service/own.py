"""A person's rights over what is kept of them: correct it, close the account (PIPL 2021 art. 44 to 47)."""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import delete, update
from sqlalchemy.exc import IntegrityError

from webapp.core import audit, clock, passwords
from webapp.core.db import broken_constraint, get_row, lock_row, savepoint, session
from webapp.core.hooks import Hook
from webapp.core.outbox import OutboxMessage
from webapp.core.spelling import name_key
from webapp.people import queries
from webapp.people.domain import CLOSED_NAME, AccountTaken, BadLogin, WrongPassword, normal_name
from webapp.people.models import Account, ApiToken, Consent, Guardianship, Person


@dataclass
class Closing:
    """Someone leaves. Later areas end what still runs, or refuse by raising; one that must keep the name says so.

    Records of service are kept ten years (GB/T 40143-2021, 5.2.2), so who served keeps name and telephone, and
    nothing else is done with them.
    """

    person_id: str
    keep_name: bool = False


# Called with a Closing before anything is erased, in the transaction that closes.
closing = Hook()


def require_password(account_id: str, password: str, *, field: str = "password") -> None:
    """Raise WrongPassword unless this is the account's password. Reads only; slow on purpose."""
    if not passwords.matches(get_row(Account, account_id).password_hash, password):
        raise WrongPassword(field=field)


def correct_details(account_id: str, *, name: str, phone: str | None, email: str | None) -> Account:
    """Another name, telephone (E.164) or e-mail; raises BadName, BadLogin, AccountTaken."""
    logins = [queries.as_login(text) for text in (phone, email) if text]
    if not logins or None in logins:
        raise BadLogin(field="email" if email else "phone")
    account = lock_row(Account, account_id)
    person = lock_row(Person, account.person_id)
    before = {"name": person.name, "phone": account.phone, "email": account.email}
    after = {
        "name": normal_name(name),
        "phone": next((one.phone for one in logins if one and one.phone), None),
        "email": next((one.email for one in logins if one and one.email), None),
    }
    _keep(account, person, after)
    changed = sorted(key for key in after if after[key] != before[key])
    if changed:
        audit.record("account.correct", "person", person.id, by=person.id, changed=changed)
    return account


def _keep(account: Account, person: Person, after: dict[str, str | None]) -> None:
    was, number = person.phone, after["phone"]
    try:
        with savepoint():
            account.phone, account.email = number, after["email"]
            person.name, person.phone = str(after["name"]), number or was
    except IntegrityError as error:
        if broken_constraint(error) in {"uq_account_email", "uq_account_phone", "uq_person_phone_name_key"}:
            raise AccountTaken(
                field="email" if "email" in str(broken_constraint(error)) else "phone"
            ) from error
        raise


def close_account(account_id: str) -> None:
    """End the account: what still runs is ended by the followers of `closing`, then the personal data goes."""
    account = lock_row(Account, account_id)
    ending = Closing(account.person_id)
    closing(ending)
    current = session()
    current.delete(account)
    now = clock.now()
    mine = ApiToken.person_id == ending.person_id
    current.execute(update(ApiToken).where(mine, ApiToken.revoked_at.is_(None)).values(revoked_at=now))
    current.execute(
        update(Consent)
        .where(Consent.person_id == ending.person_id, Consent.withdrawn_at.is_(None))
        .values(withdrawn_at=now)
    )
    audit.record(
        "account.close", "person", ending.person_id, by=ending.person_id, keeps_name=ending.keep_name
    )
    anonymise(ending.person_id, keep_name=ending.keep_name)


def anonymise(person_id: str, *, keep_name: bool = False) -> None:
    """Forget who this was: name, telephone, messages, guardians. Figures that counted them stay."""
    person = lock_row(Person, person_id)
    person.closed_at = clock.now()
    if not keep_name:
        person.name, person.phone = CLOSED_NAME, None
    session().execute(delete(OutboxMessage).where(OutboxMessage.person_id == person_id))
    session().execute(delete(Guardianship).where(Guardianship.person_id == person_id))
    session().flush()


def anonymise_guests(person_ids: Sequence[str]) -> None:
    """The same of many who have no account and are locked, with one statement for each table."""
    current, now = session(), clock.now()
    mine = {"synchronize_session": False}
    ids = list(person_ids)
    forgotten = {"name": CLOSED_NAME, "name_key": name_key(CLOSED_NAME), "phone": None, "closed_at": now}
    current.execute(update(Person).where(Person.id.in_(ids)).values(forgotten), execution_options=mine)
    current.execute(delete(OutboxMessage).where(OutboxMessage.person_id.in_(ids)), execution_options=mine)
    current.execute(delete(Guardianship).where(Guardianship.person_id.in_(ids)), execution_options=mine)
