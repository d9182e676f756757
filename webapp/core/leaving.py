"""What hangs on someone or something that ends: named before the act, handed on by it. One way for every channel.

An area says its part (`Part`): what hangs there, what becomes of it, and with which foreign keys that deals.
`webapp/areas.py` names the parts in the order in which they are settled. The page, the command and the use case ask
the same parts, so that what was named is what happens. A test walks every key to a person.
"""

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from webapp.core.errors import Refusal


class End(StrEnum):
    """What may end."""

    ACCOUNT = "account"  # a person closes it, and is gone
    RIGHT = "right"  # what a person may do for an organisation
    TEAM = "team"  # a person's membership of a team
    DISSOLVED = "dissolved"  # a team itself
    PAPER = "paper"  # a training is voided, a certificate counts no more
    PHONE = "phone"  # a paired phone may scan no more


@dataclass
class Ending:
    """One of them, about to happen.

    `subject_id` is the organisation, the team, the training or certificate, the phone; `left` are the permissions that
    go. `choices` say what becomes of what there is a choice about: a hanging's key → an option's value. A part that
    must keep the name of somebody who leaves for good says so in `keep_name`.
    """

    end: End
    person_id: str = ""
    subject_id: str = ""
    by: str | None = None
    left: frozenset[str] = frozenset()
    choices: Mapping[str, str] = field(default_factory=dict)
    keep_name: bool = False


@dataclass(frozen=True)
class Option:
    """One way to deal with it; `text` is a marked sentence."""

    value: str
    text: str
    values: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Hanging:
    """One thing that hangs on it: a marked sentence without a subject (it is said of oneself and of others).

    `becomes` says what becomes of it. Where there is a choice, the first option is what happens unless another is
    chosen. A `refusal` is the one thing that keeps it from ending.
    """

    text: str
    values: Mapping[str, Any] = field(default_factory=dict)
    becomes: str = ""
    key: str = ""
    options: Sequence[Option] = ()
    refusal: Refusal | None = None


@dataclass(frozen=True)
class Part:
    """What one area has to do with such an end. `keys` are the columns it deals with, as table.column."""

    ends: Collection[End]
    look: Callable[[Ending], Iterable[Hanging]] | None = None
    settle: Callable[[Ending], object] | None = None
    keys: Collection[str] = ()


_parts: list[Part] = []
NAMED = 3  # so many names in one sentence
_FIELD = "what:"


def connect(*parts: Part) -> None:
    """Add parts; adding one again changes nothing."""
    _parts.extend(one for one in parts if one not in _parts)


def parts() -> tuple[Part, ...]:
    """Every part, in the order in which they are settled."""
    return tuple(_parts)


def hanging(ending: Ending) -> list[Hanging]:
    """All that hangs on it, what keeps it from ending first. Reads only."""
    found = [one for part in _of(ending) if part.look for one in part.look(ending)]
    return sorted(found, key=lambda one: one.refusal is None)


def settle(ending: Ending) -> None:
    """Hand on or end what hangs on it, inside the caller's transaction; a part that refuses undoes all."""
    for part in _of(ending):
        if part.settle:
            part.settle(ending)


def _of(ending: Ending) -> list[Part]:
    return [one for one in _parts if ending.end in one.ends]


def chosen(form: Mapping[str, str]) -> dict[str, str]:
    """The choices of a page: its fields named what:<key>."""
    return {name.removeprefix(_FIELD): value for name, value in form.items() if name.startswith(_FIELD)}


def some_names(names: Iterable[str]) -> str:
    """The first few, with dots for the others: A、B、C…"""
    found = list(dict.fromkeys(names))
    return "、".join(found[:NAMED]) + ("…" if len(found) > NAMED else "")
