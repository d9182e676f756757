"""Shapes of what the door answers: scans, batches, rosters, head-counts."""

from typing import Literal

from pydantic import BaseModel, Field

from webapp.attendance import domain as attendance
from webapp.signups.domain.standing import State

_STATE = "What the sign-up is now: " + ", ".join(State) + "."


class DisplayName(BaseModel):
    """Who it is, for those who let people in."""

    display_name: str


class CheckInOut(BaseModel):
    """The answer to a scan."""

    id: str
    outcome: attendance.Outcome
    at: str
    direction: attendance.Direction
    signup: str
    person: DisplayName
    position: str
    state: str | None = Field(None, description=_STATE)
    replayed: bool = False


class SessionNamed(BaseModel):
    """Where a pass belongs."""

    title: str
    starts_at: str


class ScanRefused(BaseModel):
    """The answer to a scan that was not accepted; of a code that is nobody's, only what is known."""

    id: str
    outcome: attendance.Outcome
    direction: attendance.Direction
    code: str
    detail: str
    at: str | None = None
    signup: str | None = None
    person: DisplayName | None = None
    position: str | None = None
    reason: str | None = None
    lacks: str | None = None
    state: str | None = Field(None, description=_STATE)
    right_session: SessionNamed | None = None
    replayed: bool = False


class AnnulOut(BaseModel):
    """An undone scan."""

    id: str
    outcome: Literal["annulled"]


class BatchResult(BaseModel):
    """The answer to one scan of a batch."""

    nonce: str
    outcome: attendance.Outcome
    flagged: bool
    replayed: bool


class BatchOut(BaseModel):
    """Answers in the order asked."""

    results: list[BatchResult]


class RosterItem(BaseModel):
    """A sign-up as a scanner sees it."""

    signup: str
    display_name: str
    phone_tail: str = Field(description="The last four digits of the phone; empty where there is none.")
    position: str
    kind: str
    status: str
    state: str = Field(description=_STATE)
    in_at: str | None
    out_at: str | None
    short_code: str
    grade: str | None
    entered_late: bool = False
    minor: str | None = Field(None, description="under_10, under_14 or under_18, as far as anybody said.")
    lacks: str | None = Field(None, description="'guardian': a minor for whom no consent stands.")
    company: str | None = Field(
        None, description="The adult who comes along; empty: nobody; null: not asked."
    )
    along_with: str | None = Field(description="The name of whom they came along with.")


class RosterOut(BaseModel):
    """Living sign-ups of a session."""

    items: list[RosterItem]
    next: str | None
    counts: dict[str, int]


class HeadCountOut(BaseModel):
    """A head-count."""

    id: str
    session: str
    audience: str
    count: int
    method: str
    note: str
    day: str = Field(description="The day of the session they were counted on.")
