"""Refusals of events, named as facts."""

from webapp.core.errors import Conflict, Expired, N_, NotAllowed, RuleBroken


class SessionEndsBeforeStart(RuleBroken):
    """Dates the wrong way round."""

    sentence = N_("结束时间要晚于开始时间。")
    code = "ends_before_start"
    field = "ends_at"


class SessionTooLong(RuleBroken):
    """Longer than any session is."""

    sentence = N_("一个场次最长 31 天，请检查年份和日期；更长的展览请分成几个场次。")
    code = "session_too_long"
    field = "ends_at"


class CapacityBelowTaken(RuleBroken):
    """Fewer places than people already confirmed."""

    sentence = N_("“%(position)s”已确认 %(taken)s 人，名额不能少于 %(taken)s。要减少名额，请先取消几个报名。")
    code = "capacity_below_taken"
    field = "capacity"


class NotReadyToPublish(RuleBroken):
    """Something the law or the plan asks for is missing."""

    sentence = N_("还不能发布：%(missing)s。")
    code = "not_ready"


class WouldBeIncomplete(RuleBroken):
    """A published event keeps what publishing needed."""

    sentence = N_("活动已经发布，不能缺这些内容：%(missing)s。")
    code = "would_be_incomplete"


class NeedsApproval(NotAllowed):
    """The office publishes this organisation's events."""

    sentence = N_("这个单位的活动要先审核：请提交给市科协，由市科协发布。")
    code = "needs_approval"


class StillComing(RuleBroken):
    """An event is closed when it is over."""

    sentence = N_("还有场次没有结束，不能结束活动。可以取消那些场次，或等它们结束。")
    code = "still_coming"


class WrongState(RuleBroken):
    """The act does not fit the event's state."""

    sentence = N_("活动现在是“%(status)s”，不能这样做。")
    code = "wrong_state"


class SessionAlreadyOver(RuleBroken):
    """History is not rewritten."""

    sentence = N_("这个场次已经有人签到，不能再改时间；请另加一个场次。")
    code = "session_over"


class SessionWasCancelled(RuleBroken):
    """A cancelled session stays as it was."""

    sentence = N_("这个场次已经取消，不能再改。")
    code = "session_cancelled"


class TaskNotInPlan(RuleBroken):
    """A copied event falls into a plan without that task."""

    sentence = N_("任务 %(code)s 在那时的计划里没有，没有复制。")
    code = "task_not_in_plan"


class NoPlanOn(RuleBroken):
    """A copied event falls on a day that no plan holds."""

    sentence = N_("%(day)s还没有计划，那天的场次没有关联任务；有了新计划请再选。")
    code = "no_plan_on"


class PositionInUse(RuleBroken):
    """A position or session with sign-ups is not taken away silently."""

    sentence = N_("“%(name)s”已有%(what)s，不能删除。可以取消这个场次，取消前会列出要告诉谁。")
    code = "position_in_use"


class PositionNameTaken(RuleBroken):
    """Two positions of one session are told apart by their names."""

    sentence = N_("这个场次里已有叫“%(name)s”的岗位，请换个名称。")
    code = "position_name_taken"
    field = "name"


class AlreadyCreated(Conflict):
    """The same form was sent twice."""

    sentence = N_("这一项已经存好，不用再存一次。")
    code = "already_created"


class WordsMissing(RuleBroken):
    """A text that must not be empty."""

    sentence = N_("请填写这一项。")
    code = "missing"


class TooLong(RuleBroken):
    """More characters than there is room for."""

    sentence = N_("最多 %(limit)s 个字。")
    code = "too_long"


class TooMany(RuleBroken):
    """More sessions, positions or tasks than one event holds."""

    sentence = N_("太多了：这里最多 %(limit)s 项。")
    code = "too_many"


class UnknownChoice(RuleBroken):
    """No such type, venue, task, group or organisation."""

    sentence = N_("没有这一项，请从列表里选。")
    code = "unknown_choice"


class BadCapacity(RuleBroken):
    """Not a number of places."""

    sentence = N_("名额须是 %(low)s 至 %(high)s 之间的整数。")
    code = "bad_capacity"
    field = "capacity"


class BadMinCount(RuleBroken):
    """More people needed than there are places."""

    sentence = N_("至少需要的人数须在 0 至 %(capacity)s 之间，不能比名额多。")
    code = "bad_min_count"
    field = "min_count"


class BadMinAge(RuleBroken):
    """Not one of the ages the law knows."""

    sentence = N_("最低年龄只能是 14、16 或 18 岁，或不限。")
    code = "bad_min_age"
    field = "min_age"


class ClosesBeforeOpens(RuleBroken):
    """Sign-up would close before it opens."""

    sentence = N_("报名截止时间要晚于开始报名的时间。")
    code = "closes_before_opens"
    field = "closes_at"


class SameDates(RuleBroken):
    """People were told not to come at the old time, and that still stands: a slip, unless somebody says it is meant."""

    sentence = N_("有 %(count)s 场还是延期以前的时间。要改期的，请先去改好；确实不变的，请勾选确认。")
    code = "same_dates"
    field = "same_dates"


class BadCancelHours(RuleBroken):
    """Not a number of hours."""

    sentence = N_("可以自己取消的时限须是开始前 0 至 %(high)s 小时之间的整数。")
    code = "bad_cancel_hours"
    field = "cancel_hours"


class TooLateToUndo(Expired):
    """The quarter of an hour is over."""

    sentence = N_("已经过了可以撤销的 15 分钟。要照常办，请复制成新草稿再发布。")
    code = "too_late_to_undo"


class AlreadyUndone(Conflict):
    """Someone was faster, or pressed twice."""

    sentence = N_("这次取消已经撤销了，活动照常。")
    code = "already_undone"


class EventIsOff(Conflict):
    """A session cannot come back while its whole event is cancelled."""

    sentence = N_("整个活动已经取消了，先撤销整个活动的取消，再撤销这一场的。")
    code = "event_is_off"
