"""Handing an address out: which feed is asked about, the page that says how to take it, its QR."""

from dataclasses import dataclass
from io import BytesIO
from urllib.parse import parse_qs, urlsplit

import qrcode
from flask import Response, current_app, render_template, request, url_for
from qrcode.image.svg import SvgPathImage
from werkzeug.exceptions import HTTPException

from webapp.calendars import domain, queries
from webapp.calendars.domain import Scope
from webapp.calendars.views import blueprint
from webapp.calendars.views.public import PLAIN, plan_named
from webapp.core.auth import public
from webapp.core.errors import NotFound
from webapp.core.http import base_url

_KINDS = {
    "calendars.all_feed": "all", "calendars.venue_feed": "venue", "calendars.district_feed": "district",
    "calendars.organisation_feed": "organisation", "calendars.type_feed": "type", "calendars.task_feed": "task",
    "calendars.event_feed": "event",
}  # fmt: skip


@dataclass(frozen=True)
class Feed:
    """What the parameter `feed` of the two addresses below leads to."""

    scope: Scope
    name: str
    path: str  # in its one spelling: nothing a visitor wrote goes into links unseen
    is_secret: bool


def asked_feed(default: str = "") -> Feed:
    """The feed of this site that is asked about; raises NotFound."""
    try:
        parts = urlsplit(request.args.get("feed") or default)
        if parts.scheme or parts.netloc:
            raise NotFound
        endpoint, given = current_app.url_map.bind("localhost").match(parts.path, method="GET")
    except (ValueError, HTTPException):  # not an address at all, or none of ours
        raise NotFound from None
    if not all(PLAIN.fullmatch(str(value)) for value in given.values()):
        raise NotFound
    plan = plan_named(parse_qs(parts.query).get("plan", [None])[0])
    is_secret = endpoint == "calendars.subscription_feed"
    if is_secret:
        scope = queries.find_subscribed(given["token"]).scope
        if scope.kind == "over":
            raise domain.SubscriptionRevoked
    elif endpoint in _KINDS:
        scope = Scope(_KINDS[endpoint], "".join(given.values()), plan)
    else:
        raise NotFound
    path = url_for(endpoint, **given, plan=scope.plan)
    return Feed(scope, queries.name_of(scope), path, is_secret)


@dataclass(frozen=True)
class FeedAddress:
    """The same feed for programs (https, webcal) and for people (a page, its QR)."""

    https: str
    webcal: str
    page: str
    qr: str


@blueprint.app_template_global()
def feed_address(path: str) -> FeedAddress:
    """Where the feed at this path is found from outside."""
    https = base_url() + path
    return FeedAddress(
        https,
        "webcal://" + https.partition("://")[2],
        url_for("calendars.subscribe", feed=path),
        url_for("calendars.subscribe_qr", feed=path),
    )


def asked_public_feed() -> Feed:
    """The same where only feeds for everyone are shown, all events unless one is named; raises NotFound."""
    found = asked_feed(url_for("calendars.all_feed"))
    if found.is_secret:
        raise NotFound
    return found


@blueprint.get("/calendar/subscribe")
@public
def subscribe() -> str:
    """How to take a feed into each calendar program; where the QR beside an address leads."""
    return render_template(
        "calendars/subscribe.html",
        feed=asked_feed(),
        in_wechat="MicroMessenger" in request.user_agent.string,
    )


@blueprint.app_template_global()
def embedding(path: str) -> str:
    """What another site pastes to show the feed at this path."""
    address = base_url() + url_for("calendars.embed_calendar", feed=path)
    return f'<iframe src="{address}" title="科普行" width="100%" height="600" loading="lazy"></iframe>'


@blueprint.get("/calendar/subscribe.svg")
@public
def subscribe_qr() -> Response:
    """QR of that page."""
    page = base_url() + url_for("calendars.subscribe", feed=asked_feed().path)
    picture = BytesIO()
    qrcode.make(page, image_factory=SvgPathImage, border=4).save(picture)
    response = Response(picture.getvalue(), content_type="image/svg+xml")
    response.headers["Cache-Control"] = "private, no-store"
    return response
