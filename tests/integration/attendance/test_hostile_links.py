"""Links nobody honest hands in, and honest ones in an awkward order: nothing blocks a phone or counts twice."""

from collections.abc import Callable
from dataclasses import replace

import pytest
from flask import Flask
from sqlalchemy import select

from tests.factories.attendance import Scene, make_scene, sign_up
from tests.factories.phones import Phone
from tests.support.crowd import at_once
from tests.support.time import TestClock
from webapp.attendance.domain import Direction, Method
from webapp.attendance.domain.links import Link, seal
from webapp.attendance.domain.phones import Flag, ScanKind, Settlement, Verdict
from webapp.attendance.models import Attendance, HeadCount, Scan
from webapp.attendance.service import annul_scan, recount
from webapp.attendance.service.links import Sender, accept_links, chain_key
from webapp.attendance.service.review import settle
from webapp.core import clock as city
from webapp.core.again import in_transaction
from webapp.core.db import db, transaction
from webapp.core.errors import NotFound
from webapp.signups.queries import pass_code


@pytest.fixture
def scene(app: Flask, clock: TestClock) -> Scene:
    """Starts at 9:30, ends at 11:30; it is 9:00."""
    return make_scene()


@pytest.fixture
def phone(scene: Scene) -> Phone:
    return Phone(scene)


def resealed(phone: Phone, link: Link) -> Link:
    return replace(link, mac=seal(chain_key(phone.chain), phone.chain, link))


def standing() -> list[Attendance]:
    db.session.rollback()
    return list(db.session.scalars(select(Attendance).where(Attendance.annulled_at.is_(None))))


def scans(**wanted: object) -> list[Scan]:
    db.session.rollback()
    return list(db.session.scalars(select(Scan).filter_by(**wanted).order_by(Scan.received_at, Scan.id)))


def outcomes(phone: Phone, *links: Link, relayed: bool = False) -> list[tuple[str, str | None]]:
    answers = phone.hand_in(links, relayed_by=phone.scene.scanner if relayed else None)
    return [(answer.body["outcome"], answer.body.get("flag")) for answer in answers]


# --- numbers -----------------------------------------------------------------------------------------------------


def test_a_number_given_twice_does_not_keep_back_the_day(scene: Scene, phone: Phone) -> None:
    first, second = (phone.scan(pass_code(sign_up(scene.seats))) for _ in range(2))
    twice = resealed(phone, replace(second, counter=1))
    assert outcomes(phone, first, twice) == [("accepted", None), ("unknown", "tampered")]
    assert outcomes(phone, twice) == [("unknown", "tampered")]  # the same answer, and no second row
    live = resealed(phone, replace(second, counter=1, nonce="live", offline=False, verdict="", outcome=""))
    assert outcomes(phone, live) == [("unknown", "tampered")]
    assert {scan.counter for scan in scans()} == {1, None}
    assert len(standing()) == 1


@pytest.mark.parametrize("offline", [True, False])
@pytest.mark.parametrize("nonce", ["another", "the same"])
def test_a_forgery_that_comes_first_gives_way(scene: Scene, phone: Phone, offline: bool, nonce: str) -> None:
    genuine = phone.scan(pass_code(sign_up(scene.seats)), offline=offline)
    forged = replace(genuine, mac="x" * 43, nonce="forged" if nonce == "another" else genuine.nonce)
    assert outcomes(phone, forged, relayed=True) == [("unknown", "tampered")]
    assert outcomes(phone, genuine) == [("accepted", None)]
    assert outcomes(phone, genuine) == [("accepted", None)]
    assert outcomes(phone, forged, relayed=True)[0][0] == (
        "unknown" if nonce == "another" else "accepted"
    )  # by then the nonce is the genuine one's
    assert [(scan.flag, scan.counter) for scan in scans(flag=Flag.TAMPERED)] == [("tampered", None)]
    assert len(standing()) == 1


def test_people_decide_about_a_forgery_first(scene: Scene, phone: Phone) -> None:
    """Dismissed, it gives way all the same; if they say that somebody came, that is the answer."""
    for settlement, wanted in ((Settlement.DISMISSED, "accepted"), (Settlement.COUNTED, "unknown")):
        genuine = phone.scan(pass_code(sign_up(scene.seats)))
        forged = replace(genuine, mac="")
        outcomes(phone, forged, relayed=True)
        with transaction():
            settle(
                scene.session,
                [scans(nonce=genuine.nonce)[0].id],
                settlement=settlement,
                note="",
                by=scene.scanner,
            )
        assert outcomes(phone, genuine)[0][0] == wanted
    assert len(standing()) == 2


def test_a_forgery_in_the_same_batch_gives_way(scene: Scene, phone: Phone) -> None:
    genuine = phone.scan(pass_code(sign_up(scene.seats)))
    forged = replace(genuine, mac="", nonce="forged")
    assert outcomes(phone, forged, genuine) == [("unknown", "tampered"), ("accepted", None)]
    assert {(scan.nonce, scan.counter) for scan in scans()} == {("forged", None), (genuine.nonce, 1)}


