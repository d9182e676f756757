"""What people may do for whom, through the services."""

import pytest
from flask import Flask
from sqlalchemy import event, select

from tests.factories.organisations import grant, make_organisation, make_staff
from tests.factories.people import make_account
from webapp.core import clock
from webapp.core.audit import AuditEntry
from webapp.core.db import db, transaction
from webapp.core.errors import NotAllowed, NotFound
from webapp.organisations import queries, service
from webapp.organisations.domain import (
    BadOrganisationName,
    LastGovernor,
    NameTaken,
    OrganisationKind,
    Permission,
    UnknownPermission,
)
from webapp.organisations.models import Organisation

EVERY = frozenset(Permission)


def test_a_permission_is_held_for_one_organisation(app: Flask) -> None:
    ours, theirs = make_organisation(), make_organisation()
    person = make_staff(ours, Permission.SCAN).person_id
    assert queries.permissions_of(person) == {Permission.SCAN}
    assert queries.permissions_at(person, ours.id) == {Permission.SCAN}
    assert queries.permissions_at(person, theirs.id) == frozenset()
    assert queries.may(person, Permission.SCAN, ours.id)
    assert not queries.may(person, Permission.SCAN, theirs.id)
    assert not queries.may(person, Permission.MANAGE_EVENTS, ours.id)
    queries.require(person, Permission.SCAN, ours.id)
    with pytest.raises(NotAllowed):
        queries.require(person, Permission.SCAN, theirs.id)
    assert queries.organisations_with(person, Permission.SCAN, Permission.REPORT) == [ours]
    assert queries.organisations_with(person, Permission.REPORT) == []
    assert queries.organisations_with(person) == [ours]


def test_the_office_may_do_everything_everywhere(app: Flask) -> None:
    office, other = make_organisation(kind=OrganisationKind.OFFICE), make_organisation()
    person = make_staff(office, Permission.GOVERN).person_id
    assert queries.permissions_of(person) == EVERY
    assert queries.permissions_at(person, other.id) == EVERY
    assert queries.permissions_at(person, "0" * 18) == EVERY
    assert set(queries.organisations_with(person, Permission.MANAGE_EVENTS)) == {office, other}


def test_the_inspector_looks_everywhere_and_does_nothing(app: Flask) -> None:
    office, other = make_organisation(kind=OrganisationKind.OFFICE), make_organisation()
    person = make_staff(office, Permission.INSPECT).person_id
    assert queries.permissions_at(person, other.id) == {Permission.INSPECT}
    assert not queries.may(person, Permission.MANAGE_EVENTS, office.id)
    assert set(queries.organisations_with(person, Permission.INSPECT)) == {office, other}
    assert queries.organisations_with(person, Permission.MANAGE_EVENTS) == []


def test_a_closed_organisation_gives_no_permission(app: Flask) -> None:
    place = make_organisation()
    place_id, person = place.id, make_staff(place, Permission.SCAN).person_id
    with transaction() as session:
        session.get_one(Organisation, place_id).closed_at = clock.now()
    assert queries.permissions_of(person) == frozenset()
    assert queries.list_organisations() == []


def test_permissions_are_asked_with_one_query(app: Flask) -> None:
    place = make_organisation()
    place_id, person, seen = place.id, make_staff(place, Permission.SCAN).person_id, []
    event.listen(db.engine, "before_cursor_execute", lambda *given: seen.append(given[2]))
    queries.permissions_at(person, place_id)
    assert len([statement for statement in seen if statement.startswith("SELECT")]) == 1


def test_only_the_office_gives_permissions_but_that_to_check_in(app: Flask) -> None:
    ours, theirs = make_organisation(), make_organisation().id
    organiser, newcomer = make_staff(ours, Permission.MANAGE_EVENTS).person_id, make_account().person_id
    governor, ours_id = make_staff(make_organisation(), Permission.GOVERN).person_id, ours.id
    for more in set(Permission) - {Permission.SCAN}:
        with pytest.raises(NotAllowed), transaction():
            service.set_membership(newcomer, ours_id, [Permission.SCAN, more], by=organiser)
    with pytest.raises(NotAllowed), transaction():
        service.set_membership(newcomer, theirs, [Permission.SCAN], by=organiser)
    with pytest.raises(NotAllowed), transaction():
        service.set_membership(organiser, ours_id, [], by=organiser)
    with transaction():
        service.set_membership(newcomer, ours_id, [Permission.SCAN], by=organiser)
    with pytest.raises(NotAllowed), transaction():
        service.set_membership(organiser, ours_id, [Permission.SCAN], by=newcomer)
    with transaction():
        service.set_membership(newcomer, ours_id, [], by=organiser)
    with transaction():
        service.set_membership(newcomer, ours_id, [Permission.SCAN, Permission.SCAN], by=governor)
    assert queries.permissions_at(newcomer, ours_id) == {Permission.SCAN}
    with transaction():
        service.set_membership(newcomer, ours_id, [], by=governor)
    assert queries.find_membership(newcomer, ours_id) is None
    entries = db.session.scalars(
        select(AuditEntry).where(AuditEntry.action == "membership.set").order_by(AuditEntry.id)
    ).all()
    assert [entry.details["after"] for entry in entries][-2:] == [["scan"], []]
    assert entries[-1].actor_id == governor
    changes = queries.list_membership_changes(ours_id)
    assert [(change.before, change.after) for change in changes][:2] == [(["scan"], []), ([], ["scan"])]


def test_unknown_things_are_refused(app: Flask) -> None:
    place_id, person = make_organisation().id, make_account().person_id
    with pytest.raises(UnknownPermission), transaction():
        service.set_membership(person, place_id, ["fly"], by=None)
    with pytest.raises(NotFound), transaction():
        service.set_membership("0" * 18, place_id, [Permission.SCAN], by=None)
    with pytest.raises(NotFound), transaction():
        service.set_membership(person, "0" * 18, [Permission.SCAN], by=None)


def test_the_last_governor_stays(app: Flask) -> None:
    office = make_organisation(kind=OrganisationKind.OFFICE)
    first, second = make_staff(office, Permission.GOVERN), make_account()
    first_id, office_id = first.person_id, office.id
    for wanted in ([], [Permission.SCAN]):
        with pytest.raises(LastGovernor), transaction():
            service.set_membership(first_id, office_id, wanted, by=first_id)
    grant(second, office, Permission.GOVERN)
    with transaction():
        service.set_membership(first_id, office_id, [], by=first_id)
    assert queries.permissions_of(first_id) == frozenset()


@pytest.mark.parametrize(
    ("name", "refusal"),
    [
        ("市科协", NameTaken),
        (" 市科协 ", NameTaken),
        ("", BadOrganisationName),
        ("字" * 81, BadOrganisationName),
    ],
)
def test_a_name_belongs_to_one_organisation(app: Flask, name: str, refusal: type[Exception]) -> None:
    made = make_organisation("市科协")
    assert queries.find_by_name("市科协") == made
    with pytest.raises(refusal), transaction():
        service.make_organisation(name=name, kind=OrganisationKind.UNIT)
    assert len(queries.list_organisations()) == 1
