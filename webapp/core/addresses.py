"""Whole addresses of pages for what leaves the building, where no request says where we are."""

from collections.abc import Mapping
from typing import Any
from urllib.parse import quote, urlsplit

from flask import current_app

from webapp.core.config import current_settings


def address_of(endpoint: str, where: Mapping[str, Any] | None = None) -> str:
    """Where a page is found, below BASE_URL; as `url_for` with `_anchor` among the values. Needs BASE_URL."""
    base, values = urlsplit(current_settings().base_url), dict(where or {})
    anchor = values.pop("_anchor", "")
    adapter = current_app.url_map.bind(base.netloc, url_scheme=base.scheme)
    found = adapter.build(endpoint, values, force_external=True)
    return f"{found}#{quote(anchor)}" if anchor else found
