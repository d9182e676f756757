"""The calendar of a vehicle or a box of exhibits, for its keepers."""

from flask import Response, request

from webapp.calendars import queries
from webapp.calendars.domain import Scope
from webapp.calendars.views import blueprint
from webapp.calendars.views.public import PRIVATE, answer, behind_a_secret, repeat
from webapp.core import changes, tokens
from webapp.core.auth import public
from webapp.core.errors import NotFound


@blueprint.get("/calendar/resources/<resource_id>.ics")
@public
@behind_a_secret
def resource_feed(resource_id: str) -> Response:
    """Where it goes; `?token=` is what the organisation's staff see on its page."""
    mark = changes.mark()
    if not tokens.same(request.args.get("token", ""), queries.resource_token(resource_id)):
        raise NotFound
    response = answer(Scope("resource", resource_id), mark=mark, cache=PRIVATE)
    repeat(response, mark)
    return response
