"""Every page of staff, with the demonstration's data, as it looks on a phone in large type: axe finds nothing.

The pages are found as people find them, by links from 今天, one of each route.
"""

from collections import deque
from collections.abc import Callable, Iterator
from typing import Any
from urllib.parse import urlsplit

from flask import Flask
from playwright.sync_api import Page
from werkzeug.exceptions import HTTPException

from tests.integration.test_crawl import demonstrated
from tests.support.browser import DESK, WCAG, faults_in_each_look
from webapp.core.auth import access_of
from webapp.pages.cli import PASSWORD
from webapp.pages.domain.shell import is_named

Visit = Callable[..., Any]
PHONE = (390, "elder", WCAG)
# Colours come from the parts of a page, and those of the navigation have all of them.
NAMED = (1440, "contrast", ["color-contrast"])
START = "/manage/"
FILES = (".pdf", ".xlsx", ".csv", ".zip", ".json", ".ics", ".svg", ".png")
PICTURES = {"attendance.show_photo"}
ENOUGH = 100  # routes these three come to, by a page of each; of 116 when this was written


def sign_in(page: Page, who: str) -> None:
    page.goto("/sign-in")
    page.locator("[name=login]").fill(f"{who}@demo.test")
    page.locator("[name=password]").fill(PASSWORD)
    page.locator("[name=password]").press("Enter")
    page.wait_for_url(lambda url: "/sign-in" not in url)


class Walk:
    """Pages of staff, each route once however many people come to it."""

    def __init__(self, app: Flask) -> None:
        self.routes = app.url_map.bind("localhost")
        self.opened: set[str] = set()
        self.faults: list[str] = []

    def go(self, page: Page) -> None:
        """Follow the links of one person from 今天."""
        queue, seen = deque([START]), {START}
        while queue:
            address = queue.popleft()
            endpoint = self.staff_page(address)
            if endpoint is None or (endpoint in self.opened and address != START):
                continue
            page.goto(address)
            if endpoint not in self.opened:
                self.faults += faults_in_each_look(page, [PHONE, NAMED] if is_named(endpoint) else [PHONE])
            self.opened.add(endpoint)
            new = [one for one in self.links(page) if one not in seen]
            queue.extend(new)
            seen.update(new)

    def links(self, page: Page) -> Iterator[str]:
        found = page.locator("a[href]").evaluate_all("all => all.map(one => one.href)")
        for parts in map(urlsplit, dict.fromkeys(found)):
            if f"{parts.scheme}://{parts.netloc}" == page.url[: page.url.index("/", 8)]:
                yield parts.path + (f"?{parts.query}" if parts.query else "")

    def staff_page(self, address: str) -> str | None:
        """The route, where it is a page of staff."""
        path = urlsplit(address).path
        try:
            endpoint = str(self.routes.match(path, method="GET")[0])
        except HTTPException:
            return None
        is_staff = access_of(endpoint) in {"allowed", "scanner"} or is_named(endpoint)
        return endpoint if is_staff and endpoint not in PICTURES and not path.endswith(FILES) else None


def test_no_page_of_staff_shuts_anybody_out(app: Flask, visit: Visit) -> None:
    demonstrated(app)
    walk = Walk(app)
    for who in ("office", "organiser", "centre"):
        page = visit(viewport=DESK)
        sign_in(page, who)
        walk.go(page)
    assert walk.faults == []
    assert len(walk.opened) >= ENOUGH, sorted(walk.opened)
