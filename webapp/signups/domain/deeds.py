"""How what was done to sign-ups reads in the history. Plain Python."""

from webapp.core.deeds import Deed, Field
from webapp.core.errors import N_
from webapp.signups.domain.sharing import HandOverState
from webapp.signups.domain.standing import STATE_LABELS
from webapp.signups.domain.unmet import UnmetState
from webapp.volunteers.domain import AGE_BAND_LABELS

_AGE = Field(words=AGE_BAND_LABELS)
_ONE = Field(of="person")

_HANDED = {
    HandOverState.ASKED: N_("%(who)s请别人接替%(it)s"),
    HandOverState.ACCEPTED: N_("%(who)s接了%(it)s的班"),
    HandOverState.DECLINED: N_("%(who)s没有接%(it)s的班"),
    HandOverState.WITHDRAWN: N_("%(who)s收回了转交：%(it)s"),
}
_UNMET = {
    UnmetState.OPEN: N_("%(it)s不再符合要求：%(names)s"),
    UnmetState.KEPT: N_("%(who)s让%(it)s照样参加，虽然不再符合要求：%(names)s"),
    UnmetState.RELEASED: N_("%(who)s把%(it)s的名额让给别人，因为不再符合要求：%(names)s"),
    UnmetState.REGAINED: N_("%(it)s又符合要求了：%(names)s"),
    UnmetState.OVER: N_("%(it)s不再符合要求的事不用再定了，班次已经结束：%(names)s"),
}

DEEDS = {
    **{f"hand_over.{state}": Deed(sentence) for state, sentence in _HANDED.items()},
    "hand_over.ask": Deed(N_("%(who)s请%(to)s接替%(it)s"), to=_ONE),
    **{f"signup.unmet_{state}": Deed(sentence) for state, sentence in _UNMET.items()},
    "signup.unmet": Deed(N_("%(it)s不再符合要求：%(names)s，等组织者定")),
    "signup.make": Deed(N_("%(who)s替%(it)s报了名")),
    "signup.walk_in": Deed(N_("%(who)s在现场给%(it)s补了报名")),
    "signup.approve": Deed(N_("%(who)s通过了%(it)s的报名")),
    "signup.decline": Deed(N_("%(who)s没有通过%(it)s的报名")),
    "signup.ask_again": Deed(
        N_("%(who)s让%(it)s的报名重新等审核，原来是“%(before)s”"), before=Field(words=STATE_LABELS)
    ),
    "signup.cancel": Deed(N_("%(who)s取消了%(it)s的报名")),
    "signup.cancel_all": Deed(N_("%(it)s取消，%(count)s 个报名跟着取消")),
    "signup.restore_all": Deed(N_("%(it)s的取消撤销了，%(count)s 个报名恢复")),
    "signup.clash": Deed(N_("%(it)s的报名和本人另一场时间重叠，等本人选")),
    "signup.tell_postponed": Deed(N_("告诉了 %(count)s 人：%(it)s延期")),
    "signup.tell_resumed": Deed(N_("告诉了 %(count)s 人：%(it)s恢复报名")),
    "signup.accept_offer": Deed(N_("%(who)s接受了候补到的名额：%(it)s")),
    "signup.decline_offer": Deed(N_("%(who)s不要候补到的名额：%(it)s")),
    "signup.offer_expired": Deed(N_("候补到的名额过了时间没有人答复：%(it)s")),
    "signup.bring_along": Deed(N_("%(who)s带了 %(count)s 人一起来：%(it)s")),
    "signup.age_band": Deed(N_("%(who)s把%(it)s的年龄段由%(before)s改为%(after)s"), before=_AGE, after=_AGE),
    "signup.reorder": Deed(N_("%(who)s把%(it)s在候补里由第 %(before)s 位排到第 %(after)s 位")),
    "answers.change": Deed(N_("%(who)s改了%(it)s报名时的回答")),
    "answers.reveal": Deed(N_("%(who)s下载了%(it)s报名时的回答")),
    "pass.reissue": Deed(N_("%(who)s给%(it)s换了新的凭证，旧的作废")),
    "course.sign_up": Deed(N_("%(who)s报了整个系列，共 %(dates)s 场：%(it)s")),
    "course.leave": Deed(N_("%(who)s退出整个系列，余下 %(dates)s 场：%(it)s")),
    "course.enrol": Deed(N_("报了整个系列的 %(count)s 人加进新的一场：%(it)s")),
    "team.sign_up": Deed(N_("%(who)s替%(team)s报了名：%(it)s"), team=Field(of="team")),
    "call_out.make": Deed(N_("%(who)s请了 %(people)s 人来：%(it)s")),
    "call_out.decline": Deed(N_("%(who)s答复来不了：%(it)s")),
    "telling.tick": Deed(N_("%(who)s记下已经告诉%(it)s")),
    "telling.untick": Deed(N_("%(who)s改回还没有告诉%(it)s")),
    "guardian.renew": Deed(N_("%(it)s的监护人重新同意了")),
    "guardian.reveal": Deed(N_("%(who)s查看了%(it)s监护人的电话")),
    "phone.reveal_list": Deed(N_("%(who)s查看了%(it)s代报名的 %(count)s 人的电话")),
}
