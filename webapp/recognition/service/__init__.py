"""Use cases of recognition: hours, objections, stars."""

from webapp.recognition.service.adding import approve_added, propose_added, reject_added
from webapp.recognition.service.deciding import Correction, confirm_out, correct, mark
from webapp.recognition.service.finishing import finish_notices, note_no_show, overdue, sessions_to_settle
from webapp.recognition.service.objecting import answer, object_to
from webapp.recognition.service.ruling import change_rule, recount_notices, set_workdays
from webapp.recognition.service.settling import settle_session
from webapp.recognition.service.standing import refuse_no_shows
from webapp.recognition.service.stars import apply_for_star, decide_star, set_thresholds

__all__ = [
    "Correction",
    "answer",
    "apply_for_star",
    "approve_added",
    "change_rule",
    "confirm_out",
    "correct",
    "decide_star",
    "finish_notices",
    "mark",
    "note_no_show",
    "object_to",
    "overdue",
    "propose_added",
    "recount_notices",
    "refuse_no_shows",
    "reject_added",
    "sessions_to_settle",
    "set_thresholds",
    "set_workdays",
    "settle_session",
]
