"""Other browsers than Chromium, spoken to in their own tongues: Firefox by Marionette, WebKitGTK by WebDriver.

One small client for both, since Debian has no geckodriver and playwright's own builds cannot be had everywhere. What
it can: go, look, click, type, run a script, print. A Firefox is headless; WebKitGTK is given a screen by Xvfb.
"""

import base64
import json
import os
import re
import shutil
import signal
import socket
import subprocess
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any, Protocol

from tests.support.server import free_port

ELEMENT = "element-6066-11e4-a52e-4f735466cecf"
PATIENCE = 40.0  # seconds; two cores are shared by everything that runs
# The same act in both tongues: Marionette's word, and WebDriver's method and address.
ACTS = {
    "go": ("WebDriver:Navigate", "POST /url"),
    "run": ("WebDriver:ExecuteScript", "POST /execute/sync"),
    "find": ("WebDriver:FindElement", "POST /element"),
    "click": ("WebDriver:ElementClick", "POST /element/{id}/click"),
    "type": ("WebDriver:ElementSendKeys", "POST /element/{id}/value"),
    "size": ("WebDriver:SetWindowRect", "POST /window/rect"),
    "picture": ("WebDriver:TakeScreenshot", "GET /screenshot"),
    "print": ("WebDriver:Print", "POST /print"),
}


class Refused(RuntimeError):
    """The browser answered an act with an error."""


class Tongue(Protocol):
    """Does one act and gives its value."""

    def ask(self, act: str, values: dict[str, Any]) -> Any:
        """The act's value, or Refused."""


class Visitor:
    """Somebody with a browser: what they see and do."""

    def __init__(self, tongue: Tongue, address: str) -> None:
        self.tongue, self.address = tongue, address

    def go(self, path: str) -> None:
        """Open a page of ours."""
        self.tongue.ask("go", {"url": self.address + path})

    def again(self) -> None:
        """Load the same page anew, as a reader does. (WebDriver's own word for it passes by what a page has kept.)"""
        self.run("window.isOld = true; setTimeout(() => location.reload(), 0)")
        self.wait(lambda: not self.run("return window.isOld === true"), "the page was not loaded anew")

    def run(self, script: str, *arguments: Any) -> Any:
        """What a script in the page returns."""
        return self.tongue.ask("run", {"script": script, "args": list(arguments)})

    def find(self, selector: str) -> dict[str, str]:
        """The first element of that kind, waited for."""

        def seen() -> Any:
            try:
                return self.tongue.ask("find", {"using": "css selector", "value": selector})
            except Refused:
                return None

        found: dict[str, str] = self.wait(seen, f"nothing is {selector}: {self.text()[:800]}")
        return found

    def click(self, selector: str) -> None:
        """Press what can be seen."""
        self.run(
            "document.querySelector(arguments[0])?.scrollIntoView({block: 'center', behavior: 'instant'})",
            selector,
        )
        self.tongue.ask("click", {"id": self.find(selector)[ELEMENT]})

    def type(self, selector: str, text: str) -> None:
        """Type into a field."""
        self.tongue.ask("type", {"id": self.find(selector)[ELEMENT], "text": text})

    def fill(self, selector: str, value: str) -> None:
        """Put a value where a picker or the keyboard's habits of this engine stand between (dates, selects)."""
        self.find(selector)
        self.run(
            "const field = document.querySelector(arguments[0]); field.value = arguments[1];"
            "field.dispatchEvent(new Event('change', {bubbles: true}))",
            selector,
            value,
        )

    def text(self, selector: str = "main") -> str:
        """The words in sight."""
        return str(self.run("return document.querySelector(arguments[0])?.innerText ?? ''", selector))

    def shows(self, words: str, selector: str = "main") -> None:
        """Waits until they can be read."""
        self.wait(lambda: words in self.text(selector), lambda: f"“{words}” is not in: {self.text(selector)}")

    def wait(self, test: Any, complaint: Any) -> Any:
        """The first value of `test` that is true, asked until patience ends."""
        until = time.monotonic() + PATIENCE
        while time.monotonic() < until:
            if found := test():
                return found
            time.sleep(0.1)
        raise AssertionError(complaint() if callable(complaint) else complaint)

    def size(self, width: int, height: int) -> None:
        """The window, as a phone or a desk."""
        self.tongue.ask("size", {"width": width, "height": height})

    def picture(self, path: Path) -> None:
        """What is on the screen."""
        path.write_bytes(base64.b64decode(self.tongue.ask("picture", {})))

    def print(self, path: Path) -> None:
        """The page on A4, as a PDF."""
        page = {"page": {"width": 21.0, "height": 29.7}, "shrinkToFit": False}
        path.write_bytes(base64.b64decode(self.tongue.ask("print", page)))


