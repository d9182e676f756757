"""Person, PersonWords, Account, Consent, Guardianship, SettledAge, ApiToken, EndedSignIn, SignInFailure."""

from datetime import datetime
from typing import Any

from sqlalchemy import (
    CheckConstraint,
    Connection,
    ForeignKey,
    Index,
    String,
    Text,
    delete,
    event,
    insert,
    inspect,
    update,
)
from sqlalchemy.dialects.postgresql import TSVECTOR
from sqlalchemy.orm import Mapped, mapped_column, relationship, validates

from webapp.core import clock
from webapp.core.db import ID_LENGTH, Base, CreatedAt, Id
from webapp.core.errors import N_
from webapp.core.looks import Looks
from webapp.core.matching import words_of
from webapp.core.removal import GOES_ALONG
from webapp.core.spelling import name_key
from webapp.people.domain import CLOSED_NAME, EMAIL_LIMIT, KEY_LIMIT, NAME_LIMIT


def _key_of_new(context: Any) -> str:
    return name_key(str(context.get_current_parameters()["name"]))


class Person(Base):
    """A human. Guests and elders signed up by a centre have no account."""

    __tablename__ = "person"
    __table_args__ = (
        # One phone may serve a family; the same name on the same phone is the same person.
        Index("uq_person_phone_name_key", "phone", "name_key", unique=True),
        CheckConstraint("length(name) > 0", name="has_name"),
    )

    id: Mapped[Id]
    name: Mapped[str] = mapped_column(String(NAME_LIMIT))
    # What two spellings of the name have in common; only a statement past the models need not give it.
    name_key: Mapped[str] = mapped_column(String(KEY_LIMIT), default=_key_of_new)
    phone: Mapped[str | None] = mapped_column(String(20))  # E.164
    created_at: Mapped[CreatedAt]
    updated_at: Mapped[datetime] = mapped_column(default=clock.now, onupdate=clock.now)
    closed_at: Mapped[datetime | None]

    @validates("name")
    def _name_changes(self, _attribute: str, name: str) -> str:
        if name != self.name:  # who stands under a key of their own beside a namesake keeps it
            self.name_key = name_key(name)
        return name


class PersonWords(Base):
    """What a person is found by (core/matching.py): name, pinyin, its first letters, the end of the phone.

    Written by the listeners below with whatever makes or changes a person; by `service.persons.keep_words` after
    statements past the models. Who was forgotten has none. The indexes are as those of `event_words`.
    """

    __tablename__ = "person_words"
    __table_args__ = (
        Index("ix_person_words_words", "words", postgresql_using="gin").ddl_if(dialect="postgresql"),
    )

    number: Mapped[int] = mapped_column(primary_key=True)  # SQLite's index knows rows by number
    person_id: Mapped[str] = mapped_column(
        ForeignKey("person.id", ondelete="CASCADE", info=GOES_ALONG), unique=True
    )
    words: Mapped[str] = mapped_column(Text().with_variant(TSVECTOR(), "postgresql"))


@event.listens_for(Person, "after_insert")
def _person_made(_mapper: Any, connection: Connection, person: Person) -> None:
    if person.name != CLOSED_NAME:
        connection.execute(
            insert(PersonWords).values(person_id=person.id, words=words_of(person.name, person.phone))
        )


@event.listens_for(Person, "after_update")
def _person_changed(mapper: Any, connection: Connection, person: Person) -> None:
    attributes = inspect(person).attrs
    if not (attributes.name.history.has_changes() or attributes.phone.history.has_changes()):
        return
    own = PersonWords.person_id == person.id
    if person.name == CLOSED_NAME:
        connection.execute(delete(PersonWords).where(own))
        return
    words = words_of(person.name, person.phone)
    if not connection.execute(update(PersonWords).where(own).values(words=words)).rowcount:
        _person_made(mapper, connection, person)


class Account(Base):
    """A person's sign-in."""

    __tablename__ = "account"
    __table_args__ = (CheckConstraint("email IS NOT NULL OR phone IS NOT NULL", name="can_sign_in"),)

    id: Mapped[Id]
    person_id: Mapped[str] = mapped_column(ForeignKey("person.id"), unique=True)
    email: Mapped[str | None] = mapped_column(String(EMAIL_LIMIT), unique=True)  # lower case
    phone: Mapped[str | None] = mapped_column(String(20), unique=True)  # E.164
    password_hash: Mapped[str] = mapped_column(String(200))
    # Part of the sign-in cookie: a new one (password changed, account closed) ends every other session.
    session_key: Mapped[str] = mapped_column(String(40))
    created_at: Mapped[CreatedAt]
    last_sign_in_at: Mapped[datetime | None]
    disabled_at: Mapped[datetime | None]

    person: Mapped[Person] = relationship(lazy="joined")

    def get_id(self) -> str:
        """What the sign-in cookie carries of this account."""
        return f"{self.id}.{self.session_key}"


