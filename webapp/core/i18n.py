"""Language choice, and how dates and numbers are written. Chinese is the source; English is a translation."""

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any

from flask import Flask, request
from flask_babel import Babel, get_locale, gettext
from flask_babel import lazy_gettext as _l

from webapp.core import clock
from webapp.core.errors import Refusal, Said, Words
from webapp.core.terms import term

LANGUAGES = {"zh": "中文", "en": "English"}
LOCALES = {"zh": "zh_Hans_CN", "en": "en"}
_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
_WEEKDAYS = (_l("周一"), _l("周二"), _l("周三"), _l("周四"), _l("周五"), _l("周六"), _l("周日"))


def choose_locale() -> str:
    """Pages: the visitor's own choice (cookie), else Chinese. Programs: what they ask for, else Chinese.

    Pages do not follow the browser's language: many phones and office machines here run an English system
    under a reader of Chinese.
    """
    if request.path.startswith("/api/"):
        return LOCALES[request.accept_languages.best_match(["zh", "en"], "zh")]
    return LOCALES.get(request.cookies.get("lang", ""), LOCALES["zh"])


def init_i18n(app: Flask) -> None:
    """Attach Flask-Babel and the date and number filters."""
    app.config.setdefault("BABEL_DEFAULT_LOCALE", LOCALES["zh"])
    app.config["BABEL_DEFAULT_TIMEZONE"] = "Asia/Shanghai"
    Babel(app, locale_selector=choose_locale)
    app.jinja_env.filters.update(
        date=format_date,
        month=format_month,
        time=format_time,
        datetime=format_datetime,
        time_range=format_range,
        number=format_number,
        percent=format_percent,
        input_datetime=input_datetime,
        sentence=sentence_of,
        term=term,
        filled=filled,
    )


def filled(sentence: str, values: Mapping[str, Any]) -> str:
    """A marked sentence (N_) in the reader's language, with its values as the reader's language writes them."""
    text = str(gettext(sentence))
    return text % _Shown(values) if values else text


class _Shown(dict[str, Any]):
    """Values in the reader's language, each when the sentence names it."""

    def __init__(self, values: Mapping[str, Any]) -> None:
        super().__init__()
        self._values = values

    def __missing__(self, name: str) -> Any:
        return _shown(self._values[name])


def sentence_of(refusal: Refusal) -> str:
    """The refusal's sentence in the reader's language, filled in."""
    return filled(refusal.sentence, refusal.params)


def _shown(value: Any) -> Any:
    """Words are translated, a refusal is its sentence, several are listed; a moment is as on the city's clocks."""
    if isinstance(value, Words):
        return gettext(value)
    if isinstance(value, Refusal):
        return sentence_of(value)
    if isinstance(value, Said):
        return filled(value.sentence, value.values)
    if isinstance(value, datetime):
        return format_datetime(value)
    if isinstance(value, date):
        return format_date(value)
    if isinstance(value, (list, tuple)):
        parts = [str(_shown(one)) for one in value]
        if all(part.endswith(("。", ".")) for part in parts):  # whole sentences follow each other
            return ("" if parts and parts[0].endswith("。") else " ").join(parts)
        return gettext("；").join(parts)
    return value


def language() -> str:
    """'zh' or 'en'."""
    locale = get_locale()
    return "en" if locale is not None and locale.language == "en" else "zh"


def html_lang() -> str:
    """Value of the lang attribute."""
    return "en" if language() == "en" else "zh-CN"


def _day(value: datetime | date) -> date:
    return clock.local_date(value) if isinstance(value, datetime) else value


def format_date(value: datetime | date) -> str:
    """11月28日（周六）; the year is added when it is not this one. In English Sat 28 Nov: no order can be mistaken."""
    day = _day(value)
    weekday = _WEEKDAYS[day.weekday()]
    if language() == "en":
        year = "" if day.year == clock.today().year else f" {day.year}"
        return f"{weekday} {day.day} {_MONTHS[day.month - 1]}{year}"
    if day.year == clock.today().year:
        return f"{day.month}月{day.day}日（{weekday}）"
    return f"{day.year}年{day.month}月{day.day}日（{weekday}）"


def format_month(value: date) -> str:
    """2026年11月, Nov 2026."""
    if language() == "en":
        return f"{_MONTHS[value.month - 1]} {value.year}"
    return f"{value.year}年{value.month}月"


def format_time(value: datetime) -> str:
    """上午9:00 on the city's clock."""
    moment = clock.local(value)
    text = f"{(moment.hour - 1) % 12 + 1}:{moment:%M}"
    if language() == "en":
        return f"{moment:%H:%M}"
    if moment.hour < 6:
        return f"凌晨{moment.hour}:{moment:%M}"
    if moment.hour < 12:
        return f"上午{text}"
    if moment.hour < 18:
        return f"{'中午' if moment.hour == 12 else '下午'}{text}"
    return f"晚上{text}"


def format_datetime(value: datetime) -> str:
    """11月28日（周六）上午9:00."""
    return format_date(value) + (" " if language() == "en" else "") + format_time(value)


def format_range(start: datetime, end: datetime) -> str:
    """11月28日（周六）上午9:00–11:00: the day and the half of the day are said once."""
    if clock.local_date(start) != clock.local_date(end):
        return f"{format_datetime(start)} – {format_datetime(end)}"
    first, last = format_time(start), format_time(end)
    if language() == "zh" and first[:2] == last[:2]:
        last = last[2:]
    return f"{format_datetime(start)}–{last}"


def format_number(value: int | float) -> str:
    """12,345."""
    return f"{value:,}" if isinstance(value, int) else f"{value:,.1f}"


def format_percent(value: float) -> str:
    """12.5 → 12.5%."""
    return f"{value:g}%"


def input_datetime(value: datetime | None) -> str:
    """Value for <input type=datetime-local>."""
    return clock.local(value).strftime("%Y-%m-%dT%H:%M") if value else ""