# ------------------------------------------------------------------------------------------------ the two tongues


class Marionette:
    """Firefox's own protocol: `length:[kind, number, word, values]` over a local socket."""

    def __init__(self, port: int) -> None:
        self.line = socket.create_connection(("127.0.0.1", port), PATIENCE)
        self.number = 0
        self._hear()
        self._say("WebDriver:NewSession", {"capabilities": {"alwaysMatch": {"pageLoadStrategy": "normal"}}})

    def ask(self, act: str, values: dict[str, Any]) -> Any:
        """The act's value, or Refused."""
        answer = self._say(ACTS[act][0], values)
        return answer.get("value") if isinstance(answer, dict) and "value" in answer else answer

    def quit(self) -> None:
        """End the browser in order."""
        self._say("Marionette:Quit", {"flags": ["eForceQuit"]})
        self.line.close()

    def _say(self, word: str, values: dict[str, Any]) -> Any:
        self.number += 1
        body = json.dumps([0, self.number, word, values]).encode()
        self.line.sendall(b"%d:%s" % (len(body), body))
        _, _, fault, value = self._hear()
        if fault:
            raise Refused(f"{word}: {fault['error']}: {fault['message']}")
        return value

    def _hear(self) -> Any:
        length = b""
        while (one := self._take(1)) != b":":
            length += one
        return json.loads(self._take(int(length)))

    def _take(self, size: int) -> bytes:
        taken = bytearray()
        while len(taken) < size:
            part = self.line.recv(size - len(taken))
            if not part:
                raise Refused("Firefox went away")
            taken += part
        return bytes(taken)


class WebDriver:
    """W3C WebDriver over local HTTP, as WebKitGTK's driver speaks it."""

    def __init__(self, port: int, capabilities: dict[str, Any]) -> None:
        self.root = f"http://127.0.0.1:{port}/session"
        made = self._send("POST", "", {"capabilities": {"alwaysMatch": capabilities}})
        self.root += "/" + made["sessionId"]

    def ask(self, act: str, values: dict[str, Any]) -> Any:
        """The act's value, or Refused."""
        method, path = ACTS[act][1].split()
        return self._send(method, path.format(**values), values if method == "POST" else None)

    def quit(self) -> None:
        """End the session and its browser."""
        self._send("DELETE", "", None)

    def _send(self, method: str, path: str, values: dict[str, Any] | None) -> Any:
        body = None if values is None else json.dumps(values).encode()
        asked = urllib.request.Request(
            self.root + path, body, {"Content-Type": "application/json"}, method=method
        )
        try:
            with urllib.request.build_opener(urllib.request.ProxyHandler({})).open(
                asked, timeout=PATIENCE
            ) as answer:
                return json.load(answer)["value"]
        except urllib.error.HTTPError as error:
            fault = json.load(error)["value"]
            raise Refused(f"{method} {path}: {fault['error']}: {fault.get('message')}") from error


# ---------------------------------------------------------------------------------------------------- starting


def missing(engine: str) -> str | None:
    """The Debian package that this machine lacks for an engine."""
    if engine == "firefox":
        return None if _firefox() else "firefox-esr"
    if not shutil.which("WebKitWebDriver"):
        return "webkit2gtk-driver"
    return None if shutil.which("Xvfb") else "xvfb"


def _firefox() -> str | None:
    return shutil.which("firefox-esr") or shutil.which("firefox")


