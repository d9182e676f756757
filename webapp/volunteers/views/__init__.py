"""Pages of volunteers: the public list of teams, one's own profile and teams, pages of staff."""

from flask import Blueprint

blueprint = Blueprint("volunteers", __name__)
blueprints = (blueprint,)

from webapp.volunteers.views import leading, listed, lists, manage, own, public, rules  # noqa: E402, F401  (they hang their routes on it)
