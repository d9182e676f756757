"""What messages to people of an event are about, in words for its staff. Plain Python."""

from webapp.core.errors import N_
from webapp.signups.domain import messages as m

# By the kind's name, as it stands in the outbox.
SENT_LABELS = {
    kind.name: label
    for kind, label in (
        (m.MADE, N_("报名成功")),
        (m.COURSE, N_("整期课程报名成功")),
        (m.WAITS, N_("已在候补")),
        (m.ASKED, N_("报名等审核")),
        (m.APPROVED, N_("审核通过")),
        (m.DECLINED, N_("审核没有通过")),
        (m.MOVED_UP, N_("候补转正")),
        (m.OFFERED, N_("候补有名额，请答复")),
        (m.ACCEPTED, N_("接受了候补名额")),
        (m.EXPIRED, N_("候补名额过期")),
        (m.WITHDRAWN, N_("退出报名")),
        (m.CHOSEN, N_("换了岗位")),
        (m.PASS, N_("新的凭证")),
        (m.LEFT_COURSE, N_("退出整期课程")),
        (m.TAKEN_OUT, N_("被移出名单")),
        (m.UNMET, N_("不再符合岗位要求")),
        (m.ALONE, N_("带来的人少了同伴")),
        (m.STAFF_ACTS, N_("请组织者处理")),
        (m.STAFF_KNOWS, N_("告诉组织者")),
        (m.GUARDIAN, N_("告诉监护人")),
        (m.CONSENT_GONE, N_("监护人撤回同意")),
        (m.MOVED, N_("改了时间地点")),
        (m.CLASH, N_("和另一个岗位时间重叠")),
        (m.POSTPONED, N_("活动延期")),
        (m.RESUMED, N_("活动恢复")),
        (m.CANCELLED, N_("活动取消")),
        (m.RESTORED, N_("取消已撤销，照常举行")),
        (m.REMINDER, N_("开始前的提醒")),
        (m.HAND_OVER_ASKED, N_("请人接替岗位")),
        (m.HAND_OVER_SETTLED, N_("接替的答复")),
        (m.CALLED, N_("招募志愿者")),
        (m.SHORT, N_("缺人提醒")),
        (m.GIVEN_BACK, N_("临近退出的提醒")),
    )
}
