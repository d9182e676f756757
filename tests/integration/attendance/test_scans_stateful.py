"""Phones, syncs in any order, undos, annulments, re-issues, cancellations: whatever happens, the sums are right.

Hypothesis makes up the stories; after every step the invariants of docs/scanning.md 6 are checked.
"""

from datetime import timedelta
from typing import Any, ClassVar

import pytest
from flask import Flask
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)
from sqlalchemy import func, select

from tests.factories.attendance import make_scene, sign_up
from tests.factories.phones import Phone
from tests.support.time import START, TestClock
from webapp.attendance import service
from webapp.attendance.domain import CLOCK_TOLERANCE, Direction, Outcome
from webapp.attendance.domain.links import Link
from webapp.attendance.domain.phones import ScanKind, Settlement, Verdict
from webapp.attendance.models import Attendance, HeadCount, LedgerEntry, Scan
from webapp.attendance.service import recount
from webapp.attendance.service.folding import fold
from webapp.attendance.service.review import settle
from webapp.core.db import db, transaction
from webapp.core.errors import Refusal
from webapp.events.models import Position
from webapp.signups import service as signups
from webapp.signups.models import Signup
from webapp.signups.queries import get_with_session, pass_code

PEOPLE, PHONES = 4, 3
people = st.integers(0, PEOPLE - 1)
phones = st.integers(0, PHONES - 1)
minutes = st.integers(-30, 90)


