"""Pages of recognition, by who uses them."""

from flask import Blueprint

blueprint = Blueprint("recognition", __name__)
blueprints = (blueprint,)
