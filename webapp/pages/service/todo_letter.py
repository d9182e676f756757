"""What the mail of a day says: what is on today, what waits, each with its time and its address. Plain text.

No names and no telephones of people: the sentences of 待办 have none, and sessions are named by event and place.
"""

from collections.abc import Iterator, Sequence
from datetime import date, timedelta

from flask_babel import force_locale, gettext

from webapp.core import clock, tokens
from webapp.core.addresses import address_of
from webapp.core.departing import Text
from webapp.core.i18n import LOCALES, filled, format_date, format_datetime, format_range
from webapp.core.todo import Todo, Viewer, collect
from webapp.events.models import EventSession
from webapp.events.queries import list_sessions
from webapp.organisations.domain import Permission
from webapp.organisations.queries import organisations_seen, permissions_of
from webapp.pages.domain import todo_mail as rules

_RUNNERS = (Permission.MANAGE_EVENTS, Permission.SCAN, Permission.INSPECT)
_DAY = timedelta(days=1)


def stop_url(person_id: str) -> str:
    """Where this person ends it without signing in."""
    return address_of("pages.end_todo_mail", {"token": tokens.sign(rules.END, person_id)})


def write(person_id: str, language: str, *, today: date) -> Text | None:
    """This person's mail of the day; None where nothing waits for them."""
    waiting = collect(Viewer(person_id, permissions_of(person_id)))
    if not waiting:
        return None
    with force_locale(LOCALES[language]):
        day = format_date(today)
        subject = gettext("%(day)s待办 %(n)s 件", day=day, n=len(waiting))
        parts = [*_today(person_id, today), *_waiting(waiting), _end(person_id)]
        return Text(subject, "\n\n".join(parts) + "\n")


def _today(person_id: str, today: date) -> Iterator[str]:
    """Sessions of the day, as 今天 lists them."""
    begin = clock.start_of_day(today)
    on = list_sessions(organisations_seen(person_id, *_RUNNERS), since=begin, until=begin + _DAY)
    if on:
        yield gettext("今天的活动")
    for one in on[: rules.SESSIONS]:
        address = address_of("pages.session_sheet", {"session_id": one.id})
        yield f"· {_occasion(one)}\n  {address}"
    if len(on) > rules.SESSIONS:
        yield _more(len(on) - rules.SESSIONS, address_of("pages.manage_home"))


def _occasion(one: EventSession) -> str:
    return f"{format_range(one.starts_at, one.ends_at)} · {one.event.title} · {one.venue.name}"


def _waiting(found: Sequence[Todo]) -> Iterator[str]:
    yield gettext("待办，最急的在前")
    for number, one in enumerate(found[: rules.ROWS], start=1):
        word = gettext("打开") if one.press else gettext(one.act)  # a link in a mail does nothing by itself
        act = gettext("%(act)s：%(address)s", act=word, address=address_of(one.endpoint, one.where))
        second = " · ".join(filter(None, (_time(one), act)))
        yield f"{number}. {filled(one.text, one.values)}\n   {second}"
    if len(found) > rules.ROWS:
        yield _more(len(found) - rules.ROWS, address_of("pages.list_todo"))


def _time(one: Todo) -> str:
    """Until or since when it waits."""
    if one.due:
        return format_datetime(one.due)
    return gettext("%(day)s起", day=format_date(one.since)) if one.since else ""


def _more(number: int, address: str) -> str:
    return gettext("另有 %(n)s 件：%(address)s", n=number, address=address)


def _end(person_id: str) -> str:
    return gettext(
        "没有待办的日子不发这封信。不想再收，打开下面的链接按一下：\n%(address)s", address=stop_url(person_id)
    )
