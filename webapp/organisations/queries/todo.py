"""What of the organisations waits for the office."""

from collections.abc import Iterator
from datetime import datetime, timedelta

from sqlalchemy import select

from webapp.core import clock
from webapp.core.audit import AuditEntry
from webapp.core.db import session
from webapp.core.errors import N_, Words
from webapp.core.todo import Todo, Viewer
from webapp.organisations.domain import PERMISSION_LABELS, Permission, with_implied
from webapp.organisations.models import Organisation
from webapp.organisations.queries import acting
from webapp.organisations.queries.leaving import NEEDED
from webapp.organisations.queries.viewing import is_office

REMEMBERED = timedelta(days=180)  # how long an organisation is waited for that lost its last one


def organisations_left_alone(viewer: Viewer) -> Iterator[Todo]:
    """Organisations of which the last who could do something left, and nobody can since; two statements."""
    if not is_office(viewer):
        return
    since, names = _lost()
    lost = since.keys()
    if not lost:
        return
    able = {(where, name) for where, _, held in acting(*sorted({one for one, _ in lost})) for name in held}
    for organisation_id, permission in sorted(lost - able, key=lambda one: (names[one[0]], one[1])):
        yield Todo(
            N_("%(unit)s现在没有人能“%(what)s”，原来的人离开了"),
            N_("去指定人"),
            "organisations.list_members",
            {"organisation_id": organisation_id},
            {"unit": names[organisation_id], "what": Words(PERMISSION_LABELS[Permission(permission)])},
            since=since[organisation_id, permission],
        )


def _lost() -> tuple[dict[tuple[str, str], datetime], dict[str, str]]:
    """Organisation and permission, wherever somebody lost one lately, and when the last did; the names of those."""
    wanted = (
        select(AuditEntry.subject_id, AuditEntry.details, AuditEntry.at, Organisation.name)
        .join(Organisation, Organisation.id == AuditEntry.subject_id)
        .where(
            AuditEntry.subject_type == "organisation",
            AuditEntry.action == "membership.set",
            AuditEntry.at > clock.now() - REMEMBERED,
            Organisation.closed_at.is_(None),
        )
    )
    found: dict[tuple[str, str], datetime] = {}
    names: dict[str, str] = {}
    for organisation_id, details, at, name in session().execute(wanted.order_by(AuditEntry.at)):
        gone = with_implied(details["before"]) - with_implied(details["after"])
        if Permission.GOVERN not in details["before"]:
            found |= {(organisation_id, one): at for one in gone if one in NEEDED}
            names[organisation_id] = name
    return found, names
