"""What a mail has put into a calendar is taken out again: on every way out, once, same UID, higher SEQUENCE."""

from collections.abc import Callable

import icalendar
import pytest
from flask import Flask
from sqlalchemy import select

from tests.factories.events import staff
from tests.factories.sharing import a_course_event, join_course, position_ids
from tests.factories.signups import a_guest, a_position, an_account, join, leave, status_of
from tests.support.client import CheckedClient
from tests.support.time import TestClock
from webapp.calendars.service import attachment_of
from webapp.core.db import get_row, session, transaction
from webapp.core.outbox import OutboxMessage
from webapp.events import service as events
from webapp.events.models import Position
from webapp.organisations.domain import Permission
from webapp.organisations.models import Organisation
from webapp.people import service as people
from webapp.people.models import Account
from webapp.signups import jobs
from webapp.signups.domain import SignupStatus
from webapp.signups.models import Signup
from webapp.signups.queries import guest_token
from webapp.signups.service import approving, taking_out
from webapp.signups.service.companions import cancel_together
from webapp.signups.service.course_leaving import leave_course
from webapp.signups.service.handing import accept_hand_over, ask_hand_over
from webapp.signups.service.offering import accept_offer

MAIL = "li@example.cn"


def mails_of(signup_id: str) -> list[OutboxMessage]:
    """Mails that carry its entry, the oldest first."""
    wanted = select(OutboxMessage).where(
        OutboxMessage.calendar_of == signup_id, OutboxMessage.channel == "mail"
    )
    session().rollback()
    return list(session().scalars(wanted.order_by(OutboxMessage.id)))


def entry_of(signup_id: str) -> tuple[str, str, int, str]:
    """METHOD, UID, SEQUENCE and PARTSTAT of what would leave now."""
    made = attachment_of(signup_id, MAIL)
    assert made is not None
    (entry,) = icalendar.Calendar.from_ical(made.text).walk("VEVENT")
    return made.method, str(entry["UID"]), int(entry["SEQUENCE"]), str(entry["ATTENDEE"].params["PARTSTAT"])


def _taken(kind: str = "volunteer") -> tuple[Account, str]:
    account = an_account()
    signup = join(a_position(kind), account.person_id, by=account.person_id, source="self")
    return account, signup


def _session_of(signup_id: str) -> str:
    return get_row(Signup, signup_id).session_id


def by_oneself(account: Account, signup: str) -> None:
    leave(signup, by=account.person_id)


def by_link(account: Account, signup: str) -> None:
    leave(signup, by=None)


def all_together(account: Account, signup: str) -> None:
    with transaction():
        cancel_together(signup)


def by_staff(account: Account, signup: str) -> None:
    event = get_row(Position, get_row(Signup, signup).position_id).session.event
    leave(signup, by=event.created_by or _organiser(event.organisation_id), reason="换人")


def _organiser(organisation_id: str) -> str:
    return staff(get_row(Organisation, organisation_id), Permission.MANAGE_EVENTS).person_id


def session_cancelled(account: Account, signup: str) -> None:
    with transaction():
        events.cancel_session(_session_of(signup), reason="停电", by=None)


def event_cancelled(account: Account, signup: str) -> None:
    event_id = get_row(Position, get_row(Signup, signup).position_id).session.event_id
    with transaction():
        events.cancel(event_id, reason="停电", by=None)


def handed_over(account: Account, signup: str) -> None:
    other = an_account("王小明")
    with transaction():
        asked = ask_hand_over(signup, other.person_id, by=account.person_id).id
    with transaction():
        accept_hand_over(asked, by=other.person_id)


def account_closed(account: Account, signup: str) -> None:
    with transaction():
        people.close_account(account.id)


WAYS = [
    by_oneself,
    by_link,
    all_together,
    by_staff,
    session_cancelled,
    event_cancelled,
    handed_over,
    account_closed,
]


@pytest.mark.parametrize("way", WAYS)
def test_every_way_out_takes_the_entry_out_once(
    app: Flask, clock: TestClock, way: Callable[[Account, str], None]
) -> None:
    account, signup = _taken()
    jobs.confirm_new()
    assert len(mails_of(signup)) == 1
    before = entry_of(signup)
    assert (before[0], before[3]) == ("REQUEST", "ACCEPTED")
    clock.advance(minutes=5)
    way(account, signup)
    assert status_of(signup) == SignupStatus.CANCELLED
    # Of whoever closed the account nothing is kept but this last mail, until it has left.
    assert len(mails_of(signup)) == (1 if way is account_closed else 2)
    after = entry_of(signup)
    assert (after[0], after[1]) == ("CANCEL", before[1])
    assert after[2] > before[2]


