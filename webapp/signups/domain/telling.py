"""What people have to be told of, who still has to be rung up, and what is said. Plain Python."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from webapp.core.errors import Conflict, N_
from webapp.people.domain import Way

ANSWER_PURPOSE = "answer"  # of the signed link by which a message is answered


class NoticeKind(StrEnum):
    """What happened."""

    EVENT_CANCELLED = "event_cancelled"
    SESSION_CANCELLED = "session_cancelled"
    RESTORED = "restored"
    POSTPONED = "postponed"
    RESUMED = "resumed"
    MOVED = "moved"
    SEAT = "seat"
    DECIDED = "decided"
    WITHDRAWN = "withdrawn"
    CALLED = "called"
    UNREACHED = "unreached"


NOTICE_LABELS = {
    NoticeKind.EVENT_CANCELLED: N_("活动取消"),
    NoticeKind.SESSION_CANCELLED: N_("场次取消"),
    NoticeKind.RESTORED: N_("不取消了，照常举行"),
    NoticeKind.POSTPONED: N_("活动延期"),
    NoticeKind.RESUMED: N_("恢复举行"),
    NoticeKind.MOVED: N_("改了时间或地点"),
    NoticeKind.SEAT: N_("轮到候补的人"),
    NoticeKind.DECIDED: N_("审核有了结果"),
    NoticeKind.WITHDRAWN: N_("报名被取消"),
    NoticeKind.CALLED: N_("缺人手，请志愿者帮忙"),
    NoticeKind.UNREACHED: N_("消息没有发到"),
}
# Facts of one person each, gathered by session; the others are one act that concerns many.
OF_ONE = frozenset({NoticeKind.SEAT, NoticeKind.DECIDED, NoticeKind.WITHDRAWN, NoticeKind.UNREACHED})


# States of a message in the outbox that reached nobody, although what it tells is still so.
NOT_ARRIVED = frozenset({"failed", "kept"})


class Ask(StrEnum):
    """What a message asks for an answer to."""

    OFFER = "offer"
    HAND_OVER = "hand_over"
    CHOOSE = "choose"
    CALL = "call"


@dataclass(frozen=True)
class Told:
    """How one person stands to a notice."""

    way: Way
    message_state: str | None  # of the outbox; None: no message was made, or it is forgotten
    told_at: datetime | None
    is_stuck: bool = False  # the message should have left long since, and what it tells is near

    @property
    def is_unsent(self) -> bool:
        """Whether a message was to tell them, and did not."""
        return self.way in {Way.MAIL, Way.SMS} and (self.message_state in NOT_ARRIVED or self.is_stuck)

    @property
    def must_be_called(self) -> bool:
        """Whether somebody has to ring them up: nothing we send arrives, or it did not."""
        return self.way == Way.PHONE or self.is_unsent

    @property
    def is_open(self) -> bool:
        """Whether that is still to be done."""
        return self.must_be_called and self.told_at is None


class NothingToChoose(Conflict):
    """The shifts do not overlap any more, or one of them is gone."""

    sentence = N_("这两个岗位已经不重叠了，不用再选。")
    code = "nothing_to_choose"


class ClashChanged(Conflict):
    """The shifts are others than those on the page."""

    sentence = N_("打开这一页以后，时间又变了。请看看现在的安排再选。")
    code = "clash_changed"


class StillInside(Conflict):
    """Whoever is inside cannot be cancelled as if absent."""

    sentence = N_("%(name)s已经签到，人还在场，不能取消报名。要走了请签退；签错了请先撤销签到。")
    code = "still_inside"


class AlreadyCame(Conflict):
    """Whoever came and left was there."""

    sentence = N_("%(name)s来过，已经签到、签退，不能再取消报名。签错了请先撤销签到。")
    code = "already_came"


class LeaveFirst(Conflict):
    """An account is not closed while its person is inside somewhere."""

    sentence = N_("您还在活动现场，签到了没有签退。请先签退，再注销账号。")
    code = "leave_first"


class PeopleInside(Conflict):
    """A session cannot be cancelled or put off while people are in it: they would stand there as absent."""

    sentence = N_("现场还有 %(count)s 人签到了没有签退：%(names)s。请先给他们签退，再取消或延期。")
    code = "people_inside"


class AnswerElsewhere(Conflict):
    """The sign-up asks more than this page can."""

    sentence = N_("这个岗位报名时还要回答问题，请登录后报名。")
    code = "answer_elsewhere"
