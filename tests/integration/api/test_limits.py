"""How often a program may ask."""

import pytest
from flask.testing import FlaskClient


@pytest.mark.settings(limit_api="3 per minute")
def test_a_program_gone_mad_is_told_to_wait(client: FlaskClient) -> None:
    answers = [client.get("/api/v1/districts") for _ in range(4)]
    assert [answer.status_code for answer in answers] == [200, 200, 200, 429]
    refused = answers[-1]
    assert refused.content_type == "application/problem+json"
    assert refused.json["code"] == "too_many_requests"
    assert int(refused.headers["Retry-After"]) > 0
    assert client.get("/events/").status_code == 200
