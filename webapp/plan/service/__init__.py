"""Use cases of plans: import, export, roll over; survey results entered by hand."""

from dataclasses import asdict

from webapp.core import audit, clock
from webapp.core.db import get_row, lock_row, session
from webapp.plan.domain import AlreadyVoided, ResultTooEarly, SurveyDraft
from webapp.plan.models import SurveyResult, Target
from webapp.plan.service.exporting import export_plan
from webapp.plan.service.importing import ImportResult, import_bundled, import_plan, period_changed
from webapp.plan.service.nodes import parse
from webapp.plan.service.rolling import check_next, roll_over, rolled_over

__all__ = [
    "ImportResult",
    "check_next",
    "export_plan",
    "import_bundled",
    "import_plan",
    "parse",
    "period_changed",
    "record_survey_result",
    "roll_over",
    "rolled_over",
    "void_survey_result",
]


def record_survey_result(target_id: str, draft: SurveyDraft, *, by: str) -> SurveyResult:
    """Write down a survey's figure with where it comes from; raises ResultTooEarly."""
    target = get_row(Target, target_id)
    if draft.year > clock.today().year:
        raise ResultTooEarly
    made = SurveyResult(target_id=target.id, entered_by=by, **asdict(draft))
    session().add(made)
    session().flush()  # its id goes into the audit entry
    figures = {"value": str(draft.value), "year": draft.year, "area": draft.area}
    audit.record("survey_result.record", "target", target.id, by=by, result=made.id, **figures)
    return made


def void_survey_result(result_id: str, *, reason: str, by: str) -> SurveyResult:
    """Take a figure back. The row stays, with who did it and why; raises AlreadyVoided."""
    row = lock_row(SurveyResult, result_id)
    if row.voided_at is not None:
        raise AlreadyVoided
    row.voided_at, row.voided_by, row.void_reason = clock.now(), by, reason
    audit.record("survey_result.void", "target", row.target_id, by=by, result=row.id, reason=reason)
    return row
