"""What is done with the people chosen on a list, of an event and of one session: the same acts in the same words."""

from collections.abc import Mapping

from flask import request
from flask_babel import gettext as _
from werkzeug.exceptions import BadRequest

from webapp.core.errors import N_
from webapp.core.i18n import sentence_of
from webapp.core.listing import Act, Outcome, say
from webapp.signups import service
from webapp.signups.domain import DECIDED_LABELS, REASON_LIMIT, Decided
from webapp.signups.service.taking_off import take_off

AT_ONCE = 100  # people decided on in one transaction
ANSWERS = (Act("approve", N_("通过申请"), "check", "primary"), Act("decline", N_("婉拒"), "x"))
TAKE_OFF = Act("take_off", N_("取消报名"), "circle-minus")
_DONE = frozenset({Decided.APPROVED, Decided.WAITS, Decided.DECLINED})
_SAID = {
    "approve": N_("已通过 %(n)s 人。"),
    "decline": N_("已婉拒 %(n)s 人，原因会告诉他们。"),
    "came": N_("已登记 %(n)s 人到场。"),
    "take_off": N_("已取消 %(n)s 人的报名。"),
}


def asked_act(*known: str) -> str:
    """Which of these is asked for."""
    act = request.form.get("act", "")
    if act not in known:
        raise BadRequest
    return act


def settle(act: str, going: Mapping[str, str], *, by: str) -> list[Outcome]:
    """Answer, or take off the list, by sign-up and name; what came of each, in one transaction."""
    if not going:
        return []
    reason = request.form.get("reason", "").strip()[:REASON_LIMIT]
    if act == "take_off":
        return [
            Outcome(going[one.signup_id], sentence_of(one.refused) if one.refused else "")
            for one in take_off(dict(going), by=by, reason=reason)
        ]
    if act == "approve":
        decided = service.approve(list(going), by=by)
    else:
        decided = service.decline(list(going), reason=reason, by=by)
    return [
        Outcome(one.name, "" if one.outcome in _DONE else _(DECIDED_LABELS[one.outcome])) for one in decided
    ]


def say_done(act: str, outcomes: list[Outcome]) -> None:
    """On the next page: with how many it was done, with whom not, and why."""
    say(outcomes, lambda n: _(_SAID[act], n=n))
