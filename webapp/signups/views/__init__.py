"""Pages of sign-ups, by who uses them."""

from flask import Blueprint

blueprint = Blueprint("signups", __name__)
blueprints = (blueprint,)

from webapp.signups.views import (  # noqa: E402, F401  (they add routes to the blueprint)
    answers,
    guardians,
    manage,
    many,
    own,
    public,
    sign_up,
)
from webapp.signups.views import calling, courses, handing, teams  # noqa: E402, F401  (the same)
