"""What the core, which knows no area, asks about a message that is about to leave, and tells once it has.

`webapp/areas.py` says who answers.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from webapp.core.hooks import Hook
from webapp.core.letters import Attached
from webapp.core.timing import MessageKind, NotSent


@dataclass(frozen=True)
class Text:
    """What a message says."""

    subject: str
    body: str


@dataclass(frozen=True)
class Leaving:
    """A message that is about to leave."""

    kind: MessageKind
    about_id: str
    key: str
    at: datetime


# None: as it was written. Text: what it says now instead. NotSent: it is not so any more.
Look = Callable[[Leaving], Text | NotSent | None]


@dataclass
class Asked:
    """Who makes what goes along with a message, joins several to one, and knows whether they are still true."""

    # The calendar entry of a sign-up, by its id, for whoever has this mail address.
    calendar: Callable[[str, str], Attached | None] | None = None
    # The address where whom a message is about ends mails of its kind; empty for kinds that have none.
    stop: Callable[[MessageKind, str], str] | None = None
    # Several messages to one recipient as one; of kinds that join.
    join: Callable[[list[Text]], Text] | None = None


asked = Asked()
looks: dict[str, Look] = {}  # by what stands before the point in the name of a kind
settled = Hook()  # (kind, about_id, state, at), in the transaction that writes down what became of a message


def look_at(leaving: Leaving) -> Text | NotSent | None:
    """Whether what the message tells is still so, as the area knows that tells it."""
    look = looks.get(leaving.kind.name.partition(".")[0])
    return look(leaving) if look is not None else None
