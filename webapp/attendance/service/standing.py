"""Attendance is what the valid, standing scans of a sign-up say, in whatever order they came (decision 0015)."""

from collections import defaultdict
from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import insert, select, update

from webapp.attendance.domain import Direction, Method, grade_of
from webapp.attendance.domain.links import Claim, Stay, stay_of
from webapp.attendance.domain.phones import Flag, Settlement
from webapp.attendance.models import Attendance, Scan
from webapp.attendance.service import recount
from webapp.core import clock
from webapp.core.db import lock_row, new_id, session
from webapp.events.models import Event, EventSession, Position
from webapp.signups import service as signups
from webapp.signups.domain import SignupStatus
from webapp.signups.models import Signup

NO_SCAN_LEFT = "签到记录已撤销"  # kept as the reason of an attendance none of whose scans stands any more


def hold_session(session_id: str) -> EventSession:
    """The session, taken for this transaction, so that no phone writes its attendance meanwhile; raises NotFound.

    Its event comes first, as everywhere.
    """
    event = select(Event.id).join(EventSession, EventSession.event_id == Event.id)
    session().execute(event.where(EventSession.id == session_id).with_for_update(read=True, of=Event))
    return lock_row(EventSession, session_id)


def restand(session_id: str, signup_ids: Collection[str], *, by: str, reason: str = "") -> int:
    """Make the attendance of these sign-ups' people at one session say what their scans say; how many changed.

    One person once: whatever passes they showed, they have one attendance, at the place they hold there. The caller
    holds the session's row, so no live check-in writes meanwhile. Where anything changed the ledger is recounted.
    Who is in at another session, which people may decide of those who went astray, is left there: nobody counts
    twice with one sign-up.
    """
    session().flush()
    asked = set(signup_ids)
    people = _people(session_id, asked)
    standing = {row.person_id: row for row in _standing(session_id, [one.id for one in people])}
    changed = 0
    absent: list[str] = []
    fresh: list[dict[str, Any]] = []
    for person in people:
        held = standing.get(person.id)
        kept = frozenset(filter(None, (held.in_scan_id, held.out_scan_id))) if held else frozenset()
        stay = stay_of(person.claims, kept=kept)
        absent += person.without_word(asked)
        if stay is None:
            changed += _annul(held, by=by, reason=reason or NO_SCAN_LEFT)
        elif held is None:
            fresh.append(_row(session_id, person, stay))
        else:
            changed += _follow(held, person, stay)
    session().flush()  # a sign-up's attendance moves to another only after its own is gone
    if absent:
        signups.take_back_arrivals(absent, by=by, reason=reason or NO_SCAN_LEFT)
    if fresh:
        session().execute(insert(Attendance), fresh)
    if fresh or changed:
        session().flush()  # the recount reads it
        recount.reconcile_session(session_id)
        _settle_explained(session_id, [one for person in people for one in person.signups])
    return changed + len(fresh)


@dataclass
class _Person:
    """Somebody with all their sign-ups of a session, and what scans say of them; the place that stands first."""

    id: str
    signups: list[str] = field(default_factory=list)
    said: dict[str, list[Claim]] = field(default_factory=dict)  # by sign-up
    held: str | None = None  # the place that is theirs now

    @property
    def claims(self) -> list[Claim]:
        """All that scans say of them, whatever pass was shown."""
        return [claim for some in self.said.values() for claim in some]

    @property
    def stands_as(self) -> str:
        """The sign-up they are present with: the place they hold, else the first one that a scan speaks for."""
        if self.held is not None:
            return self.held
        came = [
            one
            for one in self.signups
            if any(claim.direction == Direction.IN for claim in self.said.get(one, ()))
        ]
        return came[0]

    def without_word(self, named: Collection[str]) -> list[str]:
        """Those of these sign-ups for which no scan says that they came."""
        return [
            one
            for one in self.signups
            if one in named and not any(claim.direction == Direction.IN for claim in self.said.get(one, ()))
        ]


def of_same_person(session_id: str, signup_ids: Collection[str]) -> list[str]:
    """These sign-ups, and all others of their people in this session."""
    theirs = select(Signup.person_id).where(Signup.id.in_(signup_ids))
    wanted = select(Signup.id).where(Signup.session_id == session_id, Signup.person_id.in_(theirs))
    return sorted({*signup_ids, *session().scalars(wanted)})


