"""The one table of the staff's side: searched, filtered, sorted, paged, chosen from, taken away as a sheet.

A page describes its list (`Table` of `Column`, `Filter`, `Act`), gives a source (`Rows` that were read, or a `Query` to
the database) and shows it: `listing = show(table, source)`, in the template `_macros/listing.html`. All it remembers
stands in the address. See docs/decisions/0036.
"""

from webapp.core.listing.acting import (
    NothingChosen,
    OthersFound,
    Outcome,
    TooManyChosen,
    back_to,
    chosen_rows,
    each_of,
    say,
    seen_otherwise,
    told,
)
from webapp.core.listing.asked import Asked, read_asked, read_page
from webapp.core.listing.matching import Named, by_name, by_rule, holding, matches, named, wanted_of
from webapp.core.listing.shown import Shown, listed, show
from webapp.core.listing.sources import Query, Rows, TooManyRows, loaded
from webapp.core.listing.table import ON_A_PAGE, Act, Column, Filter, Table, day_of
from webapp.core.listing.taken import taken

__all__ = [
    "ON_A_PAGE",
    "Act",
    "Asked",
    "Column",
    "Filter",
    "Named",
    "NothingChosen",
    "OthersFound",
    "Outcome",
    "Query",
    "Rows",
    "Shown",
    "Table",
    "TooManyChosen",
    "TooManyRows",
    "back_to",
    "by_name",
    "by_rule",
    "chosen_rows",
    "day_of",
    "each_of",
    "holding",
    "listed",
    "loaded",
    "matches",
    "named",
    "read_asked",
    "read_page",
    "say",
    "seen_otherwise",
    "show",
    "taken",
    "told",
    "wanted_of",
]
