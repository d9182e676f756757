"""Text of a feed from its entries (RFC 5545, 7986). The same entries give the same bytes in every process."""

import re
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from functools import cache, lru_cache
from typing import Any

from icalendar import (
    Alarm,
    Event,
    Timezone,
    TimezoneStandard,
    vCalAddress,
    vCategory,
    vDDDTypes,
    vGeo,
    vInt,
    vText,
    vUri,
)
from icalendar import Calendar as Component
from icalendar.parser import Contentline

from webapp.calendars.domain import Calendar, Entry
from webapp.core import clock

PRODUCT = "-//Kepuxing//Kepuxing 1//ZH-CN"
ZONE = "Asia/Shanghai"
REFRESH = "PT1H"  # P1H is malformed and silently breaks the import on MIUI

# Breaks lines in some readers though RFC 5545 does not call it a line end, or cannot stand in a feed at all.
_LINE_ENDS = re.compile("\r\n|[\r\x0b\x0c\x1c\x1d\x1e\x85\u2028\u2029]")
_CONTROLS = re.compile("[\x00-\x08\x0e-\x1f\x7f\ud800-\udfff]")

# Summer time was kept here from 1986 to 1991. Outlook takes the last STANDARD and DAYLIGHT of a zone, reads no RDATE
# and repeats them each year (MS-OXCICAL 2.1.3.1.1.19.2). So the zone is told as it is since; what lies before, in UTC.
_SINCE = datetime(1992, 1, 1, tzinfo=UTC)


class Text(vText):
    """TEXT that comes back as it went in: the library turns a backslash before a capital N into a line end."""

    def to_ical(self) -> bytes:
        """Escaped as in RFC 5545 3.3.11."""
        text = str(self).replace("\\", "\\\\").replace(";", r"\;").replace(",", r"\,").replace("\n", r"\n")
        return text.encode()


def clean(text: str) -> str:
    """Text no reader stumbles over: one kind of line end, no control characters."""
    return _CONTROLS.sub("", _LINE_ENDS.sub("\n", text))


@cache
def zone() -> Timezone:
    """VTIMEZONE of Asia/Shanghai as it is since 1992: one STANDARD, eight hours ahead."""
    part = Timezone()
    part.add("tzid", ZONE)
    standard = TimezoneStandard()
    standard.add("dtstart", datetime(1970, 1, 1))  # noqa: DTZ001  (wall-clock time)
    standard.add("tzname", "CST")
    standard.add("tzoffsetfrom", timedelta(hours=8))
    standard.add("tzoffsetto", timedelta(hours=8))
    part.add_component(standard)
    return part


_TYPES: dict[str, Any] = {"sequence": vInt, "categories": vCategory, "geo": vGeo, "url": vUri}


def _typed(name: str, value: Any) -> Any:
    if name in _TYPES:
        return _TYPES[name](value)
    return Text(clean(value)) if isinstance(value, str) else vDDDTypes(value)


@lru_cache(maxsize=16_384)
def _line(name: str, value: Any) -> bytes:
    """One property, folded. Kept, because sessions share most of what is said of them."""
    made = _typed(name, value)
    return Contentline.from_parts(name.upper(), made.params, made).to_ical() + b"\r\n"


@lru_cache(maxsize=4096)
def _event(entry: Entry, base_url: str) -> bytes:
    """One VEVENT. Kept, because a session stands in many feeds and a change touches one session of hundreds."""
    # A mail is sent where no request says the site's address.
    link = base_url + entry.path if base_url else ""
    changed_at = entry.changed_at.replace(microsecond=0)
    lines: list[tuple[str, Any]] = [
        ("summary", entry.title),
        ("dtstart", _moment(entry, entry.starts_at)),
        ("dtend", _moment(entry, entry.ends_at)),  # not itself part of the entry (RFC 5545 3.6.1)
        ("dtstamp", changed_at),
        ("uid", entry.uid),
        ("sequence", entry.sequence),
        ("categories", (clean(entry.category),) if entry.category else None),
        ("created", entry.created_at.replace(microsecond=0)),
        ("description", f"{entry.description}\n{link}".rstrip()),
        ("geo", entry.position),
        ("last-modified", changed_at),
        ("location", entry.place or None),
        ("status", entry.status),
        ("transp", "OPAQUE" if entry.opaque else "TRANSPARENT"),
        ("url", link or None),
    ]
    told = [_line(name, value) for name, value in lines if value is not None]
    return b"".join([b"BEGIN:VEVENT\r\n", *told, _bell(entry), b"END:VEVENT\r\n"])


