"""Shapes of what the API takes: lengths, types, formats. What the field allows is decided by the areas' services."""

import re
from datetime import UTC, date, datetime
from typing import Annotated, Any, Literal, Self

from pydantic import (
    AfterValidator,
    AwareDatetime,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    StringConstraints,
    model_validator,
)
from pydantic_core import PydanticCustomError

from webapp.attendance import domain as attendance
from webapp.core import spelling
from webapp.core.forms import has_unkeepable_characters, in_one_line, normal_phone
from webapp.events import domain as events
from webapp.events.domain.periods import Outside
from webapp.events.domain.questions import ANSWER_LIMIT
from webapp.people.domain import NAME_LIMIT
from webapp.volunteers.domain import AgeBand


def _plain(text: str) -> str:
    if has_unkeepable_characters(text):
        raise PydanticCustomError("control_characters", "text holds control characters")
    return text


def _visible(text: Any) -> Any:
    """Without the marks nobody sees, as on every form."""
    return spelling.visible(text) if isinstance(text, str) else text


def _in_one_line(text: str) -> str:
    if in_one_line(text) != text:
        raise PydanticCustomError("one_line", "the text must be of one line")
    return text


def _written(value: Any) -> Any:
    """A number is no moment, though it could be read as seconds since 1970."""
    if not isinstance(value, str):
        raise PydanticCustomError("datetime_type", "not written as a moment")
    return value


def _written_day(value: Any) -> Any:
    """No day at all is none; a number is no day."""
    if value and not re.fullmatch(r"\d{4}-\d\d-\d\d", str(value).strip()):
        raise PydanticCustomError("date_parsing", "not written as a day")
    return value or None


def _phone(text: str) -> str:
    normal = normal_phone(text)
    if normal is None:
        raise PydanticCustomError("phone", "not a telephone number of mainland China")
    return normal


def _year(moment: datetime) -> datetime:
    if not 2000 <= moment.year <= 2100:
        raise PydanticCustomError("year", "the year must be from 2000 to 2100")
    return moment


def _as_read(code: Any) -> Any:
    """What a camera read may be anything, a shop's barcode too: it is told and kept as unknown, not refused."""
    return _NO_TEXT.sub("\ufffd", code) if isinstance(code, str) else code


def _phones_moment(moment: datetime) -> datetime:
    """In UTC. A clock may be years wrong, but every zone must have a name for the moment."""
    year = min(max(moment.year, _FIRST_YEAR), _LAST_YEAR)
    return (moment if year == moment.year else moment.replace(year=year, day=1)).astimezone(UTC)


def _text(limit: int, *, least: int = 0) -> Any:
    return Annotated[
        str,
        BeforeValidator(_visible),
        StringConstraints(strip_whitespace=True, min_length=least, max_length=limit, strict=True),
        AfterValidator(_plain),
    ]


def _line(limit: int, *, least: int = 0) -> Any:
    """Text of one line: what ends a line would end a line of every list, mail and calendar it stands in."""
    return Annotated[_text(limit, least=least), AfterValidator(_in_one_line)]


def _tag(limit: int, *, least: int = 0) -> Any:
    """The same for what a phone calls itself: no scan is refused for that."""
    return Annotated[_text(limit, least=least), AfterValidator(in_one_line)]


_FIRST_YEAR, _LAST_YEAR = 2, 9998
_NO_TEXT = re.compile("[\x00-\x08\x0e-\x1f\x7f\ud800-\udfff]")
Identifier = _line(40, least=1)
Phone = Annotated[_line(30, least=1), AfterValidator(_phone)]  # type: ignore[valid-type]
Moment = Annotated[AwareDatetime, AfterValidator(_year), BeforeValidator(_written)]
# As much as the largest QR holds.
Code = Annotated[
    str,
    BeforeValidator(_as_read),
    StringConstraints(strip_whitespace=True, min_length=1, max_length=8000, strict=True),
]
PhonesMoment = Annotated[AwareDatetime, AfterValidator(_phones_moment), BeforeValidator(_written)]


class Shape(BaseModel):
    """Unknown members are refused: a misspelt one would otherwise be lost silently."""

    model_config = ConfigDict(extra="forbid")


class PositionIn(Shape):
    """Places of one kind in a session."""

    name: _line(events.POSITION_NAME_LIMIT, least=1)  # type: ignore[valid-type]
    kind: events.PositionKind
    capacity: int = Field(ge=0, le=events.CAPACITY_MAX, strict=True)
    waitlist: bool = True


class SessionIn(Shape):
    """A dated occurrence."""

    title: _line(events.TITLE_LIMIT) = ""  # type: ignore[valid-type]
    starts_at: Moment
    ends_at: Moment
    venue: Identifier  # type: ignore[valid-type]
    positions: list[PositionIn] = Field(min_length=1, max_length=events.POSITIONS_MAX)


_OUTSIDE: Any = Field(
    None,
    description="Where a session lies outside the period of the plan its tasks belong to the answer is 409 with code "
    "outside_plan, until this says what to do: follow (serve the same task codes of the plan of that day), drop (serve "
    "none of the tasks of a plan that holds no session), keep (it counts for nothing).",
)


