"""The public list by words: what fits best first; without words by time (docs/decisions/0009).

Four parts follow one another: every word and to come, every word and over, some of it and to come, some of it and
over. In each stands first what has the words in its title, then its summary, then kind, unit and place; among equals
the soonest (of those over, the latest). A later part is only asked for when the earlier ones do not fill the page.
"""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime

from sqlalchemy import ColumnElement, Select, and_, case, literal, or_, select

from webapp.core import clock
from webapp.core.config import current_settings
from webapp.core.db import is_id, session
from webapp.core.errors import BadCursor
from webapp.core.indexed import stands
from webapp.core.words import OWN_FILE, Node, Query, Word, lexicon, understood
from webapp.events.models import Event, EventSession, EventWords
from webapp.events.queries import public
from webapp.events.queries.public import EPOCH, MICROSECOND, PAGE, EventFilter, EventItem, Key, Page

_TITLE, _SUMMARY, _MORE = 12, 6, 4
_STAGES = 4


def looked_for(q: str) -> Query:
    """What someone means by this."""
    return understood(q, lexicon(current_settings().data_dir / OWN_FILE))


def stand(node: Node) -> ColumnElement[bool]:
    """Whether the joined EventWords fulfil the condition; answered by each database's own index."""
    return stands(EventWords, node)


def matching(q: str, *, nearly: bool = False) -> list[ColumnElement[bool]]:
    """For lists in an order of their own: events where every word stands, or some of it does."""
    query = looked_for(q)
    if not q.strip():
        return []
    if not query.words:
        return [literal(False)]
    node = query.some() if nearly else query.every()
    return [Event.id.in_(select(EventWords.event_id).where(stand(node)))]


@dataclass(frozen=True)
class _Place(Key):
    """Where an event stands among those found."""

    stage: int = 0
    points: int = 0

    @property
    def nearly(self) -> bool:
        return self.stage > 1

    def cursor(self, *, back: bool) -> str:
        way = "rb" if back else "rn"
        return f"{way}{self.stage}.{self.points}.{(self.at - EPOCH) // MICROSECOND}.{self.event_id}"


def _read_cursor(text: str | None) -> tuple[_Place | None, bool]:
    """As public's, with the part and the points; a broken one raises BadCursor."""
    if not text:
        return None, False
    parts = text.split(".")
    known = {f"{way}{stage}" for way in ("rn", "rb") for stage in range(_STAGES)}
    if len(parts) != 4 or parts[0] not in known or not is_id(parts[3]):
        raise BadCursor
    if not all(one.isascii() and one.isdigit() and len(one) <= 16 for one in parts[1:3]) or len(parts[1]) > 6:
        raise BadCursor
    stage, at = int(parts[0][2]), EPOCH + int(parts[2]) * MICROSECOND
    return _Place(stage % 2 == 1, at, parts[3], stage=stage, points=int(parts[1])), parts[0][1] == "b"


def list_public(wanted: EventFilter, *, cursor: str | None = None, limit: int = PAGE) -> Page[EventItem]:
    """One page of what everyone may see: by time, or what fits the words best."""
    if not wanted.q.strip():
        return public.list_by_time(wanted, cursor=cursor, limit=limit)
    query = looked_for(wanted.q)
    at, back = _read_cursor(cursor)
    now, keys = clock.now(), list[_Place]()
    for stage in _parts(query, wanted, back=back):
        if at is None or (stage <= at.stage if back else stage >= at.stage):
            edge = at if at is not None and stage == at.stage else None
            statement = _part(query, wanted, now, stage=stage, edge=edge, back=back)
            keys += [
                _Place(stage % 2 == 1, row.starts_at, row.event_id, row.id, stage, row.points)
                for row in session().execute(statement.limit(limit + 1 - len(keys)))
            ]
        if len(keys) > limit:
            break
    more, keys = len(keys) > limit, keys[:limit]
    if back:
        keys.reverse()
    if not keys:
        return Page(())
    has_next, has_prev = (True, more) if back else (more, at is not None)
    return Page(
        public.items_of(wanted, keys, now),
        next=keys[-1].cursor(back=False) if has_next else None,
        prev=keys[0].cursor(back=True) if has_prev else None,
    )


def _parts(query: Query, wanted: EventFilter, *, back: bool) -> Iterable[int]:
    if not query.words:
        return ()
    stages = [0, 1, 2, 3] if query.some() != query.every() else [0, 1]
    stages = [one for one in stages if not (wanted.coming_only and one % 2)]
    return reversed(stages) if back else stages


def _part(
    query: Query, wanted: EventFilter, now: datetime, *, stage: int, edge: _Place | None, back: bool
) -> Select[str, datetime, str, int]:
    over, every = stage % 2 == 1, stage < 2
    points = _points(query, every=every).label("points")
    fits = [stand(query.every())] if every else [stand(query.some()), ~stand(query.every())]
    found = public.half(replace(wanted, q=""), now, over=over, edge=None, back=False).order_by(None)
    found = found.join(EventWords, EventWords.event_id == Event.id).where(*fits)
    at, event_id = EventSession.starts_at, EventSession.event_id
    rising = over == back  # whether the rows asked for lie later in time
    if edge is not None:
        beyond = at > edge.at if rising else at < edge.at
        beside = event_id < edge.event_id if back else event_id > edge.event_id
        better = points > edge.points if back else points < edge.points
        found = found.where(
            or_(better, and_(points == edge.points, or_(beyond, and_(at == edge.at, beside))))
        )
    return found.add_columns(points).order_by(
        points.asc() if back else points.desc(),
        at.asc() if rising else at.desc(),
        event_id.desc() if back else event_id.asc(),
    )


# --- points: the same on both databases ---------------------------------------------------------------------------


def _points(query: Query, *, every: bool) -> ColumnElement[int]:
    whole = case((_in(EventWords.title, [query.text]), _TITLE), else_=0)
    total: ColumnElement[int] = whole
    for word in query.words:
        total = total + _of_word(word, every=every)
    return total


def _of_word(word: Word, *, every: bool) -> ColumnElement[int]:
    """By the best place it stands in; in pieces it counts by piece, wherever those stand."""
    pieces: ColumnElement[int] = literal(1 if every else 0)
    if not every:
        for pair in word.pairs:
            pieces = pieces + case(
                (_in(EventWords.title, [pair]), 2), (_in(EventWords.more, [pair]), 1), else_=0
            )
            pieces = pieces + case((_in(EventWords.summary, [pair]), 1), else_=0)
    return case(
        (_in(EventWords.title, [word.typed]), _TITLE),
        (_in(EventWords.title, word.ways), _TITLE - 2),
        (_in(EventWords.summary, word.ways), _SUMMARY),
        (_in(EventWords.more, word.ways), _MORE),
        else_=pieces,
    )


def _in(text: object, words: Iterable[str]) -> ColumnElement[bool]:
    return or_(*(text.contains(word, autoescape=True) for word in words))  # type: ignore[attr-defined]
