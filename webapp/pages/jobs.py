"""The worker's part: personal data whose time is over goes; the mail of the day; sheets of hundreds of cards."""

from datetime import timedelta
from functools import partial
from typing import Any

from flask import current_app, render_template
from sqlalchemy.exc import SQLAlchemyError

from webapp.core import clock, erasing, pdf
from webapp.core.db import transaction
from webapp.core.errors import NotFound
from webapp.core.jobs import Does, in_small_steps, job
from webapp.core.long_tasks import Product, Progress, long_task
from webapp.events.queries import get_session
from webapp.pages.queries.todo_mail import is_time_now, who_may_be_due
from webapp.pages.service import (
    retention,  # noqa: F401  (says what is erased)
    todo_mail,
)
from webapp.signups.queries.cards import CARDS, ON_A_PAGE, pages_of_cards, passes_to_print

_PAGES_AT_ONCE = 5  # between two words about the progress: about a second


@job(every=timedelta(days=1), does=Does.ERASES)
def announce_erasing() -> None:
    """A week before anything goes, the office knows how much of what it is."""
    for plan in erasing.to_announce():
        with transaction():
            erasing.announce(plan)


@job(every=timedelta(minutes=1), does=Does.ERASES)
def erase() -> None:
    """What was announced and is due, in small steps that hold nobody up, until it is done."""
    for batch in erasing.due():
        if not in_small_steps(partial(erasing.find, batch), partial(erasing.erase, batch)):
            return
        with transaction():
            erasing.end(batch)


@job(every=timedelta(minutes=5), does=Does.TELLS)
def send_todo_mails() -> None:
    """In the morning of a working day, to each who wants it; a fault with one keeps nobody else's back."""
    if not is_time_now():
        return
    today = clock.today()
    for person_id in who_may_be_due(today):
        try:
            ready = todo_mail.prepare(person_id, today)
            if ready is not None:
                with transaction():
                    todo_mail.send(ready, today)
        except SQLAlchemyError:
            raise
        except Exception:  # the day is not taken: it is tried again at the next turn
            current_app.logger.exception("the mail of the day of %s could not be written", person_id)


@long_task(CARDS)
def make_cards(wanted: dict[str, Any], progress: Progress) -> Product:
    """The cards of a session as one PDF; whoever asked must still be allowed to print them."""
    parts, count = _card_sheets(wanted)
    made = pdf.render(
        *parts, on_part=lambda done: progress(min(done * _PAGES_AT_ONCE * ON_A_PAGE, count), count)
    )
    return Product(f"cards-{wanted['session']}.pdf", "application/pdf", made)


def _card_sheets(wanted: dict[str, Any]) -> tuple[list[str], int]:
    """The sheets as HTML, some pages each, and how many cards there are. Templates want a request, so one is made."""
    with current_app.test_request_context(base_url=wanted["base_url"]):
        held = get_session(wanted["session"])
        found = passes_to_print(wanted["by"], held, signup_ids=wanted["signups"])
        if not found:
            raise NotFound
        pages = pages_of_cards(found, wanted["base_url"])
        some = [pages[first : first + _PAGES_AT_ONCE] for first in range(0, len(pages), _PAGES_AT_ONCE)]
        sheets = [{"session": held, "pages": part} for part in some]
        return [render_template("pages/cards_paper.html", sheets=one) for one in sheets], len(found)
