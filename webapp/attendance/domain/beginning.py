"""What a unit has of all that its first day takes. Plain Python."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Beginning:
    """What a unit has already; ids where a step leads to something begun."""

    organisation_id: str
    name: str
    has_phone: bool
    has_venue: bool
    has_published: bool
    has_helper: bool
    has_paired: bool
    draft_id: str | None = None  # an event that is not published yet
    session_id: str | None = None  # the next for which a phone can be paired
