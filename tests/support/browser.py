"""Chromium for journeys: a phone or a desk, a camera that plays a file, and no complaint left unread."""

import os
import shutil
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Error, Page, Playwright

ROOT = Path(__file__).parents[2]
AXE = ROOT / "node_modules/axe-core/axe.min.js"
PHONE = {"width": 390, "height": 844}
DESK = {"width": 1280, "height": 900}
WCAG = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
PATIENCE = 15_000  # milliseconds; two cores are shared by everything that runs

# The page asked for something that is not there: shown to the visitor, so not a fault of the page.
ANSWERS_WITH_A_SENTENCE = (
    "status of 401",
    "status of 403",
    "status of 404",
    "status of 409",
    "status of 410",
    "status of 422",
)


def chromium() -> str:
    """Path of the browser; raises with what to install."""
    found = os.environ.get("CHROMIUM") or shutil.which("chromium") or shutil.which("chromium-browser")
    if not found:
        raise RuntimeError(
            "Chromium is not on this machine. Install it (Debian, Ubuntu: apt-get install chromium)."
        )
    return found


def launch(playwright: Playwright, camera: Path | None = None) -> Browser:
    """Start a browser; `camera` is a .y4m or .mjpeg file its camera plays over and over."""
    words = ["--no-sandbox", "--disable-dev-shm-usage", "--force-prefers-reduced-motion"]
    if camera:
        words += ["--use-fake-ui-for-media-stream", "--use-fake-device-for-media-stream"]
        words += [f"--use-file-for-fake-video-capture={camera.absolute()}"]
    return playwright.chromium.launch(executable_path=chromium(), args=words)


@contextmanager
def visitor(
    browser: Browser, address: str, *, expected: tuple[str, ...] = (), **options: Any
) -> Iterator[Page]:
    """A page in a fresh profile; at the end, errors in its console and foreign requests fail the test.

    `expected` is what the console says besides, where the bad luck of the test is meant.
    """
    settings: dict[str, Any] = {"base_url": address, "locale": "zh-CN", "timezone_id": "Asia/Shanghai"}
    settings |= {"viewport": PHONE} | options
    context: BrowserContext = browser.new_context(**settings)
    context.set_default_timeout(PATIENCE)
    complaints: list[str] = []

    def hear(message: ConsoleMessage) -> None:
        known = (*ANSWERS_WITH_A_SENTENCE, *expected)
        if message.type == "error" and not any(one in message.text for one in known):
            complaints.append(f"console: {message.text}")

    context.on("console", hear)
    context.on("weberror", lambda fault: complaints.append(f"script: {fault.error}"))
    context.on(
        "request",
        lambda request: (
            None
            if request.url.startswith((address, "data:", "blob:"))
            else complaints.append(f"a request to elsewhere: {request.url}")
        ),
    )
    try:
        yield context.new_page()
        assert not complaints, "\n".join(complaints)
    finally:
        context.close()


def accessibility_faults(page: Page) -> list[str]:
    """What axe finds against WCAG 2.2 AA and its best practices on the page as it now is, one line each."""
    try:
        answer = _run_axe(page)
    except Error:  # the page was on its way to the next one
        page.wait_for_load_state()
        answer = _run_axe(page)
    return _named(answer)


def _named(answer: Any) -> list[str]:
    return [
        f"{fault['id']}: {fault['help']}: {' '.join(str(part) for part in node['target'])}"
        for fault in answer["violations"]
        for node in fault["nodes"]
    ]


def faults_in_each_look(page: Page, looks: Sequence[tuple[int, str, list[str]]]) -> list[str]:
    """The same on one loaded page in several widths and views, each asked of the rules that it can change.

    The view is what stands at the root of the page; so it is set there instead of asking for the page once more.
    """
    page.evaluate(AXE.read_text() + ";0")
    found = []
    for width, view, rules in looks:
        page.set_viewport_size({"width": width, "height": 900})
        page.evaluate("view => { document.documentElement.dataset.view = view }", view)
        where = f"{urlsplit(page.url).path} ({width}, {view})"
        found += [f"{where}: {one}" for one in _named(_ask_axe(page, rules))]
        found += [f"{where}: wider than the screen"] if scrolls_sideways(page) else []
    return found


def _run_axe(page: Page) -> Any:
    page.evaluate(AXE.read_text() + ";0")
    return _ask_axe(page, WCAG)


def _ask_axe(page: Page, rules: list[str]) -> Any:
    # What lies half beneath the bar at a phone's foot is no small target: scrolled on, it is free.
    page.evaluate("() => document.querySelector('.shell')?.style.setProperty('position', 'static')")
    try:
        return page.evaluate("tags => axe.run(document, {runOnly: tags, resultTypes: ['violations']})", rules)
    finally:
        page.evaluate("() => document.querySelector('.shell')?.style.removeProperty('position')")


def scrolls_sideways(page: Page) -> bool:
    """Whether something on the page is wider than the screen."""
    return bool(page.evaluate("() => document.documentElement.scrollWidth > window.innerWidth"))
