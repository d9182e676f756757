"""The mail of a day's 待办: chosen, confirmed from the mailbox it goes to, sent once a day, ended by one press."""

from dataclasses import dataclass, replace
from datetime import date, datetime, time
from typing import Any

from flask_babel import force_locale, gettext
from sqlalchemy import delete, or_, update

from webapp.core import audit, clock, departing, outbox, tokens
from webapp.core.addresses import address_of
from webapp.core.clock import CITY_ZONE
from webapp.core.db import lock_row, on_conflict_do_nothing, session
from webapp.core.departing import Leaving, Text
from webapp.core.i18n import LOCALES
from webapp.core.outbox import OutboxMessage
from webapp.core.timing import Fact, MessageKind, NotSent, Occasion
from webapp.pages.domain import todo_mail as rules
from webapp.pages.domain.todo_mail import CannotBeSent, Chosen, LinkIsOver, Standing
from webapp.pages.models import TodoMail
from webapp.pages.queries import todo_mail as queries
from webapp.pages.queries.todo_mail import Wanted
from webapp.pages.service import todo_letter

_UNSEEN = {"synchronize_session": False}


def say_who_ends_it() -> None:
    """Give the core, which knows no 待办, who looks at such a mail as it leaves (webapp/areas.py)."""
    departing.looks["todo"] = look
    departing.asked.stop = stop_of
    departing.settled.connect(on_settled)


def choose(person_id: str, language: str) -> Chosen:
    """From the next morning on, once the mailbox has answered. Raises CannotBeSent.

    A second press, also at the same moment, changes nothing more: one row a person, one question an hour.
    """
    now = clock.now()
    row = {"person_id": person_id, "wanted": False, "language": language, "asked_at": now}
    session().execute(on_conflict_do_nothing(TodoMail).values(row))
    kept = lock_row(TodoMail, person_id)
    if not queries.wanted_by(person_id).standing.is_possible:
        raise CannotBeSent
    if not kept.wanted:
        kept.asked_at = now
        audit.record("todo_mail.choose", "person", person_id, by=person_id, language=language)
        _not_before_tomorrow(kept)
    kept.wanted, kept.language = True, language
    session().flush()
    found = queries.wanted_by(person_id)
    if found.standing == Standing.ON:
        return Chosen.ON
    return Chosen.ASKED if _ask(person_id, found) else Chosen.WAITS


def _not_before_tomorrow(kept: TodoMail) -> None:
    """Who says yes after today's mails have left gets the first one on the next day."""
    if rules.is_over(clock.now(), hour=queries.send_hour()):
        kept.last_on = clock.today()


def _ask(person_id: str, found: Wanted) -> bool:
    """Ask the mailbox, once an hour; False where it was asked within this one.

    The link proves the mailbox, so it stands nowhere else: not among the person's messages either.
    """
    mark = queries.mark(found.email)
    token = tokens.sign(rules.CONFIRM, [person_id, mark])
    address = address_of("pages.confirm_todo_mail", {"token": token})
    with force_locale(LOCALES[found.language]):
        subject = gettext("请确认：每天的待办发到这个邮箱")
        body = "\n\n".join(
            (
                gettext("在科普行有人选择了：工作日早上把待办发到这个邮箱。"),
                gettext("是本人选的，打开下面的链接按一下；不是，不用理会，什么也不会发。"),
                address,
                gettext("链接 %(days)s 天内有效。", days=rules.CONFIRM_DAYS),
            )
        )
    key = f"todo.ask:{person_id}:{mark[:16]}:{clock.now():%Y%m%d%H}"
    return outbox.queue(outbox.Draft("mail", found.email, subject, body), rules.ASK.of(key, person_id))


def asked_by(token: str) -> str:
    """Whose mailbox a confirmation link is about; raises NotFound, Expired, LinkIsOver. Reads only."""
    person_id, mark = tokens.unsign(rules.CONFIRM, token, max_age=rules.CONFIRM_DAYS * 86_400)
    found = queries.wanted_by(person_id)
    is_so = found.standing in {Standing.UNCONFIRMED, Standing.ON} and queries.mark(found.email) == mark
    if not is_so:
        raise LinkIsOver
    return str(person_id)


