"""Thanks after a shift, with its hours and until when they are in notice."""

from collections.abc import Sequence

from webapp.recognition.domain.messages import THANKS
from webapp.recognition.models import ServiceRecord
from webapp.recognition.queries import totals_of
from webapp.recognition.service.notices import (
    day,
    facts,
    heard_of_absence,
    hours,
    my_hours,
    tell,
    was_thanked,
)


def say_thanks(record_ids: Sequence[str]) -> None:
    """Tell each person once per record, in the transaction that puts it in notice; they are thanked once per shift."""
    for record, title in facts(record_ids):
        again = was_thanked(record.signup_id, apart_from=record.id)
        served = _served(record)
        totals = totals_of(record.person_id)
        so_far = hours(totals.minutes + totals.noticed)
        tell(
            record.person_id,
            f"{'时长有变' if again else '谢谢您'}：{title}",
            lines=[
                f"{'' if again else '谢谢您！'}{day(record.served_on)}“{title}”，{served}",
                "以前通知您没有来，那条记录已经作废。" if heard_of_absence(record.signup_id) else "",
                f"到现在累计 {so_far} 小时（含公示中的，不含补录）。",
                f"时长公示到{day(record.notice_until)}，之后入账。" if record.notice_until else "",
                f"有出入请在“我的时长”里说明。{my_hours()}",
            ],
            fact=THANKS.of(f"record:{record.id}:thanks"),
        )


def _served(record: ServiceRecord) -> str:
    if record.added_minutes > 0:
        return f"为您补录 {hours(record.added_minutes)} 小时。"
    return f"这次服务 {hours(record.minutes)} 小时。"
