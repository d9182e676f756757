"""Entries of a calendar file as rows of a table of planned sessions; what is no such entry is named. Plain Python."""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta, timezone, tzinfo
from typing import Any

from webapp.core import clock
from webapp.core.errors import N_
from webapp.events.domain.calendar_lines import Part, Value, read_calendars

CANCELLED = N_("“%(title)s”已经取消，没有读。")
POSTPONED = N_("“%(title)s”延期未定，没有读。")
NOT_SESSIONS = N_("文件里还有 %(n)s 条待办、日志或忙闲，没有读。")
NO_ENTRY = N_("有 %(n)s 条是日历自己的说明，没有读。")
REPEATS = N_(
    "“%(title)s”是重复的日程，没有写到哪天为止，或多得列不下，没有读。请在原来的日历里拆成一场一场再导出。"
)
ONLY_DATES = N_("“%(title)s”是重复的日程，按规则列成 %(n)s 场。")

ROWS_MAX = 2_000  # ten times what is imported at once
_PASSED = {"VTODO", "VJOURNAL", "VFREEBUSY"}
_NOTES = ("more-", "over-")
_OURS = "-//Kepuxing//"
_PREFIX = re.compile(r"^(?:【(已取消|延期)】|\[(Cancelled|Postponed)\] )")
_STOPPED = {"已取消", "Cancelled"}
_TITLE_SAYS = re.compile(
    r"^(?:Canceled|Cancelled|Abgesagt|(?:已|活动)?取消)\s*[:：]"
    r"|^[(（\[【](?:Canceled|Cancelled|(?:已|活动)?取消)[)）\]】]"
    r"|[(（\[【](?:Canceled|Cancelled|(?:已|活动)?取消)[)）\]】]$",
    re.IGNORECASE,
)
_MOMENT = re.compile(r"(\d{4})-?(\d{2})-?(\d{2})(?:T(\d{2}):?(\d{2}):?(\d{2})?(Z)?)?")
_LENGTH = re.compile(r"\+?P(?:(\d{1,3})W)?(?:(\d{1,3})D)?(?:T(?:(\d{1,4})H)?(?:(\d{1,5})M)?(?:(\d{1,6})S)?)?")
_OFFSET = re.compile(r"([+-])(\d{2}):?(\d{2})?")

Zones = Callable[[str], tzinfo | None]
Repeats = Callable[[str, datetime], Sequence[datetime] | None]


@dataclass
class Entries:
    """Rows of day, start, end and so on by column, and words about what was passed over."""

    rows: list[dict[str, str]] = field(default_factory=list)
    passed: list[tuple[str, dict[str, Any]]] = field(default_factory=list)


def read_entries(content: bytes, *, zone_of: Zones, repeats: Repeats) -> Entries:
    """Every session of a file; raises NotACalendar.

    `zone_of` knows zones by name, `repeats` lists the starts of a rule, None where there are too many or it has no end.
    """
    found = Entries()
    others = notes = 0
    for calendar in read_calendars(content):
        reader = _Reader(calendar, zone_of, repeats)
        for part in _all_parts(calendar):
            if part.kind in _PASSED:
                others += 1
            elif part.kind == "VEVENT" and part.text("UID").startswith(_NOTES):
                notes += 1
            elif part.kind == "VEVENT" and len(found.rows) < ROWS_MAX:
                reader.take(part, found)
    if others:
        found.passed.append((NOT_SESSIONS, {"n": others}))
    if notes:
        found.passed.append((NO_ENTRY, {"n": notes}))
    return found


def _all_parts(calendar: Part) -> list[Part]:
    """Parts, also where a file forgot to end the one before."""
    found = []
    for part in calendar.parts:
        found += [part, *_all_parts(part)] if part.kind in _PASSED | {"VEVENT"} else []
    return found


