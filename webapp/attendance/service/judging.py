"""Deciding about links handed in late, many at once: facts are read, and rows are written, for all of them."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Row, select

from webapp.attendance.domain import EARLY, LATE, Direction, Outcome, ScanRequest, decide
from webapp.attendance.domain.links import Link, heads_of, outcome_of, weigh
from webapp.attendance.domain.phones import WALK_IN_NAME_LIMIT, Flag, ScanKind, Verdict
from webapp.attendance.models import Scan
from webapp.attendance.queries.namesakes import namesakes
from webapp.attendance.service import undoing, walkins
from webapp.attendance.service.checkin import scan_row
from webapp.attendance.service.facts import (
    FACTS_OF_MANY,
    Reading,
    answer_body,
    clean,
    earlier,
    judged,
    read_code,
)
from webapp.core.again import was_in_the_way
from webapp.core.db import get_row, new_id, savepoint, session
from webapp.core.errors import Refusal
from webapp.events.models import EventSession
from webapp.signups.domain import read_short_code
from webapp.signups.models import Signup

_NOT_TOLD = (Flag.TAMPERED, Flag.DEVICE)  # whoever brings such a link learns nothing of whom it names
REHEARSED = timedelta(hours=12)  # how long a rehearsal's own scans are remembered


@dataclass(frozen=True)
class Item:
    """A link on the table: when it counts at, and what is wrong with it from the outset."""

    link: Link
    request: ScanRequest
    at: datetime
    flag: Flag | None = None


@dataclass(frozen=True)
class Ruling:
    """What was decided about it."""

    outcome: Outcome
    flag: Flag | None = None
    about: Row[*tuple[Any, ...]] | None = None
    valid: bool = False
    said: datetime | None = None  # the moment "already" speaks of
    lacks: str | None = None


@dataclass
class _Seen:
    """Since when someone is in and out, as far as this batch knows."""

    in_at: datetime | None = None
    out_at: datetime | None = None


class Judge:
    """Decides link after link; what it decided is in `rows`, and touches these sign-ups by session."""

    def __init__(
        self, links: Sequence[Link], readings: Mapping[str, Reading], *, device: str, by: str, now: datetime
    ) -> None:
        self.device, self.by, self.now = device, by, now
        self.rows: list[dict[str, Any]] = []
        self.touched: defaultdict[str, set[str]] = defaultdict(set)
        self.counted: set[str] = set()  # sessions whose head-counts changed
        self._heads: dict[str, tuple[str, int]] = {}  # by nonce
        self._undone: list[str] = []  # scans written before this batch
        self._readings = {link.nonce: readings[link.nonce] for link in links}
        self._taken_back = undoing.Waiting(device, self._readings)
        self._name_short_codes(links)
        signup_ids = {reading.signup_id for reading in self._readings.values() if reading.signup_id}
        self.facts = _facts(signup_ids)
        self._seen = {
            (False, row.stands_as): _Seen(row.in_at, row.out_at) for row in self.facts.values()
        } | _rehearsed(signup_ids if any(link.rehearsal for link in links) else set(), now)

    def _name_short_codes(self, links: Sequence[Link]) -> None:
        """Whom typed short codes name; one question for all of them."""
        typed = {
            link.nonce: (link.session, read_short_code(link.what))
            for link in links
            if link.kind == ScanKind.PASS and self._readings[link.nonce].signup_id is None
        }
        codes = {code for _, code in typed.values() if code}
        if not codes:
            return
        rows = session().execute(
            select(Signup.session_id, Signup.short_code, Signup.id).where(
                Signup.session_id.in_({where for where, _ in typed.values()}), Signup.short_code.in_(codes)
            )
        )
        named = {(row.session_id, row.short_code): row.id for row in rows}
        for nonce, key in typed.items():
            if key in named:
                self._readings[nonce] = self._readings[nonce]._replace(signup_id=named[key])

    def decide(self, item: Item) -> dict[str, Any]:
        """The row of a link's scan; whatever goes wrong with it is flagged, and the others go on."""
        try:
            with savepoint():
                row = self._keep(item, self._decide(item))
        except Exception as error:
            if was_in_the_way(error):
                raise
            row = self._keep(item, Ruling(Outcome.UNKNOWN, Flag.FAULT))
        if self._taken_back.has(row):
            self._take_back(row, fresh=True)
        return row

    def _decide(self, item: Item) -> Ruling:
        if item.link.is_faulty:
            return Ruling(Outcome.UNKNOWN, Flag.FAULT)
        if item.flag in {Flag.TAMPERED, Flag.DEVICE}:
            named = self._readings[item.link.nonce].signup_id or ""
            return Ruling(Outcome.UNKNOWN, item.flag, about=self.facts.get(named))
        ways = {ScanKind.WALK_IN: self._walk_in, ScanKind.HEADS: self._count, ScanKind.UNDO: self._undo}
        return ways.get(item.link.kind, self._scan)(item)

    # --- someone who had signed up

    def _scan(self, item: Item) -> Ruling:
        link, reading = item.link, self._readings[item.link.nonce]
        about = self.facts.get(reading.signup_id or "")
        if about is None:
            return Ruling(Outcome.UNKNOWN, Flag.REFUSED if link.let_in else None, lacks=reading.lacks)
        seen = self._seen.setdefault((link.rehearsal, about.stands_as), _Seen())
        facts = judged(about, reading.serial, session_id=link.session, in_at=seen.in_at, out_at=seen.out_at)
        period = facts.promise.dates.period
        found = decide(facts, link.direction, period.start if link.rehearsal else item.at)
        before = earlier(found, seen.in_at, seen.out_at)
        valid, outcome, flag = weigh(link, found)
        if valid:
            _note(seen, link.direction, item.at)
            if not link.rehearsal:
                self.touched[link.session].add(about.id)
        return Ruling(outcome, flag or (item.flag if valid else None), about=about, valid=valid, said=before)

    # --- someone who had not

    def _walk_in(self, item: Item) -> Ruling:
        link = item.link
        position_id, _, name = link.what.partition(" ")
        name = name.strip()[:WALK_IN_NAME_LIMIT]
        if not name:
            return self._counted(item, walkins.audience_of(link.session), 1)
        closed = self._unannounced(item)
        if closed:
            return closed
        alike = Flag.NAMESAKE if not link.sure and namesakes(link.session, name) else None
        try:
            with savepoint():
                made = walkins.seat_walk_in(
                    link.session, name=name, phone=None, position_id=position_id, by=self.by
                )
        except Refusal:
            return Ruling(Outcome.WAITLISTED, Flag.FULL)
        self.facts |= _facts({made.id})
        self.touched[link.session].add(made.id)
        return Ruling(Outcome.ACCEPTED, item.flag or alike, about=self.facts[made.id], valid=True)

    def _count(self, item: Item) -> Ruling:
        heads = heads_of(item.link)
        return self._counted(item, *heads) if heads else Ruling(Outcome.UNKNOWN, Flag.FAULT)

    def _counted(self, item: Item, audience: str, count: int) -> Ruling:
        ruling = self._unannounced(item) or Ruling(Outcome.ACCEPTED, item.flag)
        if ruling.outcome == Outcome.ACCEPTED and not item.link.rehearsal:
            self._heads[item.link.nonce] = (audience, count)
            self.counted.add(item.link.session)
        return ruling

    def _unannounced(self, item: Item) -> Ruling | None:
        """The answer where nobody is taken who had not signed up: closed doors, a phone's own no, a rehearsal."""
        link = item.link
        if link.rehearsal:
            return Ruling(Outcome.ACCEPTED)
        if link.verdict == Verdict.REFUSED:
            return Ruling(outcome_of(link))
        outcome = _at_the_doors(get_row(EventSession, link.session), item.at)
        if outcome == Outcome.ACCEPTED:
            return None
        return Ruling(outcome, Flag.REFUSED if link.offline else None)

    # --- taking back

    def _undo(self, item: Item) -> Ruling:
        link = item.link
        fresh = next((row for row in self.rows if row["nonce"] == link.what), None)
        target = fresh or undoing.find(self.device, link.what)
        outcome = undoing.judge(target, session_id=link.session, at=item.at, rehearsal=link.rehearsal)
        if target is None:
            self._taken_back.add(link.what, session_id=link.session, at=item.at, rehearsal=link.rehearsal)
        about = self.facts.get(target["signup_id"] or "") if target else None
        if outcome == Outcome.ACCEPTED and target is not None:
            self._take_back(target, fresh=fresh is not None)
        return Ruling(outcome, about=about)

    def _take_back(self, target: dict[str, Any], *, fresh: bool) -> None:
        for row in undoing.same_scans(target, self.rows):
            row["annulled_at"] = self.now
        if fresh:
            self._heads.pop(target["nonce"], None)
        else:
            self._undone.append(target["id"])
            self.counted.add(target["session_id"])
        if target["signup_id"]:
            if not target["rehearsal"]:
                self.touched[target["session_id"]].add(target["signup_id"])
            named = self.facts.get(target["signup_id"])
            who = named.stands_as if named else target["signup_id"]
            seen = self._seen.setdefault((target["rehearsal"], who), _Seen())
            if target["direction"] == Direction.IN:
                seen.in_at = None
            seen.out_at = None

    def _keep(self, item: Item, ruling: Ruling) -> dict[str, Any]:
        scan_id, about = new_id(), ruling.about
        body = answer_body(
            item.request,
            None if ruling.flag in _NOT_TOLD else about,
            outcome=ruling.outcome,
            at=ruling.said or item.at,
            scan_id=scan_id,
            lacks=ruling.lacks,
        )
        row = scan_row(item.request, self._readings[item.link.nonce], body=body, at=item.at, now=self.now)
        row |= {"valid": ruling.valid, "flag": ruling.flag, "annulled_at": None}
        row["signup_id"] = about.id if about else None
        if about is None and (item.link.is_faulty or item.link.kind not in {ScanKind.PASS, ScanKind.ROSTER}):
            row["code"] = item.link.what
        self.rows.append(row)
        return row

    def write_rest(self) -> None:
        """Head-counts, and what was taken back of what lay there before; the scans themselves are written."""
        for row in [one for one in self.rows if one["nonce"] in self._heads]:
            audience, count = self._heads[row["nonce"]]
            where, made_by = row["session_id"], {"scan_id": row["id"], "at": row["at"]}
            walkins.count_arrivals(where, audience=audience, count=count, by=self.by, **made_by)
        undoing.take_back(self._undone, by=self.by, now=self.now)


