"""What people are told whom a centre signed up from a list."""

from webapp.signups.domain import SignupStatus, messages
from webapp.signups.service.notices import facts, later, link, tell

_WORDS = {
    SignupStatus.WAITLISTED: ("候补", "，目前在候补，"),
    SignupStatus.PENDING: ("报名", "，正在等组织者审核，"),
}


def signed_up_from_list(signup_ids: list[str]) -> None:
    """They should know, and be able to take it back. The key is that of someone signed up alone."""
    for row in facts(signup_ids):
        what, now = _WORDS.get(row.status, ("报名", ""))
        tell(
            row,
            f"{what}：{row.title}",
            first=f"工作人员替您报了“{row.title}”" + (now + later(row) if now else "。"),
            fact=messages.made(row.status).of(f"signup:{row.id}:made"),
            after=f"如果不是您的意思，可以取消。{link(row)}",
        )