class _Reader:
    """One calendar: its zones and whose program wrote it."""

    def __init__(self, calendar: Part, zone_of: Zones, repeats: Repeats) -> None:
        self.is_ours = calendar.text("PRODID").startswith(_OURS)
        self.is_cancelling = calendar.text("METHOD").upper() == "CANCEL"
        self.zone_of, self.repeats = zone_of, repeats
        self.zones = {part.text("TZID"): part for part in calendar.parts if part.kind == "VTIMEZONE"}
        self.default = self._zone(calendar.text("X-WR-TIMEZONE")) or _offset(calendar.text("TZ"))
        events = [part for part in _all_parts(calendar) if part.kind == "VEVENT"]
        self.moved: dict[str, set[datetime]] = {}
        for part in events:
            at = self.moment(part.first("RECURRENCE-ID"))
            if isinstance(at, datetime):
                self.moved.setdefault(part.text("UID"), set()).add(at)

    def take(self, part: Part, found: Entries) -> None:
        """Rows of one entry, or a word why there are none."""
        title = part.text("SUMMARY")
        said = _PREFIX.match(title)
        if said:
            title = title[said.end() :]
        gone = (said[1] or said[2]) in _STOPPED if said else bool(_TITLE_SAYS.search(title))
        if gone or self.is_cancelling or part.text("STATUS").upper() in {"CANCELLED", "CANCELED"}:
            found.passed.append((CANCELLED, {"title": title[:80]}))
        elif said:
            found.passed.append((POSTPONED, {"title": title[:80]}))
        else:
            self._add(part, title, found)

    def _add(self, part: Part, title: str, found: Entries) -> None:
        row = {
            "title": title,
            "place": part.text("LOCATION").replace("\n", " "),
            "kind": _category(part),
            **self._words(part),
        }
        start, given = self.moment(part.first("DTSTART")), part.first("DTSTART")
        end = self._end(part, start)
        if start is None or (end is None and (part.first("DTEND") or part.first("DURATION"))):
            found.rows.append(row | _unread(given, part))
            return
        if part.first("RRULE") or part.first("RDATE"):
            self._repeat(part, row, start, end, found)
        else:
            found.rows.append(row | spell(start, end))

    def _repeat(self, part: Part, row: dict[str, str], start: date, end: date | None, found: Entries) -> None:
        """As many rows as the rule says, without those taken out or moved; a rule nobody can list stays a fault."""
        rule = part.first("RRULE")
        first = start if isinstance(start, datetime) else datetime(start.year, start.month, start.day)  # noqa: DTZ001
        starts: Sequence[datetime] | None = self.repeats(rule.text, first) if rule else [first]
        if starts is None:
            found.passed.append((REPEATS, {"title": row["title"][:80]}))
            return
        out = {*self._listed(part, "EXDATE"), *self.moved.get(part.text("UID"), set())}
        all_starts = sorted({*starts, *self._listed(part, "RDATE")} - out)
        length = end - start if end is not None else None
        for one in all_starts:
            begins = one if isinstance(start, datetime) else one.date()
            found.rows.append(row | spell(begins, begins + length if length is not None else None))
        found.passed.append((ONLY_DATES, {"title": row["title"][:80], "n": len(all_starts)}))

    def _listed(self, part: Part, name: str) -> set[datetime]:
        found = set()
        for value in part.values.get(name, []):
            for text in re.split(r"[,;]", value.text):
                moment = self.moment(Value(text.partition("/")[0], value.parameters))
                if moment is not None and not isinstance(moment, datetime):
                    moment = datetime(moment.year, moment.month, moment.day)  # noqa: DTZ001
                if moment is not None:
                    found.add(moment)
        return found

    def _end(self, part: Part, start: date | None) -> date | None:
        end = self.moment(part.first("DTEND"))
        if end is not None or start is None:
            return end
        length = _length(part.text("DURATION"))
        if length is not None:
            return start + length
        is_day = not isinstance(start, datetime)
        return start + timedelta(days=1) if is_day and part.first("DTEND") is None else None

    def _words(self, part: Part) -> dict[str, str]:
        """What happens and what to bring; our own feeds say more below it."""
        summary = part.text("DESCRIPTION") or part.text("X-ALT-DESC")
        if not self.is_ours:
            return {"summary": summary}
        lines, bring = [], ""
        for line in summary.split("\n"):
            if line.startswith(("请带：", "Bring: ")):
                bring = re.split(r"：|: ", line, maxsplit=1)[1]
            elif not line.startswith(("主办：", "Organiser: ")) and line != part.text("URL"):
                lines.append(line)
        return {"summary": "\n".join(lines).strip(), "bring": bring}

    def moment(self, value: Value | None) -> date | datetime | None:
        """A day, or a time on the city's clocks; None for what is neither."""
        found = _MOMENT.fullmatch(value.text.strip()) if value else None
        if found is None or value is None:
            return None
        try:
            day = date(int(found[1]), int(found[2]), int(found[3]))
            if found[4] is None or not 1990 <= day.year <= 2100:
                return day if 1990 <= day.year <= 2100 else None
            naive = datetime.combine(
                day, time(int(found[4]) % 24, int(found[5]), min(int(found[6] or 0), 59))
            )
        except ValueError:
            return None
        name = value.parameters.get("TZID", "")
        zone = UTC if found[7] else self._zone(name) if name else self.default
        if name and zone is None and not found[7]:
            return None
        aware = naive.replace(tzinfo=zone or clock.CITY_ZONE)
        return _minute(aware.astimezone(clock.CITY_ZONE).replace(tzinfo=None))

    def _zone(self, name: str) -> tzinfo | None:
        """By its name, else by what the file itself says of it, where it has one offset all the year."""
        known = self.zone_of(name) if name else None
        part = self.zones.get(name)
        if known is not None or part is None:
            return known
        offsets = {one.text("TZOFFSETTO") for one in part.parts}
        return _offset(offsets.pop()) if len(offsets) == 1 else None


