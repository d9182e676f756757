"""A real SMTP server for tests: keeps what arrives, refuses whom it is told to refuse."""

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from typing import Any

from aiosmtpd.controller import Controller

from tests.support.server import free_port


@dataclass
class Postbox:
    """What arrived, in order; how long a delivery takes; answers for recipients and connections seen."""

    port: int
    mails: list[EmailMessage] = field(default_factory=list)
    raw: list[str] = field(default_factory=list)  # the same as they came over the wire
    seconds: float = 0.0
    refusals: dict[str, str] = field(default_factory=dict)  # recipient → SMTP answer
    hang_up_after: int | None = None  # deliveries of one connection
    connections: set[Any] = field(default_factory=set)

    @property
    def url(self) -> str:
        """For MAIL_URL."""
        return f"smtp://127.0.0.1:{self.port}"

    @property
    def ids(self) -> list[str]:
        """Message-IDs in the order of arrival."""
        return [str(mail["Message-ID"]) for mail in self.mails]

    async def handle_MAIL(  # noqa: N802  (the library's name)
        self, server: Any, session: Any, envelope: Any, address: str, options: Any
    ) -> str:
        """Begin a mail, or close a connection that brought as many as it may."""
        if self.hang_up_after is not None and getattr(session, "kepu_count", 0) >= self.hang_up_after:
            return "421 too many for one connection"
        envelope.mail_from = address
        return "250 OK"

    async def handle_RCPT(  # noqa: N802  (the library's name)
        self, server: Any, session: Any, envelope: Any, address: str, options: Any
    ) -> str:
        """Take the recipient or say what was told."""
        if address in self.refusals:
            return self.refusals[address]
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server: Any, session: Any, envelope: Any) -> str:  # noqa: N802
        """Keep the mail."""
        self.connections.add(session.peer)
        if self.seconds:
            await asyncio.sleep(self.seconds)
        self.raw.append(envelope.content.decode())
        self.mails.append(message_from_bytes(envelope.content, policy=default))
        session.kepu_count = getattr(session, "kepu_count", 0) + 1
        return "250 OK"


@contextmanager
def postbox(**options: Any) -> Iterator[Postbox]:
    """Serve while the block runs."""
    box = Postbox(free_port(), **options)
    controller = Controller(box, hostname="127.0.0.1", port=box.port)
    controller.start()
    try:
        yield box
    finally:
        controller.stop()
