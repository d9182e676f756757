"""Feeds as pages: a month or a week, the same as a list for another site, as Atom for readers of news."""

from datetime import timedelta

from flask import Response, make_response, render_template, request, url_for

from webapp.calendars import atom, domain, queries
from webapp.calendars.domain import spans
from webapp.calendars.views import blueprint
from webapp.calendars.views.sharing import asked_public_feed
from webapp.core import clock
from webapp.core.auth import public
from webapp.core.http import CSP, base_url

EMBEDDED = 20  # entries in a list on another site
AHEAD = timedelta(days=366)


@blueprint.get("/calendar/")
@public
def show_calendar() -> str:
    """A month, or a week, of a feed; printed, a sheet for the notice board."""
    feed, today = asked_public_feed(), clock.today()
    span = spans.Span.WEEK if request.args.get("span") == spans.Span.WEEK else spans.Span.MONTH
    sheet = spans.sheet_of(span, spans.read_day(request.args.get("day", ""), today))
    start, end = clock.start_of_day(sheet.days[0]), clock.start_of_day(sheet.days[-1] + timedelta(days=1))
    found = queries.entries_between(feed.scope, start, end, most=domain.ENTRIES_MAX)
    weeks = spans.weeks_of(sheet, found)
    return render_template(
        "calendars/show_calendar.html",
        feed=feed,
        sheet=sheet,
        weeks=weeks,
        on_paper=spans.fits_on_paper(weeks),
        today=today,
        count=sum(sheet.first <= clock.local_date(one.starts_at) <= sheet.last for one in found),
        around=lambda day, span=span: url_for("calendars.show_calendar", feed=feed.path, span=span, day=day),
    )


@blueprint.get("/calendar/embed")
@public
def embed_calendar() -> Response:
    """What comes next, as a list that other sites may show in a frame."""
    feed, now = asked_public_feed(), clock.now()
    found = queries.entries_between(feed.scope, now, now + AHEAD, most=EMBEDDED)
    response = make_response(render_template("calendars/embed.html", feed=feed, entries=found))
    policy = CSP | {"frame-ancestors": "*"}
    response.headers["Content-Security-Policy"] = "; ".join(
        f"{name} {value}" for name, value in policy.items()
    )
    return response


@blueprint.get("/calendar/feed.atom")
@public
def atom_feed() -> Response:
    """The same for readers of news."""
    feed, base = asked_public_feed(), base_url()
    body = atom.build(
        queries.calendar_of(feed.scope),
        base_url=base,
        own=base + url_for("calendars.atom_feed", feed=feed.path),
        page=base + url_for("calendars.show_calendar", feed=feed.path),
        changed_at=queries.last_change(feed.scope),
    )
    response = Response(body, content_type="application/atom+xml; charset=utf-8")
    response.headers["Cache-Control"] = "public, max-age=300"
    response.add_etag()
    response.make_conditional(request)
    return response
