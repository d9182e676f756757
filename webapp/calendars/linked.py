"""Events for search engines and other sites: schema.org Event as JSON-LD."""

from typing import Any

from webapp.calendars.domain import place_of, shorten
from webapp.core import clock
from webapp.events.domain import SessionState
from webapp.events.models import Event, EventSession
from webapp.venues.models import Venue

_STATES = {
    SessionState.EVENT_CANCELLED: "https://schema.org/EventCancelled",
    SessionState.SESSION_CANCELLED: "https://schema.org/EventCancelled",
    SessionState.POSTPONED: "https://schema.org/EventPostponed",
}


def sessions_as_linked_data(event: Event, *, base_url: str) -> list[dict[str, Any]]:
    """One schema.org Event for each session, as Google's guide for events asks for it."""
    return [_session(event, one, f"{base_url}/events/{event.id}") for one in event.sessions]


def _session(event: Event, one: EventSession, url: str) -> dict[str, Any]:
    online = one.venue.kind == "online"
    return {
        "@context": "https://schema.org",
        "@type": "Event",
        "name": event.title + (f"：{one.title}" if one.title else ""),
        "description": shorten(event.summary) or event.title,
        "startDate": clock.local(one.starts_at).isoformat(timespec="minutes"),
        "endDate": clock.local(one.ends_at).isoformat(timespec="minutes"),
        "eventStatus": _STATES.get(one.state, "https://schema.org/EventScheduled"),
        "eventAttendanceMode": f"https://schema.org/{'Online' if online else 'Offline'}EventAttendanceMode",
        "location": {"@type": "VirtualLocation", "url": url} if online else _place(one.venue),
        "organizer": {"@type": "Organization", "name": event.organisation.name},
        "isAccessibleForFree": True,
        "inLanguage": "zh-CN",
        "url": url,
    }


def _place(venue: Venue) -> dict[str, Any]:
    made: dict[str, Any] = {
        "@type": "Place",
        "name": venue.name,
        "address": {
            "@type": "PostalAddress",
            "addressCountry": "CN",
            "addressRegion": "黑龙江省",
            "addressLocality": venue.district.name,
            "streetAddress": venue.address or place_of(venue.name, venue.address, venue.district.name),
        },
    }
    if venue.latitude is not None and venue.longitude is not None:
        made["geo"] = {"@type": "GeoCoordinates", "latitude": venue.latitude, "longitude": venue.longitude}
    return made
