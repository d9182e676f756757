"""Links of phones' chains are handed in: live ones are answered by the rules, late ones never block.

docs/scanning.md, 5 and 6. A batch is one transaction: a phone that gets no answer sends it again and gets the same one.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from sqlalchemy import Row, insert, select, update

from webapp.attendance.domain import VALID, Answer, Outcome, ScanRequest
from webapp.attendance.domain.links import Link, is_sealed, moment_of
from webapp.attendance.domain.phones import DeviceKind, Flag, ScanKind
from webapp.attendance.models import Device, Scan, ScanChain
from webapp.attendance.service import recount
from webapp.attendance.service.chains import Before
from webapp.attendance.service.checkin import check_in
from webapp.attendance.service.facts import Reading, name_to_tell
from webapp.attendance.service.judging import Item, Judge, read
from webapp.attendance.service.standing import hold_session, restand
from webapp.core import clock, tokens
from webapp.core.again import InTheWay
from webapp.core.db import session
from webapp.events.models import EventSession
from webapp.signups.models import Signup

CHAIN_PURPOSE = "scan-chain"
_NOT_KEPT = 409  # what `check_in` says of an accepted scan for which there was no row


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

    @property
    def sees_names(self) -> bool:
        """Whether whoever looks at the answers works with these people: no tablet before a crowd, and nobody who only
        brings another's links.
        """
        is_kiosk = self.device is not None and self.device.kind == DeviceKind.KIOSK
        return self.relayed_by is None and not is_kiosk

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
    only = links[0] if len(links) == 1 else None
    if only is not None and _is_plain(only, sender) and _before(links, sender).is_new(only):
        return [_live(only, sender, now)]
    return _late(links, sender, now=now)


def _before(links: Sequence[Link], sender: Sender) -> Before:
    return Before(sender.device_key, sender.chain.id if sender.chain else None, links)


def _is_plain(link: Link, sender: Sender) -> bool:
    """Whether the way of a single live check-in will do."""
    at, believed = moment_of(link, clock.now())
    is_live = not link.offline and not link.rehearsal and link.kind in {ScanKind.PASS, ScanKind.ROSTER}
    if not (is_live and believed and sender.relayed_by is None and sender.is_sealed(link)):
        return False
    return sender.was_allowed(at) and sender.may_scan(link.session)


def chain_columns(link: Link, sender: Sender) -> dict[str, Any]:
    """What a scan keeps of its link. A wrong seal is worth nothing: by its lack a forgery is known."""
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
        "chain_mac": link.mac if sender.chain and link.mac else None,
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
    answer = check_in(request_of(link, sender, moment_of(link, now)[0]))
    if answer.status == _NOT_KEPT and answer.body["outcome"] == Outcome.ACCEPTED:
        raise InTheWay  # another link of this chain took its number at this moment
    return answer


def _late(links: Sequence[Link], sender: Sender, *, now: datetime) -> list[Answer]:
    readings = {link.nonce: read(link) for link in links}
    known = _hold_sessions(links, readings)
    before = _before(links, sender)  # as it is now that we hold them
    seals = [sender.is_sealed(link) for link in links]
    stored = {
        link.nonce: before.answered(link, is_genuine=seal) for link, seal in zip(links, seals, strict=True)
    }
    fresh = [link for link in links if stored[link.nonce] is None and link.session in known]
    judge = Judge(fresh, readings, device=sender.device_key, by=sender.person_id, now=now)
    first: dict[str, Answer] = {}
    answers = []
    for link, seal in zip(links, seals, strict=True):
        earlier = stored[link.nonce]
        if link.nonce in first:
            again = first[link.nonce]
            answers.append(replace(again, body=again.body | {"replayed": True}))
            continue
        if earlier is not None:
            answer = _again(link, earlier, is_genuine=seal)
        elif link.session not in known:
            body = {"outcome": Outcome.UNKNOWN, "direction": link.direction, "flag": Flag.DEVICE}
            answer = Answer(404, body, flagged=True)
        else:
            answer = _decided(link, sender, judge, before, is_genuine=seal)
        first[link.nonce] = answer
        answers.append(answer)
    _write(judge, by=sender.person_id)
    return answers


def _hold_sessions(links: Sequence[Link], readings: Mapping[str, Reading]) -> set[str]:
    """Those of the links' sessions that exist, taken for this transaction in one order.

    Taken too are those whose passes were shown at another door: their sign-ups are going to be looked at, and two
    phones that bring each other's people would else wait for each other.
    """
    named = {one.signup_id for one in readings.values() if one.signup_id}
    wanted = {link.session for link in links}
    found = session().scalars(
        select(EventSession.id).where(
            EventSession.id.in_(wanted)
            | EventSession.id.in_(select(Signup.session_id).where(Signup.id.in_(named)))
        )
    )
    held = sorted(found)
    for session_id in held:
        hold_session(session_id)
    return set(held)


def _decided(link: Link, sender: Sender, judge: Judge, before: Before, *, is_genuine: bool) -> Answer:
    at, believed = moment_of(link, judge.now)
    has_number = before.may_have_number(link, is_genuine=is_genuine)
    flag = None if believed else Flag.CLOCK
    if not (is_genuine and has_number):
        flag = Flag.TAMPERED
    elif not sender.was_allowed(at) or not sender.may_scan(link.session):
        flag = Flag.DEVICE
    kept = replace(link, counter=link.counter if has_number else None, mac=link.mac if is_genuine else "")
    row = judge.decide(Item(kept, request_of(kept, sender, at), at, flag))
    before.note(row)
    body = row["answer"] | ({"flag": row["flag"]} if row["flag"] else {})
    return Answer(
        200,
        body,
        flagged=row["flag"] is not None,
        name=name_to_tell(judge.facts.get(row["signup_id"] or ""), link.session),
    )


def _again(link: Link, row: Row[*tuple[Any, ...]], *, is_genuine: bool) -> Answer:
    """A link that came before. The phone may have answered by itself meanwhile, and sealed it again."""
    flag = row.flag
    is_new_seal = link.offline and not row.offline and is_genuine
    if is_new_seal and row.chain_mac != (link.mac or None):
        if link.let_in and row.outcome not in VALID:
            flag = flag or Flag.REFUSED
        values = {
            "offline": True,
            "verdict": link.verdict or None,
            "chain_mac": link.mac or None,
            "flag": flag,
        }
        session().execute(update(Scan).where(Scan.id == row.id).values(**values))
    body = row.answer | {"replayed": True} | ({"flag": flag} if flag else {})
    return Answer(200, body, flagged=flag is not None, name=row.name or "")


def _write(judge: Judge, *, by: str) -> None:
    """Everything decided, in few statements; then attendance and ledger of each session say what the scans say."""
    if judge.rows:
        session().execute(insert(Scan), judge.rows)
    judge.write_rest()
    for session_id, signup_ids in sorted(judge.touched.items()):
        restand(session_id, signup_ids, by=by)
    for session_id in sorted(judge.counted):
        recount.reconcile_session(session_id)
