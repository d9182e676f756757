"""Pages of sign-ups, by who uses them."""

from flask import Blueprint

blueprint = Blueprint("signups", __name__)
blueprints = (blueprint,)

from webapp.signups.views import (  # noqa: E402, F401  (they add routes to the blueprint)
    again,
    answering,
    answers,
    answers_list,
    calling,
    centres,
    companions,
    courses,
    finding,
    guardian_links,
    guardians,
    handing,
    lists,
    manage,
    many,
    offers,
    own,
    passes,
    public,
    sign_up,
    standing,
    teams,
    telling,
    unmet,
)
