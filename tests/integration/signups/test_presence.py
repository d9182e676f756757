"""One person once: one place in a session on every channel, and one question about what else is at that hour."""

from collections.abc import Callable
from datetime import timedelta
from functools import partial

import pytest
from flask import Flask
from sqlalchemy import select
from werkzeug.test import TestResponse

from tests.factories.events import an_event, an_organisation, positions_of, session_draft, staff
from tests.factories.people import make_token
from tests.factories.sharing import NAME, a_course_event, join_course, position_ids
from tests.factories.signups import (
    a_guest,
    a_position,
    a_volunteer,
    an_account,
    faults,
    join,
    leave,
    status_of,
    taken,
)
from tests.factories.volunteers import make_member, make_team
from tests.support import html
from tests.support.client import CheckedClient, fields_of
from tests.support.crowd import at_once
from webapp.attendance.service.walkins import seat_walk_in
from webapp.core import clock
from webapp.core.db import get_row, session, transaction
from webapp.core.outbox import OutboxMessage
from webapp.events import service as events
from webapp.events.domain import PositionDraft
from webapp.events.models import Event, Position
from webapp.organisations.domain import Permission
from webapp.organisations.models import Organisation
from webapp.people.models import Person
from webapp.signups import service
from webapp.signups.domain import AlreadySignedUp, Decided
from webapp.signups.domain.giving import Given
from webapp.signups.domain.presence import HasPlaceHere, SameHour, SameHourForNamed
from webapp.signups.domain.rows import Named
from webapp.signups.domain.sharing import SameHourInCourse, TeamNotSignedUp
from webapp.signups.models import Signup
from webapp.signups.service.courses import sign_up_course
from webapp.signups.service.handing import accept_hand_over, ask_hand_over
from webapp.signups.service.many import sign_up_many
from webapp.signups.service.teams import sign_up_team

SignIn = Callable[..., CheckedClient]


def both(
    organisation: Organisation | None = None, *, shift: int = 5, approval: bool = False
) -> tuple[str, str, str]:
    """Seats, a shift, and front seats of one session."""
    drafts = [
        PositionDraft("观众", "audience", 20, True),
        PositionDraft("讲解员", "volunteer", shift, True),
        PositionDraft("前排", "audience", 2, True),
    ]
    start = clock.now() + timedelta(days=7)
    event = an_event(organisation, sessions=[session_draft(start, positions=drafts)])
    names = {one.name: one.id for one in positions_of(event)}
    if approval:
        needs_approval(names["讲解员"])
    return names["观众"], names["讲解员"], names["前排"]


def needs_approval(position_id: str) -> None:
    with transaction():
        get_row(Position, position_id).needs_approval = True


def elsewhere(person: str, kind: str = "audience") -> str:
    """A place at the hour of the session of both()."""
    draft = PositionDraft("听众", kind, 9, True)
    drafts = [session_draft(clock.now() + timedelta(days=7, hours=1), positions=[draft])]
    event = an_event(title="别处的讲座", sessions=drafts)
    return join(positions_of(event)[0].id, person)


def say_yes(client: CheckedClient, asked: TestResponse, page: str, **more: str) -> TestResponse:
    """Tick "both" on the page that asked, and send it again."""
    (form,) = [
        one for one in html.parse(asked.data)[0].iter("form") if one.find(".//*[@name='both']") is not None
    ]
    return client.post(page, data=fields_of(form) | {"both": "y"} | more)


def phone_of(person_id: str) -> str:
    return (get_row(Person, person_id).phone or "").removeprefix("+86")


def title_of(signup_id: str) -> str:
    return get_row(Position, get_row(Signup, signup_id).position_id).session.event.title


# --- one place in a session ---------------------------------------------------------------------------------------


def test_a_seat_is_swapped_for_a_shift_on_the_page(
    app: Flask, client: CheckedClient, sign_in: SignIn
) -> None:
    account = an_account()
    person = account.person_id
    seats, shift, front = both()
    own = join(seats, person, by=person, source="self")
    sign_in(client, account)
    page = f"/positions/{shift}/sign-up"
    assert "您在这一场已有名额" in client.get(page).text
    refused = client.fill(page, risk="y")
    assert refused.status_code == 409 and "一个人在一场里只占一个名额" in refused.text
    assert client.fill(page, risk="y", instead="y").status_code == 302
    assert (status_of(own), taken(seats), taken(shift)) == ("cancelled", 0, 1)
    back = client.fill(f"/positions/{front}/sign-up", instead="y")  # and the other way round
    assert back.status_code == 302
    assert (taken(seats), taken(shift), taken(front)) == (0, 0, 1)
    assert faults() == []