class EventIn(Shape):
    """A new event, made as a draft."""

    title: _line(events.TITLE_LIMIT, least=1)  # type: ignore[valid-type]
    type: Identifier  # type: ignore[valid-type]
    summary: _text(events.SUMMARY_LIMIT) = ""  # type: ignore[valid-type]
    bring: _line(events.BRING_LIMIT) = ""  # type: ignore[valid-type]
    organisation: Identifier  # type: ignore[valid-type]
    plan: Identifier | None = Field(  # type: ignore[valid-type]
        None,
        description="Code or id of the plan the task codes belong to; default: the one of the first session's day.",
    )
    tasks: list[Identifier] = Field(min_length=1, max_length=40)  # type: ignore[valid-type]
    risk_statement: _text(events.RISK_LIMIT) = ""  # type: ignore[valid-type]
    audiences: list[Literal[events.AUDIENCES]] = Field(default_factory=list, max_length=20)  # type: ignore[valid-type]
    sessions: list[SessionIn] = Field(min_length=1, max_length=events.SESSIONS_MAX)
    outside_plan: Outside | None = _OUTSIDE


class ReasonIn(Shape):
    """Why."""

    reason: _text(events.REASON_LIMIT, least=1)  # type: ignore[valid-type]


class SessionPatch(Shape):
    """What of a session changes; what is left out stays."""

    title: _line(events.TITLE_LIMIT) | None = None  # type: ignore[valid-type]
    starts_at: Moment | None = None
    ends_at: Moment | None = None
    venue: Identifier | None = None  # type: ignore[valid-type]
    outside_plan: Outside | None = _OUTSIDE


class PersonIn(Shape):
    """Someone signed up by staff."""

    name: _line(NAME_LIMIT, least=1)  # type: ignore[valid-type]
    phone: Phone  # type: ignore[valid-type]


class GuardianIn(Shape):
    """Who agrees for a minor; sent only after they did."""

    name: _line(NAME_LIMIT, least=1)  # type: ignore[valid-type]
    phone: Phone  # type: ignore[valid-type]


class SignupIn(Shape):
    """Empty for the token's owner; with a person, staff sign them up.

    `answers` by the question's id, a tick as "yes". Of someone under 18: `age_band`, `guardian`, and under 14
    `company`. What a profile or an earlier sign-up of the same name and phone says of age counts where `age_band` is
    left out. Refusals (422): guardian_needed, guardian_is_child, guardian_is_minor, consent_withdrawn (only the
    guardian's own link or staff renew it), company_needed, company_not_said; (409) age_disagrees: older than what is
    known allows. Who has something else at that hour is asked: 409 `overlap` with `rule: same_hour`, until `both`
    says yes.
    """

    person: PersonIn | None = None
    answers: dict[str, _text(ANSWER_LIMIT)] = Field(default_factory=dict, max_length=40)  # type: ignore[valid-type]
    age_band: AgeBand | None = Field(
        None, description='How old, as was said. "under_14" counts as under ten, unless ten or more is known.'
    )
    age_confirmed: bool = Field(
        default=False,
        description="Staff asked after age_disagrees, and mean what they send; it holds from then on.",
    )
    guardian: GuardianIn | None = None
    company: _line(NAME_LIMIT) | None = Field(  # type: ignore[valid-type]
        None,
        description="The adult who comes along with a child or fetches it; empty: nobody, from ten years on. Under ten "
        "needed, under fourteen asked for.",
    )
    both: bool = False


class ScanIn(Shape):
    """One scan. `code` is a pass code, a pass URL or a session's short code."""

    code: Code
    session: Identifier  # type: ignore[valid-type]
    direction: attendance.Direction = attendance.Direction.IN
    nonce: _text(attendance.NONCE_LIMIT, least=1)  # type: ignore[valid-type]
    scanned_at: PhonesMoment | None = Field(
        None, description="By the phone's clock; not believed if in the future or 12 hours old."
    )
    device: _tag(attendance.DEVICE_LIMIT - 20) = ""  # type: ignore[valid-type]


class BatchIn(Shape):
    """Scans made without network, all by one device."""

    device: _tag(attendance.DEVICE_LIMIT - 20, least=1)  # type: ignore[valid-type]
    items: list["BatchItem"] = Field(min_length=1, max_length=attendance.BATCH_LIMIT)

    @model_validator(mode="after")
    def _of_one_device(self) -> Self:
        if any(item.device not in {"", self.device} for item in self.items):
            raise PydanticCustomError("one_device", "all items are of the batch's device")
        return self


class BatchItem(Shape):
    """One of them."""

    code: Code
    session: Identifier  # type: ignore[valid-type]
    direction: attendance.Direction = attendance.Direction.IN
    nonce: _text(attendance.NONCE_LIMIT, least=1)  # type: ignore[valid-type]
    scanned_at: PhonesMoment | None = Field(
        None,
        description="By the phone's clock. In the future or 30 days old, it is not believed and the scan is flagged; "
        "without it the scan counts at the moment it arrives.",
    )
    device: _tag(attendance.DEVICE_LIMIT - 20) = Field(  # type: ignore[valid-type]
        "", description="May be repeated here; it is the batch's."
    )


class AnnulIn(Shape):
    """The scanning device within 15 minutes, or staff with a reason."""

    device: _tag(attendance.DEVICE_LIMIT - 20) = ""  # type: ignore[valid-type]
    reason: _text(attendance.NOTE_LIMIT) = ""  # type: ignore[valid-type]


Day = Annotated[date | None, BeforeValidator(_written_day)]


class HeadCountIn(Shape):
    """People counted on the spot."""

    audience: Literal[events.AUDIENCES]  # type: ignore[valid-type]
    count: int = Field(ge=1, le=attendance.HEADCOUNT_MAX, strict=True)
    method: attendance.CountMethod = attendance.CountMethod.COUNTED
    note: _text(attendance.NOTE_LIMIT) = ""  # type: ignore[valid-type]
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
