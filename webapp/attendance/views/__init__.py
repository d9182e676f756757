"""Pages of attendance, by who uses them."""

from flask import Blueprint

blueprint = Blueprint("attendance", __name__)
blueprints = (blueprint,)

from webapp.attendance.views import app, doors, manage, pack, public, scan, wall, wall_visit  # noqa: E402, F401  (they add routes)
