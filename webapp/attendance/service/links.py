"""Links of phones' chains are handed in: live ones are answered by the rules, late ones never block.

docs/scanning.md, 5 and 6. A batch is one transaction: a phone that gets no answer sends it again and gets the same one.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from sqlalchemy import Row, insert, select, update

from webapp.attendance.domain import Answer, Outcome, ScanRequest
from webapp.attendance.domain.links import Link, is_sealed, moment_of
from webapp.attendance.domain.phones import Flag, ScanKind
from webapp.attendance.models import Device, Scan, ScanChain
from webapp.attendance.service import recount
from webapp.attendance.service.checkin import check_in
from webapp.attendance.service.judging import Item, Judge
from webapp.attendance.service.standing import hold_session, restand
from webapp.core import clock, tokens
from webapp.core.db import session
from webapp.events.models import EventSession

CHAIN_PURPOSE = "scan-chain"


@dataclass(frozen=True)
class Sender:
    """Whose links these are, and who brings them."""

    person_id: str  # who answers for the device
    device: Device | None
    chain: ScanChain | None  # None: a browser that cannot seal
    device_key: str  # what (device, nonce) is unique by
    may_scan: Callable[[str], bool]  # whether the device may scan for a session at all
    relayed_by: str | None = None

    def is_sealed(self, link: Link) -> bool:
        """Whether the link's seal is its chain's own."""
        if self.chain is None or link.is_faulty:
            return link.counter is None
        return link.counter is not None and is_sealed(chain_key(self.chain.id), self.chain.id, link)

    def was_allowed(self, at: datetime) -> bool:
        """Whether the device was paired at that moment. One that was revoked is not believed about the past either."""
        if self.device is None:
            return True
        return self.device.revoked_at is None and (
            self.device.expires_at is None or at < self.device.expires_at
        )


def chain_key(chain_id: str) -> bytes:
    """The key of a chain; given to its phone once, and derived whenever it is needed here."""
    return tokens.derived_key(CHAIN_PURPOSE, chain_id)


def accept_links(links: Sequence[Link], *, sender: Sender) -> list[Answer]:
    """Answer each link in the order given, which is that of its chain; none is refused for the others' sake.

    The caller has checked nothing: a link for a session the device may not see is answered `unknown`, flagged.
    """
    now = clock.now()
    stored = _stored(sender.device_key, [link.nonce for link in links])
    only = links[0] if len(links) == 1 else None
    if only is not None and only.nonce not in stored and _is_plain(only, sender):
        return [_live(only, sender, now)]
    return _late(links, sender, stored=stored, now=now)


def _is_plain(link: Link, sender: Sender) -> bool:
    """Whether the way of a single live check-in will do."""
    at, believed = moment_of(link, clock.now())
    is_live = not link.offline and not link.rehearsal and link.kind in {ScanKind.PASS, ScanKind.ROSTER}
    if not (is_live and believed and sender.relayed_by is None and sender.is_sealed(link)):
        return False
    return sender.was_allowed(at) and sender.may_scan(link.session)


def chain_columns(link: Link, sender: Sender) -> dict[str, Any]:
    """What a scan keeps of its link."""
    if link.is_faulty:
        return {"offline": True, "relayed_by": sender.relayed_by}
    return {
        "kind": link.kind,
        "scanned_at": link.phone_time,
        "clock_offset_ms": link.offset_ms,
        "offline": link.offline,
        "rehearsal": link.rehearsal,
        "verdict": link.verdict or None,
        "chain_id": sender.chain.id if sender.chain else None,
        "counter": link.counter if sender.chain else None,
        "chain_mac": link.mac if sender.chain else None,
        "relayed_by": sender.relayed_by,
    }


def request_of(link: Link, sender: Sender, at: datetime) -> ScanRequest:
    """The link as a live scan would be asked for."""
    return ScanRequest(
        session_id=link.session,
        direction=link.direction,
        nonce=link.nonce,
        device=sender.device_key,
        by=sender.person_id,
        method=link.method,
        code=link.what if link.kind == ScanKind.PASS else "",
        signup_id=link.what if link.kind == ScanKind.ROSTER else "",
        scanned_at=at,
        more=chain_columns(link, sender),
    )


def _live(link: Link, sender: Sender, now: datetime) -> Answer:
    return check_in(request_of(link, sender, moment_of(link, now)[0]))


def _stored(device: str, nonces: Sequence[str]) -> dict[str, Row[*tuple[Any, ...]]]:
    rows = session().execute(
        select(
            Scan.nonce,
            Scan.id,
            Scan.answer,
            Scan.flag,
            Scan.outcome,
            Scan.offline,
            Scan.chain_mac,
            Scan.session_id,
        ).where(Scan.device == device, Scan.nonce.in_(nonces))
    )
    return {row.nonce: row for row in rows}


def _late(
    links: Sequence[Link], sender: Sender, *, stored: dict[str, Row[*tuple[Any, ...]]], now: datetime
) -> list[Answer]:
    known = _hold_sessions(links)
    stored = stored | _stored(
        sender.device_key, [link.nonce for link in links]
    )  # as they are now that we hold them
    fresh = [link for link in links if link.nonce not in stored and link.session in known]
    judge = Judge(fresh, device=sender.device_key, by=sender.person_id, now=now)
    first: dict[str, Answer] = {}
    answers = []
    for link in links:
        if link.nonce in first:
            again = first[link.nonce]
            answers.append(replace(again, body=again.body | {"replayed": True}))
            continue
        if link.nonce in stored:
            answer = _again(link, stored[link.nonce], sender)
        elif link.session not in known:
            body = {"outcome": Outcome.UNKNOWN, "direction": link.direction, "flag": Flag.DEVICE}
            answer = Answer(404, body, flagged=True)
        else:
            answer = _decided(link, sender, judge, now)
        first[link.nonce] = answer
        answers.append(answer)
    _write(judge, by=sender.person_id)
    return answers


def _hold_sessions(links: Sequence[Link]) -> set[str]:
    """Those of the links' sessions that exist, taken for this transaction in one order."""
    wanted = sorted({link.session for link in links})
    found = session().scalars(select(EventSession.id).where(EventSession.id.in_(wanted))).all()
    for session_id in sorted(found):
        hold_session(session_id)
    return set(found)


