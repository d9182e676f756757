"""The staff's side on five screens: header, navigation and content keep one left and one right edge on every page."""

from collections.abc import Callable
from typing import Any

import pytest
from flask import Flask
from playwright.sync_api import Page

from tests.browser.test_whole_way import sign_in
from tests.factories.attendance import make_account
from tests.factories.events import an_event, an_organisation, sessions_of
from tests.support.browser import DESK, scrolls_sideways
from webapp.core.db import transaction
from webapp.organisations.domain import Permission
from webapp.organisations.service import set_membership
from webapp.pages.domain.shell import SECTIONS

Visit = Callable[..., Any]
WIDTHS = (390, 768, 1280, 1440, 1920)
WIDE = 1024  # from here the navigation stands beside the content

# Where the text of an element begins and where its box ends, without padding.
EDGES = """() => {
  const inner = (found) => {
    const box = found.getBoundingClientRect(), style = getComputedStyle(found);
    return [box.left + parseFloat(style.paddingLeft), box.right - parseFloat(style.paddingRight)];
  };
  const of = (where) => inner(document.querySelector(where));
  const main = of("main");
  const outside = [...document.querySelectorAll("main > *")].filter((one) => {
    const box = one.getBoundingClientRect();
    return box.width > 1 && getComputedStyle(one).position !== "fixed"
      && (Math.abs(box.left - main[0]) > 1 || box.right > main[1] + 1);
  });
  return {
    aids: of(".aids-row"), head: of(".masthead"), desk: of(".desk"), foot: of(".site-footer-row"), main,
    brand: document.querySelector(".brand-mark").getBoundingClientRect().left,
    shell: document.querySelector(".shell-link").getBoundingClientRect().left,
    title: document.querySelector("h1").getBoundingClientRect().left,
    outside: outside.map((one) => one.tagName + "." + one.className),
  };
}"""


def faults(page: Page, width: int) -> list[str]:
    """What stands elsewhere than the header on the page as it is."""
    found = page.evaluate(EDGES)
    left, right = found["head"]
    wanted = {"aids": (left, right), "desk": (left, right), "foot": (left, right)}
    off = [
        name
        for name, edges in wanted.items()
        if max(abs(a - b) for a, b in zip(found[name], edges, strict=True)) > 1
    ]
    off += [
        name
        for name in ("brand", "shell")
        if abs(found[name] - left) > 1 and (name == "brand" or width >= WIDE)
    ]
    off += ["main's right edge"] if abs(found["main"][1] - right) > 1 else []
    off += ["main's left edge"] if width < WIDE and abs(found["main"][0] - left) > 1 else []
    off += ["title"] if abs(found["title"] - found["main"][0]) > 1 else []
    off += ["wider than the screen"] if scrolls_sideways(page) else []
    return off + found["outside"]


@pytest.mark.parametrize("view", ["normal", "elder-contrast"])
def test_header_navigation_and_content_share_their_edges(app: Flask, visit: Visit, view: str) -> None:
    unit = an_organisation("市科协")
    office = make_account("周主任", "office@example.cn")
    with transaction():
        set_membership(office.person_id, unit.id, [Permission.GOVERN], by=None)
    made = an_event(unit)
    session_id = sessions_of(made)[0].id
    page = visit(viewport=DESK)
    sign_in(page, "office@example.cn")
    page.context.add_cookies([{"name": "view", "value": view, "url": page.url}])
    below = [
        f"/manage/events/{made.id}",
        f"/manage/sessions/{session_id}",
        f"/manage/sessions/{session_id}/devices",
    ]
    below += ["/manage/events/new", "/manage/organisations/new", f"/manage/unit/{unit.id}/helpers"]
    with app.test_request_context():
        first = [app.url_for(one.places[0].endpoint, _external=False) for one in SECTIONS]
    off: list[str] = []
    for address in [*dict.fromkeys(first), *below]:
        page.goto(address)
        for width in WIDTHS:
            page.set_viewport_size({"width": width, "height": 900})
            off += [f"{address} {width}: {one}" for one in faults(page, width)]
    assert off == []
