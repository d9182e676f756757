"""Pages of sign-ups, by who uses them."""

from flask import Blueprint

blueprint = Blueprint("signups", __name__)
blueprints = (blueprint,)

from webapp.signups.views import manage, own, public, sign_up  # noqa: E402, F401  (they add routes to the blueprint)
from webapp.signups.views import calling, courses, handing, teams  # noqa: E402, F401  (the same)
from webapp.signups.views import lists, offers  # noqa: E402, F401  (the same)