def confirm(token: str) -> None:
    """The mailbox has answered; pressing again changes nothing. Raises as asked_by."""
    person_id = asked_by(token)
    kept = lock_row(TodoMail, person_id)
    found = queries.wanted_by(asked_by(token))
    if found.standing == Standing.UNCONFIRMED:
        kept.confirmed_for = queries.mark(found.email)
        _not_before_tomorrow(kept)
        audit.record("todo_mail.confirm", "person", person_id, by=person_id)


def whose_end(token: str) -> str:
    """Whose mails the link in each of them ends; raises NotFound. It has no last day."""
    return str(tokens.unsign(rules.END, token))


def end(person_id: str, *, way: str) -> None:
    """No more of them; what is on its way is not sent. Ending it twice changes nothing."""
    mine = (TodoMail.person_id == person_id, TodoMail.wanted.is_(True))
    ended: Any = session().execute(
        update(TodoMail).where(*mine).values(wanted=False), execution_options=_UNSEEN
    )
    if ended.rowcount:
        audit.record("todo_mail.end", "person", person_id, by=person_id, way=way)


@dataclass(frozen=True)
class Ready:
    """Somebody's mail of the day before the day is taken; no text where nothing waits for them."""

    person_id: str
    email: str
    text: Text | None


def prepare(person_id: str, today: date) -> Ready | None:
    """What this person is due today; None for who gets none. Read before the day is taken, so that nothing is locked
    meanwhile.
    """
    found = queries.is_due(person_id, today)
    if found is None:
        return None
    return Ready(person_id, found.email, todo_letter.write(person_id, found.language, today=today))


def send(ready: Ready, today: date) -> bool:
    """Take this person's day and queue its mail; False where another worker was faster, or they ended it just now."""
    if not _take(ready.person_id, today):
        return False
    if ready.text is not None:
        draft = outbox.Draft(
            "mail", ready.email, ready.text.subject, ready.text.body, person_id=ready.person_id
        )
        outbox.queue(draft, _fact(ready.person_id, today))
    return True


def _take(person_id: str, today: date) -> bool:
    free = or_(TodoMail.last_on.is_(None), TodoMail.last_on < today)
    mine = update(TodoMail).where(TodoMail.person_id == person_id, TodoMail.wanted.is_(True), free)
    taken: Any = session().execute(mine.values(last_on=today), execution_options=_UNSEEN)
    return bool(taken.rowcount)


def _fact(person_id: str, today: date) -> Fact:
    """Of use until the evening of its day."""
    evening = datetime.combine(today, time(rules.LAST_HOUR), tzinfo=CITY_ZONE)
    fact = rules.DAY.of(f"todo.day:{person_id}:{today.isoformat()}", person_id)
    return replace(fact, occasion=Occasion(evening, evening))


def look(one: Leaving) -> Text | NotSent | None:
    """As it leaves: nothing to who ended it, lost the right or has another address by now; else what waits now."""
    found = queries.wanted_by(one.about_id)
    if one.kind is rules.ASK:
        return None if found.standing == Standing.UNCONFIRMED else NotSent.SETTLED
    today = clock.local_date(one.at)
    if not rules.gets_one(
        found.standing, works_here=queries.works_here(one.about_id), last_on=None, today=today
    ):
        return NotSent.SETTLED
    return todo_letter.write(one.about_id, found.language, today=today) or NotSent.SETTLED


def stop_of(kind: MessageKind, about_id: str) -> str:
    """Where one press ends mails of this kind."""
    return todo_letter.stop_url(about_id) if kind is rules.DAY else ""


def on_settled(kind: MessageKind, about_id: str, *, state: str, at: datetime) -> None:
    """No such mailbox: it has to answer again before anything more is sent there."""
    if kind is rules.DAY and state == "failed":
        mine = update(TodoMail).where(TodoMail.person_id == about_id)
        session().execute(mine.values(confirmed_for=None), execution_options=_UNSEEN)


def forget(person_id: str) -> None:
    """Whoever closes the account gets none, and nothing is kept of it."""
    session().execute(delete(TodoMail).where(TodoMail.person_id == person_id))
    mine = (OutboxMessage.about_id == person_id, OutboxMessage.kind == rules.ASK.name)
    session().execute(delete(OutboxMessage).where(*mine), execution_options=_UNSEEN)
