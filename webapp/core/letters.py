"""A letter on its way out, and how handing it over may fail. What every sender has in common."""

from dataclasses import dataclass
from datetime import datetime
from typing import Protocol


class DeliveryFailed(Exception):
    """The gateway refused this letter, or could not be reached."""

    for_good = False  # trying again cannot help
    unreachable = False  # the next letter would fare no better


class RefusedForGood(DeliveryFailed):
    """No such mailbox, no such number: not worth another try."""

    for_good = True


class Unreachable(DeliveryFailed):
    """The gateway does not answer; everything for it waits."""

    unreachable = True


@dataclass(frozen=True)
class Attached:
    """An .ics file with its METHOD, which the mail has to name as well (RFC 6047 2.4)."""

    text: bytes
    method: str


@dataclass(frozen=True)
class Letter:
    """What a sender needs of a message; no row, so nothing of the database is held while it is sent."""

    id: str
    channel: str
    recipient: str
    subject: str
    body: str
    created_at: datetime
    calendar: Attached | None = None
    stop_url: str = ""  # where one press ends mails of this kind (RFC 8058)


class Sender(Protocol):
    """One channel's way out."""

    def send(self, letter: Letter) -> None:
        """Hand it over; returns once the other side has taken responsibility. Raises DeliveryFailed."""

    def close(self) -> None:
        """Give the connection back."""


def said(error: BaseException) -> str:
    """What an exception says, short enough to be kept."""
    return (str(error) or type(error).__name__)[:300]
