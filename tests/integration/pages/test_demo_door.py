"""The demonstration's running event has a door: paired phones, scans to look at, a wall, a photo; and it adds up."""

import pytest
from flask import Flask
from sqlalchemy import select

from webapp import areas
from webapp.attendance.domain.phones import Flag
from webapp.attendance.models import Device, EvidencePhoto, Scan, Wall
from webapp.attendance.queries.photos import file_of
from webapp.attendance.service import recount
from webapp.core.db import db


@pytest.mark.settings(demo=True)
def test_there_is_something_to_look_at_at_the_door(app: Flask) -> None:
    areas.prepare(app)
    names = db.session.scalars(select(Device.name).order_by(Device.name)).all()
    assert names == ["示例·签到的手机", "示例·门口的平板"]
    late = db.session.scalars(select(Scan).where(Scan.chain_id.is_not(None)).order_by(Scan.counter)).all()
    assert [scan.outcome for scan in late] == ["accepted", "wrong_session", "unknown", "accepted"]
    assert [scan.flag for scan in late] == [None, Flag.REFUSED, None, None]
    photo = db.session.scalars(select(EvidencePhoto)).one()
    assert file_of(photo.id).read_bytes().startswith(b"\xff\xd8")
    assert db.session.scalars(select(Wall.closed_at)).all() == [None]
    assert recount.differences(photo.session_id) == []
