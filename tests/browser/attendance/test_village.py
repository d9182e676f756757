"""A day where the network ends: three phones, two hundred scans, a dead server; then everything is handed in."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from flask import Flask
from PIL import Image
from playwright.sync_api import Page, Playwright, expect
from sqlalchemy import func, select

from tests.browser.attendance.doors import Door
from tests.browser.attendance.phones import Phone, wait_until
from tests.browser.attendance.test_engine import SHELL_KEPT
from tests.browser.attendance.test_scan import picture, ready
from tests.support.server import LiveServer
from webapp.attendance.models import Attendance, LedgerEntry, Scan
from webapp.attendance.service import recount
from webapp.core.db import db, transaction
from webapp.events.models import Position
from webapp.signups import service as signups

SCANS, DUPLICATES, FORGED, REVOKED, WALK_INS = 200, 20, 5, 5, 5
ARRIVALS = SCANS - DUPLICATES - FORGED - REVOKED - WALK_INS  # people with a pass
BY_CAMERA = 8
FRAMES = 30  # a second of Chromium's camera


def film(path: Path, codes: list[str]) -> Path:
    """Each pass for a second, one after another, then nobody for half a minute."""

    def frame(code: str | None) -> bytes:
        made = path.with_suffix(".jpg")
        shown = picture(code).convert("RGB") if code else Image.new("RGB", (640, 480), "grey")
        shown.save(made, "JPEG", quality=80, subsampling=2)
        return made.read_bytes()

    wall = frame(None)
    with path.open("wb") as file:
        for code in codes:
            file.write(frame(code) * FRAMES + wall * (FRAMES // 3))
        file.write(wall * FRAMES * 30)
    return path


@dataclass
class Day:
    """What is scanned where; each list is one phone's."""

    codes: list[list[str]]
    walk_ins: list[str]


@pytest.fixture
def village(door: Door) -> Day:
    """Passes of everyone, dealt out to three phones."""
    session_id = door.path.rsplit("/", 1)[-1]
    with transaction() as session:
        for position in session.scalars(select(Position).where(Position.session_id == session_id)):
            position.capacity = 500
    guests = [*door.guests, *(door.another(f"村民{number}") for number in range(ARRIVALS - len(door.guests)))]
    revoked = [door.another(f"换码{number}") for number in range(REVOKED)]
    for guest in revoked:
        with transaction():
            signups.reissue_pass(guest.signup, by=None)
    forged = [_other_letter(guest.url) for guest in guests[:FORGED]]
    codes: list[list[str]] = [[], [], []]
    for number, guest in enumerate(guests):
        codes[number % 3].append(guest.url)
    for number, guest in enumerate(guests[:DUPLICATES]):
        codes[(number + 1) % 3].append(guest.url)  # goes in by another gate as well
    for number, code in enumerate([*forged, *(guest.url for guest in revoked)]):
        codes[number % 3].append(code)
    return Day(codes, [f"来客{number}" for number in range(WALK_INS)])


def _other_letter(code: str) -> str:
    return code[:-9] + ("0" if code[-9] != "0" else "8") + code[-8:]


@pytest.fixture
def phones(playwright: Playwright, tmp_path: Path, door: Door) -> Iterator[list[Phone]]:
    made = [Phone(playwright, tmp_path / f"phone-{number}", door) for number in range(3)]
    yield made
    for phone in made:
        phone.switch_off()


def opened(phone: Phone) -> Page:
    phone.switch_on()
    page = phone.page(phone.door.path)
    ready(page)
    return page


def type_all(page: Page, codes: list[str]) -> None:
    """Typed, one after another, each with its answer."""
    newest = """before => {
      const first = document.querySelector('[data-part="log"] > li');
      return first && first.dataset.nonce !== before && first.dataset.nonce;
    }"""
    before = str(
        page.evaluate("() => document.querySelector('[data-part=\"log\"] > li')?.dataset.nonce ?? ''")
    )
    for code in codes:
        page.locator("#typed-code").fill(code)
        page.locator("#typed-code").press("Enter")
        before = str(page.wait_for_function(newest, arg=before).json_value())


