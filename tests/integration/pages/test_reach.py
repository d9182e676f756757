"""How one gets to an event, or asks: a map's page without a key, a call, and honest words where neither is known.

And the same page in English: dates that cannot be mistaken, kinds, places and usual positions said in English.
"""

from urllib.parse import parse_qs, urlsplit

from flask import Flask

from tests.factories.attendance import make_scene
from tests.support.client import CheckedClient
from webapp.core import clock as time
from webapp.core.db import get_row, transaction
from webapp.events.models import EventSession
from webapp.organisations.models import Organisation
from webapp.venues.models import Venue


def links(page: str, start: str) -> list[str]:
    return [
        part.split('"')[0].replace("&amp;", "&")
        for part in page.split('href="')[1:]
        if part.startswith(start)
    ]


def test_an_event_says_how_to_get_there_and_whom_to_call(app: Flask, client: CheckedClient) -> None:
    scene = make_scene()
    page = client.get(f"/events/{scene.event}").text
    [there] = links(page, "https://uri.amap.com/search")
    assert parse_qs(urlsplit(there).query)["keyword"][0].startswith("向阳区示例街 1 号")
    assert "主办方没有留电话。" in page
    with transaction():
        venue, host = get_row(Venue, scene.venue), get_row(Organisation, scene.organisation)
        venue.latitude, venue.longitude, venue.address = 46.81, 130.32, ""
        host.phone = "+864548000000"
    page = client.get(f"/events/{scene.event}").text
    [there] = links(page, "https://uri.amap.com/marker")
    asked = parse_qs(urlsplit(there).query)
    assert (asked["position"], asked["coordinate"]) == (["130.320000,46.810000"], ["wgs84"])
    assert "tel:+864548000000" in links(page, "tel:")
    assert "主办方没有留电话。" not in page
    with transaction():
        get_row(Venue, scene.venue).latitude = None
    page = client.get(f"/events/{scene.event}").text
    assert links(page, "https://uri.amap.com/") == []
    assert "没有登记详细地址。" in page


def test_english_says_kinds_places_positions_and_dates_nobody_mistakes(
    app: Flask, client: CheckedClient
) -> None:
    scene = make_scene()
    with transaction():
        kind = get_row(Venue, scene.venue).district
        assert kind.name == "向阳区"
        starts = get_row(EventSession, scene.session).starts_at
    client.post("/language", data={"language": "en", "next": "/"})
    page = client.get(f"/events/{scene.event}").text
    for words in ("Xiangyang District", "Audience", "Guide"):
        assert words in page
    assert f" {time.local(starts):%b}" in page
    assert "月" not in page.split("<main")[1].split('class="prose"')[0]
