"""What was entered on a form that could not be taken, to be offered once more."""

from urllib.parse import urlsplit

from flask import request

# Fields that are never shown again.
_NOT_ECHOED = ("password", "csrf_token", "secret", "token")


def entered() -> list[tuple[str, str]]:
    """The fields that one of our own pages sent; nothing of what another site sent."""
    if not _from_our_own_page():
        return []
    return [
        (name, value)
        for name, value in request.form.items(multi=True)
        if not any(word in name.lower() for word in _NOT_ECHOED)
    ]


def _from_our_own_page() -> bool:
    site = request.headers.get("Sec-Fetch-Site")
    if site is not None:
        return site == "same-origin"
    source = request.headers.get("Origin") or request.headers.get("Referer") or ""
    return bool(source) and urlsplit(source).netloc == request.host