def enter_walk_ins(page: Page, names: list[str]) -> None:
    page.keyboard.press("Escape")  # the last answer was a no, and stays until it was seen
    page.get_by_text("没有报名的人").click()
    for name in names:
        page.get_by_label("姓名").fill(name)
        page.get_by_role("button", name="登记这个人").click()
        expect(page.get_by_label("姓名")).to_have_value("")
        page.keyboard.press("Escape")


@pytest.mark.usefixtures("forgive_lost_requests")
def test_a_village_without_network(
    app: Flask, door: Door, village: Day, phones: list[Phone], live_server: LiveServer, tmp_path: Path
) -> None:
    for phone in phones:  # in the office, in the morning
        page = opened(phone)
        wait_until(page, SHELL_KEPT)
        phone.switch_off()
    by_camera, village.codes[0] = village.codes[0][:BY_CAMERA], village.codes[0][BY_CAMERA:]
    try:
        live_server.kill()
        phones[0].film = film(tmp_path / "gate.mjpeg", by_camera)
        page = opened(phones[0])
        expect(page.locator('[data-count="came"]')).to_have_text(str(BY_CAMERA), timeout=60_000)
        phones[0].switch_off()
        phones[0].film = None
        halves = [(codes[: len(codes) // 2], codes[len(codes) // 2 :]) for codes in village.codes]
        for phone, (first, _) in zip(phones, halves, strict=True):
            page = opened(phone)
            type_all(page, first)
            phone.switch_off()  # the battery is empty; somebody has another one
        pages = [opened(phone) for phone in phones]
        for page, (_, second) in zip(pages, halves, strict=True):
            expect(page.locator('[data-part="offline"]')).to_contain_text("没有网络")
            type_all(page, second)
        enter_walk_ins(pages[1], village.walk_ins)
        kept = sum(_waiting(page) for page in pages)
        assert kept == SCANS
        _nothing_reached_the_server(door)
    finally:
        live_server.start()
    for page in pages:
        page.evaluate("() => window.dispatchEvent(new Event('online'))")
        expect(page.locator('[data-part="offline"]')).to_be_hidden(timeout=60_000)
        expect(page.locator('[data-part="waiting"]')).to_be_hidden(timeout=60_000)
    _all_is_there_once(door, village)


def _waiting(page: Page) -> int:
    words = page.locator('[data-part="offline-text"]').inner_text()
    return int(words.split(" ")[0])


def _nothing_reached_the_server(door: Door) -> None:
    assert door.arrivals() == 0


def _all_is_there_once(door: Door, village: Day) -> None:
    session_id = door.path.rsplit("/", 1)[-1]
    db.session.rollback()
    scans = list(db.session.scalars(select(Scan).where(Scan.session_id == session_id)))
    assert len(scans) == SCANS
    counters: dict[str, list[int]] = {}
    for scan in scans:
        counters.setdefault(str(scan.chain_id), []).append(int(scan.counter or 0))
    assert len(counters) == 3
    for numbers in counters.values():
        assert sorted(numbers) == list(range(1, len(numbers) + 1))  # no link of any chain is missing
    assert not [scan.id for scan in scans if scan.flag]
    outcomes = dict(
        db.session.execute(
            select(Scan.outcome, func.count()).where(Scan.session_id == session_id).group_by(Scan.outcome)
        ).all()
    )
    assert outcomes == {
        "accepted": ARRIVALS + WALK_INS,
        "already_in": DUPLICATES,
        "unknown": FORGED,
        "revoked": REVOKED,
    }
    assert {scan.answer.get("reason") for scan in scans if scan.outcome == "unknown"} == {"damaged"}
    assert door.arrivals() == ARRIVALS + WALK_INS
    people = select(Attendance.signup_id).where(
        Attendance.session_id == session_id, Attendance.annulled_at.is_(None)
    )
    assert len(set(db.session.scalars(people))) == ARRIVALS + WALK_INS
    assert recount.differences(session_id) == []
    counted = select(func.sum(LedgerEntry.quantity)).where(
        LedgerEntry.session_id == session_id, LedgerEntry.metric == "visits"
    )
    assert db.session.scalar(counted) == ARRIVALS + WALK_INS
