"""Shapes of a volunteer's hours, as the API gives them."""

from pydantic import BaseModel


class HoursItem(BaseModel):
    """One shift served."""

    session: str
    event: str
    title: str
    position: str
    in_at: str
    out_at: str | None
    minutes: int | None


class HoursTotals(BaseModel):
    """Minutes as the organisations recorded them; measured and hand-added time are never one number."""

    final: int  # from in and out, after the public notice
    added: int  # by hand, after the public notice
    in_notice: int  # from in and out, in the public notice
    added_in_notice: int
    to_confirm: int  # shifts without a sign-out: a number of shifts, they have no minutes yet


class StarsOut(BaseModel):
    """Levels of stars."""

    granted: int  # 0: none
    applied_for: int | None
    may_apply_for: int | None


class HoursOut(BaseModel):
    """Shifts served; minutes only where both in and out are known. What counts stands in `totals`."""

    items: list[HoursItem]
    next: str | None
    minutes: int
    totals: HoursTotals
    stars: StarsOut
