"""Who leaves, and what hangs on them: every key to a person is dealt with, or there is a reason why not."""

from flask import Flask
from sqlalchemy import Column, ForeignKey

from webapp.core import leaving
from webapp.core.db import Base
from webapp.core.removal import keys_into

# Columns that say who did something: the act stays true, and answers for itself, whoever is gone. The name goes
# with the person. Nothing waits for them: the page on which it is done asks for a right, not for a person.
DID = {
    "accepted_by",
    "annulled_by",
    "answered_by",
    "changed_by",
    "checked_by",
    "closed_by",
    "confirmed_by",
    "decided_by",
    "ended_by",
    "entered_by",
    "issued_by",
    "made_by",
    "opened_by",
    "recorded_by",
    "removed_by",
    "revoked_by",
    "said_by",
    "settled_by",
    "told_by",
    "undone_by",
    "voided_by",
}
REASONS = {
    "account.person_id": "it is the account that ends",
    "attendance.person_id": "that somebody came: figures counted them, the name goes with the person",
    "booking.created_by": "who sent a thing to a session; the organisation's staff release it",
    "called.person_id": "answered by a link that ends with the person; counted so that nobody is asked too often",
    "commendation.person_id": "a public honour; the name stays with those who served",
    "consent.person_id": "withdrawn by close_account itself",
    "event.created_by": "an event is its organisation's: see rights_hanging and events_hanging",
    "evidence_photo.by_person_id": "who took it",
    "guardianship.person_id": "the minor's own: deleted by anonymise",
    "head_count.by_person_id": "who counted",
    "scan.by_person_id": "who scanned",
    "course_signup.created_by": "staff who entered it: the organisation's staff change it",
    "person_words.person_id": "what search finds them by: kept and deleted with the name (people/words)",
    "scan.relayed_by": "whose phone carried it",
    "service_record.created_by": "who proposed it; any second person of the unit confirms",
    "settled_age.person_id": "the minor's own: deleted by anonymise",
    "signup.created_by": "staff who entered it: the organisation's or the centre's staff change it",
    "team_request.asked_by": "the answer goes to the unit when they work there no more (request_declined)",
}


def _name(pair: tuple[Column[object], ForeignKey]) -> str:
    return str(pair[0])


def test_every_key_to_a_person_is_dealt_with(app: Flask) -> None:
    dealt = {key for part in leaving.parts() for key in part.keys}
    named = {_name(pair) for pair in keys_into(Base.metadata.tables["person"])}
    open_ones = {one for one in named if one.partition(".")[2] not in DID}
    assert open_ones - dealt - set(REASONS) == set(), "say in a Part (core/leaving.py) what becomes of it"
    assert dealt | set(REASONS) <= named, "no such key any more"
    assert not dealt & set(REASONS)


def test_every_end_is_looked_at_by_somebody(app: Flask) -> None:
    for end in leaving.End:
        assert any(end in part.ends and part.look for part in leaving.parts()), end
