"""Every act that can be taken back: the whole database before it and after its undo is the same."""

from collections.abc import Callable
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select

from tests.architecture.test_routes import assembled as assembled  # noqa: PLC0414 - a fixture
from tests.factories import acts, acts_of_people, acts_on_chosen, acts_on_lists
from tests.factories.acts import Case, Press, Stage
from tests.support.client import CheckedClient
from tests.support.time import TestClock
from tests.support.whole import differences, dump
from webapp.core.db import session
from webapp.core.done import DoneAct
from webapp.core.outbox import OutboxMessage

SignIn = Callable[[CheckedClient, Any], CheckedClient]
TABLE: dict[str, list[Case]] = acts.ACTS | acts_of_people.ACTS | acts_on_lists.ACTS | acts_on_chosen.ACTS
AREAS = sorted({endpoint.split(".")[0] for endpoint in TABLE})


def test_every_act_that_can_be_taken_back_has_a_case(assembled: Flask) -> None:
    views = assembled.view_functions.items()
    undone = {endpoint for endpoint, view in views if hasattr(view, "__undo__")}
    assert sorted(undone - TABLE.keys()) == [], "say in tests/factories/acts.py how it comes to be pressed"
    assert sorted(TABLE.keys() - undone) == []


@pytest.mark.parametrize("area", AREAS)
def test_an_act_and_its_undo_leave_all_as_it_was(
    app: Flask, clock: TestClock, new_client: Callable[[], CheckedClient], sign_in: SignIn, area: str
) -> None:
    stage, wrong = Stage(), []
    for endpoint, cases in TABLE.items():
        if endpoint.split(".")[0] == area:
            for number, case in enumerate(cases):
                wrong += [f"{endpoint} {number}: {one}" for one in _walk(case(stage), new_client(), sign_in)]
    assert wrong == [], "\n" + "\n".join(wrong)


def _walk(press: Press, client: CheckedClient, sign_in: SignIn) -> list[str]:
    """Press it and take it back; what is not as it should be."""
    if press.by:
        sign_in(client, press.by)
    before = dump()
    headers = {"Authorization": f"Bearer {press.key}"} if press.key else {}
    sent: dict[str, Any] = {"json": press.fields} if press.key else {"data": press.fields}
    answer = client.open(press.address, method=press.method, headers=headers, **sent)
    if answer.status_code >= 400:
        return [f"was refused: {answer.status_code} {answer.text[-600:]}"]
    act = _last_act(before["outbox_message"])
    if act is None:
        return [f"nothing was written down that could be taken back: {answer.status_code} {answer.location}"]
    address = f"/api/v1/undo/{act}" if press.key else f"/undo/{act}"
    if press.key and answer.headers.get("Undo") != address:
        return ["the program was not told where"]
    if press.key and act not in str(client.get("/api/v1/undo", headers=headers).json):
        return ["the program does not find it in the list"]
    client.post(address, headers=headers, **({"json": {}} if press.key else {"data": {"next": "/"}}))
    if _is_open(act):
        return [f"the undo was refused: {_flashed(client)}"]
    return differences(before, dump())


def _last_act(known: Any) -> str | None:
    """The act just done; of what it tells nothing has left."""
    session().rollback()
    act = session().scalars(select(DoneAct).order_by(DoneAct.id.desc()).limit(1)).first()
    ids = act.id if act and act.undone_at is None else None
    loose = [
        one.subject
        for one in session().scalars(select(OutboxMessage).where(OutboxMessage.held_for.is_(None)))
        if (one.id,) not in known
    ]
    session().rollback()
    assert not loose, f"told before it can no more be taken back: {loose}"
    return ids


def _is_open(act_id: str) -> bool:
    session().rollback()
    undone = session().scalars(select(DoneAct.undone_at).where(DoneAct.id == act_id)).one()
    session().rollback()
    return undone is None


def _flashed(client: CheckedClient) -> str:
    with client.session_transaction() as kept:
        return str(kept.get("_flashes"))
