"""Notices and who has to be told of them: written with the message, ticked when somebody was rung up."""

from typing import Any

from sqlalchemy import Row, select, update

from webapp.core import audit, clock
from webapp.core.db import lock_row, on_conflict_do_nothing, session
from webapp.core.errors import NotFound
from webapp.events.models import Cancellation
from webapp.people.queries import way_of
from webapp.signups.domain.telling import OF_ONE, NoticeKind
from webapp.signups.models import Notice, Telling
from webapp.signups.service import offer_times


def make_notice(
    kind: NoticeKind,
    event_id: str,
    *,
    session_id: str | None = None,
    by: str | None = None,
    script: str = "",
    cancellation: Cancellation | None = None,
) -> Notice:
    """Write down that something changed of which people have to know."""
    made = Notice(
        kind=kind,
        event_id=event_id,
        session_id=session_id,
        cancellation_id=cancellation.id if cancellation else None,
        made_by=by,
        script=script,
    )
    session().add(made)
    session().flush()
    return made


def notice_of_one(kind: NoticeKind, event_id: str, session_id: str) -> Notice:
    """The notice that gathers facts of this kind, one person each, of a session."""
    assert kind in OF_ONE
    wanted = select(Notice).where(Notice.session_id == session_id, Notice.kind == kind).limit(1)
    found = session().scalar(wanted.order_by(Notice.id))
    return found or make_notice(kind, event_id, session_id=session_id)


def write_telling(notice: Notice, row: Row[*tuple[Any, ...]], *, key: str, words: str) -> None:
    """This person has to know. News for who was told of something older is open again."""
    way = way_of(row.person_id)
    made = session().execute(
        on_conflict_do_nothing(Telling).returning(Telling.id),
        {
            "notice_id": notice.id,
            "person_id": row.person_id,
            "signup_id": row.id if row.status else None,
            "way": way,
            "words": words,
            "message_key": key,
        },
    )
    if made.first() is None and notice.kind in OF_ONE:
        session().execute(
            update(Telling)
            .where(
                Telling.notice_id == notice.id,
                Telling.person_id == row.person_id,
                Telling.message_key != key,
            )
            .values(
                signup_id=row.id if row.status else None,
                way=way,
                words=words,
                message_key=key,
                told_at=None,
                told_by=None,
            )
            .execution_options(synchronize_session=False)
        )


def tick(telling_id: str, *, notice_id: str, told: bool, by: str) -> None:
    """Say that somebody was rung up, or that it was a slip; the same again changes nothing. Raises NotFound."""
    _count_offer(telling_id, told=told)  # first: sign-ups are locked before what is told of them
    found = lock_row(Telling, telling_id)
    if found.notice_id != notice_id:
        raise NotFound
    if told == (found.told_at is not None):
        return
    found.told_at = clock.now() if told else None
    found.told_by = by if told else None
    audit.record("telling.tick" if told else "telling.untick", "telling", telling_id, by=by, notice=notice_id)


def _count_offer(telling_id: str, *, told: bool) -> None:
    """An offer of which somebody was told on the telephone: its time runs from now."""
    wanted = (
        select(Telling.signup_id, Telling.told_at)
        .join(Notice, Notice.id == Telling.notice_id)
        .where(Telling.id == telling_id, Notice.kind == NoticeKind.SEAT, Telling.signup_id.is_not(None))
    )
    row = session().execute(wanted).one_or_none()
    if row is None or told == (row.told_at is not None):
        return
    if told:
        offer_times.run_from(row.signup_id, clock.now())
    else:
        offer_times.take_back(row.signup_id)


def end_notices(cancellation: Cancellation) -> None:
    """The cancellation was undone: nobody need be told of it any more."""
    session().execute(
        update(Notice)
        .where(Notice.cancellation_id == cancellation.id, Notice.undone_at.is_(None))
        .values(undone_at=clock.now())
        .execution_options(synchronize_session=False)
    )
