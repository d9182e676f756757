"""What templates say of a record of service: in the words of recognition/domain/standing.py."""

from datetime import date

from flask_babel import gettext as _

from webapp.core.i18n import format_date
from webapp.recognition.domain.standing import RECORD_STATE_LABELS, RecordState
from webapp.recognition.views import blueprint


@blueprint.app_template_global()
def record_label(state: str, notice_until: date | None) -> str:
    """The word for what a record is; of one in its notice until when."""
    return _(RECORD_STATE_LABELS[RecordState(state)], day=format_date(notice_until) if notice_until else "")
