"""The camera without network: from the first frame that shows a pass to the answer on the screen.

How to repeat (Chromium, a fake camera that plays a film; the server is stopped before the first pass is shown):

    .venv/bin/python docs/bench_camera.py
"""

import statistics
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).parents[1]
sys.path.insert(0, str(ROOT))

from playwright.sync_api import Page, sync_playwright  # noqa: E402  (the path must be known first)

from docs.bench_place import serving  # noqa: E402
from docs.bench_rows import CannotRun, note_most, run  # noqa: E402
from tests.browser.attendance.test_scan import film  # noqa: E402
from tests.factories.attendance import make_scene, sign_up  # noqa: E402
from tests.support.browser import PHONE, chromium, launch  # noqa: E402
from tests.support.server import LiveServer  # noqa: E402
from webapp import create_app  # noqa: E402
from webapp.attendance.domain.phones import DeviceKind  # noqa: E402
from webapp.attendance.service import devices  # noqa: E402
from webapp.core.config import Settings  # noqa: E402
from webapp.core.db import transaction, upgrade  # noqa: E402
from webapp.events.models import EventSession  # noqa: E402
from webapp.signups.queries import pass_code  # noqa: E402

SHOWN = 12  # passes
# A second picture of the same frames says when a pass is there; the page's own is not touched.
WATCH = """() => {
  const video = document.querySelector("#scan video");
  const canvas = Object.assign(document.createElement("canvas"), { width: 64, height: 48 });
  const pencil = canvas.getContext("2d", { willReadFrequently: true });
  const times = (window.times = []);
  let there = false, since = 0;
  const look = () => {
    pencil.drawImage(video, 0, 0, 64, 48);
    const dots = pencil.getImageData(22, 14, 20, 20).data;
    let dark = 0;
    for (let place = 0; place < dots.length; place += 4) dark += dots[place] < 90;
    const now = dark > 40;
    if (now && !there) since = performance.now();
    there = now;
    video.requestVideoFrameCallback(look);
  };
  video.requestVideoFrameCallback(look);
  const answer = document.querySelector(".answer");
  new MutationObserver(() => {
    if (!answer.hidden && since) {
      times.push([performance.now() - since, answer.className]);
      since = 0;
    }
  }).observe(answer, { attributes: true });
}"""


def measure(page: Page, server: LiveServer, address: str, path: str, code: str) -> None:
    """Pair, open, take the server away, watch."""
    page.goto(f"{address}/scan/pair/{code}")
    page.locator("main form button").click()
    page.goto(f"{address}{path}")
    page.locator("#scan[data-ready]").wait_for()
    page.wait_for_function("() => document.querySelector('#scan video').videoWidth > 0")
    server.kill()
    page.evaluate(WATCH)
    page.wait_for_function(f"() => window.times.length >= {SHOWN}", timeout=180_000)
    times = page.evaluate("() => window.times")
    # The first one found out that there is no network.
    taken = sorted(milliseconds for milliseconds, _ in times[1:])
    middle = statistics.median(taken)
    said = (
        f"median {middle:.0f} ms, longest {taken[-1]:.0f} ms of {len(taken)}; the first {times[0][0]:.0f} ms"
    )
    what = "camera without network, from the first frame that shows a pass to the answer (give or take a frame, 100 ms)"
    note_most(what, middle, 300, unit="ms", measured=said)


def main() -> None:
    """Make a place, measure, throw it away; raises CannotRun."""
    try:
        chromium()
    except RuntimeError:
        raise CannotRun("there is no Chromium") from None
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        settings = Settings(
            database_url=f"sqlite:///{folder / 'bench.db'}",
            data_dir=folder,
            secret_key="of a measurement only, no use elsewhere",
        )
        app = create_app(settings)
        with app.app_context():
            upgrade(app)
            scene = make_scene()
            passes = [f"https://kepu.example.cn/p/{pass_code(sign_up(scene.seats))}" for _ in range(SHOWN)]
            with transaction() as database:
                held = database.get_one(EventSession, scene.session)
                offered = devices.offer_pairing(
                    name="手机",
                    kind=DeviceKind.PHONE,
                    session_ids=[held.id],
                    until=held.ends_at,
                    by=scene.scanner,
                )
                code = devices.pairing_code(offered)
        played = film(folder / "door.y4m", [part for shown in passes for part in ((None, 20), (shown, 12))])
        with (
            serving(settings, folder) as server,
            sync_playwright() as playwright,
            launch(playwright, camera=played) as browser,
        ):
            context = browser.new_context(viewport=PHONE, permissions=["camera"])
            measure(context.new_page(), server, server.url, f"/scan/{scene.session}", code)


if __name__ == "__main__":
    run(main)
