"""The scanner as something to install."""

import json
import re
from collections.abc import Callable
from typing import Any

from tests.support.client import CheckedClient

NewClient = Callable[[], CheckedClient]


def _kept(client: CheckedClient) -> dict[str, Any]:
    """What the service worker is told to keep."""
    first = client.get("/sw.js").text.partition("\n")[0]
    return dict(json.loads(first.removeprefix("self.KEPU = ").removesuffix(";")))


def test_the_service_worker_names_files_that_are_there(client: CheckedClient) -> None:
    answer = client.get("/sw.js")
    assert answer.mimetype == "text/javascript"
    assert answer.headers["Cache-Control"] == "no-cache"
    assert answer.headers["Service-Worker-Allowed"] == "/scan"
    assert client.get("/sw.js", headers={"If-None-Match": answer.headers["ETag"]}).status_code == 304
    files = _kept(client)["files"]
    names = {address.partition("?")[0] for address in files}
    assert len(names) == len(files)
    wanted = ("js/scan.js", "js/scan/engine.js", "vendor/idb.js", "vendor/zxing_reader.wasm", "css/scan.css")
    assert {f"/static/{name}" for name in wanted} <= names
    for address in files:
        with client.get(address) as one:
            assert one.status_code == 200, address


def test_another_language_or_look_is_another_version(client: CheckedClient) -> None:
    versions = {_kept(client)["version"], _kept(client)["version"]}
    assert len(versions) == 1  # nothing changed
    client.set_cookie("view", "elder")
    versions.add(_kept(client)["version"])
    client.post("/language", data={"language": "en", "next": "/"})
    versions.add(_kept(client)["version"])
    assert len(versions) == 3


def test_the_manifest_names_icons_that_are_there(client: CheckedClient) -> None:
    answer = client.get("/scan/manifest.webmanifest")
    assert answer.mimetype == "application/manifest+json"
    described = json.loads(answer.text)
    assert (described["start_url"], described["scope"], described["display"]) == (
        "/scan",
        "/scan",
        "standalone",
    )
    assert described["short_name"] == "签到"
    assert {icon["purpose"] for icon in described["icons"]} == {"any", "maskable"}
    for icon in described["icons"]:
        with client.get(icon["src"]) as picture:
            assert picture.mimetype == "image/png"


def test_the_manifest_speaks_the_language_of_its_page(client: CheckedClient, new_client: NewClient) -> None:
    """A browser asks for it without cookies."""
    client.post("/language", data={"language": "en", "next": "/"})
    found = re.search(r'rel="manifest" href="([^"]+)"', client.get("/scan").text)
    assert found
    described = json.loads(new_client().get(found[1]).text)
    assert (described["lang"], described["short_name"]) == ("en", "Check in")
    assert json.loads(client.get("/scan/manifest.webmanifest?lang=xx").text)["lang"] == "zh-CN"
