"""A phone that keeps a chain of scans, as docs/scanning.md 4 says, without a browser."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from tests.factories.attendance import Scene
from webapp.attendance.domain import Answer, Direction, Method, Outcome
from webapp.attendance.domain.links import Link, seal
from webapp.attendance.domain.phones import DeviceKind, ScanKind, Verdict
from webapp.attendance.models import Device, DeviceSession, ScanChain
from webapp.attendance.service.links import Sender, accept_links, chain_key
from webapp.core import clock
from webapp.core.db import db, new_id, transaction


@dataclass
class Phone:
    """A paired phone and its chain; `slow` is how much its clock lags behind ours."""

    scene: Scene
    name: str = "手机"
    slow: timedelta = timedelta(0)
    measured: bool = True  # whether it knows its offset
    device: str = ""
    chain: str = ""
    links: list[Link] = field(default_factory=list)

    def __post_init__(self) -> None:
        """Pair it for the scene's session, for a day."""
        now = clock.now()
        with transaction() as session:
            device = Device(
                name=self.name,
                kind=DeviceKind.PHONE,
                person_id=self.scene.scanner,
                secret_hash=new_id(),
                token_hash=new_id(),
                paired_at=now,
                expires_at=now + timedelta(days=1),
            )
            session.add(device)
            session.flush()
            chain = ScanChain(device_id=device.id)
            session.add(chain)
            session.flush()
            session.add(DeviceSession(device_id=device.id, session_id=self.scene.session))
            self.device, self.chain = device.id, chain.id

    def scan(
        self,
        what: str,
        *,
        at: datetime | None = None,
        kind: ScanKind = ScanKind.PASS,
        direction: Direction = Direction.IN,
        offline: bool = True,
        verdict: Verdict | None = Verdict.VERIFIED,
        outcome: Outcome = Outcome.ACCEPTED,
        rehearsal: bool = False,
        session: str = "",
    ) -> Link:
        """Write a link down; nobody is told yet."""
        here = (at or clock.now()) - self.slow
        link = Link(
            counter=len(self.links) + 1,
            prev=self.links[-1].mac if self.links else "",
            nonce=new_id(),
            session=session or self.scene.session,
            kind=kind,
            direction=direction,
            what=what,
            method=Method.ROSTER if kind == ScanKind.ROSTER else Method.CAMERA,
            scanned_at=here.isoformat(timespec="milliseconds").replace("+00:00", "Z"),
            offset_ms=int(self.slow / timedelta(milliseconds=1)) if self.measured else 0,
            offline=offline,
            rehearsal=rehearsal,
            verdict=verdict if offline and verdict else "",
            outcome=outcome if offline else "",
            mac="",
        )
        self.links.append(replace(link, mac=seal(chain_key(self.chain), self.chain, link)))
        return self.links[-1]

    def undo(self, link: Link, *, at: datetime | None = None) -> Link:
        """Take a link back, on the phone."""
        return self.scan(link.nonce, at=at, kind=ScanKind.UNDO, direction=link.direction)

    def sender(self, *, relayed_by: str | None = None) -> Sender:
        """Who the server takes the links from."""
        return Sender(
            person_id=self.scene.scanner,
            device=db.session.get_one(Device, self.device),
            chain=db.session.get_one(ScanChain, self.chain),
            device_key=self.device,
            may_scan=lambda session_id: session_id == self.scene.session,
            relayed_by=relayed_by,
        )

    def hand_in(self, links: Sequence[Link] | None = None, *, relayed_by: str | None = None) -> list[Answer]:
        """Bring links (all of them unless told) in one transaction."""
        with transaction():
            return accept_links(
                self.links if links is None else links, sender=self.sender(relayed_by=relayed_by)
            )

    def ask(self, what: str, **more: object) -> Answer:
        """One live scan."""
        return self.hand_in([self.scan(what, offline=False, **more)])[0]  # type: ignore[arg-type]