def _moment(entry: Entry, moment: datetime) -> date | datetime:
    if entry.is_all_day:
        return clock.local_date(moment)
    return clock.local(moment) if entry.starts_at >= _SINCE else moment


def _bell(entry: Entry) -> bytes:
    if entry.alarm is None:
        return b""
    part = Alarm()
    part.add("action", "DISPLAY")
    part.add("description", Text(clean(entry.title)))
    part.add("trigger", timedelta(minutes=-entry.alarm))
    return bytes(part.to_ical())


def build(calendar: Calendar, *, base_url: str) -> bytes:
    """The feed's bytes.

    No METHOD: with PUBLISH an ORGANIZER would have to stand in each entry (RFC 5546 3.2.1), and some programs
    answer an organiser by mail. The zone stands there even when there are no entries: a calendar without any
    component is not valid.
    """
    whole = Component()
    whole.add("prodid", PRODUCT)
    whole.add("version", "2.0")
    whole.add("calscale", "GREGORIAN")
    name = Text(clean(calendar.name))
    whole.add("name", name)
    whole.add("x-wr-calname", name)
    whole.add("x-wr-caldesc", Text(clean(calendar.description)))
    whole.add("x-wr-timezone", Text(ZONE))
    whole.add("refresh-interval", Text(REFRESH), parameters={"VALUE": "DURATION"})
    whole.add("x-published-ttl", Text(REFRESH))
    whole.add_component(zone())
    head, end, rest = whole.to_ical().rpartition(b"END:VCALENDAR")
    return b"".join([head, *(_event(entry, base_url) for entry in calendar.entries), end, rest])


@dataclass(frozen=True)
class Invitation:
    """A file for one entry, to go along with a mail, and what the program that reads the mail shall do with it."""

    method: str
    text: bytes


def invite(entry: Entry, *, base_url: str, organiser: str, guest: str) -> Invitation:
    """REQUEST puts the entry into the reader's calendar or changes it, CANCEL takes it out (RFC 5546 3.2.2, 3.2.5).

    The same UID, SEQUENCE and words as in the person's own feed. It needs an organiser and a guest, both of them mail
    addresses. No answer is asked for: who has a place has said yes already, who waits for one has not yet to decide.
    It has no name of its own: programs would make a new calendar of it.
    """
    method = "CANCEL" if entry.status == "CANCELLED" else "REQUEST"
    whole = Component()
    whole.add("prodid", PRODUCT)
    whole.add("version", "2.0")
    whole.add("calscale", "GREGORIAN")
    whole.add("method", method)
    whole.add_component(zone())
    part = Event()
    part.add("organizer", vCalAddress(f"mailto:{organiser}"), parameters={"CN": "科普行"})
    part_in_it = "TENTATIVE" if entry.is_waiting else "ACCEPTED"
    answered = {"ROLE": "REQ-PARTICIPANT", "PARTSTAT": part_in_it, "RSVP": "FALSE"}
    part.add("attendee", vCalAddress(f"mailto:{guest}"), parameters=answered)
    who = part.to_ical().removeprefix(b"BEGIN:VEVENT\r\n")
    event = _event(entry, base_url).replace(b"END:VEVENT\r\n", who)
    head, end, rest = whole.to_ical().rpartition(b"END:VCALENDAR")
    return Invitation(method, b"".join([head, event, end, rest]))
