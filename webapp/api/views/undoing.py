"""Take back what one did in the last quarter of an hour."""

from typing import Any

from webapp.api.forms.given import DoneOut, UndoneOut, listing
from webapp.api.views import answer, blueprint, once, problems
from webapp.core import undoing
from webapp.core.auth import the_person, token_required
from webapp.core.done import DoneAct, open_acts
from webapp.core.i18n import filled


@blueprint.get("/undo")
@token_required()
@blueprint.output(listing(DoneOut))
@blueprint.doc(tags=["undo"], security="token", responses=problems(401))
def list_undoable() -> Any:
    """What the token's owner did and can still take back, the newest first."""
    return answer({"items": [_body(one) for one in open_acts(the_person().id)], "next": None})


@blueprint.post("/undo/<act_id>")
@token_required()
@blueprint.output(UndoneOut)
@blueprint.doc(tags=["undo"], security="token", responses=problems(401, 403, 404, 409, 410))
def undo_act(act_id: str) -> Any:
    """Everything is as it was before this act. Acts that can be taken back answer with this address as `Undo`."""
    person = the_person()

    def work() -> tuple[Any, int]:
        act = undoing.undo(act_id, by=person.id)
        return {"id": act.id, "undone_at": act.undone_at.isoformat() if act.undone_at else None}, 200

    return once(work)


def _body(act: DoneAct) -> dict[str, Any]:
    return {"id": act.id, "what": filled(act.text, act.details), "until": act.until.isoformat()}
