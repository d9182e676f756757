"""Shape of the pack."""

from pydantic import BaseModel, Field


class PackSession(BaseModel):
    """The session, as a scanner shows it."""

    id: str
    event: str
    title: str
    subtitle: str
    starts_at: str
    ends_at: str
    venue: str
    open: bool = Field(description="Published, and neither the event nor the session is cancelled.")
    state: str = Field(
        description="on, or why nobody comes: postponed, event_cancelled, session_cancelled, draft, submitted."
    )


class PackRules(BaseModel):
    """How long before the start and after the end people are let in, and what clocks may differ by."""

    early_minutes: int
    late_minutes: int
    tolerance_seconds: int
    undo_minutes: int


class PackKey(BaseModel):
    """A public key: base64url of the uncompressed point, 65 bytes."""

    kid: str
    alg: str
    public: str


class PackPosition(BaseModel):
    """A position; rows of the roster name it by its number in this list, from 0."""

    id: str
    name: str
    kind: str
    needed: int
    walk_in: bool


class PackOut(BaseModel):
    """What a phone keeps of a session to judge passes without network (docs/scanning.md)."""

    version: str
    session: PackSession
    rules: PackRules
    keys: list[PackKey]
    positions: list[PackPosition]
    roster: list[
        tuple[
            str,
            int,
            str,
            int,
            str,
            str,
            int | None,
            int | None,
            str | None,
            str,
            str,
            int | None,
            str | None,
            str | None,
        ]
    ] = Field(
        description="Sign-up, serial, name, position, status, short code, in and out as seconds since 1970, what it "
        "lacks ('guardian'), last four digits of the phone, initials of the name in pinyin (several readings with "
        "spaces between), until when an offered place is held, mark of a minor (under_10, under_14, under_18), the "
        "adult who comes along (empty: nobody). Keep it encrypted, and no longer than the session lasts."
    )
    gone: list[str] = Field(description="Sign-ups that were cancelled, declined or have expired.")
    gone_as: dict[str, str] = Field(
        description="Of these, which were declined or let an offer pass (offer_over)."
    )
    revoked: list[tuple[str, int]] = Field(description="Every serial of the sign-up below this is void.")