def _offset(text: str) -> tzinfo | None:
    found = _OFFSET.match(text)
    if found is None:
        return None
    minutes = int(found[2]) * 60 + int(found[3] or 0)
    return timezone(timedelta(minutes=-minutes if found[1] == "-" else minutes)) if minutes < 1440 else None


def _minute(moment: datetime) -> datetime:
    """10:59:59 is how some say 11:00."""
    return (moment + timedelta(seconds=1)).replace(second=0, microsecond=0)


def _length(text: str) -> timedelta | None:
    found = _LENGTH.fullmatch(text.strip())
    if found is None or not any(found.groups()):
        return None
    weeks, days, hours, minutes, seconds = (int(part or 0) for part in found.groups())
    return timedelta(weeks=weeks, days=days, hours=hours, minutes=minutes + seconds // 60)


def _category(part: Part) -> str:
    found = part.first("CATEGORIES")
    return re.split(r"(?<!\\)[,;]", found.text)[0].replace("\\", "").strip() if found else ""


def _unread(start: Value | None, part: Part) -> dict[str, str]:
    """What stands there, marked so that nobody takes it for read."""
    end = part.first("DTEND") or part.first("DURATION")

    def shown(value: Value | None) -> str:
        zone = value.parameters.get("TZID", "") if value else ""
        return f"{value.text.strip()[:60]} {zone}".strip() + "?" if value else ""

    return {"start": shown(start), "end": shown(end)}


def spell(start: date | datetime, end: date | datetime | None) -> dict[str, str]:
    """Cells that say exactly this; the small hours with their word, for without it they would be asked about."""
    if not isinstance(start, datetime):
        last = end - timedelta(days=1) if end is not None and end > start else start
        day = start.isoformat() if last == start else f"{start.isoformat()}至{last.isoformat()}"
        return {"day": day, "start": "全天"}
    if not isinstance(end, datetime):
        return {"day": start.date().isoformat(), "start": _hour(start), "end": ""}
    if end.time() == datetime.min.time() and end.date() == start.date() + timedelta(days=1):
        ends = "24:00"
    elif end.date() == start.date():
        ends = _hour(end)
    else:
        ends = f"{end.date().isoformat()} {_hour(end)}"
    return {"day": start.date().isoformat(), "start": _hour(start), "end": ends}


def _hour(moment: datetime) -> str:
    return ("凌晨" if 1 <= moment.hour <= 6 else "") + moment.strftime("%H:%M")
