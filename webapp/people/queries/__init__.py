"""Reads: accounts, the person behind a token or a cookie, where to reach someone."""

import re
from collections.abc import Collection, Iterable
from dataclasses import dataclass, replace
from typing import Any

from email_validator import EmailNotValidError, validate_email
from sqlalchemy import ColumnElement, Select, and_, bindparam, func, select

from webapp.core import audit, clock, spelling, tokens
from webapp.core.config import current_settings
from webapp.core.db import born_at, get_row, is_id, new_id, session
from webapp.core.errors import N_
from webapp.core.forms import normal_phone
from webapp.core.leaving import End, Ending, Hanging, some_names
from webapp.core.senders import is_configured
from webapp.people.domain import (
    EMAIL_LIMIT,
    PHONES_REVEALED,
    PHONES_SHOWN,
    SIGN_IN_LASTS,
    Channels,
    Way,
    contact_for,
    way_to,
)
from webapp.people.models import Account, ApiToken, EndedSignIn, Guardianship, Person, SettledAge

_AT_ONCE = 500  # so many ids in one statement
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
        """What the cookie carries: the account, its key, and which sign-in this is."""
        return self.key

    def anew(self) -> "SignedInAccount":
        """The same account at the beginning of another sign-in."""
        account, key = self.key.split(".")[:2]
        return replace(self, key=f"{account}.{key}.{new_id()}")

    @property
    def sign_in_id(self) -> str | None:
        """Which sign-in this is; None for a cookie of before sign-ins had one."""
        return sign_in_of(self.key)


@dataclass(frozen=True)
class Login:
    """What someone signs in with, in its one spelling: exactly one of the two is set."""

    phone: str | None = None
    email: str | None = None

    @property
    def text(self) -> str:
        """The value, whichever it is."""
        return self.phone or self.email or ""


def are_phones_shown(kind: str, list_id: str, *, to: str) -> bool:
    """Whether this person asked for the numbers of this list within the last half hour (`service.phones`)."""
    since = clock.now() - PHONES_SHOWN
    return audit.is_recorded(PHONES_REVEALED, (kind, list_id), by=to, since=since)


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


def name_of(person_id: str) -> str | None:
    """What they are called; None where nobody is."""
    return session().scalar(select(Person.name).where(Person.id == person_id))


def signed_in(account: Account) -> SignedInAccount:
    """The account as the sign-in library holds it."""
    return SignedInAccount(account.id, account.get_id(), Known(account.person.id, account.person.name))


def account_of_cookie(key: str) -> SignedInAccount | None:
    """Who a sign-in cookie belongs to.

    None when the password changed since, the account was closed, this sign-in was ended or is too old.
    """
    account_id, _, rest = key.partition(".")
    session_key, has_id, _ = rest.partition(".")
    sign_in = sign_in_of(key)
    if not (account_id.isascii() and account_id.isalnum()) or (has_id and not _may_last(sign_in)):
        return None
    found = session().execute(_NOT_ENDED, {"account_id": account_id, "sign_in": sign_in or ""}).one_or_none()
    account: Account | None = found[0] if found else None
    if account is None or not tokens.same(account.session_key, session_key):
        return None
    is_open = account.disabled_at is None and account.person.closed_at is None
    return replace(signed_in(account), key=key) if is_open else None


def sign_in_of(key: str) -> str | None:
    """The id of the sign-in that a cookie's text names."""
    parts = key.split(".")
    return parts[2] if len(parts) == 3 and is_id(parts[2]) else None


def _may_last(sign_in: str | None) -> bool:
    try:
        return sign_in is not None and born_at(sign_in) > clock.now() - SIGN_IN_LASTS
    except ValueError:
        return False


# One question for the account, its person, and whether the sign-in was ended.
_NOT_ENDED = select(Account).where(
    Account.id == bindparam("account_id"),
    ~select(EndedSignIn.id).where(EndedSignIn.id == bindparam("sign_in")).exists(),
)


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


def any_gone(person_ids: Collection[str]) -> bool:
    """Whether one of them has closed the account, or was forgotten."""
    wanted = select(Person.id).where(Person.id.in_(list(person_ids)), Person.closed_at.is_not(None))
    return session().scalar(wanted.limit(1)) is not None


