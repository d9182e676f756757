"""Two passes, one person: counted once, live, offline and late; and data from before the rule."""

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from alembic.config import Config
from alembic.script import ScriptDirectory
from flask import Flask
from sqlalchemy import func, select, text

from tests.conftest import settings_for
from tests.factories.attendance import Scene, make_scene, volunteer_for
from tests.factories.phones import Phone
from tests.factories.signups import a_second_place, leave, status_of
from tests.support.databases import Databases
from tests.support.time import TestClock
from webapp import create_app
from webapp.attendance.domain import Direction
from webapp.attendance.domain.phones import Settlement
from webapp.attendance.models import Attendance, LedgerEntry, Scan
from webapp.attendance.queries import session_counts
from webapp.attendance.service import recount
from webapp.attendance.service.review import settle
from webapp.core.db import db, downgrade, get_row, session, transaction, upgrade
from webapp.recognition import service as recognition
from webapp.recognition.domain import RecordSource, RecordStatus
from webapp.recognition.models import ServiceRecord
from webapp.signups.domain.giving import Given
from webapp.signups.models import Signup
from webapp.signups.queries import get_position, get_with_session, pass_code
from webapp.signups.queries.asking import seen_of
from webapp.signups.queries.presence import in_the_way
from webapp.signups.service.swapping import swap


@pytest.fixture
def scene(app: Flask, clock: TestClock) -> Scene:
    """A session with seats and shifts, half an hour from now."""
    return make_scene()


def code(signup_id: str) -> str:
    return pass_code(get_with_session(signup_id))


def standing(scene: Scene) -> list[Attendance]:
    session().rollback()
    wanted = select(Attendance).where(
        Attendance.session_id == scene.session, Attendance.annulled_at.is_(None)
    )
    return list(session().scalars(wanted))


def figures(scene: Scene) -> dict[str, int]:
    session().rollback()
    rows = session().execute(
        select(LedgerEntry.metric, func.sum(LedgerEntry.quantity))
        .where(LedgerEntry.session_id == scene.session, LedgerEntry.metric != "sessions")
        .group_by(LedgerEntry.metric)
    )
    with transaction():
        assert recount.differences(scene.session) == []
    return {metric: int(number) for metric, number in rows if number}


def test_an_old_double_comes_once_as_the_volunteer(scene: Scene, clock: TestClock) -> None:
    shift = volunteer_for(scene.shift).id
    seat = a_second_place(scene.seats, shift)
    assert session_counts(scene.session).expected == 1
    clock.advance(minutes=20)
    assert scene.scan(code(seat)).body["outcome"] == "accepted"
    assert scene.scan(code(shift)).body["outcome"] == "already_in"
    assert [one.signup_id for one in standing(scene)] == [shift]
    assert figures(scene) == {"volunteers": 1}
    clock.advance(hours=2)
    assert scene.scan(code(seat), direction=Direction.OUT).body["outcome"] == "accepted"
    clock.advance(hours=3)
    with transaction():
        recognition.settle_session(scene.session)
    (record,) = session().scalars(select(ServiceRecord).where(ServiceRecord.session_id == scene.session))
    assert (record.signup_id, record.source) == (shift, RecordSource.SCAN)
    assert record.minutes > 0 and record.status == RecordStatus.NOTICED


def test_two_phones_without_network_admit_one_person_once(scene: Scene, clock: TestClock) -> None:
    shift = volunteer_for(scene.shift).id
    seat = a_second_place(scene.seats, shift)
    first, second = Phone(scene, "东门"), Phone(scene, "西门")
    clock.advance(minutes=20)
    first.scan(code(seat))
    second.scan(code(shift), at=clock.now + timedelta(minutes=5))
    second.hand_in()
    first.hand_in()
    (one,) = standing(scene)
    assert (one.signup_id, one.in_at) == (shift, clock.now)
    assert figures(scene) == {"volunteers": 1}


