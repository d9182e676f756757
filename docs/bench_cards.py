"""300 pass cards as PDF, beside the same words and codes as plain paragraphs (no card, nothing placed).

.venv/bin/python docs/bench_cards.py
"""

import base64
import sys
import tempfile
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from types import SimpleNamespace

sys.path.insert(0, str(Path(__file__).parents[1]))

from flask import render_template

from docs.bench_rows import in_turns, note_ratio, run
from webapp import create_app
from webapp.core import pdf, qr
from webapp.core.config import Settings
from webapp.signups.queries.cards import ON_A_PAGE, Card

MANY, ROUNDS = 300, 3
PLAIN = "<!doctype html><html lang='zh'><title>-</title><style>img{width:35mm}</style><body>%s</body></html>"


def _cards() -> list[Card]:
    return [
        Card(f"老人{number:03d}", "观众席", f"ABCD-{number:04d}", _code(number)) for number in range(MANY)
    ]


def _code(number: int) -> str:
    text = "HTTP://KEPU.EXAMPLE.CN/P/" + f"1{number:09d}0123456789ABCDEFGHIJ" * 4
    return "data:image/png;base64," + base64.b64encode(qr.for_paper(text)).decode()


def _rate(work: Callable[[], object]) -> float:
    began = time.perf_counter()
    work()
    return MANY / (time.perf_counter() - began)


def _measure() -> None:
    starts = datetime(2026, 12, 1, 1, 0, tzinfo=UTC)
    held = SimpleNamespace(
        event=SimpleNamespace(title="老年人智能手机课：手机用得明白"),
        title="",
        starts_at=starts,
        ends_at=starts + timedelta(hours=2),
        venue=SimpleNamespace(name="长安社区服务中心（南院）", address="长安路 12 号 3 楼"),
    )

    def ours() -> None:
        cards = _cards()
        pages = [cards[first : first + ON_A_PAGE] for first in range(0, MANY, ON_A_PAGE)]
        pdf.render(
            render_template("pages/cards_paper.html", sheets=SimpleNamespace(session=held, pages=pages))
        )

    def floor() -> None:
        lines = [f"<p><img src='{one.qr}' alt=''>{one.name} {held.event.title}</p>" for one in _cards()]
        pdf.render(PLAIN % "".join(lines))

    turns = in_turns(lambda: _rate(floor), lambda: _rate(ours), rounds=ROUNDS)
    note_ratio(
        f"{MANY} pass cards as PDF, to the same as plain paragraphs (cards a second)", turns, least=0.25
    )


def main() -> None:
    """Make a place, measure, throw it away."""
    with tempfile.TemporaryDirectory() as name:
        settings = Settings(
            database_url="sqlite://",
            data_dir=Path(name),
            secret_key="of a measurement only, no use elsewhere",
        )
        with create_app(settings).test_request_context():
            _measure()


if __name__ == "__main__":
    run(main)
