"""The pack of a session, for the scanner's page."""

from flask import Response

from webapp.attendance.domain import SCANNERS
from webapp.attendance.domain.phones import DeviceKind
from webapp.attendance.queries.devices import check_may_scan, the_scanner
from webapp.attendance.queries.pack import pack, written_pack
from webapp.attendance.views import blueprint
from webapp.core.auth import scanner
from webapp.core.kept import versioned_json


@blueprint.get("/scan/<session_id>/pack.json")
@scanner(*SCANNERS)
def scan_pack(session_id: str) -> Response:
    """What a phone keeps to judge passes without network; 304 while nothing changed."""
    who = the_scanner()
    check_may_scan(who, session_id)
    found = pack(session_id, masked=who.device is not None and who.device.kind == DeviceKind.KIOSK)
    return versioned_json(found["version"], lambda compress: written_pack(found, compress=compress))
