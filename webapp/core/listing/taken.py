"""A list taken away as a file: of people it is kept who took it, and when."""

from flask import Response

from webapp.core import audit
from webapp.core.db import transaction
from webapp.core.listing.shown import Shown


def taken(listing: Shown, name: str, *, subject: str, about: str = "all", by: str) -> Response:
    """The file that was asked for, called `name`; `subject` and `about` say in the audit whose list it is."""
    file = listing.file(name)
    if listing.names_people:
        with transaction():
            audit.record("list.reveal", subject, about, by=by, kind=listing.format, rows=listing.found)
    return file
