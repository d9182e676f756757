"""What was entered on a form that could not be taken, to be offered once more."""

from urllib.parse import urlencode, urlsplit

from flask import g, request
from flask_babel import gettext as _

from webapp.core import looking
from webapp.core.forms import secret_names

_IN_ONES_OWN_WORDS = {"reason", "note", "answer", "text", "caption"}
# Fields that are never shown again, beside every field of any form that hides what is typed into it.
_NOT_ECHOED = ("password", "csrf_token", "secret", "token")


def entered() -> list[tuple[str, str]]:
    """The fields that one of our own pages sent; nothing of what another site sent."""
    if not _from_our_own_page():
        return []
    return [(name, value) for name, value in request.form.items(multi=True) if not is_secret(name)]


def kept() -> str:
    """Whether all of it can be sent once more: a browser keeps no chosen file for a second time."""
    if any(file.filename for file in request.files.values()):
        return str(_("您填的内容都还在，选好的文件不在了，请再选一次。"))
    return str(_("您填的内容都还在。"))


def kept_fields() -> list[tuple[str, str]]:
    """What the aids of this page carry along, packed; empty where the page has an address of its own."""
    if request.method != "POST" or g.get("is_error_page"):
        return []
    fields = [one for one in entered() if one[0] not in {looking.FIELD, *looking.CHOICES, "as_seen"}]
    if not fields:
        return []
    packed = urlencode(fields, errors="surrogatepass")
    return [(looking.PACKED, packed), (looking.FIELD, request.full_path.rstrip("?"))]


def written() -> list[str]:
    """What one wrote into the form in one's own words: reasons and notes, to be copied where it was not taken."""
    return [value for name, value in entered() if name in _IN_ONES_OWN_WORDS and value.strip()]


def came_from() -> str | None:
    """Path and query of the page of this site that sent the form, as far as the browser says."""
    parts = urlsplit(request.referrer or "")
    if parts.netloc != request.host:
        return None
    return parts.path + (f"?{parts.query}" if parts.query else "")


def is_secret(name: str) -> bool:
    """Whether it is called as some form calls a secret, also as a part of a larger form (`account-old`)."""
    return any(word in name.lower() for word in _NOT_ECHOED) or name.rpartition("-")[2] in secret_names()


def _from_our_own_page() -> bool:
    site = request.headers.get("Sec-Fetch-Site")
    if site is not None:
        return site == "same-origin"
    source = request.headers.get("Origin") or request.headers.get("Referer") or ""
    return bool(source) and urlsplit(source).netloc == request.host