def _people(session_id: str, signup_ids: Collection[str]) -> list[_Person]:
    """Whom these sign-ups are of, without those that are in at another session."""
    every = of_same_person(session_id, signup_ids)
    astray = set(
        session().scalars(
            select(Attendance.signup_id).where(
                Attendance.signup_id.in_(every),
                Attendance.session_id != session_id,
                Attendance.annulled_at.is_(None),
            )
        )
    )
    rows = session().execute(
        select(Signup.id, Signup.person_id, Signup.session_id, Signup.status, Signup.counts_with_id)
        .join(Position, Position.id == Signup.position_id)
        .where(Signup.id.in_([one for one in every if one not in astray]))
        .order_by(Position.kind.desc(), Signup.created_at, Signup.id)  # a shift before a seat
    )
    claims = _claims(session_id, every)
    found: dict[str, _Person] = {}
    for row in rows:
        person = found.setdefault(row.person_id, _Person(row.person_id))
        person.signups.append(row.id)
        if claims[row.id]:
            person.said[row.id] = claims[row.id]
        is_place = row.status == SignupStatus.CONFIRMED and row.counts_with_id is None
        if is_place and row.session_id == session_id:
            person.held = row.id
    return list(found.values())


def _claims(session_id: str, signup_ids: Sequence[str]) -> defaultdict[str, list[Claim]]:
    found: defaultdict[str, list[Claim]] = defaultdict(list)
    rows = session().execute(
        select(Scan.signup_id, Scan.id, Scan.direction, Scan.at, Scan.method).where(
            Scan.signup_id.in_(signup_ids),
            Scan.session_id == session_id,
            Scan.valid,
            Scan.annulled_at.is_(None),
            Scan.rehearsal.is_(False),
        )
    )
    for row in rows:
        found[row.signup_id].append(Claim(row.id, Direction(row.direction), row.at, Method(row.method)))
    return found


def _standing(session_id: str, person_ids: Sequence[str]) -> Sequence[Attendance]:
    wanted = select(Attendance).where(
        Attendance.person_id.in_(person_ids),
        Attendance.session_id == session_id,
        Attendance.annulled_at.is_(None),
    )
    return session().scalars(wanted.execution_options(populate_existing=True)).all()


def _row(session_id: str, person: _Person, stay: Stay) -> dict[str, Any]:
    return {
        "id": new_id(),
        "signup_id": person.stands_as,
        "person_id": person.id,
        "session_id": session_id,
        "grade": grade_of(stay.came.method),
        "in_at": stay.came.at,
        "in_scan_id": stay.came.scan_id,
        "out_at": stay.out_at,
        "out_scan_id": stay.left.scan_id if stay.left else None,
        "entered_late": stay.came.method == Method.PAPER,
        "created_at": clock.now(),
    }


def _annul(held: Attendance | None, *, by: str, reason: str) -> int:
    """No scan speaks for it any more; 1 if there was one."""
    if held is None:
        return 0
    held.annulled_at, held.annulled_by, held.annul_reason = clock.now(), by, reason
    return 1


def _follow(held: Attendance, person: _Person, stay: Stay) -> int:
    """Let a standing attendance say it; 1 if it said something else."""
    left = stay.left.scan_id if stay.left else None
    now = person.stands_as, stay.came.scan_id, left
    if (held.signup_id, held.in_scan_id, held.out_scan_id) == now:
        return 0
    held.signup_id = person.stands_as
    if held.in_scan_id != stay.came.scan_id:
        held.in_scan_id, held.in_at, held.grade = stay.came.scan_id, stay.came.at, grade_of(stay.came.method)
    held.out_scan_id = left
    held.out_at = max(stay.out_at, held.in_at) if stay.out_at else None
    return 1


def _settle_explained(session_id: str, signup_ids: Sequence[str]) -> None:
    """An exit that came before its entry was flagged; now it is explained, and nobody need look at it."""
    explained = select(Attendance.out_scan_id).where(
        Attendance.session_id == session_id,
        Attendance.annulled_at.is_(None),
        Attendance.out_scan_id.is_not(None),
    )
    session().execute(
        update(Scan)
        .where(
            Scan.session_id == session_id,
            Scan.signup_id.in_(signup_ids),
            Scan.flag == Flag.REFUSED,
            Scan.valid,
            Scan.settled_at.is_(None),
            Scan.id.in_(explained),
        )
        .values(settled_at=clock.now(), settlement=Settlement.COUNTED)
        .execution_options(synchronize_session=False)
    )
