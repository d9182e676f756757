"""What the lists of people say of a sign-up, of an event and of one session: the same words, columns and filters."""

from typing import Any

from flask_babel import gettext as _

from webapp.core.errors import N_
from webapp.core.listing import Column
from webapp.core.terms import term
from webapp.signups.domain.standing import STATE_LABELS, State
from webapp.signups.queries import RosterLine
from webapp.signups.queries.guardians import MinorFacts
from webapp.volunteers.domain.ages import Mark

FIND_BY = N_("姓名、拼音首字母、手机后四位、报名码")
REASON = N_("婉拒或取消的原因（会告诉本人）")
ALONE, NO_CONSENT = N_("自己来，自己回"), N_("没有监护人同意")
MINOR = N_("未成年人")
CAME = [("yes", N_("已签到")), ("no", N_("没有签到"))]
_MARKS = {Mark.UNDER_10: N_("不满 10 岁"), Mark.UNDER_14: N_("不满 14 岁"), Mark.UNDER_18: N_("不满 18 岁")}


def position_words(row: Any) -> str:
    """The position of a row with its sign-up as `line`."""
    return term(row.line.position)


def state_words(row: Any) -> str:
    """What the sign-up of a row is now, on the waitlist with its place."""
    line: RosterLine = row.line
    word = _(STATE_LABELS[State(line.state)])
    return _("%(word)s，第 %(n)s 位", word=word, n=line.place) if line.place else word


def minor_words(of: MinorFacts, *, with_name: bool = True) -> str | None:
    """What is known of a minor; None of others. `with_name`: and who comes along or fetches them."""
    if not of.mark:
        return None
    words = [_(_MARKS[Mark(of.mark)])]
    if of.lacks_consent:
        words.append(_(NO_CONSENT))
    if of.company and with_name:
        words.append(_("陪同或接送：%(name)s", name=of.company))
    elif of.company == "":
        words.append(_(ALONE))
    return _("，").join(words)


def phone_column() -> Column:
    """The telephone, which pages mask until it is asked for."""
    return Column(
        "phone", N_("手机号"), lambda one: one.line.shown_phone, kind="nowrap", of_person=True, is_plain=True
    )


def code_column() -> Column:
    """The short code, where it is asked for."""
    return Column("code", N_("报名码"), lambda one: one.line.short_code, kind="nowrap", shown=False)


def made_column(order: Any = None) -> Column:
    """When they signed up; `order` where the database sorts."""
    return Column(
        "made",
        N_("报名时间"),
        lambda one: one.line.created_at,
        lambda one: one.line.created_at,
        order=order,
        kind="nowrap",
        shown=False,
    )
