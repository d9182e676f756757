"""Static files as they go over the wire: what is text is compressed once, not at every answer."""

import gzip
import hashlib
import os
import tempfile
from contextlib import suppress
from pathlib import Path
from typing import Any

from whitenoise import WhiteNoise
from whitenoise.responders import StaticFile

TEXTS = (".css", ".js", ".svg")
SMALLEST = 700  # bytes; below, the headers weigh more than what is saved


class StaticFiles(WhiteNoise):
    """WhiteNoise that keeps compressed copies of our own texts in `folder`, named by what is in them.

    Files under vendor/ have theirs beside them since `make setup`. A folder that cannot be written costs bytes, no
    more.
    """

    def __init__(self, application: Any, *, folder: Path, **options: Any) -> None:
        self.folder = folder
        super().__init__(application, **options)

    def get_static_file(self, path: str, url: str, stat_cache: Any = None) -> StaticFile:
        """The file with its compressed copy, where that is smaller."""
        made = super().get_static_file(path, url, stat_cache)
        is_ours = path.endswith(TEXTS) and not Path(f"{path}.gz").exists()
        if self.autorefresh or not is_ours or Path(path).stat().st_size < SMALLEST:
            return made
        copy = self._compressed(Path(path))
        if copy is None:
            return made
        # Built a second time: what WhiteNoise reads of the disk beforehand knows nothing of our folder.
        headers = [(name, value) for name, value in made.alternatives[-1][2] if name in _GIVEN]
        return StaticFile(path, headers, encodings={"gzip": str(copy)})

    def _compressed(self, path: Path) -> Path | None:
        content = path.read_bytes()
        copy = self.folder / f"{hashlib.sha256(content).hexdigest()[:32]}.gz"
        with suppress(OSError):
            if not copy.is_file():
                self.folder.mkdir(parents=True, exist_ok=True)
                _write(copy, gzip.compress(content, 9, mtime=0))
            return copy
        return None


# Of the headers of a file those that do not speak of its length and form.
_GIVEN = frozenset({"Content-Type", "Cache-Control", "X-Content-Type-Options", "Access-Control-Allow-Origin"})


def _write(copy: Path, content: bytes) -> None:
    """All of it or nothing: several processes start at once."""
    handle, name = tempfile.mkstemp(dir=copy.parent)
    with os.fdopen(handle, "wb") as file:
        file.write(content)
    Path(name).replace(copy)
