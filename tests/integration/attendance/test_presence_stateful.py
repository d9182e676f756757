"""Sign-ups on every channel, swaps, hand-overs, scans, lists, settlements in any order: one person is there once.

Hypothesis makes up the stories; after every step places, presences, ledger and recount are looked at, and at the end
the hours.
"""

from datetime import timedelta
from typing import Any, ClassVar

import pytest
from flask import Flask
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.errors import FlakyFailure
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)
from sqlalchemy import func, select
from sqlalchemy.exc import IntegrityError

from tests.factories.attendance import make_account, make_scene
from tests.factories.phones import Phone
from tests.factories.signups import a_second_place, faults
from tests.support.time import START, TestClock
from webapp.attendance import service
from webapp.attendance.domain import LATE, Direction
from webapp.attendance.domain.doors import Ticks
from webapp.attendance.domain.phones import Settlement
from webapp.attendance.models import Attendance, LedgerEntry, Scan
from webapp.attendance.service import recount, standing
from webapp.attendance.service.folding import fold
from webapp.attendance.service.review import settle
from webapp.attendance.service.ticks import tick
from webapp.attendance.service.walkins import seat_walk_in
from webapp.core.db import db, get_row, new_id, transaction
from webapp.core.errors import Refusal
from webapp.events import service as events
from webapp.events.domain import PositionDraft
from webapp.events.models import Event
from webapp.people.models import Person
from webapp.recognition import service as recognition
from webapp.recognition.domain import RecordSource, RecordStatus
from webapp.recognition.models import ServiceRecord
from webapp.signups import service as signups
from webapp.signups.domain.giving import Given
from webapp.signups.domain.rows import Named
from webapp.signups.models import HandOver, Signup
from webapp.signups.queries import get_position, get_with_session, pass_code
from webapp.signups.queries.asking import seen_of
from webapp.signups.queries.presence import in_the_way
from webapp.signups.service.handing import accept_hand_over, ask_hand_over
from webapp.signups.service.many import sign_up_many
from webapp.signups.service.swapping import swap

PEOPLE = 3
people, places = st.integers(0, PEOPLE - 1), st.integers(0, 2)
whats = st.integers(0, 9)
_numbers = iter(range(10**9))


