"""Several names ticked at once: as people come, or later from the sheet they signed."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import Row, insert

from webapp.attendance.domain import Direction, Outcome, decide, grade_of
from webapp.attendance.domain.doors import NotTaken, Taken, Ticks, check_ticks, left_at
from webapp.attendance.models import Attendance
from webapp.attendance.service import recount
from webapp.attendance.service.by_hand import Hand, hold_doors, known, people_of
from webapp.attendance.service.facts import judged
from webapp.core import audit, clock
from webapp.core.clock import Period
from webapp.core.db import new_id, session


def tick(session_id: str, ticks: Ticks, *, by: str) -> Taken:
    """Take what one page of names says; who cannot be taken is named with the reason, the others are.

    The same page sent twice (by its nonce) counts once. A handful of statements, however many names: the session's
    row is held, so nobody else writes its attendance meanwhile. Raises NotHeld, NothingTicked, DoorsClosed,
    SheetTooEarly, SheetTooLate, TimeMissing, TimeAhead, OutsideDoors, LeftBeforeComing.
    """
    held = hold_doors(session_id)
    now = clock.now()
    check_ticks(ticks, Period(held.starts_at, held.ends_at), now)
    page = _Page(ticks, Hand(session_id, by, ticks.method, now), now)
    page.read(people_of(session_id, {*ticks.came, *ticks.left}))
    page.write()
    if page.came:
        recount.reconcile_session(session_id)
    taken = Taken(len(page.came), page.gone, page.not_taken)
    audit.record(
        "attendance.tick",
        "event_session",
        session_id,
        by=by,
        came=taken.came,
        left=taken.left,
        from_sheet=ticks.from_sheet,
    )
    return taken


@dataclass
class _Page:
    """Rows made of one page of ticks, before they are written."""

    ticks: Ticks
    hand: Hand
    now: datetime
    scans: list[dict[str, Any]] = field(default_factory=list)
    came: dict[str, dict[str, Any]] = field(default_factory=dict)  # attendance by the sign-up that stands
    gone: int = 0
    not_taken: list[NotTaken] = field(default_factory=list)

    def read(self, people: Sequence[Row[*tuple[Any, ...]]]) -> None:
        """Decide about every tick."""
        found = {row.id: row for row in people}
        for direction in (Direction.IN, Direction.OUT):
            wanted = {
                f"{self.ticks.nonce}:{direction}:{one}": found[one]
                for one in self.ticks.signups(direction)
                if one in found
            }
            again = known(self.hand.device, wanted) if wanted else set()
            for nonce, row in wanted.items():
                if nonce not in again:
                    self._decide(row, direction, nonce)

    def _decide(self, row: Row[*tuple[Any, ...]], direction: Direction, nonce: str) -> None:
        at = self.ticks.moment(direction, self.now)
        in_at = self.came[row.stands_as]["in_at"] if row.stands_as in self.came else row.in_at
        facts = judged(row, None, session_id=self.hand.session_id, in_at=in_at, out_at=row.out_at)
        outcome = decide(facts, direction, at)
        if outcome == Outcome.ACCEPTED and direction == Direction.OUT:
            moment = left_at(at, in_at)
            if moment is None:
                self.not_taken.append(NotTaken(row.id, row.name, None))
                return
            at = moment
        scan = self.hand.scan(row, direction=direction, at=at, outcome=outcome, nonce=nonce)
        self.scans.append(scan)
        if outcome != Outcome.ACCEPTED:
            said = scan["answer"]
            self.not_taken.append(NotTaken(row.id, row.name, outcome, said.get("lacks"), said.get("state")))
        elif direction == Direction.IN:
            self.came[row.stands_as] = self._arrival(row, scan)
        else:
            self._leave(row, scan)

    def _arrival(self, row: Row[*tuple[Any, ...]], scan: dict[str, Any]) -> dict[str, Any]:
        return {
            "id": new_id(),
            "signup_id": row.stands_as,
            "person_id": row.person_id,
            "session_id": self.hand.session_id,
            "grade": grade_of(self.ticks.method),
            "in_at": scan["at"],
            "out_at": None,
            "in_scan_id": scan["id"],
            "out_scan_id": None,
            "entered_late": self.ticks.from_sheet,
            "created_at": self.now,
        }

    def _leave(self, row: Row[*tuple[Any, ...]], scan: dict[str, Any]) -> None:
        self.gone += 1
        if row.stands_as in self.came:  # of the others the exit is written where they are in
            self.came[row.stands_as] |= {"out_at": scan["at"], "out_scan_id": scan["id"]}

    def write(self) -> None:
        """Write it all."""
        self.hand.keep(self.scans)
        if self.came:
            session().execute(insert(Attendance), list(self.came.values()))
