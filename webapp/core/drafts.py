"""Drafts of long forms: what somebody has typed so far, kept for themselves until they send it (docs/decisions/0041).

One row for each person, form and open page: two phones at one form have a row each, so neither writes over the other.
What a form showed of others' things stands in it, too (core/seen.py), so that sending it late overrides nobody.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import JSON, Index, String, delete, select, update
from sqlalchemy.orm import Mapped, mapped_column

from webapp.core import clock
from webapp.core.db import Base, is_id, new_id, on_conflict_do_nothing, session

KEPT = timedelta(days=30)
CHARACTERS_MAX = 300_000  # more is a table, and that stands in a file already
FORMS_MAX, PAGES_MAX = 40, 3  # of one person; of one form the newest
ADDRESS_LIMIT = 200
_OURS = {"as_seen", "once", "key", "nonce", "revision", "seen", "listed", "previewed"}


class FormDraft(Base):
    """What stood in one open page of a form when it was last saved by itself."""

    __tablename__ = "form_draft"
    __table_args__ = (Index("ix_form_draft_saved_at", "saved_at"),)

    # Whose it is: a person; no foreign key, the core knows no area.
    person_id: Mapped[str] = mapped_column(String(18), primary_key=True)
    address: Mapped[str] = mapped_column(String(ADDRESS_LIMIT), primary_key=True)  # where the form is sent to
    page: Mapped[str] = mapped_column(String(18), primary_key=True)
    fields: Mapped[list[list[str]]] = mapped_column(JSON)  # names and values, in order
    writer: Mapped[str] = mapped_column(String(18))  # the opened page that saved it last
    saved_at: Mapped[datetime]


@dataclass(frozen=True)
class Writing:
    """One opened page of a form, writing at a draft; `based` is whose words it went on with."""

    person_id: str
    address: str
    page: str
    writer: str
    based: str = ""


@dataclass(frozen=True)
class Saved:
    """What the page must know."""

    page: str
    at: datetime
    elsewhere: datetime | None = None  # another page went on with this draft: this one's is kept beside it


def save(writing: Writing, fields: Sequence[tuple[str, str]]) -> Saved | None:
    """Keep it; where another page went on with the draft, in a row of its own. None: too much to keep."""
    if sum(len(name) + len(value) for name, value in fields) > CHARACTERS_MAX:
        return None
    now, page, elsewhere = clock.now(), writing.page, None
    given = {"fields": [list(one) for one in fields], "writer": writing.writer, "saved_at": now}
    if _again(writing, given):
        return Saved(page, now)
    row = {"person_id": writing.person_id, "address": writing.address, "page": page}
    insert = on_conflict_do_nothing(FormDraft).values(row | given).returning(FormDraft.page)
    if session().scalar(insert) is None:
        elsewhere = session().scalar(
            select(FormDraft.saved_at).where(*_is(writing.person_id, writing.address, page))
        )
        page = new_id()
        session().add(FormDraft(**(row | given | {"page": page})))
        session().flush()
    _keep_few(writing.person_id, writing.address)
    return Saved(page, now, elsewhere)


def _again(writing: Writing, given: dict[str, Any]) -> bool:
    done: Any = session().execute(
        update(FormDraft)
        .where(
            *_is(writing.person_id, writing.address, writing.page),
            FormDraft.writer.in_([writing.writer, writing.based]),
        )
        .values(given)
        .execution_options(synchronize_session=False)
    )
    return bool(done.rowcount)


def _is(person_id: str, address: str, page: str) -> list[Any]:
    return [FormDraft.person_id == person_id, FormDraft.address == address, FormDraft.page == page]


def _keep_few(person_id: str, address: str) -> None:
    """The newest pages of this form, and the newest of all."""
    mine = select(FormDraft.address, FormDraft.page).where(FormDraft.person_id == person_id)
    newest = mine.order_by(FormDraft.saved_at.desc(), FormDraft.page.desc())
    rows = session().execute(newest).all()
    here = [one for one in rows if one.address == address]
    for old in {*here[PAGES_MAX:], *rows[FORMS_MAX:]}:
        drop(person_id, old.address, old.page)


def drafts_of(person_id: str, address: str) -> list[FormDraft]:
    """What somebody has of a form, the newest first."""
    wanted = select(FormDraft).where(FormDraft.person_id == person_id, FormDraft.address == address)
    living = wanted.where(FormDraft.saved_at >= clock.now() - KEPT)
    return list(session().scalars(living.order_by(FormDraft.saved_at.desc(), FormDraft.page.desc())))


def drop(person_id: str, address: str, page: str) -> None:
    """It was sent, or is not wanted any more."""
    gone = delete(FormDraft).where(*_is(person_id, address, page))
    session().execute(gone.execution_options(synchronize_session=False))


def forget_drafts_of(person_id: str) -> None:
    """All of someone's."""
    session().execute(delete(FormDraft).where(FormDraft.person_id == person_id))


def typed(fields: Sequence[Sequence[str]]) -> list[str]:
    """The words among them: no ids, no marks."""
    return [value for name, value in fields if value.strip() and not (is_id(value) or name in _OURS)]
