"""How what was done about accounts, ages and guardians reads in the history. Plain Python."""

from webapp.core.deeds import Deed, Field
from webapp.core.errors import N_
from webapp.people.domain import PHONES_REVEALED, Withdrawn

_WHAT = {"name": N_("姓名"), "phone": N_("手机号"), "email": N_("邮箱")}
_HOW = {
    Withdrawn.STAFF: N_("工作人员记的"),
    Withdrawn.LINK: N_("监护人自己在链接里说的"),
    Withdrawn.SELF: N_("本人在账号里说的"),
}

DEEDS = {
    PHONES_REVEALED: Deed(N_("%(who)s查看了电话：%(it)s的名单")),
    "account.register": Deed(N_("%(who)s注册了账号")),
    "account.password": Deed(N_("%(who)s改了自己的密码")),
    "account.password_reset": Deed(N_("%(who)s重设了%(it)s的密码")),
    "account.correct": Deed(N_("%(who)s改了自己的资料：%(changed)s"), changed=Field(words=_WHAT)),
    "account.close": Deed(N_("%(who)s注销了账号：%(it)s")),
    "token.create": Deed(N_("%(who)s新建了程序密钥“%(name)s”")),
    "token.revoke": Deed(N_("%(who)s停用了程序密钥%(it)s")),
    "guardian.withdraw": Deed(
        N_("%(it)s的监护人不再同意（%(how)s）"), N_("%(it)s的监护人不再同意"), how=Field(words=_HOW)
    ),
}
