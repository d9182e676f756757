"""The public notice of hours: masked names, and where to object."""

from flask import render_template, request

from webapp.core.auth import public
from webapp.organisations.queries import list_organisations
from webapp.recognition import queries
from webapp.recognition.views import blueprint


@blueprint.get("/hours/notice")
@public
def hours_notice() -> str:
    """What is in its notice today, of everyone or of one organisation."""
    organisations = list_organisations()
    chosen = request.args.get("organisation", "")
    chosen = chosen if chosen in {one.id for one in organisations} else ""
    lines, following = queries.list_notices(chosen or None, after=request.args.get("after", "")[:18])
    return render_template(
        "recognition/hours_notice.html",
        lines=lines,
        next=following,
        chosen=chosen,
        organisations=organisations,
        calendar=queries.work_calendar(),
    )
