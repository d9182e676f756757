"""Refusals of volunteers and teams, named as facts."""

from webapp.core.errors import Conflict, N_, NotAllowed, RuleBroken


class NameMissing(RuleBroken):
    """A name that must not be empty."""

    sentence = N_("请填写名称。")
    code = "name_missing"


class TextTooLong(RuleBroken):
    """More characters than there is room for."""

    sentence = N_("最多 %(limit)s 个字。")
    code = "text_too_long"


class NotOnTheList(RuleBroken):
    """No such skill, course, team, district, language or age band."""

    sentence = N_("没有这一项，请从列表里选。")
    code = "not_on_the_list"


class AgeDisagrees(Conflict):
    """Older than what was said before allows: the younger holds until a guardian or staff say otherwise."""

    sentence = N_(
        "以前说过的年龄比这次填的小，先按以前的算。以前填错了，请监护人打开自己的链接改，或联系组织者。"
    )
    code = "age_disagrees"
    field = "age_band"


class BadNumber(RuleBroken):
    """Not a volunteer's national number."""

    sentence = N_("全国志愿者编号只有数字和字母，最多 %(limit)s 位。")
    code = "bad_number"
    field = "number"


class NotYetHeld(RuleBroken):
    """A training is recorded when it is over."""

    sentence = N_("培训日期不能晚于今天。")
    code = "not_yet_held"
    field = "held_on"


class BadHours(RuleBroken):
    """Not a length of a training."""

    sentence = N_("时长须大于 0，最多 %(high)s 小时。")
    code = "bad_hours"
    field = "hours"


class BadMonths(RuleBroken):
    """Not a time a training is good for."""

    sentence = N_("有效期须是 1 至 %(high)s 个月，长期有效就不填。")
    code = "bad_months"
    field = "valid_months"


class SkillNameTaken(Conflict):
    """Two skills of one name cannot be told apart."""

    sentence = N_("已有同名的技能。")
    code = "skill_name_taken"
    field = "name"


class CourseNameTaken(Conflict):
    """Two trainings of one name cannot be told apart."""

    sentence = N_("已有同名的培训。")
    code = "course_name_taken"
    field = "name"


class TeamNameTaken(Conflict):
    """Two teams of one name cannot be told apart."""

    sentence = N_("已有同名的团队，请换个名称。")
    code = "team_name_taken"
    field = "name"


class TeamIsClosed(RuleBroken):
    """It was dissolved."""

    sentence = N_("这个团队已经解散。")
    code = "team_closed"


class AlreadyAsked(Conflict):
    """Asked before, and not answered yet."""

    sentence = N_("您已经申请过，请等队长答复。")
    code = "already_asked"


class AlreadyInTeam(Conflict):
    """A member already."""

    sentence = N_("已经是队员。")
    code = "already_in_team"


class NotAskingAnyMore(Conflict):
    """The application was answered or taken back meanwhile."""

    sentence = N_("这份申请已经处理过，或本人已经撤回。")
    code = "not_asking"


class NotAMember(RuleBroken):
    """Not in the team."""

    sentence = N_("这个人现在不是队员。")
    code = "not_a_member"


class LeaderStays(RuleBroken):
    """A team always has a leader."""

    sentence = N_("队长不能直接退出，请先把队长交给另一位队员。")
    code = "leader_stays"


class NoSuchLeader(RuleBroken):
    """Nobody signs in with this."""

    sentence = N_("没有找到用这个手机号或邮箱登录的账号。请先让本人注册。")
    code = "no_such_leader"
    field = "login"


class ReasonMissing(RuleBroken):
    """The other one is told why."""

    sentence = N_("请写明原因，对方会看到。")
    code = "reason_missing"
    field = "reason"


class AlreadyRequested(Conflict):
    """One request per team and session."""

    sentence = N_("已经邀请过这个团队。")
    code = "already_requested"
    field = "team_id"


class RequestSettled(Conflict):
    """Answered meanwhile."""

    sentence = N_("这份邀请已经答复过。")
    code = "request_settled"


class SessionIsOver(RuleBroken):
    """Nobody is asked for what is past or off."""

    sentence = N_("这个场次已经结束或取消，不能再邀请团队。")
    code = "session_is_over"


class NotLeader(NotAllowed):
    """Only who leads the team may do this."""

    sentence = N_("只有队长或主办单位的工作人员可以这样做。")
    code = "not_leader"


class AlreadyVoided(Conflict):
    """Someone did it before."""

    sentence = N_("这条培训记录已经作废。")
    code = "already_voided"


class NoOneNamed(RuleBroken):
    """A training of nobody is no training."""

    sentence = N_("请至少选一个人。")
    code = "no_one_named"
    field = "people"


class CertificateChanged(Conflict):
    """What was looked at is not what is there now."""

    sentence = N_("本人刚刚改过这张证书，请重新核对。")
    code = "certificate_changed"


class OfferedNoMore(RuleBroken):
    """A copied position would ask for what nobody can have any more."""

    sentence = N_("岗位要求“%(name)s”已停用，没有复制。")
    code = "offered_no_more"