def test_a_second_place_is_refused_on_every_channel(app: Flask, client: CheckedClient) -> None:
    organisation = an_organisation()
    helper = staff(organisation, Permission.MANAGE_EVENTS, Permission.SIGN_UP_OTHERS)
    seats, shift, front = both(organisation)
    guest = a_guest("王小明")
    join(seats, guest)
    answer = client.fill(f"/positions/{front}/sign-up", name="王小明", phone=phone_of(guest), consent="y")
    assert answer.status_code == 409 and "一个人在一场里只占一个" in answer.text
    assert "观众" not in answer.text.split("error-summary", 1)[1].split("</div>", 1)[0]
    head = {"Authorization": f"Bearer {make_token(helper)}"}
    body = {"person": {"name": "王小明", "phone": phone_of(guest)}}
    told = client.post(f"/api/v1/positions/{front}/signups", json=body, headers=head)
    assert (told.status_code, told.json["code"], told.json["rule"]) == (
        409, "already_signed_up", "same_session",
    )  # fmt: skip
    with transaction():
        people = [Named("王小明", get_row(Person, guest).phone), Named("新来的", None)]
        made = sign_up_many(front, people, by=helper.person_id)
    assert (len(made.made), made.already, len(made.here)) == (1, [], 1)
    held = get_row(Position, front).session_id
    with pytest.raises(HasPlaceHere), transaction():
        seat_walk_in(
            held, name="王小明", phone=get_row(Person, guest).phone, position_id=front, by=helper.person_id
        )
    volunteer = a_volunteer()
    join(shift, volunteer, by=volunteer, source="self")
    with pytest.raises(HasPlaceHere), transaction():
        service.sign_up(seats, volunteer, by=volunteer, source="self")
    assert faults() == []


def test_two_channels_at_once_give_one_place(app: Flask) -> None:
    for _ in range(5):
        seats, shift, front = both()
        person = a_volunteer()

        def take(position: str, by: str | None, person: str = person) -> str:
            with transaction():
                return service.sign_up(position, person, by=by, source="self" if by else "guest").id

        answers = at_once(
            app, partial(take, seats, None), partial(take, front, None), partial(take, shift, person)
        )
        assert sum(isinstance(one, str) for one in answers) == 1
        assert all(isinstance(one, str | HasPlaceHere | AlreadySignedUp) for one in answers), answers
        assert taken(seats) + taken(shift) + taken(front) == 1
    assert faults() == []


def test_a_list_and_a_guest_at_once_give_one_place(app: Flask) -> None:
    organisation = an_organisation()
    helper = staff(organisation, Permission.MANAGE_EVENTS, Permission.SIGN_UP_OTHERS).person_id
    for _ in range(4):
        seats, _shift, front = both(organisation)
        guest = a_guest()
        named = Named(get_row(Person, guest).name, get_row(Person, guest).phone)

        def as_list(seats: str = seats, named: Named = named) -> int:
            with transaction():
                return len(sign_up_many(seats, [named], by=helper).made)

        def alone(front: str = front, guest: str = guest) -> int:
            with transaction():
                return len([service.sign_up(front, guest, by=None, source="guest")])

        answers = at_once(app, as_list, alone)
        assert sum(one for one in answers if isinstance(one, int)) == 1
        assert taken(seats) + taken(front) == 1
    assert faults() == []


def test_who_asks_to_serve_keeps_the_seat_until_approved(app: Flask) -> None:
    organisation = an_organisation()
    leader = staff(organisation, Permission.MANAGE_EVENTS).person_id
    seats, shift, _front = both(organisation, approval=True)
    person, waiter = a_volunteer(), a_guest()
    seat = join(seats, person, by=person, source="self")
    asked = join(shift, person, by=person, source="self")
    assert (status_of(seat), status_of(asked)) == ("confirmed", "pending")
    join(seats, waiter)
    with transaction():
        (made,) = service.approve([asked], by=leader)
    assert made.outcome == Decided.APPROVED
    assert (status_of(seat), status_of(asked)) == ("cancelled", "confirmed")
    assert get_row(Signup, seat).cancel_reason == "在同一场换了另一个名额"
    told = session().scalars(select(OutboxMessage.body).where(OutboxMessage.person_id == person)).all()
    assert any("换了另一个名额" in one for one in told)
    again = join(seats, a_volunteer())
    assert status_of(again) == "confirmed"
    assert faults() == []


