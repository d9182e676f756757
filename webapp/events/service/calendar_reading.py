"""A calendar file as a table of planned sessions: zones by the names Windows gives them too, rules as single days."""

import re
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta, tzinfo
from functools import cache
from itertools import count, islice
from zoneinfo import ZoneInfo

from dateutil.rrule import rrulestr

from webapp.core.clock import CITY_ZONE
from webapp.core.tables.draft import Draft, of_rows
from webapp.events.domain.calendar_file import read_entries
from webapp.events.domain.planned import COLUMNS

REPEATS_MAX = 60
_COUNT = re.compile(r"COUNT=(\d{1,6})", re.IGNORECASE)
# Rules that some day fulfils before long; one that no day fulfils would be tried until the year 9999.
_SIMPLE = {
    "DAILY": {"BYDAY"},
    "WEEKLY": {"BYDAY"},
    "MONTHLY": {"BYDAY", "BYMONTHDAY"},
    "YEARLY": set(),
}
_DAYS = re.compile(r"(?:[+-]?[1-4])?(?:MO|TU|WE|TH|FR|SA|SU)(?:,(?:[+-]?[1-4])?(?:MO|TU|WE|TH|FR|SA|SU))*")
_MONTH_DAYS = re.compile(r"-?(?:[1-9]|1\d|2[0-8])(?:,-?(?:[1-9]|1\d|2[0-8]))*")
_RULES_MAX = 60  # of a file
_AHEAD = timedelta(days=731)
_UNTIL = re.compile(r"UNTIL=(\d{8})(?:T(\d{6})(Z)?)?", re.IGNORECASE)


def draft_of(content: bytes) -> Draft:
    """The table of a calendar file, with a word about what was passed over. Raises NotACalendar."""
    rules = count()

    def repeats(rule: str, first: datetime) -> Sequence[datetime] | None:
        return _repeats(rule, first) if next(rules) < _RULES_MAX else None

    entries = read_entries(content, zone_of=_zone_of, repeats=repeats)
    rows = [[row.get(one.key, "") for one in COLUMNS] for row in entries.rows]
    draft = of_rows(rows, COLUMNS)
    draft.told = [(sentence, dict(params)) for sentence, params in entries.passed[:50]]
    return draft


@cache
def _zone_of(name: str) -> tzinfo | None:
    """A zone by any of its names: Asia/Shanghai, China Standard Time, /mozilla.org/20050126_1/Asia/Shanghai."""
    from icalendar.timezone.windows_to_olson import WINDOWS_TO_OLSON  # noqa: PLC0415  (start-up time)

    name = name.strip().strip('"')
    plain = re.sub(r"^.*?(?=(?:Asia|Europe|America|Africa|Australia|Pacific|Etc|Atlantic|Indian)/)", "", name)
    for one in filter(None, (name, plain, WINDOWS_TO_OLSON.get(name))):
        try:
            return ZoneInfo(one)
        except (ValueError, OSError, LookupError):
            continue
    if re.search(r"beijing|china|chongqing|hong kong|urumqi|北京|中国|\+0?8:?00", name, re.IGNORECASE):
        return CITY_ZONE
    return UTC if name.upper() in {"UTC", "GMT", "Z"} else None


def _repeats(rule: str, first: datetime) -> Sequence[datetime] | None:
    """The starts a rule gives; None where it has no end, is none, or has more than anybody looks over.

    No further than two years ahead: a rule that no day fulfils would be tried until the year 9999.
    """
    parts = [part for part in rule.split(";") if not part.upper().startswith(("COUNT=", "UNTIL="))]
    times, until = _COUNT.search(rule), _UNTIL.search(rule)
    if not (times or until) or not _is_simple(parts):
        return None
    horizon = first + _AHEAD
    last = min(_local_until(until), horizon) if until else horizon
    try:
        ends = f"UNTIL={last:%Y%m%dT%H%M%S}"
        most = min(int(times[1]), REPEATS_MAX + 1) if times else REPEATS_MAX + 1
        found = list(islice(rrulestr(";".join([*parts, ends]), dtstart=first), most))
    except (ValueError, TypeError, OverflowError, KeyError, AttributeError, IndexError):
        return None
    is_short = times is not None and len(found) < int(times[1])
    is_long = until is not None and last == horizon
    return found if 0 < len(found) <= REPEATS_MAX and not is_short and not is_long else None


def _is_simple(parts: list[str]) -> bool:
    """Whether a rule, without its end, is of a kind that ends soon wherever it is looked for."""
    keys = dict(part.upper().partition("=")[::2] for part in parts)
    allowed = _SIMPLE.get(keys.get("FREQ", ""))
    chosen = keys.keys() - {"FREQ", "INTERVAL", "WKST"}
    if allowed is None or not chosen <= allowed or len(chosen) > 1:
        return False
    interval = keys.get("INTERVAL", "1")
    if not re.fullmatch(r"[1-9]\d?", interval) or (keys["FREQ"] == "DAILY" and chosen and interval != "1"):
        return False
    days, month_days = keys.get("BYDAY", "MO"), keys.get("BYMONTHDAY", "1")
    return bool(_DAYS.fullmatch(days) and _MONTH_DAYS.fullmatch(month_days))


def _local_until(found: re.Match[str]) -> datetime:
    """UNTIL on the city's clocks, as the starts are; a day means all of it. A day there is not ends at once."""
    try:
        moment = datetime.strptime(found[1] + (found[2] or "235959"), "%Y%m%d%H%M%S")  # noqa: DTZ007
        if found[3]:
            return moment.replace(tzinfo=UTC).astimezone(CITY_ZONE).replace(tzinfo=None)
        return moment
    except (ValueError, OverflowError):
        return datetime(1990, 1, 1)  # noqa: DTZ001
