"""Reads for organisers: which changes people have to be told of, who still has to be rung up, what to say."""

from collections import Counter
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Row, Select, and_, exists, func, or_, select
from sqlalchemy.orm import aliased

from webapp.core import clock
from webapp.core.db import get_row, session
from webapp.core.outbox import OutboxMessage
from webapp.core.unsent import is_stuck
from webapp.events.models import Cancellation, Event, EventSession, Position
from webapp.events.queries import get_event_for
from webapp.organisations.domain import Permission
from webapp.people.domain import Way
from webapp.people.models import Account, Person
from webapp.signups.domain import LIVING, SignupStatus
from webapp.signups.domain.telling import NOT_ARRIVED, NOTICE_LABELS, OF_ONE, NoticeKind, Told
from webapp.signups.models import Called, CallOut, Notice, Signup, Telling

CALLERS = (Permission.MANAGE_EVENTS, Permission.GOVERN)
PHONES_OF = "notice"  # the kind of list whose numbers are asked for (people.queries.are_phones_shown)
# Of these there is nothing to say to someone whose sign-up has ended since.
_OF_THE_LIVING = frozenset(
    {
        *(NoticeKind.MOVED, NoticeKind.POSTPONED, NoticeKind.RESUMED, NoticeKind.SEAT),
        *(NoticeKind.RESTORED, NoticeKind.UNREACHED),
    }
)


@dataclass(frozen=True)
class Line:
    """One person of a notice."""

    id: str
    name: str
    phone: str | None
    position: str | None
    starts_at: datetime | None
    ends_at: datetime | None
    venue: str | None
    words: str
    offer_of: str | None  # id of the sign-up that waits for their yes or no: staff may enter it
    told: Told
    told_by: str | None
    is_moot: bool  # the session is over, or the sign-up ended since: there is nothing left to say
    made_by: str | None  # who signed them up, where it was not they themselves
    made_by_phone: str | None

    @property
    def to_call(self) -> bool:
        """Whether they stand on the list of calls; done ones stay on it."""
        return self.told.must_be_called and not (self.is_moot and self.told.told_at is None)

    @property
    def is_open(self) -> bool:
        """Whether they still have to be rung up."""
        return self.told.is_open and not self.is_moot


@dataclass(frozen=True)
class Overview:
    """A notice with how many hear of it by what, and how many still have to be rung up."""

    notice: Notice
    label: str
    session: EventSession | None
    by_way: dict[str, int]
    to_call: int
    open: int
    leaves_at: datetime | None  # while its messages still wait
    due: datetime | None  # when what they have to know of begins, of the first of those still to be rung up

    @property
    def count(self) -> int:
        """How many people."""
        return sum(self.by_way.values())


def _lines() -> Select[*tuple[Any, ...]]:
    ticker, maker = aliased(Person), aliased(Person)
    return (
        select(
            Telling.id,
            Telling.notice_id,
            Telling.way,
            Telling.words,
            Telling.told_at,
            Notice.kind,
            Notice.undone_at,
            Person.closed_at,
            Person.name,
            func.coalesce(Account.phone, Person.phone).label("phone"),
            OutboxMessage.state,
            is_stuck().label("is_stuck"),
            Signup.status,
            Signup.id.label("signup_id"),
            Position.name.label("position"),
            EventSession,
            ticker.name.label("told_by"),
            maker.id.label("maker_id"),
            maker.name.label("made_by"),
            maker.phone.label("made_by_phone"),
            Telling.person_id,
            _has_answered().label("has_answered"),
        )
        .join(Notice, Notice.id == Telling.notice_id)
        .join(Person, Person.id == Telling.person_id)
        .outerjoin(Account, Account.person_id == Person.id)
        .outerjoin(OutboxMessage, OutboxMessage.dedupe_key == Telling.message_key)
        .outerjoin(Signup, Signup.id == Telling.signup_id)
        .outerjoin(Position, Position.id == Signup.position_id)
        .outerjoin(EventSession, EventSession.id == func.coalesce(Signup.session_id, Notice.session_id))
        .outerjoin(ticker, ticker.id == Telling.told_by)
        .outerjoin(maker, maker.id == Signup.created_by)
        .order_by(EventSession.starts_at, Person.name, Telling.id)
    )


def _has_answered() -> ColumnElement[bool]:
    """Whether someone called for help has signed up there, or said that they cannot."""
    own = aliased(Signup)
    here = exists().where(
        own.person_id == Telling.person_id,
        own.session_id == Notice.session_id,
        own.status.in_(LIVING),
    )
    place = aliased(Position)
    position = select(place.id).where(place.session_id == Notice.session_id).correlate(Notice)
    declined = exists().where(
        Called.person_id == Telling.person_id,
        Called.call_out_id == CallOut.id,
        CallOut.position_id.in_(position),
        Called.declined_at.is_not(None),
    )
    answered = or_(here, declined)
    return and_(Notice.kind == NoticeKind.CALLED, answered)


def _line(row: Row[*tuple[Any, ...]]) -> Line:
    held: EventSession | None = row.EventSession
    ended = row.kind in _OF_THE_LIVING and row.status is not None and row.status not in LIVING
    over = held is not None and held.ends_at <= clock.now()
    by_other = row.maker_id is not None and row.maker_id != row.person_id
    return Line(
        id=row.id,
        name=row.name,
        phone=row.phone,
        position=row.position,
        starts_at=held.starts_at if held else None,
        ends_at=held.ends_at if held else None,
        venue=held.venue.name if held else None,
        words=row.words,
        offer_of=row.signup_id if row.status == SignupStatus.OFFERED else None,
        told=Told(Way(row.way), row.state, row.told_at, bool(row.is_stuck)),
        told_by=row.told_by,
        is_moot=any((row.undone_at, row.closed_at, ended, over, row.has_answered)),
        made_by=row.made_by if by_other else None,
        made_by_phone=row.made_by_phone if by_other else None,
    )


