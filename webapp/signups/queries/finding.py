"""Finding somebody on a list by what is said at a door: the rule is core/matching.py's."""

import re

from webapp.core.matching import SOUGHT_LIMIT, Sought
from webapp.core.spelling import compact

__all__ = ["SOUGHT_LIMIT", "Sought", "folded"]
_BETWEEN = re.compile(r"[\s\u00b7\u2022\u2027\u2219\u22c5\u30fb\uff65.\-_,]+")


def folded(text: str) -> str:
    """A name, or what was typed, without regard to width, case, blanks and middle dots."""
    return _BETWEEN.sub("", compact(text)).casefold()
