"""What a phone has handed in before: the answers to its nonces, and which numbers of its chain are taken."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import Row, select, update

from webapp.attendance.domain.links import Link
from webapp.attendance.domain.phones import Flag, Settlement
from webapp.attendance.models import Scan
from webapp.core.db import session
from webapp.people.models import Person
from webapp.signups.models import Signup

_COLUMNS = (
    Scan.id, Scan.device, Scan.nonce, Scan.chain_id, Scan.counter, Scan.answer, Scan.flag, Scan.outcome,
    Scan.offline, Scan.chain_mac, Scan.session_id, Scan.settlement, Person.name,
)  # fmt: skip


class Before:
    """The scans that stand in the way of links, in one question for all of them."""

    def __init__(self, device: str, chain_id: str | None, links: Sequence[Link]) -> None:
        wanted = (Scan.device == device) & Scan.nonce.in_([link.nonce for link in links])
        if chain_id is not None:
            numbers = [link.counter for link in links if link.counter is not None]
            wanted |= (Scan.chain_id == chain_id) & Scan.counter.in_(numbers)
        rows = (
            session()
            .execute(
                select(*_COLUMNS)
                .select_from(Scan)
                .outerjoin(Signup, (Signup.id == Scan.signup_id) & (Signup.session_id == Scan.session_id))
                .outerjoin(Person, Person.id == Signup.person_id)
                .where(wanted)
            )
            .all()
        )
        self._answered = {row.nonce: row for row in rows if row.device == device}
        self._holders: dict[int, dict[str, Any]] = {
            row.counter: {"id": row.id, "flag": row.flag, "is_written": True}
            for row in rows
            if row.counter is not None and row.chain_id == chain_id
        }

    def answered(self, link: Link, *, is_genuine: bool) -> Row[*tuple[Any, ...]] | None:
        """The scan that has the link's nonce.

        None where that was a forgery and this is the genuine one: the forgery stays, under another name, unless people
        have decided that somebody came.
        """
        row = self._answered.get(link.nonce)
        is_forgery = row is not None and row.flag == Flag.TAMPERED and row.chain_mac is None
        if (
            row is None
            or not (is_forgery and is_genuine)
            or row.settlement not in {None, Settlement.DISMISSED}
        ):
            return row
        session().execute(update(Scan).where(Scan.id == row.id).values(nonce=row.id))
        del self._answered[link.nonce]
        return None

    def is_new(self, link: Link) -> bool:
        """Whether neither its nonce nor its number was seen before."""
        return link.nonce not in self._answered and link.counter not in self._holders

    def may_have_number(self, link: Link, *, is_genuine: bool) -> bool:
        """Whether the link's number is free: a forgery gives it up to the genuine one, nobody else does."""
        holder = self._holders.get(link.counter) if link.counter is not None else None
        if holder is None:
            return True
        if not is_genuine or holder["flag"] != Flag.TAMPERED:
            return False
        if "is_written" in holder:
            session().execute(update(Scan).where(Scan.id == holder["id"]).values(counter=None))
        else:
            holder["counter"] = None
        return True

    def note(self, row: dict[str, Any]) -> None:
        """A scan that is going to be written has its number from now on."""
        if row.get("counter") is not None:
            self._holders[row["counter"]] = row
