"""What events are found by, written in the transaction that changes it; and all of it anew."""

from sqlalchemy import select

from webapp.core.db import session
from webapp.core.spelling import folded
from webapp.core.words import tokens
from webapp.events.models import Event, EventSession, EventTask, EventWords
from webapp.plan.models import PlanTask
from webapp.venues.models import District, Venue


def refresh_search(event: Event) -> None:
    """Write again what the event can be found by."""
    current = session()
    current.flush()
    tasks = current.execute(
        select(PlanTask.code, PlanTask.title)
        .join(EventTask, EventTask.task_id == PlanTask.id)
        .where(EventTask.event_id == event.id)
        .order_by(PlanTask.code, PlanTask.title)
    ).all()
    township = District.__table__.alias("township")
    places = current.execute(
        select(EventSession.title, Venue.name, District.name, township.c.name)
        .join(Venue, Venue.id == EventSession.venue_id)
        .join(District, District.code == Venue.district_code)
        .outerjoin(township, township.c.code == Venue.township_code)
        .where(EventSession.event_id == event.id)
        .order_by(EventSession.starts_at, EventSession.id)
    ).all()
    words = [event.type.label, event.organisation.name, event.organisation.full_name or ""]
    words += [word for row in (*tasks, *places) for word in row if word]
    # A line each: a word does not run from one into the next, since what is looked for has no line ends.
    more = "\n".join(dict.fromkeys(filter(None, map(folded, words))))
    found = current.scalar(select(EventWords).where(EventWords.event_id == event.id))
    if found is None:
        found = EventWords(event_id=event.id)
        current.add(found)
    found.title, found.summary, found.more = folded(event.title), folded(event.summary), more
    found.words = " ".join(tokens(found.title, found.summary, more))
    current.flush()


def rebuild_search(after: str = "", limit: int = 500) -> str | None:
    """Write the words of the next so many events; the id to go on after, None at the end."""
    wanted = select(Event).where(Event.id > after).order_by(Event.id).limit(limit)
    events = session().scalars(wanted).all()
    for event in events:
        refresh_search(event)
    return events[-1].id if len(events) == limit else None