class Session(RuleBasedStateMachine):
    """One session with seats, front seats and shifts; three people with accounts; one phone without network."""

    clock: ClassVar[TestClock]

    @initialize()
    def open(self) -> None:
        db.session.rollback()
        self.clock.set(START)
        self.scene = make_scene()
        with transaction():
            front = events.add_position(
                self.scene.session, PositionDraft("前排", "audience", 1, True), by=None
            )
            get_row(Event, self.scene.event).risk_statement = ""
        self.places = [self.scene.seats, self.scene.shift, front.id]
        self.people = []
        for name in ("赵一", "钱二", "孙三")[:PEOPLE]:
            account = make_account(name, f"once{next(_numbers)}@example.cn")
            self.people.append(account.person_id)
            with transaction():
                get_row(Person, account.person_id).phone = f"+86131{next(_numbers):08d}"
        self.phone = Phone(self.scene)
        with transaction():
            first = signups.sign_up(self.scene.shift, self.people[0], by=self.people[0], source="self").id
            signups.sign_up(self.scene.seats, self.people[1], by=None, source="guest")
        a_second_place(self.scene.seats, first)  # from before the rule

    # --- what happens

    def _try(self, act: Any) -> Any:
        try:
            with transaction():
                return act()
        except Refusal:
            db.session.rollback()
            return None

    def _all(self) -> list[Signup]:
        db.session.rollback()
        wanted = select(Signup).where(Signup.session_id == self.scene.session).order_by(Signup.id)
        return list(db.session.scalars(wanted))

    def _one(self, what: int) -> Signup | None:
        found = self._all()
        return found[what % len(found)] if found else None

    @rule(who=people, where=places, alone=st.booleans())
    def somebody_signs_up(self, who: int, where: int, alone: bool) -> None:
        person = self.people[who]
        by, source = (person, "self") if alone else (None, "guest")
        self._try(lambda: signups.sign_up(self.places[where], person, by=by, source=source).id)

    @rule(where=st.sampled_from([0, 2]))
    def a_list_is_signed_up(self, where: int) -> None:
        named = [Named(get_row(Person, one).name, get_row(Person, one).phone) for one in self.people]
        self._try(lambda: sign_up_many(self.places[where], named, by=self.scene.scanner))

    @rule(who=people, where=places)
    def somebody_swaps(self, who: int, where: int) -> None:
        person, position = self.people[who], self.places[where]

        def act() -> None:
            seen = seen_of(in_the_way(get_position(position), person))
            swap(position, person, seen=seen, given=Given())

        self._try(act)

    @rule(who=people, where=st.sampled_from([0, 2]))
    def somebody_stands_at_the_door(self, who: int, where: int) -> None:
        one = get_row(Person, self.people[who])
        name, phone = one.name, one.phone
        self._try(
            lambda: seat_walk_in(
                self.scene.session,
                name=name,
                phone=phone,
                position_id=self.places[where],
                by=self.scene.scanner,
            )
        )

    @rule(what=whats)
    def somebody_cancels(self, what: int) -> None:
        one = self._one(what)
        if one is not None:
            self._try(lambda: signups.cancel_signup(one.id, by=self.scene.scanner, reason="不来了"))

    @rule(what=whats)
    def somebody_takes_what_is_offered(self, what: int) -> None:
        one = self._one(what)
        if one is not None:
            self._try(lambda: signups.accept_offer(one.id, by=one.person_id))

    @rule(what=whats, who=people)
    def a_shift_is_handed_over(self, what: int, who: int) -> None:
        one, other = self._one(what), self.people[who]
        if one is None:
            return
        self._try(lambda: ask_hand_over(one.id, other, by=one.person_id))
        asked = db.session.scalar(
            select(HandOver.id).where(HandOver.state == "asked", HandOver.to_person_id == other)
        )
        if asked is not None:
            self._try(lambda: accept_hand_over(asked, by=other))

    @rule(what=whats, out=st.booleans())
    def a_pass_is_scanned(self, what: int, out: bool) -> None:
        one = self._one(what)
        if one is not None:
            code = pass_code(get_with_session(one.id))
            self.scene.scan(code, direction=Direction.OUT if out else Direction.IN)

    @rule(what=whats, out=st.booleans(), minute=st.integers(0, 90), brought=st.booleans())
    def a_pass_is_scanned_without_network(self, what: int, out: bool, minute: int, brought: bool) -> None:
        one = self._one(what)
        if one is not None:
            self.phone.scan(
                pass_code(get_with_session(one.id)),
                at=self.clock.now + timedelta(minutes=minute),
                direction=Direction.OUT if out else Direction.IN,
            )
        if brought and self.phone.links:
            self.phone.hand_in()

    @rule(chosen=st.lists(whats, min_size=1, max_size=4))
    def names_are_ticked(self, chosen: list[int]) -> None:
        found = self._all()
        if found:
            came = tuple(sorted({found[one % len(found)].id for one in chosen}))
            ticks = Ticks(came, came[:1], None, None, new_id())
            self._try(lambda: tick(self.scene.session, ticks, by=self.scene.scanner))

    @precondition(lambda self: self._standing())
    @rule(what=whats)
    def staff_annul(self, what: int) -> None:
        found = sorted(one.id for one in self._standing())
        self._try(
            lambda: service.annul_attendance(
                found[what % len(found)], by=self.scene.scanner, reason="认错了人"
            )
        )

    @rule(settlement=st.sampled_from(Settlement))
    def staff_settle(self, settlement: Settlement) -> None:
        db.session.rollback()
        wanted = select(Scan.id).where(
            Scan.session_id == self.scene.session, Scan.flag.is_not(None), Scan.settled_at.is_(None)
        )
        for one in db.session.scalars(wanted).all():
            self._try(
                lambda one=one: settle(
                    self.scene.session, [one], settlement=settlement, note="", by=self.scene.scanner
                )
            )

    @rule(minute=st.integers(1, 40))
    def time_goes_by(self, minute: int) -> None:
        self.clock.advance(minutes=minute)

    # --- what must be true

    def _standing(self) -> list[Attendance]:
        db.session.rollback()
        wanted = select(Attendance).where(
            Attendance.session_id == self.scene.session, Attendance.annulled_at.is_(None)
        )
        return list(db.session.scalars(wanted))

    @invariant()
    def one_person_has_one_place_and_is_there_once(self) -> None:
        assert faults() == []
        standing = self._standing()
        assert len({one.person_id for one in standing}) == len(standing)
        held = {
            one.person_id: one.id
            for one in self._all()
            if one.status == "confirmed" and not one.counts_with_id
        }
        for one in standing:
            if one.person_id in held:
                assert one.signup_id == held[one.person_id]

    @invariant()
    def the_ledger_is_what_a_recount_makes(self) -> None:
        with transaction() as session:
            assert recount.differences(self.scene.session) == []
            fold()
            session.flush()
        counted = db.session.scalar(
            select(func.sum(LedgerEntry.quantity)).where(
                LedgerEntry.session_id == self.scene.session, LedgerEntry.grade.in_(("scan", "roster"))
            )
        )
        assert (counted or 0) == len(self._standing())

    def teardown(self) -> None:
        """Nobody who was there is noted as absent, nobody's time counts twice."""
        db.session.rollback()
        self.clock.set(START + timedelta(hours=3) + LATE)
        with transaction():
            recognition.settle_session(self.scene.session)
        there = {one.person_id: one for one in self._standing()}
        wanted = select(ServiceRecord).where(
            ServiceRecord.session_id == self.scene.session, ServiceRecord.status != RecordStatus.VOID
        )
        records = list(db.session.scalars(wanted))
        assert len({one.person_id for one in records}) == len(records)
        for one in records:
            if one.person_id in there:
                assert one.source != RecordSource.ABSENT
                assert one.signup_id == there[one.person_id].signup_id


def test_in_any_order_one_person_is_there_once(app: Flask, clock: TestClock) -> None:
    Session.clock = clock
    run_state_machine_as_test(
        Session,
        settings=settings(
            max_examples=16,
            stateful_step_count=16,
            deadline=None,
            derandomize=True,
            database=None,
            phases=(Phase.generate,),
            suppress_health_check=list(HealthCheck),
        ),
    )


def test_the_machine_would_notice(app: Flask, clock: TestClock, monkeypatch: pytest.MonkeyPatch) -> None:
    """A door that looks at the pass alone, and not at the person, is found out."""
    monkeypatch.setattr(standing, "of_same_person", lambda _session_id, signup_ids: sorted(signup_ids))
    with pytest.raises((AssertionError, IntegrityError, FlakyFailure)) as found:
        test_in_any_order_one_person_is_there_once(app, clock)
    if isinstance(
        found.value, FlakyFailure
    ):  # ids are drawn by chance: the story told again need not fail alike
        assert found.group_contains((AssertionError, IntegrityError))
    db.session.rollback()
