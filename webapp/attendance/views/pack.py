"""The pack of a session, for the scanner's page."""

from flask import Response

from webapp.attendance.domain import SCANNERS
from webapp.attendance.queries.pack import pack, written_pack
from webapp.attendance.views import blueprint
from webapp.core.auth import allowed, the_person
from webapp.core.kept import versioned_json
from webapp.events import queries as events


@blueprint.get("/scan/<session_id>/pack.json")
@allowed(*SCANNERS)
def scan_pack(session_id: str) -> Response:
    """What a phone keeps to judge passes without network; 304 while nothing changed."""
    events.check_session_access(the_person().id, session_id, *SCANNERS)
    found = pack(session_id)
    return versioned_json(found["version"], lambda compress: written_pack(found, compress=compress))
