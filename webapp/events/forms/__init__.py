"""Forms of events: fields, the whole event on one page, smaller ones, filters. Import from here."""

from webapp.events.forms.fields import Venues, WhereForm, key_of, revision_of
from webapp.events.forms.filters import FilterForm
from webapp.events.forms.small import AddSessionForm, MoveForm, ReasonForm, SessionWordsForm
from webapp.events.forms.whole import EventForm, PositionForm, WordsForm, next_session, usual_places

__all__ = [
    "AddSessionForm",
    "EventForm",
    "FilterForm",
    "MoveForm",
    "PositionForm",
    "ReasonForm",
    "SessionWordsForm",
    "Venues",
    "WhereForm",
    "WordsForm",
    "key_of",
    "next_session",
    "revision_of",
    "usual_places",
]
