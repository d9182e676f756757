"""The pack of a session: what a program keeps to judge passes without network."""

from typing import Any

from webapp.api.forms.packs import PackOut
from webapp.api.views import blueprint, problems
from webapp.attendance.domain import SCANNERS
from webapp.attendance.queries.pack import pack, written_pack
from webapp.core.auth import the_person, token_required
from webapp.core.kept import versioned_json
from webapp.events import queries as events

UNCHANGED = {304: {"description": "Nothing changed since the version named in If-None-Match."}}


@blueprint.get("/sessions/<session_id>/pack")
@token_required(*SCANNERS)
@blueprint.output(PackOut)
@blueprint.doc(tags=["check-in"], security="token", responses=UNCHANGED | problems(401, 403, 404))
def get_pack(session_id: str) -> Any:
    """Keys, rules and names of a session; with If-None-Match 304 while nothing changed. Made to be kept."""
    events.check_session_access(the_person().id, session_id, *SCANNERS)
    found = pack(session_id)
    return versioned_json(found["version"], lambda compress: written_pack(found, compress=compress))