def test_the_pass_of_a_place_that_was_swapped_speaks_for_the_new_one(scene: Scene, clock: TestClock) -> None:
    person = volunteer_for(scene.shift)
    shift = person.id
    with transaction():
        seen = seen_of(in_the_way(get_position(scene.seats), person.person_id))
        seat = swap(scene.seats, person.person_id, seen=seen, given=Given()).id
    assert status_of(shift) == "cancelled"
    phone = Phone(scene)
    clock.advance(minutes=20)
    phone.scan(code(shift))
    phone.hand_in()
    assert standing(scene) == []  # flagged, and nobody is blocked
    flagged = session().scalars(select(Scan.id).where(Scan.flag.is_not(None))).all()
    with transaction():
        settle(scene.session, flagged, settlement=Settlement.COUNTED, note="", by=scene.scanner)
    assert [one.signup_id for one in standing(scene)] == [seat]
    assert scene.scan(code(seat)).body["outcome"] == "already_in"
    assert figures(scene) == {"visits": 1}


def test_when_the_place_that_stands_ends_the_other_stands_alone(scene: Scene, clock: TestClock) -> None:
    shift = volunteer_for(scene.shift).id
    seat = a_second_place(scene.seats, shift)
    leave(shift, by=scene.scanner, reason="来不了")
    assert get_row(Signup, seat).counts_with_id is None
    clock.advance(minutes=20)
    assert scene.scan(code(seat)).body["outcome"] == "accepted"
    assert figures(scene) == {"visits": 1}


# --- data from before the rule ------------------------------------------------------------------------------------


@pytest.fixture
def older(databases: Databases, database_kind: str, tmp_path: Path) -> Iterator[Flask]:
    """The application on a database of its own, whose schema may go back."""
    with databases.fresh(database_kind, migrated=False) as url:
        app = create_app(settings_for(url, tmp_path))
        with app.app_context():
            upgrade(app)
            yield app
            db.session.close()
            db.engine.dispose()


def before_the_rule(app: Flask) -> str:
    """The revision before the one that brought it."""
    config = Config()
    config.set_main_option("script_location", str(app.extensions["kepu_root"] / "migrations"))
    found = ScriptDirectory.from_config(config).get_revision("0015_once_one_presence")
    return str(found.down_revision)


def test_two_presences_from_before_become_one(older: Flask, clock: TestClock) -> None:
    scene = make_scene(tasks=2)
    shift = volunteer_for(scene.shift)
    seat = a_second_place(scene.seats, shift.id)
    clock.advance(minutes=20)
    scene.scan(code(shift.id))
    downgrade(older, before_the_rule(older))
    with db.engine.begin() as connection:
        connection.execute(
            text(
                "INSERT INTO attendance (id, signup_id, session_id, grade, in_at, in_scan_id, entered_late, created_at)"
                " SELECT 'second', :seat, session_id, grade, in_at, in_scan_id, entered_late, created_at"
                " FROM attendance"
            ),
            {"seat": seat},
        )
        connection.execute(
            text(
                "INSERT INTO ledger_entry (id, task_id, session_id, source_id, metric, grade, reach, quantity,"
                " occurred_on, district_code, organisation_id, audience, rule_version, step, created_at)"
                " SELECT 'l' || substr(id, 1, 15), task_id, session_id, 'second', 'visits', grade, reach, quantity,"
                " occurred_on, district_code, organisation_id, audience, rule_version, step, created_at"
                " FROM ledger_entry WHERE metric = 'volunteers'"
            )
        )
    upgrade(older)
    db.session.rollback()
    assert [one.signup_id for one in standing(scene)] == [shift.id]
    assert get_row(Signup, seat).counts_with_id == shift.id
    assert figures(scene) == {"volunteers": 2}  # for each of the two tasks
    db.session.rollback()
    assert scene.scan(code(seat)).body["outcome"] == "already_in"
