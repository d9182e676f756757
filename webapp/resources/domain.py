"""Kinds of things, and refusals. Plain Python."""

from dataclasses import dataclass

from webapp.core.deeds import Deed, Field
from webapp.core.errors import Conflict, N_, RuleBroken

NAME_LIMIT = 60
NOTE_LIMIT = 300
TOKEN_PURPOSE = "resource calendar"  # noqa: S105  (what the MAC is for)
TOKEN_LENGTH = 32  # base-32 characters: 160 bits

KINDS = {
    "caravan": N_("科普大篷车"),
    "museum": N_("流动科技馆"),
    "kit": N_("展品、器材"),
    "other": N_("其他"),
}


@dataclass(frozen=True)
class ResourceDetails:
    """What is said of a thing."""

    name: str
    kind: str
    note: str = ""


class ResourceExists(Conflict):
    """Two things of one name would be mixed up."""

    sentence = N_("这个单位已经登记过同名的车辆或器材。")
    code = "resource_exists"
    field = "name"


class AlreadyBooked(Conflict):
    """It is somewhere else then."""

    sentence = N_("“%(name)s”%(when)s已经安排给“%(title)s”，不能同时用在两处。")
    code = "resource_booked"
    field = "resource_id"


class NotForUse(RuleBroken):
    """It is out of use, or the session does not take place any more."""

    sentence = N_("这件车辆或器材已经停用，或者这一场已经取消、结束，不能安排。")
    code = "resource_not_for_use"
    field = "resource_id"


class NotCopied(RuleBroken):
    """The copy of an event goes without a thing that the old one had."""

    sentence = N_("%(why)s%(when)s的场次没有安排“%(name)s”。")
    code = "resource_not_copied"


class NotYours(RuleBroken):
    """Another organisation's thing is asked for again."""

    sentence = N_("它是别的单位的，请再向他们借。")
    code = "resource_not_yours"


class StillBooked(RuleBroken):
    """Sessions count on it."""

    sentence = N_("还有 %(count)s 场要用它，请先取消那些安排，再停用。")
    code = "resource_still_booked"


# --- how what was done reads in the history (core/deeds.py) ----------------------------------------------------------

DEEDS = {
    "resource.make": Deed(N_("%(who)s登记了“%(name)s”")),
    "resource.change": Deed(N_("%(who)s改了%(it)s的资料")),
    "resource.close": Deed(N_("%(who)s停用了%(it)s")),
    "resource.reopen": Deed(N_("%(who)s重新启用了%(it)s")),
    "resource.renew_feed": Deed(N_("%(who)s换了%(it)s的日历地址，旧的作废")),
    "booking.make": Deed(
        N_("%(who)s给%(session)s安排了%(resource)s"),
        resource=Field(of="resource"),
        session=Field(of="event_session"),
    ),
    "booking.release": Deed(N_("%(who)s取消了安排：%(it)s")),
}
