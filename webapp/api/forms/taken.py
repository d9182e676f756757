"""Shapes of what the API takes: lengths, types, formats. What the field allows is decided by the areas' services."""

from typing import Any, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, model_validator
from pydantic_core import PydanticCustomError

from webapp.api.forms.values import Code, Day, Identifier, Moment, Phone, PhonesMoment, line, tag, text
from webapp.attendance import domain as attendance
from webapp.events import domain as events
from webapp.events.domain.periods import Outside
from webapp.events.domain.questions import ANSWER_LIMIT
from webapp.people.domain import NAME_LIMIT
from webapp.volunteers.domain import AgeBand


class Shape(BaseModel):
    """Unknown members are refused: a misspelt one would otherwise be lost silently."""

    model_config = ConfigDict(extra="forbid")


class PositionIn(Shape):
    """Places of one kind in a session."""

    name: line(events.POSITION_NAME_LIMIT, least=1)  # type: ignore[valid-type]
    kind: events.PositionKind
    capacity: int = Field(ge=0, le=events.CAPACITY_MAX, strict=True)
    waitlist: bool = True


class SessionIn(Shape):
    """A dated occurrence."""

    title: line(events.TITLE_LIMIT) = ""  # type: ignore[valid-type]
    starts_at: Moment
    ends_at: Moment
    venue: Identifier
    positions: list[PositionIn] = Field(min_length=1, max_length=events.POSITIONS_MAX)


_OUTSIDE: Any = Field(None, description="After a 409 outside_plan: other plan's tasks, none, or leave it so.")


class EventIn(Shape):
    """A new event, made as a draft."""

    title: line(events.TITLE_LIMIT, least=1)  # type: ignore[valid-type]
    type: Identifier
    summary: text(events.SUMMARY_LIMIT) = ""  # type: ignore[valid-type]
    bring: line(events.BRING_LIMIT) = ""  # type: ignore[valid-type]
    organisation: Identifier
    plan: Identifier | None = Field(
        None,
        description="Code or id of the plan the task codes belong to; default: the one of the first session's day.",
    )
    tasks: list[Identifier] = Field(min_length=1, max_length=40)
    risk_statement: text(events.RISK_LIMIT) = ""  # type: ignore[valid-type]
    audiences: list[Literal[events.AUDIENCES]] = Field(default_factory=list, max_length=20)  # type: ignore[valid-type]
    sessions: list[SessionIn] = Field(min_length=1, max_length=events.SESSIONS_MAX)
    outside_plan: Outside | None = _OUTSIDE


class ReasonIn(Shape):
    """Why."""

    reason: text(events.REASON_LIMIT, least=1)  # type: ignore[valid-type]


class SessionPatch(Shape):
    """What of a session changes; what is left out stays."""

    title: line(events.TITLE_LIMIT) | None = None  # type: ignore[valid-type]
    starts_at: Moment | None = None
    ends_at: Moment | None = None
    venue: Identifier | None = None
    outside_plan: Outside | None = _OUTSIDE


class PersonIn(Shape):
    """Someone signed up by staff."""

    name: line(NAME_LIMIT, least=1)  # type: ignore[valid-type]
    phone: Phone  # type: ignore[valid-type]


class GuardianIn(Shape):
    """Who agrees for a minor; sent only after they did."""

    name: line(NAME_LIMIT, least=1)  # type: ignore[valid-type]
    phone: Phone  # type: ignore[valid-type]


class SignupIn(Shape):
    """Empty for the token's owner; with a person, staff sign them up.

    `answers` by the question's id, a tick as "yes". Under 18: `age_band`, `guardian`, under 14 `company`; what profile
    or earlier sign-ups said counts too. 422: guardian_needed, guardian_is_child, guardian_is_minor, consent_withdrawn,
    company_needed, company_not_said; 409: age_disagrees. Something else at that hour: 409 `overlap`, until `both`.
    """

    person: PersonIn | None = None
    answers: dict[str, text(ANSWER_LIMIT)] = Field(default_factory=dict, max_length=40)  # type: ignore[valid-type]
    age_band: AgeBand | None = Field(
        None, description='How old, as was said. "under_14" is for who knows no more than that.'
    )
    age_confirmed: bool = Field(default=False, description="Staff asked after age_disagrees: this holds.")
    guardian: GuardianIn | None = None
    company: line(NAME_LIMIT) | None = Field(  # type: ignore[valid-type]
        None,
        description="The adult who comes along with a child or fetches it; empty: nobody, from ten years on. Under ten "
        "needed, under fourteen asked for.",
    )
    both: bool = False


class ScanIn(Shape):
    """One scan. `code` is a pass code, a pass URL or a session's short code."""

    code: Code
    session: Identifier
    direction: attendance.Direction = attendance.Direction.IN
    nonce: text(attendance.NONCE_LIMIT, least=1)  # type: ignore[valid-type]
    scanned_at: PhonesMoment | None = Field(
        None, description="By the phone's clock; not believed if in the future or 12 hours old."
    )
    device: tag(attendance.DEVICE_LIMIT - 20) = ""  # type: ignore[valid-type]


class BatchIn(Shape):
    """Scans made without network, all by one device."""

    device: tag(attendance.DEVICE_LIMIT - 20, least=1)  # type: ignore[valid-type]
    items: list["BatchItem"] = Field(min_length=1, max_length=attendance.BATCH_LIMIT)

    @model_validator(mode="after")
    def _of_one_device(self) -> Self:
        if any(item.device not in {"", self.device} for item in self.items):
            raise PydanticCustomError("one_device", "all items are of the batch's device")
        return self


class BatchItem(Shape):
    """One of them."""

    code: Code
    session: Identifier
    direction: attendance.Direction = attendance.Direction.IN
    nonce: text(attendance.NONCE_LIMIT, least=1)  # type: ignore[valid-type]
    scanned_at: PhonesMoment | None = Field(
        None,
        description="By the phone's clock. In the future or 30 days old, it is not believed and the scan is flagged; "
        "without it the scan counts at the moment it arrives.",
    )
    device: tag(attendance.DEVICE_LIMIT - 20) = Field(  # type: ignore[valid-type]
        "", description="May be repeated here; it is the batch's."
    )


class AnnulIn(Shape):
    """The scanning device within 15 minutes, or staff with a reason."""

    device: tag(attendance.DEVICE_LIMIT - 20) = ""  # type: ignore[valid-type]
    reason: text(attendance.NOTE_LIMIT) = ""  # type: ignore[valid-type]


class HeadCountIn(Shape):
    """People counted on the spot."""

    audience: Literal[events.AUDIENCES]  # type: ignore[valid-type]
    count: int = Field(ge=1, le=attendance.HEADCOUNT_MAX, strict=True)
    method: attendance.CountMethod = attendance.CountMethod.COUNTED
    note: text(attendance.NOTE_LIMIT) = ""  # type: ignore[valid-type]
    day: Day = Field(None, description="Of a session of several days, the one they came on; else today.")


class EventQuery(BaseModel):
    """Filters of the event list, as on /events/."""

    q: str = Field("", max_length=100)
    from_: Day = Field(None, alias="from", description="First day, YYYY-MM-DD.")
    to: Day = Field(None, description="Last day, YYYY-MM-DD.")
    district: str = ""
    venue: str = ""
    type: str = ""
    audience: str = ""
    task: str = ""
    organisation: str = ""
    plan: str = ""
    cursor: str = ""
    limit: int = Field(20, ge=1, le=100)
