"""Filters of the lists: a value that makes no sense gets a sentence and is left out, never an error page."""

from collections.abc import Callable, Mapping
from datetime import date
from typing import Any

from flask_babel import gettext as _

from webapp.core.errors import NotFound
from webapp.events.domain import AUDIENCES
from webapp.events.queries import EventFilter

WORDS_LIMIT = 100
_TEXTS = ("district", "venue", "type", "audience", "task", "organisation", "plan")
# What a value of a filter must be the key of; the answer is the name shown beside the filter.
Names = Mapping[str, Callable[[str], str | None]]


def _text(args: Mapping[str, str], name: str) -> str:
    return " ".join(args.get(name, "").replace("\x00", " ").split())


class FilterForm:
    """The public list's filters as typed, as understood, and what is to be said about the difference."""

    def __init__(self, args: Mapping[str, str], names: Names) -> None:
        self.typed = {name: _text(args, name) for name in ("q", "from", "to", *_TEXTS)}
        self.errors: dict[str, str] = {}
        self.names: dict[str, str] = {}
        values: dict[str, Any] = {"q": self._words()}
        values["from_"], values["to"] = self._day("from"), self._day("to")
        if values["from_"] and values["to"] and values["to"] < values["from_"]:
            self.errors["to"] = _("“到哪天”早于“从哪天”，已按调换后的日期查找。")
            values["from_"], values["to"] = values["to"], values["from_"]
        for name in _TEXTS:
            values[name] = self._known(name, names)
        self.filter = EventFilter(**values)

    @property
    def is_set(self) -> bool:
        """Whether anything restricts the list."""
        return self.filter != EventFilter()

    @property
    def active(self) -> dict[str, Any]:
        """What was typed and understood, for the addresses of the pages around this one."""
        return {name: value for name, value in self.typed.items() if value and name not in self.errors}

    def _words(self) -> str:
        if len(self.typed["q"]) > WORDS_LIMIT:
            self.errors["q"] = _("关键词太长，只用了前 %(limit)s 个字。", limit=WORDS_LIMIT)
            self.typed["q"] = self.typed["q"][:WORDS_LIMIT]
        return self.typed["q"]

    def _day(self, name: str) -> date | None:
        text = self.typed[name]
        if not text:
            return None
        try:
            day = date.fromisoformat(text)
        except ValueError:
            self.errors[name] = _(
                "没有看懂“%(text)s”这个日期，暂未使用。请写成 2026-11-28 这样。", text=text[:20]
            )
            self.typed[name] = ""  # a date input shows nothing else
            return None
        if not 2000 <= day.year <= 2100:
            self.errors[name] = _("年份须在 2000 至 2100 之间，暂未使用。")
            return None
        return day

    def _known(self, name: str, names: Names) -> str:
        value = self.typed[name]
        if not value:
            return ""
        try:
            shown = names[name](value) if len(value) <= WORDS_LIMIT else None
        except NotFound:
            shown = None
        if shown is None:
            self.errors[name] = _("没有“%(value)s”这一项，暂未使用。", value=value[:40])
            return ""
        self.names[name] = shown
        return value


def audience_name(value: str) -> str | None:
    """The group itself, when there is such a group."""
    return _(value) if value in AUDIENCES else None
