"""How what was taken away, printed and looked at reads in the history. Plain Python."""

from webapp.core.deeds import Deed
from webapp.core.errors import N_

DEEDS = {
    "roster.reveal": Deed(N_("%(who)s下载了%(it)s的名单，有全名和电话")),
    "cards.reveal": Deed(N_("%(who)s查看了%(it)s的 %(count)s 张报名卡，有全名")),
    "cards.print": Deed(N_("%(who)s打印了%(it)s的 %(count)s 张报名卡，有全名")),
    "messages.reveal": Deed(N_("%(who)s下载了发出的消息，%(rows)s 条")),
    "list.reveal": Deed(N_("%(who)s下载了列表：%(it)s，%(rows)s 条")),
    "todo_mail.choose": Deed(N_("%(who)s要求每天早上收到待办邮件")),
    "todo_mail.confirm": Deed(N_("%(who)s在邮箱里确认了每天的待办邮件")),
    "todo_mail.end": Deed(N_("%(who)s不再收每天的待办邮件")),
    "message.again": Deed(N_("%(who)s让消息再发一次：%(it)s")),
    "exchange.export": Deed(N_("%(who)s导出了数据：%(it)s，%(count)s 条")),
    "exchange.reveal": Deed(N_("%(who)s导出的%(it)s带了完整的电话，%(count)s 条")),
    "exchange.compare": Deed(
        N_(
            "%(who)s拿时长确认表和这里的核对：%(same)s 条相同，%(differ)s 条不同，"
            "%(only_here)s 条只在这里，%(only_there)s 条只在表上"
        )
    ),
}
