"""A person's rights over what is kept of them: correct it, close the account (PIPL 2021 art. 44 to 47)."""

from collections.abc import Mapping, Sequence

from sqlalchemy import delete, select, update
from sqlalchemy.exc import IntegrityError

from webapp.core import audit, clock, done, passwords
from webapp.core.db import broken_constraint, get_row, lock_row, savepoint, session
from webapp.core.drafts import forget_drafts_of
from webapp.core.leaving import End, Ending, settle
from webapp.core.outbox import OutboxMessage
from webapp.core.spelling import name_key
from webapp.people import queries
from webapp.people.domain import CLOSED_NAME, AccountTaken, BadLogin, WrongPassword, guardian_key, normal_name
from webapp.people.models import Account, ApiToken, Consent, Guardianship, Person, PersonWords, SettledAge


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


def closing_of(
    person_id: str, choices: Mapping[str, str] | None = None, *, by_command: bool = False
) -> Ending:
    """The end of a person's account, by themselves or by the command line on their request."""
    return Ending(End.ACCOUNT, person_id, by=None if by_command else person_id, choices=choices or {})


def close_account(
    account_id: str, choices: Mapping[str, str] | None = None, *, by_command: bool = False
) -> None:
    """End the account: every area hands on or ends what hangs on it (core/leaving.py), then the personal data goes.

    Records of service are kept ten years (GB/T 40143-2021, 5.2.2), so who served keeps name and telephone, and
    nothing else is done with them.
    """
    account = lock_row(Account, account_id)
    ending = closing_of(account.person_id, choices, by_command=by_command)
    settle(ending)
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
    kept = {"keeps_name": ending.keep_name, "choices": dict(ending.choices)}
    audit.record("account.close", "person", ending.person_id, by=ending.by, **kept)
    anonymise(ending.person_id, keep_name=ending.keep_name)


def anonymise(person_id: str, *, keep_name: bool = False) -> None:
    """Forget who this was: name, telephone, messages, guardians. Figures that counted them stay."""
    person = lock_row(Person, person_id)
    person.closed_at = clock.now()
    if not keep_name:
        person.name, person.phone = CLOSED_NAME, None
    session().execute(delete(OutboxMessage).where(OutboxMessage.person_id == person_id))
    forget_drafts_of(person_id)
    _forget_guardians(person_id)
    session().flush()


def anonymise_guests(person_ids: Sequence[str]) -> None:
    """The same of many who have no account and are locked, with one statement for each table."""
    current, now = session(), clock.now()
    mine = {"synchronize_session": False}
    ids = list(person_ids)
    forgotten = {"name": CLOSED_NAME, "name_key": name_key(CLOSED_NAME), "phone": None, "closed_at": now}
    current.execute(update(Person).where(Person.id.in_(ids)).values(forgotten), execution_options=mine)
    current.execute(delete(PersonWords).where(PersonWords.person_id.in_(ids)), execution_options=mine)
    current.execute(delete(OutboxMessage).where(OutboxMessage.person_id.in_(ids)), execution_options=mine)
    for one in current.scalars(
        select(Guardianship.person_id).where(Guardianship.person_id.in_(ids)).distinct()
    ).all():
        _forget_guardians(one)
    current.execute(delete(SettledAge).where(SettledAge.person_id.in_(ids)), execution_options=mine)
    done.forget(*ids)


def _forget_guardians(person_id: str) -> None:
    """Who agreed, what they were told (their messages are nobody's of ours), and how old the child was."""
    own, current = Guardianship.person_id == person_id, session()
    numbers = select(Guardianship.guardian_phone).where(own)
    current.execute(
        delete(OutboxMessage)
        .where(
            OutboxMessage.person_id.is_(None),
            OutboxMessage.recipient.in_(numbers),
            OutboxMessage.dedupe_key.startswith(guardian_key(person_id), autoescape=True),
        )
        .execution_options(synchronize_session=False)
    )
    current.execute(delete(Guardianship).where(own))
    current.execute(delete(SettledAge).where(SettledAge.person_id == person_id))
