"""For everyone: is this certificate real? Whoever holds the paper can ask; nobody can go through the numbers."""

from typing import Any

from flask import redirect, render_template, request, url_for

from webapp.core import security
from webapp.core.auth import public
from webapp.recognition.domain.certificates import hours_text
from webapp.recognition.queries import certificates as queries
from webapp.recognition.views import blueprint


@blueprint.get("/verify/")
@public
def verify_form() -> Any:
    """Type the number from the paper."""
    number = request.args.get("number", "").strip()
    if number:
        return redirect(url_for("recognition.verify", number=number[:60].replace("/", " ")))
    return render_template("recognition/verify_form.html")


@blueprint.get("/verify/<number>")
@public
@security.limiter.limit(security.code_guesses)
def verify(number: str) -> Any:
    """What the number stands for: issuer, period, hours, state, and the holder's name masked."""
    found = queries.verify(number)
    page = render_template("recognition/verify.html", found=found, number=number[:60], hours=hours_text)
    return page, 200 if found else 404