def read(link: Link) -> Reading:
    """Whom a link names; a short code is looked up later, with all of a batch."""
    if link.kind == ScanKind.ROSTER:
        return Reading(link.what)
    if link.kind == ScanKind.PASS:
        return read_code(link.what) or Reading(None, code=clean(link.what))
    return Reading(None)


def _facts(signup_ids: set[str]) -> dict[str, Row[*tuple[Any, ...]]]:
    given = {"signup_ids": sorted(signup_ids)}
    rows = session().connection().execute(FACTS_OF_MANY, given) if signup_ids else ()
    return {row.id: row for row in rows}


def _rehearsed(signup_ids: set[str], now: datetime) -> dict[tuple[bool, str], _Seen]:
    """Who is in and out of the rehearsal."""
    found: dict[tuple[bool, str], _Seen] = {}
    if not signup_ids:
        return found
    rows = session().execute(
        select(Scan.signup_id, Scan.direction, Scan.at)
        .where(Scan.signup_id.in_(signup_ids), Scan.rehearsal, Scan.valid, Scan.annulled_at.is_(None))
        .where(Scan.at > now - REHEARSED)
        .order_by(Scan.at)
    )
    for row in rows:
        _note(found.setdefault((True, row.signup_id), _Seen()), Direction(row.direction), row.at)
    return found


def _note(seen: _Seen, direction: Direction, at: datetime) -> None:
    if direction == Direction.IN:
        seen.in_at = min(seen.in_at or at, at)
    else:
        seen.out_at = min(seen.out_at or at, at)


def _at_the_doors(held: EventSession, at: datetime) -> Outcome:
    """Whether the doors were open to someone who had not signed up."""
    if not held.is_held:
        return Outcome.EVENT_CANCELLED
    if at < held.starts_at - EARLY:
        return Outcome.TOO_EARLY
    return Outcome.TOO_LATE if at >= held.ends_at + LATE else Outcome.ACCEPTED
