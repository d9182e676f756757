"""Shapes of what the API gives. Answers are plain dicts (api/queries.py); a test holds them against these."""

from pydantic import BaseModel, ConfigDict, Field

from webapp.attendance import domain as attendance
from webapp.events import domain as events
from webapp.events.domain import SessionState
from webapp.signups.domain.standing import State


class Problem(BaseModel):
    """RFC 9457, with a stable code; `errors` by field where fields are wrong."""

    status: int
    title: str
    detail: str
    code: str
    errors: dict[str, list[str]] | None = None


class Named(BaseModel):
    """An id with its name."""

    id: str
    name: str


class PlanOut(BaseModel):
    """A plan."""

    id: str
    code: str
    title: str
    starts_on: str
    ends_on: str
    is_demo: bool


class FigureOut(BaseModel):
    """One number: what is counted and how it is known."""

    metric: attendance.Metric
    grade: attendance.Grade
    quantity: int


class TaskOut(BaseModel):
    """A task with its units and progress."""

    id: str
    code: str
    plan: str
    section: str
    title: str
    text: str
    progress_mode: str
    lead_units: list[Named]
    responsible_units: list[Named]
    progress: list[FigureOut]


class PartOut(BaseModel):
    """Figures of one district, audience, unit or month."""

    key: str
    name: str
    figures: list[FigureOut]


class ProgressOut(BaseModel):
    """A task's figures."""

    task: str
    plan: str
    by: str | None
    as_of: str | None
    total: list[FigureOut]
    parts: list[PartOut]


class PlanProgressOut(BaseModel):
    """A plan's figures: each session and each attendance once, so the parts by section may add up to more."""

    plan: str
    by: str | None
    total: list[FigureOut]
    parts: list[PartOut]


class OrganisationOut(Named):
    """An organisation."""

    full_name: str | None
    kind: str


class DistrictOut(BaseModel):
    """A county-level district."""

    code: str
    name: str
    kind: str


class VenueOut(Named):
    """A venue."""

    kind: str
    address: str
    district: DistrictOut


class EventTypeOut(BaseModel):
    """A kind of event."""

    slug: str
    label: str


class PositionOut(BaseModel):
    """A position and how full it is."""

    id: str
    name: str
    kind: events.PositionKind
    capacity: int
    taken: int
    free: int
    waitlist: bool


class SessionOut(BaseModel):
    """A session."""

    id: str
    title: str
    starts_at: str
    ends_at: str
    venue: VenueOut
    cancelled: bool
    cancel_reason: str | None
    state: str = Field(description="What it is now: " + ", ".join(SessionState) + ".")
    positions: list[PositionOut]
    seen: str  # sent back as ?seen= with a decision, which is refused when it is otherwise by now


class TaskRef(BaseModel):
    """A task an event serves."""

    code: str
    plan: str
    title: str


class EventOut(BaseModel):
    """An event."""

    id: str
    title: str
    type: str
    summary: str
    bring: str
    risk_statement: str
    audiences: list[str]
    status: events.EventStatus
    cancel_reason: str | None
    organisation: Named
    tasks: list[TaskRef]
    sessions: list[SessionOut]
    url: str
    created_at: str
    updated_at: str
    seen: str


class PassOut(BaseModel):
    """What the person shows."""

    code: str
    url: str
    short_code: str
    valid: bool = Field(description="Whether it opens the door; else it is not to be shown.")


class SignupOut(BaseModel):
    """A sign-up and its pass."""

    model_config = ConfigDict(populate_by_name=True)

    id: str
    status: str
    state: str = Field(description="What it is now, with what befell its event: " + ", ".join(State) + ".")
    detail: str  # the same in words
    position: str
    session: str
    waitlist_place: int | None
    decline_reason: str | None = None  # why it was not approved
    # Until when to answer an offer; null while the person has not been told of it.
    offer_expires_at: str | None = None
    pass_: PassOut = Field(alias="pass")
    seen: str


class MeOut(BaseModel):
    """The token's owner."""

    id: str
    name: str
    phone: str | None
    email: str | None
    permissions: list[str]
    organisations: list[Named]


class DoneOut(BaseModel):
    """Something the token's owner did and can take back until then."""

    id: str
    what: str
    until: str


class UndoneOut(BaseModel):
    """It was taken back."""

    id: str
    undone_at: str | None


def listing(model: type[BaseModel]) -> type[BaseModel]:
    """A page of a list of `model`."""
    return type(
        f"{model.__name__.removesuffix('Out')}List",
        (BaseModel,),
        {
            "__annotations__": {"items": list[model], "next": str | None},  # type: ignore[valid-type]
            "__doc__": "A page of a list; `next` is the cursor of the following page.",
            "__module__": __name__,
        },
    )
