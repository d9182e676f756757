"""Whatever happens in whatever order, all pages say the same: hypothesis makes up the stories.

Sign-up, offer, move, postpone, resume, consent, withdraw, cancel, undo and time; after every step the quick channels
are asked, at the end every page. The table of single states is test_states.py.
"""

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from typing import ClassVar

import pytest
from flask import Flask
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule, run_state_machine_as_test
from sqlalchemy import select

from tests.factories import standing as shown
from tests.factories.signups import an_account
from tests.factories.standing import COLUMNS, DOOR, Case, Visitors, a_case
from tests.support.client import CheckedClient
from tests.support.databases import SQLITE
from tests.support.time import START, TestClock
from webapp.attendance.queries import sessions
from webapp.core.db import session, transaction
from webapp.core.errors import Refusal
from webapp.events import service as events
from webapp.events.models import Cancellation
from webapp.people.models import Account
from webapp.people.service.guardians import Guardian, record_guardian, withdraw_guardian
from webapp.signups import service
from webapp.signups.domain import SignupExtra
from webapp.signups.domain.standing import Standing
from webapp.signups.models import Signup
from webapp.signups.queries.standing import standing_of

PEOPLE = 3
_OF_ALL = (
    shown.day_sheet,
    shown.board,
    shown.plain_list,
    shown.event_page,
    shown.me,
)  # say it of everyone at once
QUICK = (shown.rosters, shown.api, shown.wall, shown.phone_list, shown.guest_page)
people = st.integers(0, PEOPLE - 1)
SignIn = Callable[[CheckedClient, object], CheckedClient]


class Life(RuleBasedStateMachine):
    """One event with a single seat and a waitlist; three who want it, the last of them a minor."""

    clock: ClassVar[TestClock]
    visitors: ClassVar[Visitors]
    entrance: ClassVar[tuple[SignIn]]  # wrapped, or it would be a method

    @initialize()
    def begin(self) -> None:
        session().rollback()
        self.clock.set(START)
        self.case = a_case()
        self.holders: list[Account] = [self.case.holder, an_account("王二"), an_account("李小小")]

    def _try(self, act: Callable[[], object]) -> None:
        session().rollback()
        try:
            with transaction():
                act()
        except Refusal:
            session().rollback()

    def _latest(self, who: int) -> str | None:
        session().rollback()
        mine = select(Signup.id).where(
            Signup.position_id == self.case.position, Signup.person_id == self.holders[who].person_id
        )
        return session().scalar(mine.order_by(Signup.created_at.desc(), Signup.id.desc()).limit(1))

    # --- what happens

    @rule(who=people)
    def signs_up(self, who: int) -> None:
        person = self.holders[who].person_id
        extra = SignupExtra(age_band="14_15") if who == PEOPLE - 1 else SignupExtra()
        self._try(lambda: service.sign_up(self.case.position, person, by=person, source="self", extra=extra))

    @rule(who=people)
    def cancels(self, who: int) -> None:
        if key := self._latest(who):
            self._try(lambda: service.cancel_signup(key, by=None))

    @rule(who=people)
    def accepts(self, who: int) -> None:
        if key := self._latest(who):
            self._try(lambda: service.accept_offer(key, by=None))

    @rule()
    def consents(self) -> None:
        person = self.holders[-1].person_id
        self._try(lambda: record_guardian(person, Guardian("李家长", "+8613800138000"), method="web"))

    @rule()
    def withdraws(self) -> None:
        person = self.holders[-1].person_id
        self._try(lambda: withdraw_guardian(person, by=person))

    @rule(hours=st.integers(1, 3))
    def moves(self, hours: int) -> None:
        held = self.case.row().position.session
        later = timedelta(hours=hours)
        start, end, venue = held.starts_at + later, held.ends_at + later, held.venue_id
        self._try(
            lambda: events.reschedule(
                self.case.session, starts_at=start, ends_at=end, venue_id=venue, by=None
            )
        )

    @rule()
    def postpones(self) -> None:
        self._try(lambda: events.postpone(self.case.event, by=None))

    @rule(same=st.booleans())
    def resumes(self, same: bool) -> None:
        self._try(lambda: events.publish(self.case.event, by=None, same_dates=same))

    @rule(whole=st.booleans())
    def is_cancelled(self, whole: bool) -> None:
        if whole:
            self._try(lambda: events.cancel(self.case.event, reason="停电", by=None))
        else:
            self._try(lambda: events.cancel_session(self.case.session, reason="停电", by=None))

    @rule()
    def is_undone(self) -> None:
        session().rollback()
        made = select(Cancellation.id).where(
            Cancellation.event_id == self.case.event, Cancellation.undone_at.is_(None)
        )
        if key := session().scalar(made.limit(1)):
            self._try(lambda: events.undo(key, by=None))

    @rule(minutes=st.sampled_from([5, 40, 200]), swept=st.booleans())
    def time_passes(self, minutes: int, swept: bool) -> None:
        self.clock.advance(minutes=minutes)
        if swept:
            self._try(service.expire_offers)

    # --- what is said of it

    def _cases(self) -> list[tuple[Case, Account, Standing]]:
        found = []
        for who, holder in enumerate(self.holders):
            if key := self._latest(who):
                case = replace(self.case, signup=key, holder=holder)
                found.append((case, holder, standing_of(case.row())))
        return found

    def _differ(self, columns: tuple[Callable[..., str], ...]) -> list[str]:
        wrong = []
        for case, holder, stands in self._cases():
            self.entrance[0](self.visitors.holder, holder)
            alone = [one for one in columns if one not in _OF_ALL]
            said = {one.__name__: one(case, self.visitors, stands.state) for one in alone}
            wrong += [f"{page}: {words}, not {stands.state}" for page, words in said.items() if words]
        return wrong

    @invariant()
    def the_quick_ones_say_the_same(self) -> None:
        if hasattr(self, "holders"):
            assert not self._differ(QUICK)
            states = {case.signup: stands.state.value for case, _, stands in self._cases()}
            for found in shown.lists_of(self.case).values():
                assert {key: found[key] for key in states.keys() & found.keys()} == {
                    key: states[key] for key in states.keys() & found.keys()
                }

    def teardown(self) -> None:
        if hasattr(self, "holders"):
            self.entrance[0](self.visitors.staff, self.case.staff)
            assert not self._differ((*COLUMNS, *DOOR))


@pytest.mark.databases(SQLITE)
def test_any_order_of_acts_leaves_all_pages_saying_the_same(
    app: Flask,
    clock: TestClock,
    new_client: Callable[[], CheckedClient],
    sign_in: SignIn,
) -> None:
    Life.clock, Life.entrance = clock, (sign_in,)
    Life.visitors = Visitors(new_client(), new_client(), new_client())
    run_state_machine_as_test(
        Life,
        settings=settings(
            max_examples=9,
            stateful_step_count=12,
            deadline=None,
            derandomize=True,
            database=None,
            phases=(Phase.generate,),
            suppress_health_check=list(HealthCheck),
        ),
    )


@pytest.mark.databases(SQLITE)
def test_the_machine_would_notice(
    app: Flask,
    clock: TestClock,
    new_client: Callable[[], CheckedClient],
    sign_in: SignIn,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """A list at the door that says by itself how people stand is found out."""
    monkeypatch.setattr(sessions, "state_of_row", lambda row: row.status)
    with pytest.raises(AssertionError):
        test_any_order_of_acts_leaves_all_pages_saying_the_same(app, clock, new_client, sign_in)
