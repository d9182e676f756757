"""Photos of a session: who adds, who sees, what is refused; files and rows together."""

import os
from collections.abc import Callable
from datetime import timedelta
from io import BytesIO
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select
from werkzeug.datastructures import FileStorage, MultiDict
from werkzeug.test import encode_multipart

from tests.factories.attendance import Scene, make_scene
from tests.factories.organisations import grant, make_organisation
from tests.factories.people import make_account
from tests.support.client import CheckedClient
from tests.support.time import TestClock
from tests.unit.core.test_pictures import photo
from webapp.attendance.models import EvidencePhoto, HeadCount
from webapp.attendance.queries.photos import file_of, folder
from webapp.attendance.service import photos
from webapp.core import clock as city
from webapp.core.db import db, new_id, transaction
from webapp.organisations.domain import Permission
from webapp.organisations.models import Organisation
from webapp.people.models import Account
from webapp.people.queries import signed_in as as_signed_in

SignIn = Callable[[CheckedClient, Any], CheckedClient]
NewClient = Callable[[], CheckedClient]


@pytest.fixture
def scene(app: Flask, clock: TestClock) -> Scene:
    return make_scene()


@pytest.fixture
def staff(client: CheckedClient, sign_in: SignIn, scene: Scene) -> CheckedClient:
    account = db.session.get_one(Account, scene.scanner_account)
    grant(account, db.session.get_one(Organisation, scene.organisation), Permission.MANAGE_EVENTS)
    return sign_in(client, as_signed_in(account))


def send(client: CheckedClient, scene: Scene, *files: tuple[str, bytes], **fields: str) -> Any:
    sent = [("photos", FileStorage(BytesIO(raw), filename=name)) for name, raw in files]
    data = MultiDict([*fields.items(), *sent])
    boundary, body = encode_multipart(data)  # in memory: the test client would leave a file open
    kind = f"multipart/form-data; boundary={boundary}"
    return client.post(f"/manage/sessions/{scene.session}/photos", data=body, content_type=kind)


def fetch(client: CheckedClient, path: str) -> Any:
    with client.get(path) as answer:
        answer.get_data()
        return answer


def rows() -> list[EvidencePhoto]:
    db.session.rollback()
    return list(db.session.scalars(select(EvidencePhoto)))


def test_photos_are_kept_shown_and_removed(staff: CheckedClient, scene: Scene) -> None:
    path = f"/manage/sessions/{scene.session}/photos"
    assert "还没有照片" in staff.get(path).text
    large = photo((3000, 2000)) + bytes(3 * 1024 * 1024)  # more than other forms may send
    assert (
        send(staff, scene, ("a.jpg", large), ("b.png", photo(kind="PNG")), caption="大篷车前").status_code
        == 303
    )
    assert [one.caption for one in rows()] == ["大篷车前"] * 2
    page = staff.get(path).text
    assert page.count('loading="lazy"') == 2
    one = rows()[0]
    shown = fetch(staff, f"/manage/photos/{one.id}")
    assert shown.content_type == "image/jpeg"
    assert shown.headers["X-Content-Type-Options"] == "nosniff"
    assert "private" in shown.headers["Cache-Control"]
    assert len(shown.data) == one.size
    assert len(fetch(staff, f"/manage/photos/{one.id}?small").data) < one.size
    again = send(staff, scene, ("a.jpg", large))
    assert again.status_code == 422
    assert "已经在这里" in again.text
    assert staff.fill(f"/manage/photos/{one.id}/remove", reason="拍到了孩子的正脸").status_code == 303
    assert staff.get(f"/manage/photos/{one.id}", fault=True).status_code == 404
    assert staff.get(path).text.count('loading="lazy"') == 1
    assert file_of(one.id).exists()
    assert send(staff, scene, ("a.jpg", large)).status_code == 303


def test_what_is_no_photo_is_named_and_the_others_are_kept(staff: CheckedClient, scene: Scene) -> None:
    answer = send(staff, scene, ("page.jpg", b"<html>"), ("good.jpg", photo()), ("cut.jpg", photo()[:300]))
    assert answer.status_code == 422
    assert "“page.jpg”不是能打开的照片" in answer.text
    assert "“cut.jpg”不是能打开的照片" in answer.text
    assert (
        "存好了 1 张照片" in staff.get(f"/manage/sessions/{scene.session}/photos").text
        or "存好了" in answer.text
    )
    assert len(rows()) == 1
    assert "请选照片" in send(staff, scene).text
    many = [(f"{number}.jpg", photo((20, 20 + number))) for number in range(11)]
    assert "最多 10 张" in send(staff, scene, *many).text