def test_approving_takes_no_shift_away(app: Flask) -> None:
    organisation = an_organisation()
    leader = staff(organisation, Permission.MANAGE_EVENTS).person_id
    drafts = [
        PositionDraft("观众", "audience", 20, True),
        PositionDraft("讲解员", "volunteer", 5, True),
    ]
    start = clock.now() + timedelta(days=7)
    event = an_event(organisation, sessions=[session_draft(start, positions=drafts)])
    names = {one.name: one.id for one in positions_of(event)}
    needs_approval(names["观众"])
    person = a_volunteer()
    shift = join(names["讲解员"], person, by=person, source="self")
    asked = join(names["观众"], person, by=person, source="self")
    with transaction():
        (made,) = service.approve([asked], by=leader)
    assert (made.outcome, status_of(shift), status_of(asked)) == (Decided.BUSY, "confirmed", "pending")


def test_who_waits_takes_a_seat_meanwhile_and_is_asked_when_the_turn_comes(app: Flask) -> None:
    seats, shift, front = both(shift=1)
    first, person = a_volunteer(), a_volunteer()
    own = join(shift, first, by=first, source="self")
    waits = join(shift, person, by=person, source="self")
    seat = join(seats, person, by=person, source="self")
    leave(own, by=first)
    assert (status_of(waits), status_of(seat)) == ("offered", "confirmed")
    with transaction():
        service.accept_offer(waits, by=person)
    assert (status_of(waits), status_of(seat), taken(seats)) == ("confirmed", "cancelled", 0)
    # A guest has no account and is else given the place at once: with another place there they are asked.
    guests = [join(front) for _ in range(2)]
    guest = a_guest()
    line, other = join(front, guest, source="staff"), join(seats, guest, source="staff")
    leave(guests[0])
    assert (status_of(line), status_of(other)) == ("offered", "confirmed")
    assert faults() == []


def test_taking_over_a_shift_gives_up_the_seat_there(app: Flask) -> None:
    seats, shift, _front = both()
    giver, taker = a_volunteer(), a_volunteer()
    own = join(shift, giver, by=giver, source="self")
    seat = join(seats, taker, by=taker, source="self")
    elsewhere(taker)
    with transaction():
        asked = ask_hand_over(own, taker, by=giver).id
    with pytest.raises(SameHour), transaction():
        accept_hand_over(asked, by=taker)
    assert status_of(seat) == "confirmed"
    with transaction():
        made = accept_hand_over(asked, by=taker, both=True).id
    assert (status_of(seat), status_of(made), taken(seats)) == ("cancelled", "confirmed", 0)
    assert faults() == []


# --- something else at that hour ----------------------------------------------------------------------------------


def test_what_else_is_at_that_hour_is_asked_once_on_the_page(
    app: Flask, client: CheckedClient, sign_in: SignIn
) -> None:
    account = an_account()
    person = account.person_id
    seats, shift, _front = both()
    other = elsewhere(person)
    sign_in(client, account)
    for position in (seats, shift):
        page = f"/positions/{position}/sign-up"
        assert title_of(other) in client.get(page).text
        asked = client.fill(page, risk="y") if position == shift else client.fill(page)
        assert asked.status_code == 409 and "两个都要吗" in asked.text
        more = {"risk": "y", "instead": "y"} if position == shift else {}
        assert client.fill(page, both="y", **more).status_code == 302
    assert status_of(other) == "confirmed"
    assert (taken(seats), taken(shift)) == (0, 1)
    assert faults() == []


def test_where_somebody_goes_is_told_to_nobody_else(
    app: Flask, client: CheckedClient, sign_in: SignIn
) -> None:
    organisation = an_organisation()
    helper = staff(organisation, Permission.MANAGE_EVENTS, Permission.SIGN_UP_OTHERS)
    seats, _shift, _front = both(organisation)
    guest = a_guest("王小明")
    title = title_of(elsewhere(guest))
    given = {"name": "王小明", "phone": phone_of(guest), "consent": "y"}
    page = f"/positions/{seats}/sign-up"
    asked = client.fill(page, **given)
    assert asked.status_code == 409 and "两个都要吗" in asked.text and title not in asked.text
    head = {"Authorization": f"Bearer {make_token(helper)}"}
    body = {"person": {"name": "王小明", "phone": phone_of(guest)}}
    told = client.post(f"/api/v1/positions/{seats}/signups", json=body, headers=head)
    assert (told.status_code, told.json["code"], told.json["confirm"]) == (409, "overlap", "both")
    assert title not in told.text
    sign_in(client, helper)
    held = get_row(Position, seats).session_id
    staff_page = f"/manage/sessions/{held}/sign-up"
    asked = client.fill(staff_page, position=seats, **given)
    assert asked.status_code == 409 and "两个都要吗" in asked.text and title not in asked.text
    assert say_yes(client, asked, staff_page).status_code == 302
    assert taken(seats) == 1
    with transaction():
        service.cancel_signup(
            session().scalars(select(Signup.id).where(Signup.position_id == seats)).one(), by=None
        )
    made = client.post(f"/api/v1/positions/{seats}/signups", json=body | {"both": True}, headers=head)
    assert made.status_code == 201


