"""For staff: the list of a session as a workbook, for whoever asks for it now."""

from flask import Response
from flask_babel import gettext as _

from webapp.attendance import queries as attendance
from webapp.attendance.domain import COUNT_METHOD_LABELS, CountMethod
from webapp.core import audit
from webapp.core.auth import allowed, the_person
from webapp.core.db import transaction
from webapp.core.sheets import XLSX, Sheet, xlsx
from webapp.events import queries as events
from webapp.events.models import EventSession
from webapp.organisations.domain import Permission
from webapp.pages.views import blueprint
from webapp.pages.views.day_sheet import CALLERS
from webapp.pages.views.sheet_table import SheetLine, sheet_lines
from webapp.signups.domain.standing import STATE_LABELS, State


@blueprint.get("/manage/sessions/<session_id>/list.xlsx")
@allowed(*CALLERS)
def download_sheet(session_id: str) -> Response:
    """Who is on the list and who came, with telephones, and who was counted: kept who took it, and when."""
    by = the_person().id
    event_session = events.get_session_for(by, session_id, Permission.MANAGE_EVENTS)
    with transaction():
        audit.record("roster.reveal", "event_session", session_id, by=by, kind="xlsx")
    made = xlsx([_people(event_session, sheet_lines(session_id, str)), _counted(session_id)])
    response = Response(made, content_type=XLSX)
    response.headers["Content-Disposition"] = f'attachment; filename="list-{session_id}.xlsx"'
    response.headers["Cache-Control"] = "no-store"
    return response


def _people(event_session: EventSession, rows: list[SheetLine]) -> Sheet:
    heads = [_("姓名"), _("手机号"), _("岗位"), _("报名"), _("报名码"), _("签到"), _("签退")]
    lines = [
        [
            row.name,
            row.line.shown_phone,
            row.line.position,
            _(STATE_LABELS[State(row.line.state)]),
            row.line.short_code,
            row.in_at,
            row.out_at,
        ]
        for row in rows
    ]
    return Sheet(event_session.event.title, heads, lines)


def _counted(session_id: str) -> Sheet:
    """Groups that were counted; a count that was taken back says why and is no number any more."""
    rows = [
        [
            _(one.audience),
            None if one.annulled_at else one.count,
            _(COUNT_METHOD_LABELS[CountMethod(one.method)]),
            _("已撤销：%(reason)s", reason=one.annul_reason) if one.annulled_at else one.note,
        ]
        for one in attendance.headcounts(session_id)
    ]
    return Sheet(_("现场点数"), [_("人群"), _("人数"), _("怎样得到"), _("说明")], rows)
