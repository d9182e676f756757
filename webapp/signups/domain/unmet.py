"""A shift whose holder no longer has what it asks for. Plain Python."""

from enum import StrEnum

from webapp.core.errors import Conflict, N_


class UnmetState(StrEnum):
    """How it stands."""

    OPEN = "open"  # the organiser has to say
    KEPT = "kept"  # they may come all the same
    RELEASED = "released"  # the place went to others
    REGAINED = "regained"  # they have it again, or it is asked for no more
    OVER = "over"  # the shift ended, in whatever way, before anybody said


UNMET_LABELS = {
    UnmetState.OPEN: N_("等主办单位决定"),
    UnmetState.KEPT: N_("保留"),
    UnmetState.RELEASED: N_("名额已让出"),
    UnmetState.REGAINED: N_("已经符合"),
    UnmetState.OVER: N_("岗位已结束"),
}
NO_MORE_MET = N_("不再符合岗位要求")  # the reason of a sign-up that was released


class UnmetSettled(Conflict):
    """Someone else decided, or it needs no decision any more."""

    sentence = N_("这一条已经处理过（%(state)s），没有再改。")
    code = "unmet_settled"
