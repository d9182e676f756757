"""Real calendar programs, as their users would run them."""

import ctypes
import json
import os
import subprocess
import sys
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from icalendar import Calendar as Component

ROOT = Path(__file__).parents[2]
BIN = Path(sys.executable).parent
UTF8 = {"LC_ALL": "C.UTF-8", "TZ": "Asia/Shanghai"}


def run(*command: object, home: Path, text: str = "") -> str:
    """Run it in a home of its own; its output. Fails with what it complained of."""
    places = {
        "HOME": str(home),
        "XDG_CONFIG_HOME": str(home),
        "XDG_DATA_HOME": str(home),
        "XDG_CACHE_HOME": str(home),
    }
    done = subprocess.run(
        [str(word) for word in command],
        cwd=ROOT,
        env=os.environ | UTF8 | places,
        input=text,
        capture_output=True,
        text=True,
        timeout=120,
    )
    assert done.returncode == 0, f"{command[0]}: {done.stdout}\n{done.stderr}"
    return done.stdout


@dataclass(frozen=True)
class Seen:
    """What a program knows of one entry. A moment is seconds since 1970, or the day where the entry has no hour."""

    start: int | str
    end: int | str
    title: str
    place: str
    text: str
    status: str


def read_with_ical_js(feed: bytes, home: Path) -> dict[str, dict[str, Any]]:
    """What ical.js sees, by UID."""
    file = home / "feed.ics"
    file.write_bytes(feed)
    found = json.loads(run(BIN / "node", ROOT / "tests/clients/ical_js.mjs", file, home=home))
    assert len({one["uid"] for one in found}) == len(found)
    return {one["uid"]: one for one in found}


def seen_by_ical_js(feed: bytes, home: Path) -> dict[str, Seen]:
    """The same as the other programs have it."""
    names = ("start", "end", "title", "place", "text", "status")
    return {
        uid: Seen(**{name: one[name] or "" for name in names})
        for uid, one in read_with_ical_js(feed, home).items()
    }


def seen_by_icalendar(feed: bytes) -> dict[str, Seen]:
    """What Python's icalendar sees; fails where it found anything it could not read."""
    found = {}
    whole = Component.from_ical(feed)
    assert [part.errors for part in whole.walk() if getattr(part, "errors", None)] == []
    for part in whole.walk("VEVENT"):
        start, end = (
            moment.isoformat() if type(moment) is date else int(moment.timestamp())
            for moment in (part["DTSTART"].dt, part["DTEND"].dt)
        )
        words = (str(part.get(name, "")) for name in ("SUMMARY", "LOCATION", "DESCRIPTION", "STATUS"))
        assert str(part["UID"]) not in found
        found[str(part["UID"])] = Seen(start, end, *words)
    return found


# --- libical, the parser of GNOME, KDE and Cyrus, through its C interface ------------------------------------------


class _Time(ctypes.Structure):
    _fields_ = [
        *(
            (name, ctypes.c_int)
            for name in ("year", "month", "day", "hour", "minute", "second", "date", "daylight")
        ),
        ("zone", ctypes.c_void_p),
    ]


def _libical() -> Any:
    library = ctypes.CDLL("libical.so.3")  # Debian: libical3; tests/support/machine.sh installs it
    pointer, text, number = ctypes.c_void_p, ctypes.c_char_p, ctypes.c_int
    for name, result, takes in (
        ("icalparser_parse_string", pointer, [text]),
        ("icalcomponent_count_errors", number, [pointer]),
        ("icalrestriction_check", number, [pointer]),
        ("icalcomponent_string_to_kind", number, [text]),
        ("icalcomponent_get_first_component", pointer, [pointer, number]),
        ("icalcomponent_get_next_component", pointer, [pointer, number]),
        ("icalcomponent_get_uid", text, [pointer]),
        ("icalcomponent_get_summary", text, [pointer]),
        ("icalcomponent_get_location", text, [pointer]),
        ("icalcomponent_get_description", text, [pointer]),
        ("icalcomponent_get_status", number, [pointer]),
        ("icalproperty_status_to_string", text, [number]),
        ("icalcomponent_get_dtstart", _Time, [pointer]),
        ("icalcomponent_get_dtend", _Time, [pointer]),
        ("icaltime_as_timet_with_zone", ctypes.c_long, [_Time, pointer]),
        ("icalerror_set_errors_are_fatal", None, [number]),
        ("icalcomponent_free", None, [pointer]),
    ):
        function = getattr(library, name)
        function.restype, function.argtypes = result, takes
    library.icalerror_set_errors_are_fatal(0)
    return library


