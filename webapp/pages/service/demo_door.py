"""The door of the demonstration's running event: phones, one of them without network for a while, a wall, a photo."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from io import BytesIO

from webapp.attendance.domain import Direction, Method, Outcome
from webapp.attendance.domain.links import Link, seal
from webapp.attendance.domain.phones import DeviceKind, ScanKind, Verdict, WallMode
from webapp.attendance.models import Device
from webapp.attendance.service import devices, photos, wall
from webapp.attendance.service.links import Sender, accept_links, chain_key
from webapp.core import clock
from webapp.core.pictures import read_picture
from webapp.events.models import EventSession
from webapp.pages.service.demonstration import Stage
from webapp.signups import queries as signups
from webapp.signups.models import Signup

Shown = tuple[ScanKind, str, Verdict, Outcome]


def add_door(stage: Stage) -> None:
    """What happened at the door today, where an event is running; else nothing."""
    place = stage.running
    if place is None:
        return
    by = stage.staff["organiser"]
    with clock.freeze(place.starts_at - timedelta(minutes=20)):
        phone = _pair("示例·签到的手机", DeviceKind.PHONE, place, by=by)
        _pair("示例·门口的平板", DeviceKind.KIOSK, place, by=by)
        wall.open_wall(place.id, mode=WallMode.ROTATING, by=by)
    _late_scans(stage, place, phone)
    with clock.freeze(place.starts_at + timedelta(minutes=20)):
        picture = read_picture(_drawing(), name="示例.png")
        photos.add_photo(place.id, picture, caption="示例图，是画出来的，不是现场照片", by=by)


def _pair(name: str, kind: DeviceKind, place: EventSession, *, by: str) -> Device:
    offered = devices.offer_pairing(
        name=name, kind=kind, session_ids=[place.id], until=place.ends_at + timedelta(hours=2), by=by
    )
    device, _token = devices.pair(devices.pairing_code(offered))
    return device


def _late_scans(stage: Stage, place: EventSession, phone: Device) -> None:
    """A quarter of an hour without network: one who may, one of another session, one whose code nobody can read."""
    began = place.starts_at + timedelta(minutes=16)
    with clock.freeze(began):
        chain = devices.begin_chain(phone)
    shown: list[Shown] = [
        (ScanKind.PASS, signups.pass_code(own), Verdict.VERIFIED, Outcome.ACCEPTED)
        for own in _not_here(place)[:1]
    ]
    if stage.elsewhere is not None and stage.elsewhere.session_id != place.id:
        code = signups.pass_code(stage.elsewhere)
        shown.append((ScanKind.PASS, code, Verdict.UNLISTED, Outcome.ACCEPTED))
        shown.append((ScanKind.PASS, code[:-4], Verdict.REFUSED, Outcome.UNKNOWN))
    shown.append((ScanKind.WALK_IN, "", Verdict.VERIFIED, Outcome.ACCEPTED))
    links: list[Link] = []
    for number, one in enumerate(shown, start=1):
        at = began + timedelta(minutes=number)
        previous = links[-1].mac if links else ""
        link = _link(one, place, number=number, previous=previous, at=at)
        links.append(replace(link, mac=seal(chain_key(chain.id), chain.id, link)))
    sender = Sender(
        person_id=phone.person_id,
        device=phone,
        chain=chain,
        device_key=phone.id,
        may_scan=lambda session_id: session_id == place.id,
    )
    with clock.freeze(began + timedelta(minutes=12)):
        devices.seen(phone, sent_at=clock.now() + timedelta(seconds=3))
        accept_links(links, sender=sender)


def _not_here(place: EventSession) -> Sequence[Signup]:
    return [signups.get_with_session(line.signup_id) for line in signups.roster(place.id)][-4:]


def _link(shown: Shown, place: EventSession, *, number: int, previous: str, at: datetime) -> Link:
    kind, what, verdict, outcome = shown
    return Link(
        counter=number,
        prev=previous,
        nonce=f"demo-door-{number}",
        session=place.id,
        kind=kind,
        direction=Direction.IN,
        what=what,
        method=Method.CAMERA if kind == ScanKind.PASS else Method.TYPED,
        scanned_at=at.isoformat(timespec="milliseconds"),
        offset_ms=0,
        offline=True,
        rehearsal=False,
        verdict=verdict,
        outcome=outcome,
        mac="",
    )


def _drawing() -> bytes:
    """A tent, a table and people in a few strokes: no photo could be published with the program."""
    from PIL import Image, ImageDraw  # noqa: PLC0415  (start-up time)

    picture = Image.new("RGB", (960, 640), "#e9eef2")
    draw = ImageDraw.Draw(picture)
    draw.rectangle((0, 470, 960, 640), fill="#cdd8c6")
    draw.polygon([(260, 250), (480, 130), (700, 250)], fill="#2f6f9f")
    for left in (270, 682):
        draw.rectangle((left, 250, left + 8, 500), fill="#5c6a73")
    draw.rectangle((340, 400, 620, 430), fill="#a9794a")
    for left, colour in (
        (150, "#b5533c"),
        (400, "#44546a"),
        (540, "#44546a"),
        (760, "#6a8f4e"),
        (840, "#b5533c"),
    ):
        draw.ellipse((left, 320, left + 44, 364), fill="#e2b997")
        draw.rounded_rectangle((left - 8, 368, left + 52, 490), radius=18, fill=colour)
    made = BytesIO()
    picture.save(made, "PNG")
    return made.getvalue()
