"""Finding people by what was typed, for the lists that are searched in the database."""

from typing import Any

from sqlalchemy import ColumnElement, false, select

from webapp.core.indexed import stands
from webapp.core.matching import Sought
from webapp.people.models import PersonWords


def called(word: str, person_id: Any) -> ColumnElement[bool]:
    """Whose name, pinyin, first letters or end of the phone begins so; `person_id` is the column that names them."""
    node = Sought(word).node
    if node is None:
        return false()
    found: ColumnElement[bool] = person_id.in_(select(PersonWords.person_id).where(stands(PersonWords, node)))
    return found