def seen_by_libical(feed: bytes) -> dict[str, Seen]:
    """What libical sees; fails when it objects to anything."""
    library = _libical()
    root = library.icalparser_parse_string(feed)
    assert root, "libical could not parse the feed"
    assert library.icalcomponent_count_errors(root) == 0
    assert library.icalrestriction_check(root), "libical's table of RFC 5545 and 5546 objects"
    kind = library.icalcomponent_string_to_kind(b"VEVENT")
    found = {}

    def moment(time: Any) -> int | str:
        if time.date:
            return f"{time.year}-{time.month:02}-{time.day:02}"
        return int(library.icaltime_as_timet_with_zone(time, time.zone))

    part = library.icalcomponent_get_first_component(root, kind)
    while part:
        status = library.icalproperty_status_to_string(library.icalcomponent_get_status(part))
        found[library.icalcomponent_get_uid(part).decode()] = Seen(
            moment(library.icalcomponent_get_dtstart(part)),
            moment(library.icalcomponent_get_dtend(part)),
            library.icalcomponent_get_summary(part).decode(),
            (library.icalcomponent_get_location(part) or b"").decode(),
            library.icalcomponent_get_description(part).decode(),
            status.decode(),
        )
        part = library.icalcomponent_get_next_component(root, kind)
    library.icalcomponent_free(root)
    return found


# --- vdirsyncer and khal -------------------------------------------------------------------------------------------


@dataclass
class Subscriber:
    """Someone who follows a feed with vdirsyncer and looks at it with khal."""

    home: Path
    url: str
    folder: Path = field(init=False)

    def __post_init__(self) -> None:
        self.folder = self.home / "calendar"
        self.folder.mkdir(parents=True)
        (self.home / "vdirsyncer.conf").write_text(
            f'[general]\nstatus_path = "{self.home}/status/"\n'
            '[pair feed]\na = "here"\nb = "there"\ncollections = null\nconflict_resolution = "b wins"\n'
            f'[storage here]\ntype = "filesystem"\npath = "{self.folder}"\nfileext = ".ics"\n'
            f'[storage there]\ntype = "http"\nurl = "{self.url}"\n'
        )
        (self.home / "khal.conf").write_text(
            f"[calendars]\n[[feed]]\npath = {self.folder}\ntype = calendar\n"
            "[locale]\nlocal_timezone = Asia/Shanghai\ndefault_timezone = Asia/Shanghai\n"
            "timeformat = %H:%M\ndateformat = %Y-%m-%d\nlongdateformat = %Y-%m-%d\n"
            "datetimeformat = %Y-%m-%d %H:%M\nlongdatetimeformat = %Y-%m-%d %H:%M\n"
            f"[sqlite]\npath = {self.home}/khal.db\n"
        )
        self._vdirsyncer("discover", "feed")

    def _vdirsyncer(self, *words: str) -> str:
        config = self.home / "vdirsyncer.conf"
        return run(BIN / "vdirsyncer", "-c", config, *words, home=self.home, text="y\n" * 5)

    def sync(self) -> dict[str, bytes]:
        """Fetch the feed; the files of its entries by name."""
        self._vdirsyncer("sync")
        return {path.name: path.read_bytes() for path in self.folder.iterdir()}

    def list(self, first: str, last: str, shape: str) -> list[str]:
        """Lines of `khal list` between two days."""
        config = self.home / "khal.conf"
        words = ("list", first, last, "--format", shape, "--day-format", "", "--once")
        return [line for line in run(BIN / "khal", "-c", config, *words, home=self.home).splitlines() if line]

    def entries(self, first: str, last: str) -> set[Seen]:
        """What khal knows between two days. Without UIDs: vdirsyncer gives feeds' entries its own."""
        between, ends = "\x1f", "\x1e"
        names = ("all-day", "start-full", "end-full", "title", "location", "description", "status")
        shape = between.join(f"{{{name}}}" for name in names) + ends
        config = self.home / "khal.conf"
        words = ("list", first, last, "--format", shape, "--day-format", "", "--once")
        told = run(BIN / "khal", "-c", config, *words, home=self.home)
        found = set()
        for line in told.split(ends)[:-1]:
            is_all_day, start, end, *told_of = line.lstrip("\n").split(between)
            title, place, text, status = (word.strip() for word in told_of)
            starts, finishes = _khal_moment(start, is_all_day), _khal_moment(end, is_all_day, last=True)
            found.add(Seen(starts, finishes, title, place, text, status))
        return found


def _khal_moment(text: str, is_all_day: str, *, last: bool = False) -> int | str:
    moment = datetime.strptime(text.strip(), "%Y-%m-%d %H:%M" if " " in text.strip() else "%Y-%m-%d")  # noqa: DTZ007
    if is_all_day == "True":  # khal names the last day, not the one after it
        return str(moment.date() + timedelta(days=last))
    return int(moment.replace(tzinfo=ZoneInfo("Asia/Shanghai")).timestamp())
