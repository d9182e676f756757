"""Taking back: an act and its undo leave every row as it was; who, when, twice, meanwhile."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select

from tests.factories.organisations import make_organisation, make_staff
from tests.factories.signups import a_guest, a_position, a_volunteer, an_account, join, status_of, taken
from tests.factories.volunteers import make_member, make_team
from tests.support.client import CheckedClient
from tests.support.crowd import at_once
from tests.support.time import TestClock
from tests.support.whole import differences, dump
from webapp.core import clock as core_clock
from webapp.core import undoing
from webapp.core.audit import AuditEntry
from webapp.core.db import get_row, session, transaction
from webapp.core.done import AlreadyTakenBack, DoneAct, NotYoursToTakeBack, ToldMeanwhile, TooLateToTakeBack
from webapp.core.errors import NotFound, Refusal
from webapp.core.outbox import OutboxMessage
from webapp.events.models import Event, Position
from webapp.organisations import service as organisations
from webapp.organisations.domain import Permission
from webapp.organisations.models import Membership
from webapp.people import service as people
from webapp.signups import service as signups
from webapp.signups.domain import SignupStatus
from webapp.signups.domain.taking_back import PlaceGone, ShiftMeanwhile
from webapp.volunteers.models import Team

SignIn = Callable[[CheckedClient, Any], CheckedClient]


def last_act() -> DoneAct:
    session().rollback()
    found = session().scalars(select(DoneAct).order_by(DoneAct.made_at.desc(), DoneAct.id.desc())).first()
    assert found is not None, "nothing was written down that could be taken back"
    session().rollback()
    return found


def take_back(client: CheckedClient, act_id: str) -> None:
    answer = client.post(f"/undo/{act_id}", data={"next": "/"})
    assert answer.status_code == 303


class Scene:
    """An organisation, its office, and whoever signs in."""

    def __init__(self, client: CheckedClient, sign_in: SignIn) -> None:
        self.client, self.sign_in = client, sign_in
        self.organisation = make_organisation()
        self.staff = make_staff(self.organisation, Permission.MANAGE_EVENTS, Permission.GOVERN)
        sign_in(client, self.staff)

    def team(self) -> str:
        return make_team(self.staff.person_id, organisation=self.organisation)


def _close_team(scene: Scene) -> str:
    team = scene.team()
    make_member(team)
    return f"/manage/teams/{team}/close"


def _cancel_other(scene: Scene) -> tuple[str, dict[str, str]]:
    signup = join(a_position(organisation=scene.organisation), a_volunteer())
    return f"/signups/{signup}/cancel", {"reason": "场地小了"}


def test_what_was_just_done_is_offered_on_the_page_after_it_and_noted_when_taken_back(
    app: Flask, client: CheckedClient, sign_in: SignIn
) -> None:
    answer = client.post(_close_team(Scene(client, sign_in)))
    act = last_act()
    page = client.get(answer.location)
    assert "undo-bar" in page.text and f"/undo/{act.id}" in page.text
    assert "undo-bar" not in client.get(answer.location).text  # folded on the pages after it
    take_back(client, act.id)
    assert session().scalar(select(AuditEntry).where(AuditEntry.action == "act.undo")) is not None


def test_a_cancelled_event_is_in_the_bar_too_until_it_is_undone_anywhere(
    app: Flask, client: CheckedClient, sign_in: SignIn
) -> None:
    scene = Scene(client, sign_in)
    position = a_position(organisation=scene.organisation)
    signup = join(position, a_guest())
    event_id = get_row(Position, position).session.event_id
    for undo in ("/undo/{}", "/manage/cancellations/{}/undo"):
        answer = client.post(f"/manage/events/{event_id}/cancel", data={"reason": "场地漏水"})
        act = last_act()
        assert f"/undo/{act.id}" in client.get(answer.location).text
        assert client.post(undo.format(act.id), data={"next": "/"}).status_code == 303
        assert (get_row(Event, event_id).status, status_of(signup)) == ("published", SignupStatus.CONFIRMED)
        assert taken(position) == 1
        assert last_act().undone_at is not None
        with pytest.raises(AlreadyTakenBack), transaction():
            undoing.undo(act.id, by=scene.staff.person_id)
        session().rollback()


def test_only_who_did_it_in_time_and_once(
    app: Flask, client: CheckedClient, sign_in: SignIn, clock: TestClock
) -> None:
    scene = Scene(client, sign_in)
    client.post(_close_team(scene))
    act, by, other = last_act(), scene.staff.person_id, a_volunteer()
    with pytest.raises(NotYoursToTakeBack), transaction():
        undoing.undo(act.id, by=other)
    with pytest.raises(NotFound), transaction():
        undoing.undo("0" * 18, by=by)
    take_back(client, act.id)
    with pytest.raises(AlreadyTakenBack), transaction():
        undoing.undo(act.id, by=by)
    client.post(_close_team(scene))
    act = last_act()
    clock.advance(minutes=16)
    with pytest.raises(TooLateToTakeBack), transaction():
        undoing.undo(act.id, by=by)


def test_whoever_went_on_from_there_is_not_overridden(
    app: Flask, client: CheckedClient, sign_in: SignIn
) -> None:
    scene = Scene(client, sign_in)
    address = _close_team(scene)
    client.post(address)
    act = last_act()
    with transaction():
        get_row(Team, address.split("/")[3]).closed_at = core_clock.now() + timedelta(seconds=1)
    with pytest.raises(Refusal), transaction():
        undoing.undo(act.id, by=scene.staff.person_id)
    assert get_row(DoneAct, act.id).undone_at is None


def _guest_cancels(client: CheckedClient, signup_id: str) -> None:
    from webapp.signups.queries import guest_token

    with client.application.test_request_context():
        token = guest_token(signup_id)
    assert client.post(f"/signups/{token}/cancel", data={}).status_code in {302, 303}


def test_a_guest_takes_a_cancelled_sign_up_back_but_not_a_place_somebody_has(
    app: Flask, client: CheckedClient, new_client: Callable[[], CheckedClient]
) -> None:
    position = a_position(capacity=1)
    first = join(position, a_guest())
    _guest_cancels(client, first)
    act = last_act()
    new_client().post(f"/undo/{act.id}")  # another browser
    assert status_of(first) == SignupStatus.CANCELLED
    take_back(client, act.id)
    assert (status_of(first), taken(position)) == (SignupStatus.CONFIRMED, 1)
    _guest_cancels(client, first)
    act = last_act()
    join(position, a_guest())
    with pytest.raises(PlaceGone), transaction():
        undoing.undo(act.id, by=None, known=[act.id])
    assert taken(position) == 1


def test_who_waits_keeps_the_place_that_was_given(app: Flask, client: CheckedClient, sign_in: SignIn) -> None:
    position, person = a_position(capacity=1), an_account()
    mine, waits = join(position, person.person_id), join(position, a_guest())
    sign_in(client, person)
    client.post(f"/signups/{mine}/cancel", data={})
    assert status_of(waits) in {SignupStatus.CONFIRMED, SignupStatus.OFFERED}
    take_back(client, last_act().id)
    assert status_of(mine) == SignupStatus.CANCELLED
    assert taken(position) == 1


def test_a_shift_taken_meanwhile_stays_the_only_one(
    app: Flask, client: CheckedClient, sign_in: SignIn
) -> None:
    person, at = an_account(), core_clock.now() + timedelta(days=3)
    mine = join(a_position("volunteer", starts_at=at), person.person_id)
    other = a_position("volunteer", starts_at=at)
    sign_in(client, person)
    client.post(f"/signups/{mine}/cancel", data={})
    act = last_act()
    join(other, person.person_id)
    with pytest.raises(ShiftMeanwhile), transaction():
        undoing.undo(act.id, by=person.person_id)


def test_messages_wait_and_are_not_sent_when_it_is_taken_back(
    app: Flask, client: CheckedClient, sign_in: SignIn, clock: TestClock
) -> None:
    scene = Scene(client, sign_in)
    address, fields = _cancel_other(scene)
    client.post(address, data=fields)
    act = last_act()
    held = list(session().scalars(select(OutboxMessage.due_at).where(OutboxMessage.held_for == act.id)))
    assert held
    assert all(due >= act.until for due in held)


def test_an_undo_and_another_of_it_at_the_same_moment_do_it_once(
    app: Flask, client: CheckedClient, sign_in: SignIn
) -> None:
    scene = Scene(client, sign_in)
    address, fields = _cancel_other(scene)
    signup_id = address.split("/")[2]
    client.post(address, data=fields)
    act, by = last_act(), scene.staff.person_id

    def back() -> str:
        with transaction():
            return undoing.undo(act.id, by=by).id

    answers = at_once(app, back, back, back)
    assert sum(one == act.id for one in answers) == 1
    assert sum(isinstance(one, AlreadyTakenBack) for one in answers) == 2
    assert status_of(signup_id) == SignupStatus.CONFIRMED


def test_a_message_that_is_leaving_is_not_called_back(
    app: Flask, client: CheckedClient, sign_in: SignIn
) -> None:
    scene = Scene(client, sign_in)
    address, fields = _cancel_other(scene)
    client.post(address, data=fields)
    act = last_act()
    with transaction() as current:  # a worker whose clock is ahead of ours has taken it
        for row in current.scalars(select(OutboxMessage).where(OutboxMessage.held_for == act.id)):
            row.claimed_until = core_clock.now() + timedelta(minutes=5)
    with pytest.raises(ToldMeanwhile), transaction():
        undoing.undo(act.id, by=scene.staff.person_id)
    assert status_of(address.split("/")[2]) == SignupStatus.CANCELLED


def test_of_an_undo_and_a_new_sign_up_at_the_same_moment_one_has_the_last_place(
    app: Flask, client: CheckedClient, sign_in: SignIn
) -> None:
    position, person = a_position(capacity=1, waitlist=False), an_account()
    mine = join(position, person.person_id)
    sign_in(client, person)
    client.post(f"/signups/{mine}/cancel", data={})
    act, other = last_act(), a_guest()

    def back() -> Any:
        with transaction():
            return undoing.undo(act.id, by=person.person_id).id

    def take() -> Any:
        with transaction():
            return signups.sign_up(position, other, by=None, source="guest", both=True).id

    answers = at_once(app, back, take)
    assert sum(isinstance(one, Refusal) for one in answers) == 1
    assert taken(position) == 1


def test_of_an_undo_and_a_change_by_another_at_the_same_moment_none_is_lost(
    app: Flask, client: CheckedClient, sign_in: SignIn
) -> None:
    scene = Scene(client, sign_in)
    other = make_staff(scene.organisation, Permission.MANAGE_EVENTS, name="王干事").person_id
    colleague = make_staff(scene.organisation, Permission.GOVERN, name="赵副主任").person_id
    here, by = scene.organisation.id, scene.staff.person_id
    client.post(f"/manage/organisations/{here}/members/{other}", data={"permissions": ["scan"]})
    act = last_act()

    def back() -> str:
        with transaction():
            return undoing.undo(act.id, by=by).id

    def change() -> str:
        with transaction():
            organisations.set_membership(other, here, [Permission.INSPECT], by=colleague)
        return "changed"

    said, changed = at_once(app, back, change)
    assert changed == "changed" and (said == act.id or isinstance(said, Refusal))
    session().rollback()
    held = select(Membership.permissions).where(Membership.person_id == other)
    assert session().scalars(held).one() == ["inspect"]  # in whichever order


def test_a_process_that_dies_while_it_takes_back_leaves_all_as_the_act_left_it(
    app: Flask, client: CheckedClient, sign_in: SignIn, monkeypatch: pytest.MonkeyPatch
) -> None:
    scene = Scene(client, sign_in)
    address, fields = _cancel_other(scene)
    before = dump()
    client.post(address, data=fields)
    act, after = last_act(), dump()

    def die(*_: Any, **__: Any) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as broken:
        broken.setattr(undoing.audit, "record", die)  # last of all: rows and places are back by then
        with pytest.raises(KeyboardInterrupt), transaction():
            undoing.undo(act.id, by=scene.staff.person_id)
    assert differences(after, dump()) == []
    take_back(client, act.id)
    assert differences(before, dump()) == []


def test_whose_answer_was_lost_finds_the_act_on_the_desk_of_another_machine(
    app: Flask, client: CheckedClient, sign_in: SignIn, new_client: Callable[[], CheckedClient]
) -> None:
    scene = Scene(client, sign_in)
    client.post(_close_team(scene))
    act, elsewhere = last_act(), sign_in(new_client(), scene.staff)
    for desk in ("/manage/", "/manage/todo"):
        assert f"/undo/{act.id}" in elsewhere.get(desk).text
    stranger = make_staff(scene.organisation, Permission.MANAGE_EVENTS)
    assert "/undo/" not in sign_in(new_client(), stranger).get("/manage/").text
    take_back(elsewhere, act.id)
    assert last_act().undone_at is not None


def test_who_is_erased_goes_out_of_what_is_kept_of_acts_about_them(
    app: Flask, client: CheckedClient, sign_in: SignIn
) -> None:
    scene = Scene(client, sign_in)
    guests = [a_guest("王小明"), a_guest("张三")]
    for guest in guests:
        signup = join(a_position(organisation=scene.organisation), guest)
        client.post(f"/signups/{signup}/cancel", data={"reason": "场地小了"})
    take_back(client, last_act().id)  # one that was taken back names people, too
    client.post(_close_team(scene))
    assert session().query(DoneAct).count() == 3
    session().rollback()
    with transaction():
        people.anonymise_guests(guests)
    kept = session().scalars(select(DoneAct)).one()
    assert kept.about_type == "team"
