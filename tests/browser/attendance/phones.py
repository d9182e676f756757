"""A phone whose engine the tests talk to without its screens, and a wire that counts what goes over it."""

import re
import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from playwright.sync_api import BrowserContext, Page, Playwright

from tests.browser.attendance.doors import Door
from tests.support.browser import PATIENCE, PHONE, chromium

# A page of ours with nothing on it: whatever runs on it was started by the test.
BARE = "/scan/manifest.webmanifest"
_START = """async (session) => {
  const { Engine } = await import("/static/js/scan/engine.js");
  window.late = [];
  window.engine = new Engine({ session, onLate: (link, answer) => late.push({ link, answer }) });
  await engine.start();
}"""
_SCAN = """async (request) => {
  const began = performance.now();
  const answer = await engine.scan(request);
  return { ...answer, ms: performance.now() - began };
}"""


@dataclass
class Phone:
    """One browser profile that outlives its browser."""

    playwright: Playwright
    profile: Path
    door: Door
    address: str = ""
    context: BrowserContext | None = None
    film: Path | None = None  # what its camera sees

    @property
    def session(self) -> str:
        """The session it scans for."""
        return self.door.path.rsplit("/", 1)[-1]

    def switch_on(self) -> None:
        """Start the browser with whatever the profile holds."""
        address = self.address or self.door.address
        self.context = self.playwright.chromium.launch_persistent_context(
            str(self.profile),
            executable_path=chromium(),
            args=["--no-sandbox", "--disable-dev-shm-usage", *self._camera()],
            permissions=["camera"] if self.film else [],
            base_url=address,
            locale="zh-CN",
            viewport=PHONE,
        )
        self.context.set_default_timeout(PATIENCE)
        self.context.add_cookies([{**cookie, "url": address} for cookie in self.door.cookies])

    def _camera(self) -> list[str]:
        if self.film is None:
            return []
        return [
            "--use-fake-ui-for-media-stream",
            "--use-fake-device-for-media-stream",
            f"--use-file-for-fake-video-capture={self.film}",
        ]

    def switch_off(self) -> None:
        """Close the browser."""
        if self.context is not None:
            self.context.close()
        self.context = None

    def page(self, path: str = BARE) -> Page:
        """Another page of this phone."""
        assert self.context is not None
        page = self.context.new_page()
        page.goto(path)
        return page

    def start(self) -> Page:
        """Another page with an engine at work."""
        page = self.page()
        page.evaluate(_START, self.session)
        return page


def scan(page: Page, what: str, *, kind: str = "roster", direction: str = "in") -> dict[str, Any]:
    """One scan and what the engine says to it, with the milliseconds it took."""
    request = {"kind": kind, "what": what, "direction": direction, "method": "roster"}
    return dict(page.evaluate(_SCAN, request))


def state(page: Page) -> dict[str, Any]:
    """The engine's state."""
    return dict(page.evaluate("() => engine.state"))


def handed_in(page: Page) -> None:
    """Let it look at the server now, and wait until nothing waits any more."""
    page.evaluate("() => engine.refresh()")
    page.wait_for_function("() => engine.state.waiting === 0 && engine.state.carrying === 0")


@dataclass
class Wire:
    """Stands between a browser and the server; knows what was asked for and how many bytes came back."""

    server: str
    asked: list[str] = field(default_factory=list)
    received: int = 0
    address: str = ""
    _ends: list[socket.socket] = field(default_factory=list)
    _threads: list[threading.Thread] = field(default_factory=list)

    def forget(self) -> None:
        """Count from here."""
        self.asked.clear()
        self.received = 0

    def _pump(self, source: socket.socket, target: socket.socket, *, down: bool) -> None:
        with suppress(OSError):
            while data := source.recv(65536):
                if down:
                    self.received += len(data)
                else:
                    self.asked += re.findall(
                        r"^(?:GET|POST) (\S+) HTTP", data.decode("latin-1"), re.MULTILINE
                    )
                target.sendall(data)
        _shut(source)
        _shut(target)

    def _connect(self, client: socket.socket) -> None:
        parts = urlsplit(self.server)
        self._ends.append(client)
        try:
            server = socket.create_connection((parts.hostname, parts.port or 80))
        except OSError:
            _shut(client)
            return
        self._ends.append(server)
        for source, target, down in ((client, server, False), (server, client, True)):
            self._run(partial(self._pump, source, target, down=down))

    def _run(self, work: Callable[[], None]) -> None:
        self._threads.append(threading.Thread(target=work, daemon=True))
        self._threads[-1].start()

    @contextmanager
    def laid(self) -> Iterator["Wire"]:
        """Listen on a free port of the loopback address."""
        with socket.create_server(("127.0.0.1", 0)) as listener:
            self.address = f"http://127.0.0.1:{listener.getsockname()[1]}"

            def serve() -> None:
                with suppress(OSError):
                    while True:
                        self._connect(listener.accept()[0])

            self._run(serve)
            yield self
            _shut(listener)
            for end in self._ends:
                _shut(end)
            for thread in self._threads:
                thread.join()
            for end in self._ends:
                end.close()


def _shut(end: socket.socket) -> None:
    with suppress(OSError):
        end.shutdown(socket.SHUT_RDWR)


def wait_until(page: Page, promised: str) -> None:
    """Wait until a promise says yes. (`wait_for_function` does not wait for what a promise says.)"""
    for _ in range(200):
        if page.evaluate(promised):
            return
        page.wait_for_timeout(50)
    raise AssertionError("it did not come so far")