class Consent(Base):
    """A person agreed to a version of a text, by themselves or orally before a named helper."""

    __tablename__ = "consent"
    __table_args__ = (Index("ix_consent_person_id", "person_id"),)

    id: Mapped[Id]
    person_id: Mapped[str] = mapped_column(ForeignKey("person.id"))
    purpose: Mapped[str] = mapped_column(String(40))
    policy_version: Mapped[str] = mapped_column(String(20))
    given_at: Mapped[datetime]
    method: Mapped[str] = mapped_column(String(10))  # web | oral | api
    recorded_by: Mapped[str | None] = mapped_column(ForeignKey("person.id"))
    withdrawn_at: Mapped[datetime | None]


class Guardianship(Base):
    """A parent or guardian agreed that a minor takes part (PIPL art. 31; 未成年人网络保护条例).

    The consent that stands is the newest that was not withdrawn. No birthday is kept: only the band, on the sign-up.
    """

    __tablename__ = "guardianship"
    __looks__ = Looks(
        ("withdrawn_at",),
        says=lambda row: N_("监护人不再同意") if row.withdrawn_at else N_("监护人已同意"),
        decided=(("", "withdrawn_at"), ("recorded_by", "given_at")),
    )
    __table_args__ = (Index("ix_guardianship_person_id", "person_id"),)

    id: Mapped[Id]
    person_id: Mapped[str] = mapped_column(ForeignKey("person.id"))  # the minor
    guardian_name: Mapped[str] = mapped_column(String(NAME_LIMIT))
    guardian_phone: Mapped[str] = mapped_column(String(20))  # E.164
    policy_version: Mapped[str] = mapped_column(String(20))
    given_at: Mapped[datetime]
    method: Mapped[str] = mapped_column(String(10))  # web | oral | link
    recorded_by: Mapped[str | None] = mapped_column(ForeignKey("person.id"))
    withdrawn_at: Mapped[datetime | None]
    withdrawn_how: Mapped[str | None] = mapped_column(String(10))  # people.domain.Withdrawn


class SettledAge(Base):
    """A guardian or staff said how old someone is: it goes before everything that was said until then.

    Kept only where words disagreed. A band, as everywhere; no birthday.
    """

    __tablename__ = "settled_age"

    person_id: Mapped[str] = mapped_column(ForeignKey("person.id"), primary_key=True)
    band: Mapped[str] = mapped_column(String(10))  # volunteers.domain.AgeBand
    said_at: Mapped[datetime]
    said_by: Mapped[str | None] = mapped_column(ForeignKey("person.id"))  # staff; None: the guardian, by link


class ApiToken(Base):
    """A program's key to the API, acting as its owner. Only the fingerprint is stored."""

    __tablename__ = "api_token"
    __looks__ = Looks(("revoked_at",), says=lambda row: N_("已停用") if row.revoked_at else None)

    id: Mapped[Id]
    person_id: Mapped[str] = mapped_column(ForeignKey("person.id"), index=True)
    name: Mapped[str] = mapped_column(String(60))
    fingerprint: Mapped[str] = mapped_column(String(64), unique=True)
    created_at: Mapped[CreatedAt]
    revoked_at: Mapped[datetime | None]


class EndedSignIn(Base):
    """A sign-in that was ended by signing out: a copy of its cookie, kept anywhere, opens nothing any more.

    Only its random id, which the cookie carries; whose it was is not kept.
    """

    __tablename__ = "ended_sign_in"

    id: Mapped[str] = mapped_column(String(ID_LENGTH), primary_key=True)
    ended_at: Mapped[datetime]


class SignInFailure(Base):
    """Wrong passwords counted by account name and by address, so that guessing slows down in every process."""

    __tablename__ = "sign_in_failure"

    subject: Mapped[str] = mapped_column(String(64), primary_key=True)  # fingerprint of the name or address
    count: Mapped[int]
    first_at: Mapped[datetime]
    blocked_until: Mapped[datetime | None]
