"""Why a sign-up cannot be brought back, although its quarter of an hour is not over. Plain Python."""

from webapp.core.errors import Conflict, N_


class PlaceGone(Conflict):
    """Somebody else has the place by now."""

    sentence = N_("名额已经给了别人，不能撤回。要来的话，请重新报名或排候补。")
    code = "place_gone"


class ShiftMeanwhile(Conflict):
    """The volunteer has another shift at that hour by now."""

    sentence = N_("这段时间已经有了别的班次，不能撤回。要换回来，请先取消那一班。")
    code = "shift_meanwhile"


class SignedUpMeanwhile(Conflict):
    """An event is out, and somebody has signed up."""

    sentence = N_("发布以后已经有 %(n)s 人报名，不能撤回发布。不办的话，请取消活动，会通知报了名的人。")
    code = "signed_up_meanwhile"


class OverMeanwhile(Conflict):
    """The session was cancelled, or is over."""

    sentence = N_("这一场已经取消或结束了，不能撤回。")
    code = "over_meanwhile"
