"""The OpenAPI document as generators read it: names stand once, references lead somewhere, rights are said."""

from collections.abc import Iterator
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient

pytestmark = pytest.mark.databases("sqlite")


@pytest.fixture
def document(app: Flask, client: FlaskClient) -> Any:
    return client.get("/api/v1/openapi.json").json


def references(part: Any) -> Iterator[str]:
    if isinstance(part, dict):
        for key, value in part.items():
            if key == "$ref":
                yield value
            else:
                yield from references(value)
    elif isinstance(part, list):
        for one in part:
            yield from references(one)


def operations(document: Any) -> list[Any]:
    return [one for some in document["paths"].values() for one in some.values()]


def test_every_shape_has_a_name_a_class_can_have_and_stands_once(document: Any) -> None:
    names = list(document["components"]["schemas"])
    assert all(name.isidentifier() for name in names), names
    assert len({name.lower() for name in names}) == len(names)
    titles = [shape.get("title") for shape in document["components"]["schemas"].values() if "title" in shape]
    assert len(titles) == len(set(titles)), "a generator names its classes by these"
    assert {"EventOut", "VenueOut", "SessionOut", "PositionOut", "Named", "Direction", "Problem"} <= set(
        names
    )


def test_every_reference_leads_to_a_shape(document: Any) -> None:
    names = set(document["components"]["schemas"])
    found = {one.removeprefix("#/components/schemas/") for one in references(document)}
    assert found <= names
    assert all("." not in one for one in found)


def test_who_may_ask_and_where_is_said(document: Any) -> None:
    assert document["servers"] == [{"url": "http://localhost"}]
    for one in operations(document):
        assert one["security"] in ([{"token": []}], [{}, {"token": []}]), one["operationId"]
    ids = [one["operationId"] for one in operations(document)]
    assert len(ids) == len(set(ids)) == 27
