"""Reads: accounts, the person behind a token or a cookie, where to reach someone."""

import re
from dataclasses import dataclass

from email_validator import EmailNotValidError, validate_email
from sqlalchemy import ColumnElement, bindparam, func, select

from webapp.core import spelling, tokens
from webapp.core.db import get_row, session
from webapp.core.forms import normal_phone
from webapp.people.domain import EMAIL_LIMIT
from webapp.people.models import Account, ApiToken, Guardianship, Person

_BLANK_BESIDE = re.compile(r"\s*([@.])\s*")  # as keyboards put it that complete words


@dataclass(frozen=True)
class Known:
    """A person as every page needs them. Not a row: it stays as it is when a transaction begins or ends."""

    id: str
    name: str


@dataclass(frozen=True)
class SignedInAccount:
    """What Flask-Login holds during one request."""

    id: str
    key: str
    person: Known
    is_active: bool = True
    is_authenticated: bool = True
    is_anonymous: bool = False

    def get_id(self) -> str:
        """What the cookie carries."""
        return self.key


@dataclass(frozen=True)
class Login:
    """What someone signs in with, in its one spelling: exactly one of the two is set."""

    phone: str | None = None
    email: str | None = None

    @property
    def text(self) -> str:
        """The value, whichever it is."""
        return self.phone or self.email or ""


def as_login(text: str) -> Login | None:
    """A telephone number (E.164) or an e-mail address (lower case), or None when it is neither."""
    text = spelling.compact(text).strip()
    if "@" not in text:
        phone = normal_phone(text) if len(text) <= 40 else None
        return Login(phone=phone) if phone else None
    text = _BLANK_BESIDE.sub(r"\1", text.replace("。", "."))
    if len(text) > EMAIL_LIMIT:
        return None
    try:  # no look-up of the domain; reserved ones (.test) are for demonstrations
        found = validate_email(text, check_deliverability=False, allow_smtputf8=False, test_environment=True)
    except EmailNotValidError:
        return None
    email = (found.ascii_email or found.normalized).lower()
    return Login(email=email) if len(email) <= EMAIL_LIMIT else None


def _is(login: Login) -> ColumnElement[bool]:
    return Account.phone == login.phone if login.phone else Account.email == login.email


def find_account(login: Login) -> Account | None:
    """The account that signs in with this, also a disabled one."""
    return session().scalar(select(Account).where(_is(login)))


def account_of(person_id: str) -> Account | None:
    """The person's account, if they have one."""
    return session().scalar(select(Account).where(Account.person_id == person_id))


def get_person(person_id: str) -> Person:
    """The person; raises NotFound."""
    return get_row(Person, person_id)


def signed_in(account: Account) -> SignedInAccount:
    """The account as the sign-in library holds it."""
    return SignedInAccount(account.id, account.get_id(), Known(account.person.id, account.person.name))


def account_of_cookie(key: str) -> SignedInAccount | None:
    """Who a sign-in cookie belongs to; None when the password changed since, or the account was closed."""
    account_id, _, session_key = key.partition(".")
    account = session().get(Account, account_id) if account_id.isascii() and account_id.isalnum() else None
    if account is None or not tokens.same(account.session_key, session_key):
        return None
    is_open = account.disabled_at is None and account.person.closed_at is None
    return signed_in(account) if is_open else None


def person_of_account(account: SignedInAccount) -> Known:
    """The person behind the request's account; no further look at the database."""
    return account.person


# The owner of a token that was not revoked, by `fingerprint`; nobody whose account was closed.
OWNER_OF_TOKEN = (
    select(Person.id, Person.name)
    .join(ApiToken, ApiToken.person_id == Person.id)
    .outerjoin(Account, Account.person_id == Person.id)
    .where(
        ApiToken.fingerprint == bindparam("fingerprint"),
        ApiToken.revoked_at.is_(None),
        Person.closed_at.is_(None),
        Account.disabled_at.is_(None),
    )
)


def count_namesakes() -> int:
    """How many stand beside someone of the same name and telephone, as the upgrade to name keys found them."""
    return session().scalar(select(func.count()).where(Person.name_key.contains("#"))) or 0


def list_tokens(person_id: str) -> list[ApiToken]:
    """The person's tokens that still work, newest first."""
    wanted = select(ApiToken).where(ApiToken.person_id == person_id, ApiToken.revoked_at.is_(None))
    return list(session().scalars(wanted.order_by(ApiToken.created_at.desc(), ApiToken.id.desc())))


def contact_of(person_id: str) -> tuple[str, str] | None:
    """Channel (mail or sms) and recipient; None when we know no way to reach the person."""
    row = (
        session()
        .execute(
            select(Person.phone, Account.email, Account.phone.label("account_phone"))
            .outerjoin(Account, Account.person_id == Person.id)
            .where(Person.id == person_id)
        )
        .first()
    )
    if row is None:
        return None
    if row.email:
        return "mail", row.email
    phone = row.account_phone or row.phone
    return ("sms", phone) if phone else None


def standing_guardianship(person_id: str) -> Guardianship | None:
    """The newest consent of a guardian that was not withdrawn; None for someone nobody agreed for."""
    return session().scalar(
        select(Guardianship)
        .where(Guardianship.person_id == person_id, Guardianship.withdrawn_at.is_(None))
        .order_by(Guardianship.given_at.desc(), Guardianship.id.desc())
        .limit(1)
    )
