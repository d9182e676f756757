"""What volunteers are told of their records, in Chinese whatever the language of the page that caused it."""

from collections.abc import Sequence
from typing import Any

from flask_babel import force_locale
from sqlalchemy import Row, literal, select

from webapp.core import outbox
from webapp.core.config import current_settings
from webapp.core.db import session
from webapp.core.i18n import LOCALES, format_date
from webapp.core.outbox import OutboxMessage
from webapp.core.timing import Fact
from webapp.events.models import Event, EventSession
from webapp.people.service import notify
from webapp.recognition.domain import messages
from webapp.recognition.domain.certificates import hours_text
from webapp.recognition.models import Objection, ServiceRecord, Star


def hours(minutes: int) -> str:
    """Minutes as hours with one decimal: 150 → 2.5."""
    return hours_text(minutes)


def my_hours() -> str:
    """Where a volunteer sees it; nothing when this installation does not know its own address."""
    base = current_settings().base_url
    return f"{base}/me/hours" if base else ""


def facts(record_ids: Sequence[str]) -> list[Row[*tuple[Any, ...]]]:
    """What a message says of each record, in the order written."""
    wanted = (
        select(ServiceRecord, Event.title)
        .join(EventSession, EventSession.id == ServiceRecord.session_id)
        .join(Event, Event.id == EventSession.event_id)
        .where(ServiceRecord.id.in_(record_ids))
        .order_by(ServiceRecord.id)
    )
    return list(session().execute(wanted)) if record_ids else []


def day(value: Any) -> str:
    """A day in Chinese."""
    with force_locale(LOCALES["zh"]):
        return format_date(value)


def tell(person_id: str, subject: str, *, lines: Sequence[str], fact: Fact) -> None:
    """Queue a message of several lines; empty ones are left out."""
    notify(person_id, subject=subject, body="\n".join(line for line in lines if line), fact=fact)


def not_there(record_ids: Sequence[str]) -> None:
    """They were noted as having stayed away without a word: they can answer."""
    for record, title in facts(record_ids):
        tell(
            record.person_id,
            f"没有来：{title}",
            lines=[
                f"您报了{day(record.served_on)}“{title}”的志愿岗位，记录为没有来。",
                f"如果记错了，请在“我的时长”里说明，工作人员会核对。{my_hours()}",
            ],
            fact=messages.NOT_THERE.of(_no_show_key(record.id)),
        )


def _no_show_key(record_id: str) -> str:
    return f"record:{record_id}:no_show"


def was_there_after_all(record_id: str) -> None:
    """Whoever has not heard yet that they were noted as absent does not hear it any more."""
    outbox.take_back([_no_show_key(record_id)])


def heard_of_absence(signup_id: str | None) -> bool:
    """Whether they were told that they had not come."""
    return _told(signup_id, "no_show")


def was_thanked(signup_id: str | None, *, apart_from: str) -> bool:
    """Whether they were thanked for this shift before."""
    return _told(signup_id, "thanks", apart_from=apart_from)


def _told(signup_id: str | None, what: str, *, apart_from: str = "") -> bool:
    key = literal("record:") + ServiceRecord.id + literal(f":{what}")
    wanted = (
        select(OutboxMessage.id)
        .join(ServiceRecord, OutboxMessage.dedupe_key == key)
        .where(ServiceRecord.signup_id == signup_id, ServiceRecord.id != apart_from)
    )
    return signup_id is not None and session().scalar(wanted.limit(1)) is not None


def replaced(record: ServiceRecord, reason: str) -> None:
    """A figure they saw is another one now."""
    for row, title in facts([record.id]):
        tell(
            row.person_id,
            f"服务记录已更正：{title}",
            lines=[
                f"您在{day(row.served_on)}“{title}”的服务记录已更正，现在是 {hours(row.minutes)} 小时。",
                f"原因：{reason.rstrip('。')}。",
                f"有疑问请在“我的时长”里说明。{my_hours()}",
            ],
            fact=messages.CORRECTED.of(f"record:{row.id}:replaced"),
        )


def answered(objection_ids: Sequence[str]) -> None:
    """Someone answered what they objected to."""
    if not objection_ids:
        return
    wanted = (
        select(Objection, ServiceRecord.served_on, Event.title)
        .join(ServiceRecord, ServiceRecord.id == Objection.record_id)
        .join(EventSession, EventSession.id == ServiceRecord.session_id)
        .join(Event, Event.id == EventSession.event_id)
        .where(Objection.id.in_(objection_ids))
        .execution_options(populate_existing=True)
    )
    for objection, served_on, title in session().execute(wanted):
        tell(
            objection.person_id,
            f"异议已答复：{title}",
            lines=[
                f"您对{day(served_on)}“{title}”服务记录提的异议，已经答复：",
                objection.answer,
                my_hours(),
            ],
            fact=messages.ANSWERED.of(f"objection:{objection.id}:answered"),
        )


def star_decided(star: Star) -> None:
    """Granted or declined."""
    granted = star.state == "granted"
    tell(
        star.person_id,
        f"{star.level} 星志愿者：{'已评定' if granted else '未评定'}",
        lines=[
            f"祝贺您，已评定为 {star.level} 星志愿者。" if granted else f"您申请的 {star.level} 星没有评定。",
            f"说明：{star.note}" if star.note else "",
            my_hours(),
        ],
        fact=messages.STAR.of(f"star:{star.id}:{star.state}"),
    )
