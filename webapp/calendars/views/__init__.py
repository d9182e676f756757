"""Feeds for calendar programs (public) and the pages where addresses are made and handed out (public, manage)."""

from flask import Blueprint

blueprint = Blueprint("calendars", __name__)
blueprints = (blueprint,)

from webapp.calendars.views import manage, months, public, resources, sharing, watch  # noqa: E402, F401  (they hang their routes on the blueprint)
