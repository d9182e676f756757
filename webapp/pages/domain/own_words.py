"""What the person's own data say in words where the tables hold codes. Plain Python; the language is Chinese."""

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any

from webapp.organisations.domain import PERMISSION_LABELS
from webapp.recognition.domain import (
    CERTIFICATE_STATUS_LABELS,
    RECORD_SOURCE_LABELS,
    RECORD_STATUS_LABELS,
    TURNOUT_LABELS,
)
from webapp.signups.domain.sharing import HAND_OVER_LABELS
from webapp.signups.domain.standing import STATE_LABELS
from webapp.signups.domain.telling import NOTICE_LABELS
from webapp.signups.domain.unmet import UNMET_LABELS
from webapp.volunteers.domain import AGE_BAND_LABELS

_PURPOSES = {"account": "建立账号", "sign_up": "报名", "signup": "报名", "profile": "志愿者资料"}
_METHODS = {"web": "网上", "oral": "口头，由工作人员记下", "api": "程序接口"}
_MEMBER = {"asked": "申请中", "member": "队员", "declined": "没有通过", "left": "已离开"}
_STAR = {"applied": "申请中", "granted": "已评定", "declined": "没有通过"}
_CHANNELS = {"mail": "邮件", "sms": "短信", "wecom": "企业微信", "webhook": "群消息"}
_WAYS = {
    "mail": "邮件",
    "sms": "短信",
    "phone": "电话",
    "site": "只在网站上",
    "nobody": "没有联系方式",
}
_DAYS = dict(zip("1234567", ("周一", "周二", "周三", "周四", "周五", "周六", "周日"), strict=True))
_PARTS = {"am": "上午", "pm": "下午", "eve": "晚上"}
# Section and column → words; what is not among them is shown as it is.
_WORDS: dict[tuple[str, str], Mapping[Any, str]] = {
    ("consents", "purpose"): _PURPOSES,
    ("consents", "method"): _METHODS,
    ("profile", "age_band"): AGE_BAND_LABELS,
    ("settled_age", "band"): AGE_BAND_LABELS,
    ("signups", "age_band"): AGE_BAND_LABELS,
    ("profile", "times"): {f"{day}-{part}": _DAYS[day] + _PARTS[part] for day in _DAYS for part in _PARTS},
    ("teams", "state"): _MEMBER,
    ("signups", "status"): STATE_LABELS,
    ("service_records", "turnout"): TURNOUT_LABELS,
    ("service_records", "source"): RECORD_SOURCE_LABELS,
    ("service_records", "status"): RECORD_STATUS_LABELS,
    ("stars", "state"): _STAR,
    ("certificates", "status"): CERTIFICATE_STATUS_LABELS,
    ("messages", "channel"): _CHANNELS,
    ("hand_overs", "side"): {"given": "我交给别人", "taken": "别人交给我"},
    ("hand_overs", "state"): HAND_OVER_LABELS,
    ("unmet", "state"): UNMET_LABELS,
    ("commendations", "decision"): {"chosen": "入选", "passed": "没有入选"},
    ("tellings", "kind"): NOTICE_LABELS,
    ("tellings", "way"): _WAYS,
    ("todo_mail", "language"): {"zh": "中文", "en": "英文"},
    ("memberships", "permissions"): PERMISSION_LABELS,
}


def in_words(section: str, column: str, value: Any, *, districts: Mapping[str, str]) -> Any:
    """A value as people read it: words for codes, yes and no, lists in one cell; days and moments stay as they are."""
    if isinstance(value, bool):
        return "是" if value else "否"
    if value is None or isinstance(value, int | float | date | datetime):
        return value
    words = districts if (section, column) == ("profile", "districts") else _WORDS.get((section, column), {})
    if isinstance(value, list):
        return "、".join(str(words.get(one, one)) for one in value)
    if column == "purpose" and str(value).startswith("risk:"):
        return "看过风险说明"
    return str(words.get(value, value))
