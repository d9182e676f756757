"""Refusals about hours and stars, named as facts."""

from webapp.core.errors import Conflict, N_, NotAllowed, RuleBroken


class TooLateToConfirm(Conflict):
    """The days for it are over: what was not said then is added by hand, by two people."""

    sentence = N_("签退要在 %(days)d 天内确认，现在已经过了。请用“补录时间”，写明原因，由另一个人复核。")
    code = "confirm_too_late"


class BadTimes(RuleBroken):
    """In and out must lie where the session was."""

    sentence = N_("签到要早于签退；签退最晚到 %(latest)s，也不能晚于现在。")
    code = "bad_times"
    field = "out_at"


class NoCheckIn(RuleBroken):
    """Measured time needs a check-in; anything else is time added by hand."""

    sentence = N_("这个人没有签到记录，不能填时长。确实来了的，请用“补录时间”，由另一个人复核。")
    code = "no_check_in"


class WrongTurnout(RuleBroken):
    """Who checked in was not absent, and who did not was not there."""

    sentence = N_("签过到的不能记成没来，没签到的不能记成来过。")
    code = "wrong_turnout"
    field = "turnout"


class SignOutMissing(RuleBroken):
    """First the sign-out, then how it went."""

    sentence = N_("还缺签退时间，请先确认签退。")
    code = "sign_out_missing"
    field = "turnout"


class OwnRecord(NotAllowed):
    """Nobody decides about their own hours."""

    sentence = N_("这是您自己的服务记录，要由别的工作人员处理。")
    code = "own_record"


class SecondPersonNeeded(NotAllowed):
    """Who proposed added time cannot approve it."""

    sentence = N_("补录的时间要由另一个人复核，不能自己提、自己批。")
    code = "second_person_needed"


class ReasonMissing(RuleBroken):
    """Added time, corrections and rejections say why."""

    sentence = N_("请写明原因，它会留在记录里，本人也能看到。")
    code = "reason_missing"
    field = "reason"


class AddedTooLong(RuleBroken):
    """No more than the session lasted."""

    sentence = N_("这个场次一共 %(limit)d 分钟，已补录 %(used)d 分钟，补录合起来不能超过场次的长度。")
    code = "added_too_long"
    field = "minutes"


class AlreadyDecided(Conflict):
    """Someone else was faster."""

    sentence = N_("这一条已经有人处理过了，请看新的内容。")
    code = "already_decided"


class AlreadyObjected(Conflict):
    """One open objection per record."""

    sentence = N_("您对这一条已经提过异议，正在等工作人员答复。")
    code = "already_objected"
    field = "text"


class TooManyNoShows(NotAllowed):
    """The office set a limit, and this volunteer reached it."""

    sentence = N_(
        "您最近 %(days)d 天有 %(count)d 次报了名没有来，暂时不能再报志愿者岗位。记错了的，请在“我的时长”里提出异议。"
    )
    code = "not_eligible"


class NotEnoughHours(RuleBroken):
    """No star more than there are."""

    sentence = N_("时长还不够下一个星级，或已经有了。")
    code = "not_enough_hours"


class StarWaiting(Conflict):
    """One application at a time."""

    sentence = N_("您已经申请过，正在等审核。")
    code = "star_waiting"


class BadThresholds(RuleBroken):
    """Hours of stars rise."""

    sentence = N_("请填写 1 至 10 个小时数，从小到大，用顿号或空格隔开，如 100、300、600。")
    code = "bad_thresholds"
    field = "hours"
