"""What forms show of the rows this area decides about (core/looks.py)."""

from webapp.core.errors import N_
from webapp.core.looks import Looks
from webapp.signups.domain.sharing import HAND_OVER_LABELS, HandOverState
from webapp.signups.domain.standing import STATE_LABELS, State
from webapp.signups.domain.unmet import UNMET_LABELS, UnmetState

SIGNUP = Looks(
    ("status", "rounds", "priority", "offer_expires_at", "pass_serial"),
    says=lambda row: STATE_LABELS[State.OFFER_OVER if row.status == "expired" else State(row.status)],
    audited="signup",
    name="person_id",
)
COURSE_SIGNUP = Looks(
    ("cancelled_at",),
    says=lambda row: N_("已退出") if row.cancelled_at else N_("已报名"),
    audited="course_signup",
)
HAND_OVER = Looks(
    ("state",), says=lambda row: HAND_OVER_LABELS[HandOverState(row.state)], decided=(("", "settled_at"),)
)
TELLING = Looks(
    ("told_at",),
    says=lambda row: N_("已告知") if row.told_at else N_("还没有告知"),
    decided=(("told_by", "told_at"),),
    audited="telling",
)
UNMET = Looks(
    ("state",),
    says=lambda row: UNMET_LABELS[UnmetState(row.state)],
    decided=(("settled_by", "settled_at"),),
)