def test_strangers_see_nothing(
    staff: CheckedClient, scene: Scene, new_client: NewClient, sign_in: SignIn
) -> None:
    send(staff, scene, ("a.jpg", photo()))
    (one,) = rows()
    account, inspector = make_account(), make_account()
    grant(account, make_organisation("旁边的单位"), Permission.MANAGE_EVENTS)
    grant(inspector, make_organisation("督查组"), Permission.INSPECT)
    stranger = sign_in(new_client(), as_signed_in(account))
    assert stranger.get(f"/manage/photos/{one.id}", fault=True).status_code in {403, 404}
    assert send(stranger, scene, ("b.jpg", photo((30, 30)))).status_code in {403, 404}
    looks = sign_in(new_client(), as_signed_in(inspector))
    assert (
        f"/manage/sessions/{scene.session}/photos" in looks.get(f"/manage/sessions/{scene.session}/door").text
    )
    assert fetch(looks, f"/manage/photos/{one.id}").status_code == 200
    page = looks.get(f"/manage/sessions/{scene.session}/photos").text
    assert "添加照片" not in page
    assert "移除" not in page
    assert new_client().get(f"/manage/photos/{one.id}").status_code == 302


def test_a_unit_contact_finds_the_photos_from_the_events_page(
    staff: CheckedClient, scene: Scene, new_client: NewClient, sign_in: SignIn, clock: TestClock
) -> None:
    account, stranger = make_account(), make_account()
    grant(account, db.session.get_one(Organisation, scene.organisation), Permission.REPORT)
    grant(stranger, make_organisation("旁边的单位"), Permission.REPORT)
    contact = sign_in(new_client(), as_signed_in(account))
    page, photos = f"/events/{scene.event}", f"/manage/sessions/{scene.session}/photos"
    assert photos not in contact.get(page).text  # nothing can have been photographed yet
    clock.advance(hours=1)
    assert photos in contact.get(page).text
    assert contact.get(photos).status_code == 200
    for other in (new_client(), sign_in(new_client(), as_signed_in(stranger))):
        assert photos not in other.get(page).text


def test_a_head_count_with_its_photo(staff: CheckedClient, scene: Scene) -> None:
    path = f"/manage/sessions/{scene.session}/headcounts"

    def count(raw: bytes) -> Any:
        fields = {"audience": "农民", "count": "12", "method": "counted", "note": "大篷车前"}
        file = FileStorage(BytesIO(raw), filename="x.jpg")
        boundary, body = encode_multipart(MultiDict([*fields.items(), ("photo", file)]))
        return staff.post(path, data=body, content_type=f"multipart/form-data; boundary={boundary}")

    wrong = count(b"<html>")
    assert wrong.status_code == 422
    assert "“x.jpg”不是能打开的照片" in wrong.text
    assert db.session.scalars(select(HeadCount)).all() == []
    assert 'value="12"' in wrong.text
    assert count(photo()).status_code == 303
    db.session.rollback()
    (heads,) = db.session.scalars(select(HeadCount))
    (one,) = rows()
    assert (one.headcount_id, one.caption) == (heads.id, "大篷车前")
    assert "现场点数的照片" in staff.get(f"/manage/sessions/{scene.session}/photos").text
    staff.post(f"/manage/headcounts/{heads.id}/annul", data={"reason": "数错了"})
    shown = staff.get(f"/manage/sessions/{scene.session}/photos").text
    assert "点数的照片，点数已撤销" in shown
    assert "现场点数的照片" not in shown
    assert count(photo()).status_code == 303  # another count, and the same photo
    assert "没有再存一份" in staff.get(f"/manage/sessions/{scene.session}").text
    assert len(rows()) == 1


def test_files_without_a_row_are_swept(scene: Scene, staff: CheckedClient) -> None:
    send(staff, scene, ("a.jpg", photo()))
    (one,) = rows()
    old = (city.now() - timedelta(days=2)).timestamp()
    orphan, half, young = (
        folder() / f"{new_id()}.jpg",
        folder() / f"{one.id}.part",
        folder() / f"{new_id()}.jpg",
    )
    for path in (orphan, half, young):
        path.write_bytes(b"x")
    for path in (orphan, half, file_of(one.id)):
        os.utime(path, (old, old))
    os.utime(young, (city.now().timestamp(),) * 2)
    with transaction():
        assert photos.sweep() == 2
    assert file_of(one.id).exists()
    assert young.exists()
