"""What an event's page offers first, for each way an event may stand and each who may look."""

from dataclasses import replace

import pytest

from webapp.events.domain import EventStatus
from webapp.pages.domain.desk import Act, Standing, next_act

MINE = Standing(
    EventStatus.DRAFT,
    may_change=True,
    waits_for_office=False,
    is_complete=True,
    has_next=False,
    is_over=False,
    hours_wait=False,
)
DRAFT, SUBMITTED = EventStatus.DRAFT, EventStatus.SUBMITTED
POSTPONED, CANCELLED = EventStatus.POSTPONED, EventStatus.CANCELLED
PUBLISHED, CLOSED = EventStatus.PUBLISHED, EventStatus.CLOSED


@pytest.mark.parametrize(
    ("status", "how", "act"),
    [
        (DRAFT, {}, Act.PUBLISH),
        (DRAFT, {"is_complete": False}, Act.MEND),
        (DRAFT, {"waits_for_office": True}, Act.SUBMIT),
        (DRAFT, {"waits_for_office": True, "is_complete": False}, Act.MEND),
        (SUBMITTED, {}, Act.PUBLISH),  # the office itself
        (SUBMITTED, {"waits_for_office": True}, None),  # it is the office's turn
        (POSTPONED, {}, Act.RESUME),
        (POSTPONED, {"is_complete": False}, Act.MEND),
        (CANCELLED, {}, None),
        (CANCELLED, {"can_be_undone": True}, Act.UNDO),
        (PUBLISHED, {"has_next": True}, Act.NEXT),
        (PUBLISHED, {"has_next": True, "hours_wait": True}, Act.NEXT),
        (PUBLISHED, {"is_over": True, "hours_wait": True}, Act.HOURS),
        (PUBLISHED, {"is_over": True}, Act.CLOSE),
        (CLOSED, {"is_over": True, "hours_wait": True}, Act.HOURS),
        (CLOSED, {"is_over": True}, Act.OUTCOME),
    ],
)
def test_one_act_follows_from_how_it_stands(
    status: EventStatus, how: dict[str, bool], act: Act | None
) -> None:
    assert next_act(replace(MINE, status=status, **how)) == act


@pytest.mark.parametrize("status", list(EventStatus))
@pytest.mark.parametrize("is_over", [False, True])
@pytest.mark.parametrize("hours_wait", [False, True])
def test_who_may_not_change_it_is_offered_nothing_that_changes_it(
    status: EventStatus, *, is_over: bool, hours_wait: bool
) -> None:
    of = replace(
        MINE, status=status, may_change=False, is_over=is_over, hours_wait=hours_wait, can_be_undone=True
    )
    assert next_act(of) in {None, Act.OUTCOME}
    assert next_act(replace(of, has_next=True)) in {None, Act.OUTCOME, Act.NEXT}
