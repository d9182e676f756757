"""Paper as PDF: HTML and our own style sheets in, bytes out. Nothing is fetched from anywhere else.

WeasyPrint needs Pango, which Debian calls libpango-1.0-0 and libpangoft2-1.0-0, and the fonts of fonts-noto-cjk. It is
imported when the first paper is made: the site starts, and does everything else, on a machine without it.
"""

import mimetypes
import threading
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

from flask import current_app

from webapp.core.errors import N_, Refusal

AT_ONCE = 2  # papers a process makes at the same time: about 170 MB each
PATIENCE = 30.0  # seconds a request waits for its turn
_OWN = "http://own.invalid/"  # a host that cannot exist (RFC 6761): what is asked of it lies in static/


class PaperBusy(Refusal):
    """Too many papers are being made at this moment."""

    sentence = N_("现在生成 PDF 的人太多，请过一会儿再试。")
    code = "paper_busy"
    http_status = 503


class NoPaperMaker(Refusal):
    """Pango is missing on the machine."""

    sentence = N_("本机缺少生成 PDF 的组件（Pango），请管理员安装后再试。网页照常可以打印。")
    code = "no_paper_maker"
    http_status = 503


_turns = threading.BoundedSemaphore(AT_ONCE)


def render(*parts: str, on_part: Callable[[int], None] | None = None) -> bytes:
    """HTML pages as one PDF, A4 as their style sheet says. Style sheets are named by their address under /static/.

    `on_part` is told how many parts are laid out. Raises PaperBusy, NoPaperMaker; an address that is not ours is a
    fault of the template and raises too.
    """
    if not _turns.acquire(timeout=PATIENCE):
        raise PaperBusy
    try:
        return _render(parts, on_part or (lambda _done: None))
    finally:
        _turns.release()


def _render(parts: Sequence[str], on_part: Callable[[int], None]) -> bytes:
    try:
        from weasyprint import HTML  # noqa: PLC0415  (half a second, and a library that may be missing)
        from weasyprint.urls import FatalURLFetchingError  # noqa: PLC0415
    except OSError as error:  # a shared library is not there
        raise NoPaperMaker from error
    try:
        documents = []
        for part in parts:
            documents.append(HTML(string=part, base_url=_OWN, url_fetcher=_fetcher()).render(pdf_tags=True))
            on_part(len(documents))
        pages = [page for document in documents for page in document.pages]
        made: bytes = documents[0].copy(pages).write_pdf(pdf_tags=True)
    except FatalURLFetchingError as error:  # no Exception: nothing above would notice it
        raise RuntimeError(f"a paper asks for what is not ours: {error}") from error
    return made


def _fetcher() -> Any:
    """What WeasyPrint asks for style sheets and pictures: data in the page itself, and files of static/."""
    from weasyprint.urls import URLFetcher, URLFetcherResponse  # noqa: PLC0415  (see _render)

    class OwnFiles(URLFetcher):
        def fetch(self, url: str, headers: Any = None) -> Any:
            if url.startswith("data:"):
                return super().fetch(url, headers)
            path = own_file(url)
            if path is None:
                raise ValueError("neither data nor a file of static/")
            kind = mimetypes.guess_type(path.name)[0] or "application/octet-stream"
            return URLFetcherResponse(url, path.read_bytes(), {"Content-Type": kind})

    return OwnFiles(allowed_protocols=["data"], fail_on_errors=True)


def own_file(url: str) -> Path | None:
    """The file of static/ that an address means, or None for every other address."""
    if not url.startswith(_OWN + "static/"):
        return None
    root = Path(current_app.static_folder or "static").resolve()
    path = (root / unquote(urlsplit(url).path).removeprefix("/static/")).resolve()
    return path if path.is_relative_to(root) and path.is_file() else None
