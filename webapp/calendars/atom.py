"""An Atom feed of the same entries (RFC 4287), for readers of news and other sites: what changed last comes first."""

from collections.abc import Iterable
from datetime import datetime
from xml.etree import ElementTree as ET

from webapp.calendars.domain import Calendar, Entry
from webapp.calendars.ics import clean

MOST = 100
NAMESPACE = "http://www.w3.org/2005/Atom"


def build(calendar: Calendar, *, base_url: str, own: str, page: str, changed_at: datetime) -> bytes:
    """The feed's bytes; `own` is its address, `page` that of the same on a page."""
    root = ET.Element("feed", {"xmlns": NAMESPACE, "xml:lang": "zh-CN"})
    _add(root, "id", own)
    _add(root, "title", clean(calendar.name))
    _add(root, "updated", _moment(changed_at))
    ET.SubElement(root, "link", {"rel": "self", "href": own, "type": "application/atom+xml"})
    ET.SubElement(root, "link", {"rel": "alternate", "href": page, "type": "text/html"})
    ET.SubElement(ET.SubElement(root, "author"), "name").text = "科普行"
    for entry in _newest(calendar.entries):
        part = ET.SubElement(root, "entry")
        _add(part, "id", f"urn:kepuxing:{entry.uid}")
        _add(part, "title", clean(entry.title))
        _add(part, "updated", _moment(entry.changed_at))
        _add(part, "published", _moment(entry.created_at))
        ET.SubElement(part, "link", {"rel": "alternate", "href": base_url + entry.path, "type": "text/html"})
        if entry.category:
            ET.SubElement(part, "category", {"term": entry.category})
        _add(part, "summary", clean(f"{entry.when}\n{entry.place}\n{entry.description}"))
    return b'<?xml version="1.0" encoding="utf-8"?>\n' + ET.tostring(root, encoding="utf-8")


def _newest(entries: Iterable[Entry]) -> list[Entry]:
    return sorted(entries, key=lambda entry: (entry.changed_at, entry.uid), reverse=True)[:MOST]


def _add(parent: ET.Element, name: str, text: str) -> None:
    ET.SubElement(parent, name).text = text


def _moment(value: datetime) -> str:
    return value.isoformat(timespec="seconds").replace("+00:00", "Z")
