"""How what was done about hours, certificates, stars and commendations reads in the history. Plain Python."""

from webapp.core.deeds import Deed, Field
from webapp.core.errors import N_
from webapp.recognition.domain import TURNOUT_LABELS
from webapp.recognition.domain.certificates import Step
from webapp.recognition.domain.commendations import DECISION_LABELS

_DECISION = Field(words=DECISION_LABELS)
_STEPS = {
    Step.ACCEPT: N_("%(who)s受理了%(it)s"),
    Step.REJECT: N_("%(who)s没有同意开%(it)s"),
    Step.ISSUE: N_("%(who)s开具了%(it)s"),
    Step.REVOKE: N_("%(who)s作废了%(it)s"),
}
_STARS = {
    "granted": N_("%(who)s评定了%(it)s"),
    "declined": N_("%(who)s没有评定%(it)s"),
}

DEEDS = {
    "service_record.confirm": Deed(
        N_("%(who)s确认了服务时长：%(it)s，离开时间%(out_at)s"), out_at=Field(is_time=True)
    ),
    "service_record.decide": Deed(
        N_("%(who)s定了服务时长：%(it)s，%(turnout)s，%(minutes)s 分钟"), turnout=Field(words=TURNOUT_LABELS)
    ),
    "service_record.propose": Deed(N_("%(who)s补录了服务时长 %(minutes)s 分钟，等第二个人复核：%(it)s")),
    "service_record.approve": Deed(N_("%(who)s复核通过了补录的服务时长：%(it)s")),
    "service_record.void": Deed(N_("%(who)s作废了服务时长：%(it)s")),
    "service_record.object": Deed(N_("%(who)s对服务时长提出异议：%(it)s")),
    "objection.answer": Deed(N_("%(who)s答复了对服务时长的异议：%(it)s")),
    "hours_rule.change": Deed(
        N_(
            "%(who)s改了时长规则（第 %(version)s 版）：早到算 %(early_minutes)s 分钟，晚走算 %(late_minutes)s 分钟，"
            "到场满 %(min_share)s%% 才算，%(confirm_days)s 天内确认，公示 %(notice_days)s 天"
        )
    ),
    "hours_notice.recount": Deed(N_("工作日有改动，%(count)s 条服务时长的公示改了截止日")),
    "work_year.set": Deed(
        N_("%(who)s写了%(it)s的节假日和调休"),
        off=Field(N_("放假"), is_time=True),
        worked=Field(N_("上班"), is_time=True),
        is_announced=Field(N_("国务院办公厅已公布")),
        notice=Field(N_("依据")),
    ),
    "certificate.apply": Deed(N_("%(who)s申请了%(it)s")),
    **{f"certificate.{step}": Deed(sentence) for step, sentence in _STEPS.items()},
    "certificate.download": Deed(N_("%(who)s下载了%(it)s")),
    "certificate.reveal": Deed(N_("%(who)s查看了证明或证书，上面有全名：%(it)s")),
    "star.apply": Deed(N_("%(who)s申请了%(it)s")),
    **{f"star.{state}": Deed(sentence) for state, sentence in _STARS.items()},
    "commendation.begin": Deed(N_("%(who)s开始拟%(it)s")),
    "commendation.refresh": Deed(N_("%(who)s按现在的时长重算了%(it)s")),
    "commendation.decide": Deed(
        N_("%(who)s在表彰名单里把%(it)s定为“%(after)s”"), before=_DECISION, after=_DECISION
    ),
    "commendation.close": Deed(N_("%(who)s定稿了%(it)s")),
    "commendation.reveal": Deed(N_("%(who)s查看了%(it)s，上面有全名")),
    "commendation.download": Deed(N_("%(who)s下载了%(it)s，上面有全名")),
}
