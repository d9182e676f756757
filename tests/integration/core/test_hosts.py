"""A Host header that names no host is told so, on every page, before anything makes an address of it."""

import pytest
from flask import Flask
from flask.testing import FlaskClient

ODD = ("a..b", "", " ", "a" * 64 + ".cn", "a." * 127 + "cn", "佳木斯.cn", "a:b", "a:99999", "a:", "a b", "a/b", "[::1", "-a.cn", "a@b", "%00", "xn--a..", ".")
GOOD = ("localhost", "localhost:8000", "kepu.example.cn.", "127.0.0.1:5000", "[::1]:8000", "my_host", "xn--fiqs8s.cn")  # fmt: skip


@pytest.mark.parametrize("address", ["/", "/events/", "/no-such-page", "/api/v1/events", "/calendar/all.ics", "/sign-in"])
def test_an_odd_host_is_a_400_with_a_sentence(app: Flask, client: FlaskClient, address: str) -> None:
    for host in ODD:
        answer = client.get(address, environ_overrides={"HTTP_HOST": host})
        assert answer.status_code == 400, host
        assert "服务器没有读懂" in answer.text
        assert "host.invalid" not in answer.text


def test_possible_hosts_are_served(app: Flask, client: FlaskClient) -> None:
    for host in GOOD:
        assert client.get("/", environ_overrides={"HTTP_HOST": host}).status_code == 200, host
        answer = client.get("/api/v1/event-types", environ_overrides={"HTTP_HOST": host})
        assert answer.status_code == 200, host
