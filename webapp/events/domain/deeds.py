"""How what was done to events, sessions, places and questions reads in the history. Plain Python."""

from webapp.core.deeds import Deed, Field
from webapp.core.errors import N_
from webapp.events.domain.questions import QUESTION_KIND_LABELS
from webapp.events.domain.rules import STATUS_LABELS, EventStatus

_WAS = Field(words=STATUS_LABELS)
_TASKS = Field(of="plan_task")

_STATES = {
    EventStatus.DRAFT: N_("%(who)s把%(it)s退回草稿"),
    EventStatus.SUBMITTED: N_("%(who)s提交了%(it)s，等市科协审核"),
    EventStatus.PUBLISHED: N_("%(who)s发布了%(it)s，原来是“%(before)s”"),
    EventStatus.POSTPONED: N_("%(who)s把%(it)s延期，暂停报名"),
    EventStatus.CANCELLED: N_("%(who)s取消了%(it)s"),
    EventStatus.CLOSED: N_("%(who)s结束了%(it)s"),
}

DEEDS = {
    **{f"event.{state}": Deed(sentence, before=_WAS) for state, sentence in _STATES.items()},
    "event.create": Deed(N_("%(who)s新建了%(it)s")),
    "event.update": Deed(
        N_("%(who)s改了%(it)s的内容"),
        title=Field(N_("标题")),
        type_slug=Field(N_("类型"), of="event_type"),
        audiences=Field(N_("面向")),
        summary=Field(N_("简介")),
        bring=Field(N_("请带什么")),
        risk_statement=Field(N_("风险说明")),
    ),
    "event.discard": Deed(N_("%(who)s删除了活动草稿《%(title)s》")),
    "event.duplicate": Deed(N_("%(who)s照%(source)s复制出%(it)s"), source=Field(of="event")),
    "event.take_along": Deed(N_("%(who)s把%(it)s带到新的计划，任务：%(tasks)s"), tasks=_TASKS),
    "event.unlink": Deed(
        N_("%(who)s不再把%(it)s算在这些任务里，场次不在计划的期限内：%(tasks)s"), tasks=_TASKS
    ),
    "plan.take_along": Deed(N_("%(who)s把 %(events)s 个活动带到%(it)s")),
    "cancellation.undo": Deed(
        N_("%(who)s撤销了取消：%(session)s"),
        N_("%(who)s撤销了%(it)s的取消"),
        session=Field(of="event_session"),
    ),
    "session.add": Deed(N_("%(who)s加了一场：%(it)s")),
    "session.rename": Deed(
        N_("%(who)s把%(it)s这一场的名称由%(before)s改为%(after)s"),
        N_("%(who)s改了%(it)s这一场的名称，原来是%(before)s"),
    ),
    "session.reschedule": Deed(
        N_("%(who)s把%(event)s改到%(starts_at_after)s（原%(starts_at_before)s）"),
        N_("%(who)s改了%(it)s的时间或地点"),
        starts_at=Field(N_("开始"), is_time=True),
        ends_at=Field(N_("结束"), is_time=True),
        venue_id=Field(N_("地点"), of="venue"),
    ),
    "session.cancel": Deed(N_("%(who)s取消了%(it)s这一场")),
    "session.remove": Deed(
        N_("%(who)s从%(event)s删掉了%(starts_at)s的一场"),
        N_("%(who)s从%(event)s删掉了一场"),
        starts_at=Field(is_time=True),
    ),
    "position.add": Deed(N_("%(who)s加了名额：%(it)s")),
    "position.change": Deed(
        N_("%(who)s改了名额：%(it)s"),
        name=Field(N_("名称")),
        capacity=Field(N_("几人")),
        waitlist=Field(N_("满了可以候补")),
    ),
    "position.rules": Deed(
        N_("%(who)s改了%(it)s的报名要求"),
        min_count=Field(N_("至少几人")),
        min_age=Field(N_("年龄要求")),
        needs_approval=Field(N_("报名要审核")),
        opens_at=Field(N_("开始报名"), is_time=True),
        closes_at=Field(N_("截止报名"), is_time=True),
        cancel_hours=Field(N_("开始前几小时内不能自己取消")),
    ),
    "position.remove": Deed(
        N_("%(who)s删掉了%(session)s的名额“%(name)s”"), session=Field(of="event_session")
    ),
    "question.add": Deed(N_("%(who)s加了报名时的问题%(it)s")),
    "question.change": Deed(
        N_("%(who)s改了报名时的问题%(it)s"),
        text=Field(N_("问题")),
        kind=Field(N_("怎样回答"), words=QUESTION_KIND_LABELS),
        choices=Field(N_("选项")),
    ),
    "question.move": Deed(N_("%(who)s挪动了报名时的问题%(it)s的次序")),
    "question.remove": Deed(N_("%(who)s不再问“%(text)s”")),
}
