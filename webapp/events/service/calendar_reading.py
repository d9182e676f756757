"""A calendar file as a table of planned sessions: zones by the names Windows gives them too, rules as single days."""

import re
from collections.abc import Sequence
from datetime import UTC, datetime, tzinfo
from functools import cache
from itertools import islice
from zoneinfo import ZoneInfo

from dateutil.rrule import rrulestr

from webapp.core.clock import CITY_ZONE
from webapp.core.tables.draft import Draft, of_rows
from webapp.events.domain.calendar_file import read_entries
from webapp.events.domain.planned import COLUMNS

REPEATS_MAX = 60
_ENDS, _OFTEN = (
    re.compile(r"COUNT=|UNTIL=", re.IGNORECASE),
    re.compile(r"SECONDLY|MINUTELY|HOURLY", re.IGNORECASE),
)
_UNTIL = re.compile(r"UNTIL=(\d{8})(?:T(\d{6})(Z)?)?", re.IGNORECASE)


def draft_of(content: bytes) -> Draft:
    """The table of a calendar file, with a word about what was passed over. Raises NotACalendar."""
    entries = read_entries(content, zone_of=_zone_of, repeats=_repeats)
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
    """The starts a rule gives; None where it has no end, is none, or has more than anybody looks over."""
    if not _ENDS.search(rule) or _OFTEN.search(rule):
        return None
    try:
        found = list(islice(rrulestr(_UNTIL.sub(_local_until, rule), dtstart=first), REPEATS_MAX + 1))
    except (ValueError, TypeError, OverflowError, KeyError, AttributeError, IndexError):
        return None
    return found if 0 < len(found) <= REPEATS_MAX else None


def _local_until(found: re.Match[str]) -> str:
    """UNTIL on the city's clocks, as the starts are; a day means all of it."""
    if found[2] is None:
        return f"UNTIL={found[1]}T235959"
    moment = datetime.strptime(found[1] + found[2], "%Y%m%d%H%M%S")  # noqa: DTZ007
    if found[3]:
        moment = moment.replace(tzinfo=UTC).astimezone(CITY_ZONE)
    return f"UNTIL={moment:%Y%m%dT%H%M%S}"
