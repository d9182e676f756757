"""How what was done at the door and about it reads in the history. Plain Python."""

from webapp.attendance.domain.phones import SETTLEMENT_LABELS, WallMode
from webapp.core.deeds import Deed, Field
from webapp.core.errors import N_

_ONE = Field(of="person")
_MODES = {WallMode.ROTATING: N_("屏幕上"), WallMode.PRINTED: N_("纸上")}

DEEDS = {
    "attendance.tick": Deed(
        N_("%(who)s照纸质签到表勾了%(it)s：到场 %(came)s 人，离开 %(left)s 人"),
    ),
    "attendance.annul": Deed(N_("%(who)s作废了签到：%(it)s")),
    "attendance.reopen": Deed(N_("%(who)s取消了签退，重新算在场：%(it)s")),
    "attendance.sweep": Deed(N_("%(who)s在%(it)s给 %(count)s 人一起签退")),
    "attendance.sweep_undo": Deed(N_("%(who)s撤回了%(it)s的一起签退，%(count)s 人")),
    "headcount.add": Deed(N_("%(who)s在%(it)s记了 %(count)s 个没有报名的人")),
    "headcount.annul": Deed(N_("%(who)s作废了一笔人数：%(it)s")),
    "scan.settle": Deed(
        N_("%(who)s核对了一条签到记录（%(it)s），定为“%(settlement)s”"),
        settlement=Field(words=SETTLEMENT_LABELS),
    ),
    "scan.annul": Deed(N_("%(who)s撤回了一次扫码：%(it)s")),
    "photo.add": Deed(N_("%(who)s给%(it)s加了一张照片")),
    "photo.remove": Deed(N_("%(who)s删除了%(it)s的一张照片")),
    "wall.open": Deed(N_("%(who)s打开了%(it)s的签到码，在%(mode)s"), mode=Field(words=_MODES)),
    "wall.renew": Deed(N_("%(who)s换了%(it)s的签到码，旧的作废")),
    "wall.close": Deed(N_("%(who)s关了%(it)s的签到码")),
    "device.offer": Deed(
        N_("%(who)s给一部手机出了配对码，可以在这些场次签到：%(sessions)s"),
        sessions=Field(of="event_session"),
    ),
    "device.pair": Deed(N_("一部签到手机配对好了：%(it)s")),
    "device.revoke": Deed(N_("%(who)s停用了签到手机：%(it)s")),
    "device.hand_on": Deed(N_("%(who)s把签到手机%(it)s由%(before)s转给%(after)s管"), before=_ONE, after=_ONE),
}