class Door(RuleBasedStateMachine):
    """One session, four people, three phones; one of the clocks is wrong and does not know."""

    clock: ClassVar[TestClock]

    @initialize()
    def open(self) -> None:
        db.session.rollback()
        self.clock.set(START)
        self.scene = make_scene()
        self.people = [sign_up(self.scene.seats).id for _ in range(PEOPLE)]
        self.codes = [pass_code(get_with_session(one)) for one in self.people]
        self.phones = [
            Phone(self.scene, f"第{number}台", slow=timedelta(minutes=7 * number), measured=number != 2)
            for number in range(PHONES)
        ]
        self.handed_in: set[str] = set()

    # --- what happens

    @rule(phone=phones, who=people, out=st.booleans(), minute=minutes, refused=st.booleans())
    def scans_without_network(self, phone: int, who: int, out: bool, minute: int, refused: bool) -> None:
        self.phones[phone].scan(
            self.codes[who],
            at=self.clock.now + timedelta(minutes=minute),
            direction=Direction.OUT if out else Direction.IN,
            verdict=Verdict.REFUSED if refused else Verdict.VERIFIED,
            outcome=Outcome.WAITLISTED if refused else Outcome.ACCEPTED,
        )

    @rule(phone=phones, who=people, out=st.booleans())
    def scans_live(self, phone: int, who: int, out: bool) -> None:
        one = self.phones[phone]
        direction = Direction.OUT if out else Direction.IN
        self._bring(one, [one.scan(self.codes[who], offline=False, direction=direction)])

    @rule(phone=phones, rehearsal=st.booleans())
    def somebody_comes_unannounced(self, phone: int, rehearsal: bool) -> None:
        self.phones[phone].scan(f"{self.scene.seats} 来客", kind=ScanKind.WALK_IN, rehearsal=rehearsal)

    @rule(phone=phones, count=st.integers(1, 9))
    def people_are_counted(self, phone: int, count: int) -> None:
        self.phones[phone].scan(f"{count} 公众", kind=ScanKind.HEADS)

    @precondition(lambda self: any(phone.links for phone in self.phones))
    @rule(data=st.data())
    def a_phone_takes_back(self, data: st.DataObject) -> None:
        phone = data.draw(st.sampled_from([one for one in self.phones if one.links]))
        link = data.draw(st.sampled_from(phone.links))
        phone.undo(link, at=link.phone_time + phone.slow + timedelta(minutes=data.draw(st.integers(0, 20))))

    @precondition(lambda self: any(phone.links for phone in self.phones))
    @rule(data=st.data(), relayed=st.booleans())
    def a_phone_hands_in(self, data: st.DataObject, relayed: bool) -> None:
        """Any of its links, in any order, again and again."""
        phone = data.draw(st.sampled_from([one for one in self.phones if one.links]))
        links = data.draw(st.lists(st.sampled_from(phone.links), min_size=1, max_size=12))
        self._bring(phone, links, relayed=relayed)

    def _bring(self, phone: Phone, links: list[Link], *, relayed: bool = False) -> None:
        answers = phone.hand_in(links, relayed_by=self.scene.scanner if relayed else None)
        for link, answer in zip(links, answers, strict=True):
            assert bool(answer.body.get("replayed")) == (link.nonce in self.handed_in)
            self.handed_in.add(link.nonce)

    @rule(who=people)
    def a_pass_is_made_anew(self, who: int) -> None:
        try:
            with transaction():
                signups.reissue_pass(self.people[who], by=None)
        except Refusal:
            db.session.rollback()  # has cancelled

    @rule(who=people)
    def someone_cancels(self, who: int) -> None:
        try:
            with transaction():
                signups.cancel_signup(self.people[who], by=self.scene.scanner, reason="不来了")
        except Refusal:
            db.session.rollback()  # has come already, or cancelled before

    @precondition(lambda self: self._standing())
    @rule(data=st.data())
    def staff_annul(self, data: st.DataObject) -> None:
        wanted = data.draw(st.sampled_from(sorted(one.id for one in self._standing())))
        with transaction():
            service.annul_attendance(wanted, by=self.scene.scanner, reason="认错了人")

    @precondition(lambda self: self._flagged())
    @rule(data=st.data(), settlement=st.sampled_from(Settlement))
    def staff_settle(self, data: st.DataObject, settlement: Settlement) -> None:
        wanted = data.draw(st.sampled_from(sorted(self._flagged())))
        try:
            with transaction():
                settle(self.scene.session, [wanted], settlement=settlement, note="", by=self.scene.scanner)
        except Refusal:
            db.session.rollback()

    @rule(minute=st.integers(1, 15))
    def time_goes_by(self, minute: int) -> None:
        self.clock.advance(minutes=minute)

    # --- what must be true

    def _rows(self, model: Any, *wanted: Any) -> list[Any]:
        db.session.rollback()
        return list(db.session.scalars(select(model).where(model.session_id == self.scene.session, *wanted)))

    def _standing(self) -> list[Attendance]:
        return self._rows(Attendance, Attendance.annulled_at.is_(None))

    def _flagged(self) -> list[str]:
        return [one.id for one in self._rows(Scan, Scan.flag.is_not(None), Scan.settled_at.is_(None))]

    @invariant()
    def nothing_handed_in_is_lost(self) -> None:
        assert {scan.nonce for scan in self._rows(Scan)} == self.handed_in

    @invariant()
    def everyone_is_in_once_at_the_earliest_moment(self) -> None:
        standing = self._standing()
        assert len({one.signup_id for one in standing}) == len(standing)
        valid = self._rows(Scan, Scan.valid, Scan.annulled_at.is_(None), Scan.rehearsal.is_(False))
        claims: dict[str, list[Scan]] = {}
        for scan in valid:
            if scan.direction == Direction.IN and scan.signup_id:
                claims.setdefault(scan.signup_id, []).append(scan)
        assert {one.signup_id for one in standing} == set(claims)
        for one in standing:
            earliest = min(scan.at for scan in claims[one.signup_id])
            assert timedelta(0) <= one.in_at - earliest <= CLOCK_TOLERANCE
            assert one.out_at is None or one.out_at >= one.in_at

    @invariant()
    def the_ledger_is_what_a_recount_makes(self) -> None:
        with transaction() as session:
            assert recount.differences(self.scene.session) == []
            fold()
            session.flush()
        persons = db.session.scalar(
            select(func.sum(LedgerEntry.quantity)).where(
                LedgerEntry.session_id == self.scene.session, LedgerEntry.grade.in_(("scan", "roster"))
            )
        )
        heads = sum(one.count for one in self._rows(HeadCount, HeadCount.annulled_at.is_(None)))
        counted = db.session.scalar(
            select(func.sum(LedgerEntry.quantity)).where(
                LedgerEntry.session_id == self.scene.session, LedgerEntry.grade == "headcount"
            )
        )
        assert (persons or 0) == len(self._standing())
        assert (counted or 0) == heads

    @invariant()
    def places_are_never_exceeded(self) -> None:
        db.session.rollback()
        for position in db.session.scalars(select(Position).where(Position.session_id == self.scene.session)):
            held = db.session.scalar(
                select(func.count()).where(Signup.position_id == position.id, Signup.status == "confirmed")
            )
            assert position.taken == held
            assert position.taken <= position.capacity


def test_whatever_happens_the_sums_are_right(app: Flask, clock: TestClock) -> None:
    Door.clock = clock
    run_state_machine_as_test(
        Door,
        settings=settings(
            max_examples=50,
            stateful_step_count=20,
            deadline=None,
            derandomize=True,
            database=None,
            phases=(Phase.generate,),
            suppress_health_check=list(HealthCheck),
        ),
    )


def test_the_machine_would_notice(app: Flask, clock: TestClock, monkeypatch: pytest.MonkeyPatch) -> None:
    """A door that forgets to recount is found out."""
    Door.clock = clock
    monkeypatch.setattr(recount, "reconcile_session", lambda session_id: 0)
    with pytest.raises(AssertionError):
        test_whatever_happens_the_sums_are_right(app, clock)