def test_a_list_asks_by_name_and_does_as_it_is_told(
    app: Flask, client: CheckedClient, sign_in: SignIn
) -> None:
    organisation = an_organisation()
    helper = staff(organisation, Permission.MANAGE_EVENTS, Permission.SIGN_UP_OTHERS)
    seats, _shift, front = both(organisation)
    guest, twice = a_guest("王小明"), a_guest("赵老二")
    title = title_of(elsewhere(guest))
    join(front, twice)
    sign_in(client, helper)
    page = f"/manage/sessions/{get_row(Position, seats).session_id}/sign-up-many"
    people = f"王小明 {phone_of(guest)}\n赵老二 {phone_of(twice)}\n新来的 13512349999"
    looked = client.fill(page, position=seats, people=people, step="look")
    (form,) = [
        one
        for one in html.parse(looked.data)[0].iter("form")
        if one.find(".//*[@name='consent']") is not None
    ]
    asked = client.post(page, data=fields_of(form) | {"consent": "y", "step": "send"})
    assert asked.status_code == 409 and "王小明同一时间还报了别的活动" in asked.text
    assert title not in asked.text and taken(seats) == 0
    made = say_yes(client, asked, page, step="send")
    assert made.status_code == 303 and taken(seats) == 2
    assert "在这一场已有别的名额" in client.get(made.location).text
    assert faults() == []


def test_a_leader_is_asked_about_members_without_the_title(app: Flask) -> None:
    leader = a_volunteer("队长")
    team = make_team(leader)
    member = make_member(team)
    _seats, shift, _front = both()
    title = title_of(elsewhere(member))
    held = get_row(Position, shift).session_id
    with pytest.raises(TeamNotSignedUp) as asked, transaction():
        sign_up_team(held, team, {shift: [member]}, by=leader)
    assert asked.value.extra == {"rule": "same_hour"} and title not in str(asked.value)
    with transaction():
        sign_up_team(held, team, {shift: [member]}, by=leader, both=True)
    assert taken(shift) == 1


def test_a_course_asks_once_for_all_its_dates(app: Flask) -> None:
    event = a_course_event(3)
    first, second, third = position_ids(event)
    person = a_guest()
    for position in (first, third):
        start = get_row(Position, position).session.starts_at
        join(a_position(starts_at=start + timedelta(hours=1)), person)
    with pytest.raises(SameHourInCourse) as asked:
        join_course(event.id, person, both=False)
    assert asked.value.params["count"] == 2
    session().rollback()
    with transaction():
        made = sign_up_course(
            event.id, person, position_name=NAME, by=None, source="guest", given=Given(both=True)
        )
    assert len(made.signups) == 3
    assert taken(second) == 1


def test_what_is_put_off_or_waited_for_is_not_asked_about(app: Flask) -> None:
    seats, _shift, _front = both()
    person = a_guest()
    other = elsewhere(person)
    event_id = get_row(Position, get_row(Signup, other).position_id).session.event_id
    with transaction():
        events.postpone(event_id, by=None)
    with transaction():
        service.sign_up(seats, person, by=None, source="guest")
    full = a_position(capacity=1, starts_at=clock.now() + timedelta(days=7, hours=1))
    join(full)
    waiter = a_guest()
    assert status_of(join(full, waiter)) == "waitlisted"
    with transaction():
        service.sign_up(seats, waiter, by=None, source="guest")
    assert get_row(Event, event_id).status == "postponed"


def test_somebody_who_comes_along_is_named(app: Flask, client: CheckedClient) -> None:
    seats, _shift, _front = both()
    child = a_guest("小明")
    elsewhere(child)
    given = {"name": "王大明", "phone": phone_of(child), "consent": "y", "companions-0-name": "小明"}
    page = f"/positions/{seats}/sign-up"
    asked = client.fill(page, **given)
    assert asked.status_code == 409 and "小明同一时间还报了别的活动" in asked.text
    assert say_yes(client, asked, page).status_code == 302
    assert taken(seats) == 2
    assert SameHourForNamed.code == "overlap"