def _decided(link: Link, sender: Sender, judge: Judge, now: datetime) -> Answer:
    at, believed = moment_of(link, now)
    flag = None if believed else Flag.CLOCK
    if not sender.is_sealed(link):
        flag = Flag.TAMPERED
    elif not sender.was_allowed(at) or not sender.may_scan(link.session):
        flag = Flag.DEVICE
    row = judge.decide(Item(link, request_of(link, sender, at), at, flag))
    body = row["answer"] | ({"flag": row["flag"]} if row["flag"] else {})
    return Answer(200, body, flagged=row["flag"] is not None)


def _again(link: Link, row: Row[*tuple[Any, ...]], sender: Sender) -> Answer:
    """A link that came before. The phone may have answered by itself meanwhile, and sealed it again."""
    flag = row.flag
    is_new_seal = link.offline and not row.offline and sender.is_sealed(link)
    if is_new_seal and row.chain_mac != (link.mac or None):
        if link.let_in and row.outcome not in {Outcome.ACCEPTED, Outcome.ALREADY_IN, Outcome.ALREADY_OUT}:
            flag = flag or Flag.REFUSED
        values = {
            "offline": True,
            "verdict": link.verdict or None,
            "chain_mac": link.mac or None,
            "flag": flag,
        }
        session().execute(update(Scan).where(Scan.id == row.id).values(**values))
    body = row.answer | {"replayed": True} | ({"flag": flag} if flag else {})
    return Answer(200, body, flagged=flag is not None)


def _write(judge: Judge, *, by: str) -> None:
    """Everything decided, in few statements; then attendance and ledger of each session say what the scans say."""
    if judge.rows:
        session().execute(insert(Scan), judge.rows)
    judge.write_rest()
    for session_id, signup_ids in sorted(judge.touched.items()):
        restand(session_id, signup_ids, by=by)
    for session_id in sorted(judge.counted):
        recount.reconcile_session(session_id)
