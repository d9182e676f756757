"""Thanks after a shift, with its hours and until when they are in notice."""

from collections.abc import Sequence

from webapp.recognition.domain.messages import THANKS
from webapp.recognition.queries import totals_of
from webapp.recognition.service.notices import day, facts, hours, my_hours, tell


def say_thanks(record_ids: Sequence[str]) -> None:
    """Thank each person once per record, in the transaction that puts the record in notice."""
    for record, title in facts(record_ids):
        is_added = record.added_minutes > 0
        served = hours(record.minutes + record.added_minutes)
        totals = totals_of(record.person_id)
        so_far = hours(totals.minutes + totals.noticed)
        tell(
            record.person_id,
            f"谢谢您：{title}",
            lines=[
                f"谢谢您！{day(record.served_on)}“{title}”，"
                + (f"为您补录 {served} 小时。" if is_added else f"这次服务 {served} 小时。"),
                f"到现在累计 {so_far} 小时（含公示中的，不含补录）。",
                f"时长公示到{day(record.notice_until)}，之后入账。" if record.notice_until else "",
                f"有出入请在“我的时长”里说明。{my_hours()}",
            ],
            fact=THANKS.of(f"record:{record.id}:thanks"),
        )
