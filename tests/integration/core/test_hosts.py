"""A Host header that names no host is told so, on every page, before anything makes an address of it."""

from typing import Any

import pytest
from flask import Flask
from werkzeug.test import create_environ, run_wsgi_app

ODD = [
    "a..b",
    "",
    " ",
    "a" * 64 + ".cn",
    "a." * 127 + "cn",
    "佳木斯.cn",
    "a:b",
    "a:99999",
    "a b",
    "a/b",
    "[::1",
    "-a.cn",
]
ODD += ["a@b", "%00", ".", "xn--a..", "佳木斯.cn".encode().decode("latin1"), "a" * 9000, "a,b", "\x80"]
ODD += ["xn--a", "xn--99999999999", "xn--" + "z" * 59]  # the names of no words
GOOD = [
    "localhost",
    "localhost:8000",
    "kepu.example.cn.",
    "127.0.0.1:5000",
    "[::1]:8000",
    "my_host",
    "xn--fiqs8s.cn",
]


def ask(app: Flask, address: str, host: str) -> tuple[int, str]:
    """Straight to the application: the test client would stumble over such a host itself."""
    environ: dict[str, Any] = create_environ(address) | {"HTTP_HOST": host}
    body, status, _headers = run_wsgi_app(app, environ)
    return int(status.split()[0]), b"".join(body).decode()


@pytest.mark.databases("sqlite")
@pytest.mark.parametrize(
    "address", ["/", "/events/", "/no-such-page", "/api/v1/events", "/calendar/all.ics", "/sign-in"]
)
def test_an_odd_host_is_a_400_with_a_sentence(app: Flask, address: str) -> None:
    for host in ODD:
        status, said = ask(app, address, host)
        assert status == 400, host
        assert "服务器没有读懂" in said
        assert "host.invalid" not in said


@pytest.mark.databases("sqlite")
def test_possible_hosts_are_served(app: Flask) -> None:
    for host in GOOD:
        for address in ("/", "/api/v1/event-types", "/events/?q=x", "/calendar/all.ics", "/sign-in"):
            assert ask(app, address, host)[0] == 200, host
