"""What a list is: its columns, filters and acts, and what its rows are found by. Said once, for page, file and acts."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from flask_babel import gettext as _
from sqlalchemy import ColumnElement

from webapp.core.listing.asked import Known
from webapp.core.listing.matching import Named

ON_A_PAGE = 50
Value = Callable[[Any], Any]


def day_of(value: str) -> date | None:
    """The day a filter without choices was given."""
    try:
        return date.fromisoformat(value)
    except ValueError:
        return None


@dataclass(frozen=True)
class Column:
    """One column. `value` gives what a row has in it: text, number, moment or None, for the page and the file.

    A page may draw the cell itself (a macro under the column's key, see _macros/listing.html). It can be sorted by
    where `sort` (of a row that was read) or `order` (of the database) is given.
    """

    key: str
    label: str  # marked with N_, or a text of its own
    value: Value
    sort: Value | None = None
    order: Any = None  # a column of the database
    kind: str = ""  # "head" names the row; "num" is a figure; "nowrap"; "tight" is for buttons
    shown: bool = True  # unless others are chosen
    in_file: bool = True
    on_page: bool = True
    of_person: bool = False  # taking the file away is noted in the audit
    is_plain: bool = False  # what it says needs no label on a phone's card

    @property
    def title(self) -> str:
        """Its head; "" where its buttons say what they do."""
        return _(self.label) if self.label else ""

    @property
    def stays(self) -> bool:
        """Whether it is on the page whichever columns are chosen: what names the row, and its buttons."""
        return self.kind in {"head", "tight"}


@dataclass(frozen=True)
class Filter:
    """One way to narrow a list, by a value of the address. Without choices a day is asked for.

    `holds(row, value)` narrows rows that were read; `where(value)` a question to the database, `where_among(value,
    asked)` one for which the values of the other filters matter.
    """

    key: str
    label: str
    choices: Sequence[tuple[str, str]] | None = None  # value and word
    holds: Callable[[Any, str], bool] | None = None
    where: Callable[[str], ColumnElement[bool]] | None = None
    where_among: Callable[[str, Mapping[str, str]], ColumnElement[bool]] | None = None
    offered: bool = True  # among the tools; otherwise the page leads to its values itself

    @property
    def title(self) -> str:
        """Its label."""
        return _(self.label)

    def takes(self, value: str) -> bool:
        """Whether it can be narrowed to that."""
        if self.choices is not None:
            return any(value == one for one, _word in self.choices)
        return day_of(value) is not None

    def word_of(self, value: str) -> str:
        """How a value is called."""
        return next((_(word) for one, word in self.choices or () if one == value), value)


@dataclass(frozen=True)
class Act:
    """Something to do with the chosen rows; posted to the table's `acts_at` as `act=<key>`, ids as `row`."""

    key: str
    label: str
    icon: str = ""
    kind: str = "secondary"  # of the button


@dataclass(frozen=True)
class Table:
    """A list as a whole. Made per request where it depends on who looks, or on questions asked.

    `words` gives what a row that was read is found by (see matching.named); `search` asks the database for one word
    (see matching.holding). `row_id` and `acts_at` (an address) are needed where there are acts.
    """

    columns: Sequence[Column] = ()
    filters: Sequence[Filter] = ()
    words: Callable[[Any], str | Named] | None = None
    search: Callable[[str], ColumnElement[bool]] | None = None
    acts: Sequence[Act] = ()
    acts_at: str = ""
    reason: str = ""  # label of a reason written with an act, sent as `reason`; "" where none takes one
    row_id: Callable[[Any], str] = field(default=lambda row: str(row.id))
    seen: type[Any] | None = None  # what a row is, where it has __looks__: acts look at what was shown
    find_by: str = ""  # by what one finds: 姓名、拼音首字母…
    files: bool = True  # whether its page gives files
    size: int = ON_A_PAGE
    part: str = ""  # one of several lists on a page: names of arguments begin with it

    @property
    def known(self) -> Known:
        """What an address may say of it."""
        paged = [one for one in self.columns if one.on_page]
        chosen = [one for one in paged if not one.stays]
        return Known(
            {one.key: one.takes for one in self.filters},
            [one.key for one in paged if one.sort is not None or one.order is not None],
            [one.key for one in chosen],
            [one.key for one in chosen if one.shown],
            self.part,
        )

    @property
    def can_search(self) -> bool:
        """Whether words find something in it."""
        return self.words is not None or self.search is not None

    def filter_of(self, key: str) -> Filter:
        """The filter of that key."""
        return next(one for one in self.filters if one.key == key)

    def column_of(self, key: str) -> Column:
        """The column of that key."""
        return next(one for one in self.columns if one.key == key)
