"""An event from its making to its end, through the services, as calendars see it: promise 6."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import icalendar
import pytest
from flask import Flask
from flask.testing import FlaskClient

from tests.factories.calendars import City, make_person
from tests.support.time import TestClock
from webapp.calendars import queries, service
from webapp.calendars.domain import Scope
from webapp.core import clock as city_clock
from webapp.core.db import session, transaction
from webapp.events import service as events
from webapp.events.domain import EventChanges, EventDraft, PositionDraft, SessionDraft
from webapp.events.models import Event, EventSession, Position
from webapp.people.models import Account, Consent
from webapp.signups import service as signups
from webapp.venues import service as venues
from webapp.venues.domain import VenueDetails
from webapp.venues.models import Venue


@dataclass
class Seen:
    """What a calendar program knows of one entry."""

    uid: str
    sequence: int
    changed: datetime
    title: str
    status: str
    place: str
    starts: datetime


def see(client: FlaskClient, path: str) -> Seen:
    answer = client.get(path)
    assert answer.status_code == 200, answer.text
    assert client.get(path).data == answer.data
    (one,) = icalendar.Calendar.from_ical(answer.data).walk("VEVENT")
    assert one["DTSTAMP"].dt == one["LAST-MODIFIED"].dt
    return Seen(
        str(one["UID"]), int(one["SEQUENCE"]), one["LAST-MODIFIED"].dt, str(one["SUMMARY"]), str(one["STATUS"]),
        str(one["LOCATION"]), one["DTSTART"].dt,
    )  # fmt: skip


@pytest.fixture
def city(app: Flask, clock: TestClock) -> City:
    return City()


@pytest.fixture
def event(city: City) -> str:
    """A published event with one session and room for one volunteer."""
    start = city_clock.now() + timedelta(days=3)
    shift = PositionDraft("讲解员", "volunteer", 1)
    with transaction():
        made = events.create_event(
            EventDraft(
                organisation_id=city.unit, type_slug="lecture", title="健康讲座", summary="讲三减三健。",
                risk_statement="室内活动。", audiences=["老年人"], task_ids=[city.task],
                sessions=[
                    SessionDraft("", city.venue, start, start + timedelta(hours=2), [shift])
                ],
            ),
            by=None,
        )  # fmt: skip
        events.publish(made.id, by=None)
        return made.id


def only_session(event_id: str) -> str:
    return session().query(EventSession.id).filter_by(event_id=event_id).scalar() or ""


def test_sequence_and_dates_through_an_events_life(
    city: City, client: FlaskClient, clock: TestClock, event: str
) -> None:
    path, place = f"/calendar/venues/{city.venue}.ics", only_session(event)
    now = see(client, path)
    uid = now.uid

    def after(act: Callable[[], Any], *, rises: bool, changes: bool = True) -> Seen:
        before = see(client, path)
        clock.advance(minutes=1)
        with transaction():
            act()
        later = see(client, path)
        assert later.uid == uid
        assert later.sequence == before.sequence + rises
        assert (later.changed > before.changed) is changes
        return later

    named = after(
        lambda: events.update_event(event, EventChanges(title="老年健康讲座"), revision=None, by=None),
        rises=False,
    )
    assert named.title == "老年健康讲座"
    start = now.starts + timedelta(hours=3)
    moved = after(
        lambda: events.reschedule(
            place, starts_at=start, ends_at=start + timedelta(hours=1), venue_id=city.venue, by=None
        ),
        rises=True,
    )
    assert moved.starts == start
    after(lambda: events.rename_session(place, title="第一课", by=None), rises=False)
    row = session().get_one(Venue, city.venue)
    details = VenueDetails(
        name="桥南社区服务中心", kind=row.kind, district_code=row.district_code, township_code=row.township_code,
        address="新长安路 1 号", organisation_id=row.organisation_id,
    )  # fmt: skip
    session().rollback()
    assert "新长安路" in after(lambda: venues.change_venue(city.venue, details, by=None), rises=False).place
    cancelled = after(lambda: events.cancel(event, reason="讲师生病", by=None), rises=True)
    assert cancelled.title == "【已取消】老年健康讲座：第一课"
    assert cancelled.status == "CONFIRMED"
    assert "讲师生病" in client.get(path).text  # as on the event's page


def test_sign_ups_are_no_news_for_public_feeds(
    city: City, client: FlaskClient, clock: TestClock, event: str
) -> None:
    path = "/calendar/all.ics"
    first = client.get(path)
    clock.advance(minutes=1)
    take(event, make_person())
    assert client.get(path).data == first.data
    tag = first.headers["ETag"]
    assert client.get(path, headers={"If-None-Match": tag}).status_code == 304


def take(event: str, account: Account) -> str:
    position = session().query(Position.id).filter_by(session_id=only_session(event)).scalar()
    session().rollback()
    with transaction() as current:
        current.add(
            Consent(
                person_id=account.person_id, purpose="service", policy_version="2026-11", given_at=city_clock.now(),
                method="web",
            )
        )  # fmt: skip
    with transaction():
        return signups.sign_up(position, account.person_id, by=account.person_id, source="self").id


def test_a_waiting_volunteers_own_feed_follows_them(
    city: City, client: FlaskClient, clock: TestClock, event: str
) -> None:
    first, second = make_person("甲一"), make_person("乙二")
    taken = take(event, first)
    second_one = take(event, second)
    with transaction():
        made = service.create_subscription(Scope("person", second.person_id), "手机", by=second.person_id)
        path = f"/calendar/s/{queries.token_of(made)}.ics"
    waiting = see(client, path)
    assert (waiting.title, waiting.status) == ("【候补】健康讲座（讲解员）", "TENTATIVE")
    clock.advance(minutes=1)
    with transaction():
        signups.cancel_signup(taken, by=first.person_id)
    asked = see(client, path)
    assert (asked.title, asked.status) == ("【待确认】健康讲座（讲解员）", "TENTATIVE")
    clock.advance(minutes=1)
    with transaction():
        signups.accept_offer(second_one, by=second.person_id)
    up = see(client, path)
    assert (up.title, up.status) == ("健康讲座（讲解员）", "CONFIRMED")
    assert up.uid == asked.uid == waiting.uid
    assert up.sequence > waiting.sequence
    assert up.changed > asked.changed > waiting.changed
    clock.advance(minutes=1)
    with transaction():
        events.cancel(event, reason="停电", by=None)
    over = see(client, path)
    assert (over.title, over.status) == ("【已取消】健康讲座（讲解员）", "CANCELLED")
    assert over.sequence > up.sequence
    clock.advance(days=62)
    assert "BEGIN:VEVENT" in client.get(path).text  # the day was three days ahead: 59 days ago
    clock.advance(days=3)
    assert "BEGIN:VEVENT" not in client.get(path).text


def test_an_event_cannot_be_read_before_it_is_published(city: City, client: FlaskClient) -> None:
    start = city_clock.now() + timedelta(days=3)
    with transaction():
        draft = events.create_event(
            EventDraft(
                organisation_id=city.unit, type_slug="lecture", title="草稿里的讲座", task_ids=[city.task],
                sessions=[SessionDraft("", city.venue, start, start + timedelta(hours=1))],
            ),
            by=None,
        ).id  # fmt: skip
    assert "草稿里的讲座" not in client.get("/calendar/all.ics").text
    assert client.get(f"/calendar/events/{draft}.ics").status_code == 404
    assert session().get_one(Event, draft).status == "draft"
