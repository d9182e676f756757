"""Requests that name no possible host are told so, before anything tries to make an address of it."""

import re
from collections.abc import Iterable
from typing import Any

from flask import Flask, request
from werkzeug.exceptions import BadRequest

_LABEL = r"[A-Za-z0-9_](?:[A-Za-z0-9_-]{0,61}[A-Za-z0-9_])?"
# RFC 9110 7.2 with RFC 1123 2.1: names of at most 253 characters, IPv4 among them; IPv6 in brackets.
_HOST = re.compile(rf"(?:{_LABEL}(?:\.{_LABEL})*\.?|\[[0-9A-Fa-f:.]{{2,45}}\])(?::(?P<port>\d{{1,5}}))?")
_LONGEST = 253
_ODD = "kepu.odd_host"


def is_possible(host: str) -> bool:
    """Whether this can stand in a Host header."""
    found = _HOST.fullmatch(host) if len(host) <= _LONGEST + len(".:65535") else None
    if found is None:
        return False
    name = host.removesuffix(f":{found['port']}").removesuffix(".")
    return len(name) <= _LONGEST and int(found["port"] or 0) <= 65535 and _is_readable(name)


def _is_readable(name: str) -> bool:
    """Whether its words in other scripts are some: whoever shows the address decodes them."""
    try:
        name.encode().decode("idna")
    except UnicodeError:
        return False
    return True


class Hosts:
    """Gives such a request a name that leads nowhere, so that it comes as far as the page that says what is wrong."""

    def __init__(self, inner: Any) -> None:
        self._inner = inner

    def __call__(self, environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
        """A WSGI application. A request of HTTP/1.0 may name none at all."""
        host = environ.get("HTTP_HOST")
        if host is not None and not is_possible(host):
            environ[_ODD], environ["HTTP_HOST"] = True, "host.invalid"
        answer: Iterable[bytes] = self._inner(environ, start_response)
        return answer


def _refuse() -> None:
    if _ODD in request.environ:
        raise BadRequest


def init_hosts(app: Flask) -> None:
    """Attach it outside of everything, and refuse first of all."""
    app.wsgi_app = Hosts(app.wsgi_app)  # type: ignore[method-assign]
    app.before_request(_refuse)
