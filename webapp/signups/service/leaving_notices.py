"""What is told when what a sign-up rested on ends: what it asks for, whoever made it. In Chinese, like all."""

from collections.abc import Collection
from typing import Any

from sqlalchemy import Row

from webapp.core.config import current_settings
from webapp.people.service import notify
from webapp.signups.domain.messages import ALONE, STAFF_ACTS, STAFF_KNOWS, UNMET
from webapp.signups.service.notices import link, placed, tell, when_of


def unmet(unmet_id: str, row: Row[*tuple[Any, ...]], names: str) -> None:
    """What the shift asks for is not theirs any more; they keep the place until the organiser says otherwise."""
    tell(
        row,
        f"岗位要求有变：{row.title}",
        first=f"您报的“{row.title}”要求“{names}”，现在查不到您有效的记录。名额先给您留着，"
        "由主办单位决定，定了马上告诉您。",
        fact=UNMET.of(f"unmet:{unmet_id}"),
        after=f"如果记录有误，请尽快告诉主办单位。{link(row)}",
    )


def unmet_to_staff(unmet_id: str, row: Row[*tuple[Any, ...]], *, names: str, staff: Collection[str]) -> None:
    """Somebody has to say whether they may come all the same."""
    base = current_settings().base_url
    lines = [
        f"{row.person}报的“{row.title}”（{row.position}）要求“{names}”，现在查不到有效的记录。",
        f"时间：{when_of(row)}",
        f"请决定保留还是让出名额。{f'{base}/manage/unmet' if base else ''}",
    ]
    for one in staff:
        notify(
            one,
            subject=f"请决定一个岗位：{row.title}",
            body="\n".join(lines),
            fact=placed(STAFF_ACTS.of(f"unmet:{unmet_id}:to:{one}"), row),
        )


def unmet_kept(unmet_id: str, row: Row[*tuple[Any, ...]]) -> None:
    """They may come all the same."""
    tell(
        row,
        f"名额保留：{row.title}",
        first=f"主办单位决定保留您在“{row.title}”的岗位，请按时到场。",
        fact=UNMET.of(f"unmet:{unmet_id}:kept"),
        after=link(row),
    )


def leads_no_more(row: Row[*tuple[Any, ...]]) -> None:
    """Whoever brought them along closed the account; the place is theirs."""
    tell(
        row,
        f"名额还在：{row.title}",
        first=f"带您一起报“{row.title}”的人注销了账号，您的名额还在，以后由您自己或主办单位来改。",
        fact=ALONE.of(f"signup:{row.id}:alone"),
        after=f"来不了请取消报名。{link(row)}",
    )


def companions_to_staff(
    organisation_id: str, *, title: str, count: int, of: str, staff: Collection[str]
) -> None:
    """Nothing reaches those who came along with somebody who is gone: the organiser is their way now."""
    for one in staff:
        notify(
            one,
            subject=f"{count} 位报名人请多留意：{title}",
            body=f"“{title}”有 {count} 位报名人是别人带着报的，带的人注销了账号，消息到不了他们。"
            "名额都保留着；有变化时请设法转告，或在现场说明。",
            fact=STAFF_KNOWS.of(f"companions:{of}:{organisation_id}:{title[:40]}:{one}"),
        )
