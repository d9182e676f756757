"""Views of attendance."""

from flask import Blueprint

blueprint = Blueprint("attendance", __name__)
blueprints = (blueprint,)

from webapp.attendance.views import (  # noqa: E402  (they add routes)
    app,  # noqa: F401
    devices,  # noqa: F401
    doors,  # noqa: F401
    links,  # noqa: F401
    manage,  # noqa: F401
    pack,  # noqa: F401
    phones,  # noqa: F401
    photos,  # noqa: F401
    public,  # noqa: F401
    review,  # noqa: F401
    scan,  # noqa: F401
    ticks,  # noqa: F401
    wall,  # noqa: F401
    wall_visit,  # noqa: F401
)
