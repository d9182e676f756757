"""The month that hangs on the notice board: one sheet of A4, also with six weeks, its code wide enough for a phone."""

from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from flask import Flask

from tests.factories.calendars import City
from tests.support import paper
from tests.support.server import LiveServer
from webapp.core import clock

MILLIMETRE = 96 / 25.4


@pytest.mark.parametrize(("year", "month", "weeks"), [(2026, 12, 5), (2027, 8, 6)])
def test_a_full_month_is_one_sheet(
    app: Flask,
    visit: Callable[..., Any],
    live_server: LiveServer,
    tmp_path: Path,
    year: int,
    month: int,
    weeks: int,
) -> None:
    city = City()
    first = clock.from_local(datetime(year, month, 1, 9))  # noqa: DTZ001  (made aware)
    for day in range(31):
        for hour in range(4):
            title = "老年人运用智能技术专题科普讲座：手机挂号、乘车、缴费和防诈骗"
            city.add(first + timedelta(days=day, hours=hour), title=title)
    page = visit()
    page.goto(f"{live_server.url}/calendar?feed=/calendar/all.ics&day={year}-{month:02d}")
    assert page.locator(".month tbody tr").count() == weeks
    file = page.pdf(prefer_css_page_size=True)
    assert len(paper.pages_of(file, tmp_path, dpi=40)) == 1
    assert "扫码看" in paper.text_of(file, tmp_path)
    page.emulate_media(media="print")
    width = page.locator(".month-foot .qr img, .month-foot .qr svg").first.bounding_box()["width"]
    modules = 45  # of a code with such an address, and four white ones on each side
    assert width / MILLIMETRE * (modules - 8) / modules >= 25