def count_namesakes() -> int:
    """How many stand beside someone of the same name and telephone, as the upgrade to name keys found them."""
    return session().scalar(select(func.count()).where(Person.name_key.contains("#"))) or 0


def list_tokens(person_id: str) -> list[ApiToken]:
    """The person's tokens that still work, newest first."""
    wanted = select(ApiToken).where(ApiToken.person_id == person_id, ApiToken.revoked_at.is_(None))
    return list(session().scalars(wanted.order_by(ApiToken.created_at.desc(), ApiToken.id.desc())))


def tokens_hanging(ending: Ending) -> list[Hanging]:
    """Programs that act as whoever leaves."""
    found = list_tokens(ending.person_id)
    if not found:
        return []
    values = {"n": len(found), "names": some_names(one.name for one in found)}
    becomes = N_("立即停用。") if ending.end == End.ACCOUNT else N_("从此也不能再做这些事。")
    return [Hanging(N_("有 %(n)s 个程序密钥：%(names)s。"), values, becomes)]


def channels() -> Channels:
    """What this installation can send at all."""
    settings = current_settings()
    return Channels(mail=is_configured("mail", settings), sms=is_configured("sms", settings))


@dataclass(frozen=True)
class Reached:
    """Someone who has to be told, and by what they hear of it."""

    id: str
    name: str
    way: Way
    phone: str | None


def reached(person_ids: Iterable[str]) -> list[Reached]:
    """By what each of these people can be told, by name. The one place that says so; the words of pages follow it."""
    ids, found = sorted(set(person_ids)), list[Reached]()
    ours = channels()
    for first in range(0, len(ids), _AT_ONCE):
        rows = session().execute(
            _contacts().where(Person.id.in_(ids[first : first + _AT_ONCE]), Person.closed_at.is_(None))
        )
        for row in rows:
            phone = row.account_phone or row.phone
            way = way_to(row.email, phone, ours, has_account=row.account_id is not None)
            found.append(Reached(row.id, row.name, way, phone))
    return sorted(found, key=lambda one: (one.name, one.id))


def way_of(person_id: str) -> Way:
    """By what one person can be told."""
    found = reached([person_id])
    return found[0].way if found else Way.NOBODY


def contact_of(person_id: str) -> tuple[str, str] | None:
    """Channel (mail or sms) and recipient; None when we know no way to reach the person."""
    row = session().execute(_contacts().where(Person.id == person_id)).first()
    return contact_for(row.email, row.account_phone or row.phone, channels()) if row else None


def _contacts() -> Select[*tuple[Any, ...]]:
    return select(
        Person.id,
        Person.name,
        Person.phone,
        Account.id.label("account_id"),
        Account.email,
        Account.phone.label("account_phone"),
    ).outerjoin(Account, and_(Account.person_id == Person.id, Account.disabled_at.is_(None)))


def standing_guardianship(person_id: str) -> Guardianship | None:
    """The newest consent of a guardian that was not withdrawn; None for someone nobody agreed for."""
    return session().scalar(
        select(Guardianship)
        .where(Guardianship.person_id == person_id, Guardianship.withdrawn_at.is_(None))
        .order_by(Guardianship.given_at.desc(), Guardianship.id.desc())
        .limit(1)
    )


def get_guardianship(guardianship_id: str) -> Guardianship:
    """A consent by its id, also one that was withdrawn; raises NotFound."""
    return get_row(Guardianship, guardianship_id)


def last_guardianship(person_id: str) -> Guardianship | None:
    """The newest consent, whether it stands or not."""
    return session().scalar(
        select(Guardianship)
        .where(Guardianship.person_id == person_id)
        .order_by(Guardianship.given_at.desc(), Guardianship.id.desc())
        .limit(1)
    )


def settled_ages(person_ids: Collection[str]) -> dict[str, SettledAge]:
    """What a guardian or staff settled, by person."""
    wanted = select(SettledAge).where(SettledAge.person_id.in_(list(person_ids)))
    return {one.person_id: one for one in session().scalars(wanted)}
