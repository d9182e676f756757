"""What guardians are told, and what others are told of them, in Chinese (see notices.py)."""

from collections.abc import Collection
from datetime import datetime
from typing import Any

from sqlalchemy import Row, select

from webapp.core import outbox
from webapp.core.db import session
from webapp.events.models import Event
from webapp.organisations.domain import Permission
from webapp.organisations.queries import list_members
from webapp.people.domain import contact_for, guardian_key
from webapp.people.models import Guardianship
from webapp.people.queries import channels, get_guardianship, get_person
from webapp.people.service import notify
from webapp.signups.domain.messages import CONSENT_GONE, GUARDIAN, WITHDRAWN
from webapp.signups.domain.telling import NoticeKind
from webapp.signups.models import Signup
from webapp.signups.queries.guardians import guardian_link, is_minor
from webapp.signups.service.notices import facts, of_one, placed, tell, when_of

_TOLD = 20  # of one unit's organisers


def agreed(guardianship_id: str) -> None:
    """Somebody wrote down that they agree: they hear it, with the link to agree anew or take it back."""
    found = get_guardianship(guardianship_id)
    child = get_person(found.person_id).name
    _send(
        found,
        subject=f"监护人确认：{child}",
        first=f"有人为{child}报名参加科普活动，写您是监护人，已经同意。",
        key=f"agreed:{found.id}",
    )


def moved(signup_ids: Collection[str], sequence: int) -> None:
    """What they agreed to takes place at another time or place."""
    ids = list(signup_ids)
    wanted = (
        select(Signup.id, Guardianship)
        .join(Guardianship, Guardianship.person_id == Signup.person_id)
        .where(Signup.id.in_(ids), is_minor(), Guardianship.withdrawn_at.is_(None))
        .order_by(Guardianship.given_at, Guardianship.id)
    )
    newest = {row.id: row.Guardianship for row in session().execute(wanted)}
    for row in facts(newest):
        _send(
            newest[row.id],
            subject=f"活动改期，请监护人再看：{row.title}",
            first=f"{row.person}报的“{row.title}”改到{when_of(row)}，{row.venue}。您以前同意过，新的安排也请看一看。",
            key=f"moved:{row.id}:{sequence}",
        )


def withdrawn(cancelled: list[str], there: list[str], at: datetime) -> None:
    """A guardian no longer agrees: the young person and the organisers hear it, at once where the child is there."""
    moment = int(at.timestamp())
    for row in facts(cancelled):
        tell(
            row,
            f"报名已取消：{row.title}",
            first=f"监护人不再同意，您报的“{row.title}”已经取消，不用来了。",
            fact=WITHDRAWN.of(f"signup:{row.id}:guardian_withdrew:{moment}"),
            about=of_one(NoticeKind.WITHDRAWN, row),
        )
        _tell_organisers(row, "名额已经让出，名单上不再有他。", moment)
    for row in facts(there):
        _tell_organisers(row, "人已经签到。请马上联系监护人，把孩子交给他。", moment)


def _tell_organisers(row: Row[*tuple[Any, ...]], what: str, moment: int) -> None:
    """Who runs the unit's events; the group hears no name."""
    host = session().scalars(select(Event.organisation_id).where(Event.id == row.event_id)).one()
    body = f"{row.person}的监护人不再同意参加“{row.title}”（{when_of(row)}，{row.position}）。{what}"
    members = [one for one in list_members(host) if Permission.MANAGE_EVENTS in one.permissions]
    for one in members[:_TOLD]:
        notify(
            one.person_id,
            subject=f"监护人撤回同意：{row.title}",
            body=body,
            fact=placed(CONSENT_GONE.of(f"signup:{row.id}:guardian_withdrew:{moment}:{one.person_id}"), row),
        )
    outbox.tell_organisers(
        f"监护人撤回同意：“{row.title}”（{when_of(row)}）有 1 人。{what}",
        placed(CONSENT_GONE.of(f"signup:{row.id}:guardian_withdrew:{moment}"), row),
    )


def _send(found: Guardianship, *, subject: str, first: str, key: str) -> None:
    """By SMS to the number that was written down, where we can send one; else the page has the link to pass on."""
    link = guardian_link(found.id)
    contact = contact_for(None, found.guardian_phone, channels())
    if not link or contact is None:
        return
    channel, recipient = contact
    body = f"{first}\n同意新的安排、写错了要改、或不再同意，都在这里，不用登录：{link}"
    # Nobody's of ours: the young person does not read it among their own messages.
    outbox.queue(
        outbox.Draft(channel, recipient, subject, body),
        GUARDIAN.of(guardian_key(found.person_id) + key),
    )
