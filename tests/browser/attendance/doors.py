"""A door with people in front of it, for the scanner's journeys."""

from collections.abc import Callable
from dataclasses import dataclass


@dataclass(frozen=True)
class Guest:
    """Someone who signed up, as the scanner meets them."""

    full_name: str
    name: str  # masked, as shown at the door
    signup: str
    short_code: str
    url: str  # what the QR on the pass says


@dataclass(frozen=True)
class Door:
    """A session of today with its scanner signed in."""

    address: str
    path: str
    cookies: list[dict[str, str]]
    guests: list[Guest]
    arrivals: Callable[[], int]
    heads: Callable[[], int]
    another: Callable[[str], Guest]  # signs up now
    cancel: Callable[[Guest], None]
    scanner: str  # the person who scans