def test_who_may_not_scan_learns_nothing_of_people(scene: Scene, phone: Phone) -> None:
    """Neither by guessing short codes nor by forging: people settle it, who see whom it names."""
    one, elsewhere = sign_up(scene.seats), make_scene()
    other = sign_up(elsewhere.seats)
    strange = phone.scan(other.short_code, session=elsewhere.session, offline=False)
    forged = replace(phone.scan(one.short_code), mac="x" * 43)
    for link in (strange, forged):
        (answer,) = phone.hand_in([link])
        assert not {"signup", "person", "position", "at"} & set(answer.body), answer.body
    assert {scan.signup_id for scan in scans()} == {one.id, other.id}


# --- undone before it came ---------------------------------------------------------------------------------------


@pytest.mark.parametrize("together", [True, False])
def test_taken_back_before_it_came(scene: Scene, phone: Phone, together: bool) -> None:
    """The second half of a QR series is read before the first one."""
    done = phone.scan(pass_code(sign_up(scene.seats)))
    heads = phone.scan("12 公众", kind=ScanKind.HEADS)
    undone = [phone.undo(done), phone.undo(heads)]
    parts = [[*undone, done, heads]] if together else [undone, [done, heads]]
    for part in parts:
        phone.hand_in(part, relayed_by=scene.scanner)
    assert standing() == []
    assert [one for one in db.session.scalars(select(HeadCount)) if one.annulled_at is None] == []
    with transaction():
        assert recount.reconcile_session(scene.session) == 0


def test_only_the_phone_itself_takes_back_in_time(scene: Scene, phone: Phone, clock: TestClock) -> None:
    other = Phone(scene, "第二台")
    mine, late = (phone.scan(pass_code(sign_up(scene.seats))) for _ in range(2))
    others = other.undo(mine)
    clock.advance(minutes=16)
    too_late = phone.undo(late)
    forged = replace(phone.undo(mine), mac="")
    other.hand_in([others])
    phone.hand_in([too_late, forged])
    assert outcomes(phone, mine, late) == [("accepted", None), ("accepted", None)]
    assert len(standing()) == 2


# --- clocks ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("offline", [True, False])
@pytest.mark.parametrize(
    "at", ["2026-11-28T09:00:00+23:59", "2026-11-27T01:00:00-23:59:59.999999", "1970-01-01T00:00:00Z"]
)
def test_an_odd_clock_is_understood(scene: Scene, phone: Phone, at: str, offline: bool) -> None:
    link = phone.scan(pass_code(sign_up(scene.seats)), offline=offline)
    assert outcomes(phone, resealed(phone, replace(link, scanned_at=at)))[0][0] in {"accepted", "too_early"}
    assert len(scans()) == 1


# --- at the same moment ------------------------------------------------------------------------------------------


def browsers_link(session: str, nonce: str, code: str) -> Link:
    return Link(
        counter=None, prev="", nonce=nonce, session=session, kind=ScanKind.PASS, direction=Direction.IN, what=code,
        method=Method.CAMERA, scanned_at=city.now().isoformat(), offset_ms=0, offline=True, rehearsal=False,
        verdict=Verdict.VERIFIED, outcome="accepted", mac="",
    )  # fmt: skip


def bringing(scene: Scene, links: list[Link]) -> Callable[[], list[str]]:
    sender = Sender(scene.scanner, None, None, "browser", may_scan=lambda _: True)
    return lambda: in_transaction(
        lambda: [answer.body["outcome"] for answer in accept_links(links, sender=sender)]
    )


def test_two_doors_bring_each_others_people(scene: Scene, app: Flask) -> None:
    """Neither waits for the other for ever: people go to the wrong door, and both phones come home at once."""
    next_door = make_scene()
    here, there = ([pass_code(sign_up(one.seats)) for _ in range(5)] for one in (scene, next_door))
    work = []
    for number in range(8):
        where, codes = (scene.session, there) if number % 2 else (next_door.session, here)
        links = [browsers_link(where, f"{number}-{place}", code) for place, code in enumerate(codes)]
        work.append(bringing(scene, links))
    assert at_once(app, *work) == [["wrong_session"] * 5] * 8
    assert len(scans()) == 40


def test_one_nonce_for_two_sessions_at_once(scene: Scene, app: Flask) -> None:
    next_door = make_scene()
    work = [
        bringing(scene, [browsers_link(where, f"n{number}", "nothing") for number in range(20)])
        for where in (scene.session, next_door.session) * 4
    ]
    assert at_once(app, *work) == [["unknown"] * 20] * 8
    assert len(scans()) == 20


# --- annulled by staff -------------------------------------------------------------------------------------------


def test_an_undoing_cannot_be_annulled_but_a_count_can(scene: Scene, phone: Phone) -> None:
    one = sign_up(scene.seats)
    phone.undo(phone.scan(pass_code(one)))
    phone.scan(pass_code(one))
    phone.scan("12 公众", kind=ScanKind.HEADS)
    phone.hand_in()

    def annul(kind: ScanKind) -> None:
        found = scans(kind=kind)[0].id
        with transaction():
            annul_scan(found, by=scene.scanner, device="", is_staff=True, reason="数错了")

    with pytest.raises(NotFound):
        annul(ScanKind.UNDO)
    assert len(standing()) == 1
    annul(ScanKind.HEADS)
    assert [head.annulled_at is not None for head in db.session.scalars(select(HeadCount))] == [True]
    with transaction():
        assert recount.reconcile_session(scene.session) == 0
