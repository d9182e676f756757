"""How what was done to calendar addresses reads in the history. Plain Python."""

from webapp.core.deeds import Deed
from webapp.core.errors import N_

DEEDS = {
    "calendar.create": Deed(N_("%(who)s新建了日历地址%(it)s")),
    "calendar.change": Deed(N_("%(who)s改了日历地址%(it)s的内容")),
    "calendar.revoke": Deed(N_("%(who)s停用了日历地址%(it)s")),
}
