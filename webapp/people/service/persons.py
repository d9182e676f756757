"""Persons without regard to accounts: find or make, consent, tell them something."""

from collections.abc import Iterable

from sqlalchemy import insert, select
from sqlalchemy.exc import IntegrityError

from webapp.core import clock, outbox
from webapp.core.config import current_settings
from webapp.core.db import broken_constraint, savepoint, session
from webapp.core.matching import words_of
from webapp.core.spelling import name_key
from webapp.core.timing import Fact
from webapp.people import queries
from webapp.people.domain import CLOSED_NAME, normal_name
from webapp.people.models import Consent, Person, PersonWords

_AT_ONCE = 500


def find_or_make_person(*, name: str, phone: str | None) -> Person:
    """The person of this name on this telephone (E.164); without a telephone always a new one.

    A telephone may serve a family, so the name decides, however it is spelt. Raises BadName. Safe when two ask
    at once.
    """
    name, current = normal_name(name), session()
    wanted = select(Person).where(Person.phone == phone, Person.name_key == name_key(name))
    found = current.scalar(wanted) if phone else None
    if found is None:
        try:
            with savepoint():
                found = Person(name=name, phone=phone)
                current.add(found)
        except IntegrityError as error:
            if broken_constraint(error) != "uq_person_phone_name_key":
                raise
            found = current.scalars(wanted).one()  # another request made them a moment ago
    found.closed_at = None
    return found


def keep_words(person_ids: Iterable[str]) -> None:
    """Write what people are found by who were made by a statement past the models, in the same transaction."""
    ids = list(person_ids)
    for first in range(0, len(ids), _AT_ONCE):
        has_words = select(PersonWords.person_id)
        found = session().execute(
            select(Person.id, Person.name, Person.phone).where(
                Person.id.in_(ids[first : first + _AT_ONCE]),
                Person.name != CLOSED_NAME,
                Person.id.not_in(has_words.where(PersonWords.person_id == Person.id)),
            )
        )
        rows = [{"person_id": one.id, "words": words_of(one.name, one.phone)} for one in found]
        if rows:
            session().execute(insert(PersonWords), rows)


def record_consent(person_id: str, purpose: str, *, method: str, recorded_by: str | None = None) -> Consent:
    """Keep that the person agreed to the present version of the text, and who recorded it if spoken.

    PIPL art. 14: consent is given anew when the text changes, so the version is part of the row.
    """
    consent = Consent(
        person_id=person_id,
        purpose=purpose,
        policy_version=current_settings().policy_version,
        given_at=clock.now(),
        method=method,
        recorded_by=recorded_by,
    )
    session().add(consent)
    return consent


def notify(
    person_id: str,
    *,
    subject: str,
    body: str,
    fact: Fact,
    calendar_of: str | None = None,
    answer_path: str | None = None,
) -> bool:
    """Queue a message to the person's own address or telephone; False when we know neither, or it was queued before.

    `calendar_of` is the id of a sign-up whose entry goes along as an .ics file where the channel can carry one;
    `answer_path` is where the person answers what the message asks.
    """
    contact = queries.contact_of(person_id)
    if contact is None:
        return False
    channel, recipient = contact
    draft = outbox.Draft(
        channel,
        recipient,
        subject,
        body,
        person_id=person_id,
        calendar_of=calendar_of,
        answer_path=answer_path,
    )
    return outbox.queue(draft, fact)