@contextmanager
def visitor(engine: str, address: str, folder: Path) -> Iterator[Visitor]:
    """Somebody with a fresh profile of `firefox` or `webkit`."""
    with _firefox_tongue(folder) if engine == "firefox" else _webkit_tongue(folder) as tongue:
        try:
            yield Visitor(tongue, address)
        finally:
            tongue.quit()


@contextmanager
def _process(words: list[str], folder: Path, **more: str) -> Iterator[subprocess.Popen[bytes]]:
    """A program with a home of its own, ended with all that it started."""
    environment = (
        os.environ | {"HOME": str(folder), "XDG_RUNTIME_DIR": str(folder), "TZ": "Asia/Shanghai"} | more
    )
    with (folder / "browser.log").open("ab") as log:
        running = subprocess.Popen(words, env=environment, stdout=log, stderr=log, start_new_session=True)
    try:
        yield running
    finally:
        with suppress(ProcessLookupError):
            os.killpg(running.pid, signal.SIGKILL)
        running.wait()


def _listens(port: int, running: subprocess.Popen[bytes], folder: Path) -> None:
    until = time.monotonic() + PATIENCE
    while time.monotonic() < until and running.poll() is None:
        try:
            socket.create_connection(("127.0.0.1", port), 1).close()
        except OSError:
            time.sleep(0.1)
        else:
            return
    raise RuntimeError(
        f"The browser did not start:\n{(folder / 'browser.log').read_text(errors='replace')[-3000:]}"
    )


@contextmanager
def _firefox_tongue(folder: Path) -> Iterator[Marionette]:
    port, profile = free_port(), folder / "profile"
    profile.mkdir()
    wishes = {
        "marionette.port": port,
        "intl.accept_languages": "zh-CN",
        "browser.shell.checkDefaultBrowser": False,
        "datareporting.policy.dataSubmissionEnabled": False,
        "app.normandy.enabled": False,
        "network.captive-portal-service.enabled": False,
        "network.connectivity-service.enabled": False,
        "browser.safebrowsing.malware.enabled": False,
        "browser.safebrowsing.phishing.enabled": False,
    }
    lines = [f"user_pref({json.dumps(name)}, {json.dumps(value)});" for name, value in wishes.items()]
    (profile / "user.js").write_text("\n".join(lines))
    words = [_firefox() or "firefox", "--headless", "--marionette", "--profile", str(profile), "--no-remote"]
    with _process(words, folder, MOZ_HEADLESS="1", LANG="C.UTF-8") as running:
        _listens(port, running, folder)
        yield Marionette(port)


@contextmanager
def _webkit_tongue(folder: Path) -> Iterator[WebDriver]:
    # Software drawing, no session bus: neither is there on a server.
    quiet = {
        "GDK_BACKEND": "x11",
        "WEBKIT_DISABLE_DMABUF_RENDERER": "1",
        "LIBGL_ALWAYS_SOFTWARE": "1",
        "NO_AT_BRIDGE": "1",
        "LANG": "C.UTF-8",
        "LANGUAGE": "zh_CN",
    }
    port = free_port()
    with _screen(folder) as display:
        words = ["WebKitWebDriver", f"--port={port}", "--host=127.0.0.1"]
        with _process(words, folder, DISPLAY=display, **quiet) as running:
            _listens(port, running, folder)
            yield WebDriver(port, {"browserName": "MiniBrowser"})


@contextmanager
def _screen(folder: Path) -> Iterator[str]:
    """A display of its own; Xvfb chooses a free number."""
    reads, writes = os.pipe()
    words = ["Xvfb", "-displayfd", str(writes), "-screen", "0", "1400x1000x24", "-nolisten", "tcp"]
    with (folder / "screen.log").open("ab") as log:
        running = subprocess.Popen(words, stdout=log, stderr=log, pass_fds=[writes], start_new_session=True)
    os.close(writes)
    try:
        with os.fdopen(reads) as line:
            number = line.readline().strip()
        if not re.fullmatch(r"\d+", number):
            raise RuntimeError(f"Xvfb did not start: {(folder / 'screen.log').read_text(errors='replace')}")
        yield f":{number}"
    finally:
        running.terminate()
        running.wait()
