"""Where a form that stands on several pages leads once it is taken."""

from flask import request

from webapp.core.http import safe_next


def back_or(fallback: str) -> str:
    """The page of this site the form says it came from (`next`), else `fallback`."""
    return safe_next(request.form.get("next"), fallback)
