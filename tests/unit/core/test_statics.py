"""Static texts go over the wire compressed, and as they are where they cannot be."""

import gzip
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from werkzeug.test import Client
from werkzeug.wrappers import Response

from webapp.core.statics import StaticFiles


def _nothing(_environ: Any, start: Any) -> Iterable[bytes]:
    start("404 Not Found", [])
    return []


def _served(tmp_path: Path, folder: Path) -> Client:
    root = tmp_path / "static"
    root.mkdir(exist_ok=True)
    (root / "long.css").write_text("body { color: red; }\n" * 100)
    (root / "short.css").write_text("p { }")
    (root / "picture.png").write_bytes(b"\x89PNG" * 1000)
    return Client(StaticFiles(_nothing, folder=folder, root=str(root), prefix="static/", max_age=60))


def _get(client: Client, name: str, encoding: str = "gzip") -> Response:
    with client.get(f"/static/{name}", headers={"Accept-Encoding": encoding}) as answer:
        answer.get_data()  # read whole, so that the file can be closed
    return answer


def test_texts_are_compressed_once(tmp_path: Path) -> None:
    folder = tmp_path / "copies"
    client = _served(tmp_path, folder)
    answer = _get(client, "long.css")
    assert answer.headers["Content-Encoding"] == "gzip"
    assert answer.headers["Vary"] == "Accept-Encoding"
    assert answer.headers["Cache-Control"] == "max-age=60, public"
    assert gzip.decompress(answer.data) == _get(client, "long.css", "identity").data
    for name in ("short.css", "picture.png"):
        assert "Content-Encoding" not in _get(client, name).headers
    made = [(path.name, path.stat().st_mtime_ns) for path in folder.iterdir()]
    assert len(made) == 1
    _served(tmp_path, folder)  # another start
    assert made == [(path.name, path.stat().st_mtime_ns) for path in folder.iterdir()]


def test_a_folder_that_cannot_be_written_only_costs_bytes(tmp_path: Path) -> None:
    (tmp_path / "in-the-way").write_text("")
    answer = _get(_served(tmp_path, tmp_path / "in-the-way" / "copies"), "long.css")
    assert answer.status_code == 200
    assert "Content-Encoding" not in answer.headers