def lines_of(notice_id: str) -> list[Line]:
    """Everyone of a notice, by session and name."""
    return [_line(row) for row in session().execute(_lines().where(Telling.notice_id == notice_id))]


def get_notice_for(person_id: str, notice_id: str) -> Notice:
    """The notice, for who manages the event, or governs; raises NotFound, NotAllowed."""
    found = get_row(Notice, notice_id)
    get_event_for(person_id, found.event_id, *CALLERS)
    return found


def overview_of(notice: Notice, lines: Sequence[Line] | None = None) -> Overview:
    """One notice with its numbers."""
    return _overviews([notice], {notice.id: list(lines if lines is not None else lines_of(notice.id))})[0]


def notices_of(event_id: str, session_id: str | None = None, *, limit: int = 12) -> list[Overview]:
    """What people of this event had to be told, the newest first; of a session, its own and what is of all of them."""
    wanted = select(Notice).where(Notice.event_id == event_id, _has_people())
    if session_id:
        wanted = wanted.where(or_(Notice.session_id == session_id, Notice.session_id.is_(None)))
    return _with_lines(
        session().scalars(wanted.order_by(Notice.made_at.desc(), Notice.id.desc()).limit(limit)).all()
    )


def open_notices(organisations: Collection[str] | None) -> list[Overview]:
    """Notices of these organisations' events (None: of all) with people who still have to be rung up."""
    waits = _waiting(Telling.notice_id)
    wanted = select(Notice).where(Notice.undone_at.is_(None), Notice.id.in_(waits))
    if organisations is not None:
        wanted = wanted.join(Event, Event.id == Notice.event_id).where(
            Event.organisation_id.in_(list(organisations))
        )
    found = _with_lines(session().scalars(wanted.order_by(Notice.made_at.desc(), Notice.id.desc())).all())
    return [one for one in found if one.open]


def open_calls(organisations: Collection[str] | None) -> tuple[int, datetime | None, datetime | None]:
    """How many people still have to be rung up (`open` of open_notices), when what the first of them has to know of
    begins, and since when. One statement.
    """
    counted = func.count(Telling.id), func.min(EventSession.starts_at), func.min(Notice.made_at)
    wanted = (
        _waiting(*counted)
        .join(Person, Person.id == Telling.person_id)
        .where(
            Notice.undone_at.is_(None),
            Person.closed_at.is_(None),
            or_(Notice.kind.not_in(_OF_THE_LIVING), Signup.id.is_(None), Signup.status.in_(LIVING)),
            ~_has_answered(),
        )
    )
    if organisations is not None:
        wanted = wanted.join(Event, Event.id == Notice.event_id)
        wanted = wanted.where(Event.organisation_id.in_(list(organisations)))
    number, due, since = session().execute(wanted).one()
    return number, due, since


def _waiting(*columns: Any) -> Select[*tuple[Any, ...]]:
    """Of people nobody has told, whom nothing we sent has reached, while what they have to know of is not over."""
    late = exists().where(
        OutboxMessage.dedupe_key == Telling.message_key,
        or_(OutboxMessage.state.in_(NOT_ARRIVED), is_stuck()),
    )
    return (
        select(*columns)
        .select_from(Telling)
        .outerjoin(Signup, Signup.id == Telling.signup_id)
        .join(Notice, Notice.id == Telling.notice_id)
        .outerjoin(EventSession, EventSession.id == func.coalesce(Signup.session_id, Notice.session_id))
        .where(
            Telling.told_at.is_(None),
            or_(Telling.way == Way.PHONE, and_(Telling.way.in_((Way.MAIL, Way.SMS)), late)),
            or_(EventSession.id.is_(None), EventSession.ends_at > clock.now()),
        )
    )


def _has_people() -> Any:
    return exists().where(Telling.notice_id == Notice.id)


def _with_lines(notices: Sequence[Notice]) -> list[Overview]:
    lines: dict[str, list[Line]] = {one.id: [] for one in notices}
    if notices:
        for row in session().execute(_lines().where(Telling.notice_id.in_(list(lines)))):
            lines[row.notice_id].append(_line(row))
    return _overviews(notices, lines)


def _overviews(notices: Sequence[Notice], lines: dict[str, list[Line]]) -> list[Overview]:
    held = {
        one.id: one
        for one in session().scalars(
            select(EventSession).where(
                EventSession.id.in_({one.session_id for one in notices if one.session_id})
            )
        )
    }
    waits = {
        one.id: one.leaves_at
        for one in session().scalars(
            select(Cancellation).where(
                Cancellation.id.in_({one.cancellation_id for one in notices if one.cancellation_id}),
                Cancellation.undone_at.is_(None),
                Cancellation.leaves_at > clock.now(),
            )
        )
    }
    return [
        Overview(
            notice=one,
            label=NOTICE_LABELS[NoticeKind(one.kind)],
            session=held.get(one.session_id or ""),
            by_way=dict(Counter(line.told.way.value for line in lines[one.id])),
            to_call=sum(line.to_call for line in lines[one.id]),
            open=sum(line.is_open for line in lines[one.id]),
            leaves_at=waits.get(one.cancellation_id or ""),
            due=min(
                (line.starts_at for line in lines[one.id] if line.is_open and line.starts_at), default=None
            ),
        )
        for one in notices
    ]


def is_of_one(notice: Notice) -> bool:
    """Whether each person of it is told something of their own."""
    return notice.kind in OF_ONE