def test_a_guests_link_and_the_api_are_ways_out_like_any_other(
    app: Flask, clock: TestClock, client: CheckedClient
) -> None:
    _account, signup = _taken("audience")
    jobs.confirm_new()
    client.post(f"/signups/{guest_token(signup)}/cancel", data={})
    assert (len(mails_of(signup)), entry_of(signup)[0]) == (2, "CANCEL")


def test_coming_back_leaves_one_entry(app: Flask, clock: TestClock) -> None:
    account, first = _taken()
    jobs.confirm_new()
    leave(first, by=account.person_id)
    second = join(get_row(Signup, first).position_id, account.person_id, by=account.person_id, source="self")
    jobs.confirm_new()
    assert (entry_of(first)[0], entry_of(second)[0]) == ("CANCEL", "REQUEST")
    assert entry_of(first)[1] != entry_of(second)[1]
    assert [len(mails_of(one)) for one in (first, second)] == [2, 1]


def test_who_was_never_sent_an_entry_is_not_told_to_take_one_out(app: Flask, clock: TestClock) -> None:
    account, signup = _taken()
    leave(signup, by=account.person_id)  # within the minute
    position = a_position(capacity=1)
    join(position)
    waiting = join(position, account.person_id, by=account.person_id, source="self")
    jobs.confirm_new()
    guest = join(a_position(), a_guest())
    jobs.confirm_new()
    leave(waiting, by=account.person_id)
    leave(guest)
    assert [mails_of(one) for one in (signup, waiting, guest)] == [[], [], []]


def test_who_waits_is_not_said_to_have_accepted(app: Flask, clock: TestClock) -> None:
    account, position = an_account(), a_position(capacity=1)
    holder = join(position)
    signup = join(position, account.person_id, by=account.person_id, source="self")
    jobs.confirm_new()
    assert mails_of(signup) == []  # told in words
    assert entry_of(signup)[3] == "TENTATIVE"
    leave(holder)
    assert status_of(signup) == SignupStatus.OFFERED
    assert mails_of(signup) == []
    assert entry_of(signup)[3] == "TENTATIVE"
    with transaction():
        accept_offer(signup, by=account.person_id)
    assert len(mails_of(signup)) == 1
    assert (entry_of(signup)[0], entry_of(signup)[3]) == ("REQUEST", "ACCEPTED")


def test_asked_anew_and_declined_takes_it_out(app: Flask, clock: TestClock) -> None:
    account, signup = _taken()
    jobs.confirm_new()
    position = get_row(Signup, signup).position_id
    with transaction() as current:
        current.get_one(Position, position).needs_approval = True
    before = entry_of(signup)
    with transaction():
        approving.ask_again(signup, by=account.person_id)
    assert (entry_of(signup)[0], entry_of(signup)[3], len(mails_of(signup))) == ("REQUEST", "TENTATIVE", 2)
    by = _organiser(get_row(Position, position).session.event.organisation_id)
    with transaction():
        approving.decline([signup], reason="人满", by=by)
    after = entry_of(signup)
    assert (after[0], after[1], len(mails_of(signup))) == ("CANCEL", before[1], 3)
    assert after[2] > before[2]


def test_leaving_a_course_takes_out_what_was_put_in(app: Flask, clock: TestClock) -> None:
    account = an_account()
    event = a_course_event(3)
    made = join_course(event.id, account.person_id, by=account.person_id)
    jobs.confirm_new()
    signups = session().scalars(select(Signup.id).where(Signup.person_id == account.person_id)).all()
    put_in = [one for one in signups if mails_of(one)]
    assert put_in
    with transaction():
        leave_course(made.course_id, by=account.person_id)
    for one in put_in:
        assert (len(mails_of(one)), entry_of(one)[0]) == (2, "CANCEL")
    assert position_ids(event)


def test_one_message_for_several_dates_still_changes_each_entry(app: Flask, clock: TestClock) -> None:
    account, event = an_account(), a_course_event(2)
    signups = [
        join(one, account.person_id, by=account.person_id, source="self") for one in position_ids(event)
    ]
    jobs.confirm_new()
    with transaction():
        events.cancel(event.id, reason="停电", by=None)
    for one in signups:
        assert (len(mails_of(one)), entry_of(one)[0]) == (2, "CANCEL")


def test_nothing_is_kept_of_whoever_closed_their_account(app: Flask, clock: TestClock) -> None:
    account, signup = _taken()
    jobs.confirm_new()
    account_closed(account, signup)
    ((letter, person_id),) = [(one.id, one.person_id) for one in mails_of(signup)]
    assert person_id is None
    with transaction() as current:
        assert taking_out.forget_letters() == 0  # it has not left yet
        current.get_one(OutboxMessage, letter).state = "sent"
    with transaction():
        assert taking_out.forget_letters() == 1
    assert mails_of(signup) == []
