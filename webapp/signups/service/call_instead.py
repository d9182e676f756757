"""Whoever was to hear by message that they have a place, and does not hear it, is rung up (请电话告知).

Changes of many people have a list of their own (tellings.py); this is for news of one person that has none.
"""

from sqlalchemy import or_, select

from webapp.core import clock
from webapp.core.config import current_settings
from webapp.core.db import session
from webapp.core.outbox import OutboxMessage
from webapp.core.senders import is_configured
from webapp.core.unsent import is_stuck
from webapp.events.models import EventSession
from webapp.signups.domain.messages import CALL_INSTEAD
from webapp.signups.domain.telling import NoticeKind
from webapp.signups.models import Signup, Telling
from webapp.signups.service.facts import facts
from webapp.signups.service.notices import of_one, when_of
from webapp.signups.service.tellings import write_telling

MOST = 200  # in one transaction


def call_instead() -> int:
    """Put on the list of calls whom no message reached, each message once; returns how many."""
    ours = current_settings()
    listed = select(Telling.id).where(Telling.message_key == OutboxMessage.dedupe_key)
    rows = session().execute(
        select(OutboxMessage.dedupe_key, OutboxMessage.subject, OutboxMessage.about_id)
        .join(Signup, Signup.id == OutboxMessage.about_id)
        .join(EventSession, EventSession.id == Signup.session_id)
        .where(
            OutboxMessage.kind.in_(CALL_INSTEAD),
            # Where nothing can be sent at all, people read the site, and are not rung up for having signed up.
            OutboxMessage.channel.in_([one for one in ("mail", "sms") if is_configured(one, ours)]),
            or_(OutboxMessage.state == "failed", is_stuck()),
            EventSession.ends_at > clock.now(),
            ~listed.exists(),
        )
        .order_by(OutboxMessage.id)
        .limit(MOST)
    )
    found = rows.all()
    by_id = {row.id: row for row in facts({one.about_id for one in found})}
    for one in found:
        row = by_id[one.about_id]
        notice = of_one(NoticeKind.UNREACHED, row).notice
        if notice is not None:
            words = f"{one.subject}。{when_of(row)}，{row.venue}，{row.position}。"
            write_telling(notice, row, key=one.dedupe_key, words=words)
    return len(found)
