"""How an entry of the audit reads: one sentence per act, told by the area whose act it is. Plain Python.

An area lists its acts as `DEEDS` in its domain; webapp/areas.py connects them, with the area's name as the kind of
act a list can be narrowed to. An act nobody tells of (an older name) is told by `NOT_TOLD`.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from webapp.core.errors import N_, Said, Words

Name = Callable[[str, Any], Any]  # what a row is called: its kind, its id
SHORTENED = 120  # letters of a text that was replaced
_WHY = ("reason", "note", "why")
_EMPTY = Words(N_("空"))
_YES, _NO = Words(N_("是")), Words(N_("否"))


@dataclass(frozen=True)
class Field:
    """Something an entry noted: its label where it was changed, and how its values read."""

    label: str = ""
    of: str = ""  # kind of row the value is the id of
    words: Mapping[Any, str] | None = None  # or the label of each code
    is_time: bool = False  # or a moment or day, written as ISO 8601

    def says(self, value: Any, name: Name) -> Any:
        """One value in words."""
        if isinstance(value, list | tuple):
            return [self.says(one, name) for one in value] if value else _EMPTY
        if value is None or value == "":
            return _EMPTY
        if isinstance(value, bool):
            return _YES if value else _NO
        if self.of:
            return name(self.of, value)
        if self.words:
            is_code = isinstance(value, str | int) and value in self.words
            return Words(self.words[value]) if is_code else str(value)
        return _plain(value, is_time=self.is_time)


def _plain(value: Any, *, is_time: bool) -> Any:
    if is_time and isinstance(value, str):
        try:
            return datetime.fromisoformat(value) if "T" in value else date.fromisoformat(value)
        except ValueError:
            return value
    text = str(value) if isinstance(value, str | dict) else ""
    return text[:SHORTENED] + "…" if len(text) > SHORTENED else value


_PLAIN = Field()


@dataclass(frozen=True, init=False)
class Deed:
    """An act and its sentences: the first whose values the entry noted is told, so the last names what all have.

    Beside what was noted a sentence may name `who` did it, `it` that it was done to, and the `event` it belongs to;
    of something changed `x_before` and `x_after`. What else was changed, and why, is added to the sentence.
    """

    sentences: tuple[str, ...]
    fields: Mapping[str, Field] = field(default_factory=dict)

    def __init__(self, *sentences: str, **fields: Field) -> None:
        object.__setattr__(self, "sentences", sentences)
        object.__setattr__(self, "fields", fields)

    def told(self, details: Mapping[str, Any], known: Mapping[str, Any], name: Name) -> Said:
        """The sentence with what was noted (`details`) and what is known of the entry (who, it, event)."""
        changes = list(changed(details))
        values = {key: self._field(key).says(value, name) for key, value in details.items()} | dict(known)
        for key, before, after in changes:
            values[f"{key}_before"] = self._field(key).says(before, name)
            if after is not UNKNOWN:
                values[f"{key}_after"] = self._field(key).says(after, name)
        noted = {key for key, value in values.items() if details.get(key, key) is not None}
        sentence = next((one for one in self.sentences if _names(one) <= noted), self.sentences[-1])
        said = Said(sentence, _Lenient(values))
        if rest := list(self._rest(sentence, changes, name)):
            said = Said(N_("%(what)s：%(changes)s"), {"what": said, "changes": rest})
        why = next((details[key] for key in _WHY if details.get(key)), None)
        if why and not any(f"%({key})s" in sentence for key in _WHY):
            said = Said(
                N_("%(what)s。原因：%(why)s"), {"what": said, "why": Words(_plain(why, is_time=False))}
            )
        return said

    def _field(self, key: str) -> Field:
        return self.fields.get(key, _PLAIN)

    def _rest(self, sentence: str, changes: list[tuple[str, Any, Any]], name: Name) -> Iterator[Said]:
        for key, before, after in changes:
            told = self._field(key)
            if not told.label or f"%({key}_before)s" in sentence:
                continue
            values = {"field": Words(told.label), "before": told.says(before, name)}
            if after is UNKNOWN:
                yield Said(N_("%(field)s原来是%(before)s"), values)
            else:
                yield Said(
                    N_("%(field)s由%(before)s改为%(after)s"), values | {"after": told.says(after, name)}
                )

    def rows(self, details: Mapping[str, Any]) -> Iterator[tuple[str, Any]]:
        """Kind and id of every row whose name the sentence needs."""
        noted = list(details.items())
        noted += [(key, value) for key, *both in changed(details) for value in both]
        for key, value in noted:
            if kind := self._field(key).of:
                several = value if isinstance(value, list | tuple) else [value]
                yield from ((kind, one) for one in several if isinstance(one, str | int))


class _Unknown:
    """What came after was not noted."""


UNKNOWN = _Unknown()


def changed(details: Mapping[str, Any]) -> Iterator[tuple[str, Any, Any]]:
    """Name, value before and after of everything an entry noted as changed; what stayed is left out."""
    pairs = details.get("changed")
    if isinstance(pairs, dict):
        yield from ((key, pair[0], pair[1]) for key, pair in pairs.items() if pair[0] != pair[1])
    before, after = details.get("before"), details.get("after")
    if isinstance(before, dict):
        for key, value in before.items():
            new = after.get(key, UNKNOWN) if isinstance(after, dict) else details.get(key, UNKNOWN)
            if new != value:
                yield key, value, new


def _names(sentence: str) -> set[str]:
    """The values it names."""
    return {part.split(")s", 1)[0] for part in sentence.split("%(")[1:]}


class _Lenient(dict[str, Any]):
    """Values of a sentence; what an older entry did not note is a dash."""

    def __missing__(self, key: str) -> str:
        return "–"


# --- who tells of what --------------------------------------------------------------------------------------------

UNDONE = "act.undo"  # its entry holds the sentence of what was taken back
NOT_TOLD = Deed(N_("%(who)s做了一件事，对象是%(it)s（%(action)s）"))
# The core's own.
DEEDS = {
    UNDONE: Deed(N_("%(who)s撤回了刚才做的：%(what)s"), N_("%(who)s撤回了刚才对%(it)s做的")),
    "option.set": Deed(N_("%(who)s把设置“%(it)s”由%(before)s改为%(after)s")),
    "clock.confirm": Deed(
        N_("%(who)s确认了后台程序所在电脑的时间：%(said)s"),
        said=Field(is_time=True),
        agreed=Field(is_time=True),
    ),
    "erasure.end": Deed(N_("%(who)s按规定删完了到期的数据：%(it)s，共 %(erased)s 条")),
    "erasure.hold": Deed(N_("%(who)s让到期的数据先不删：%(it)s")),
    "erasure.let_go": Deed(N_("%(who)s让先不删的数据照常删：%(it)s")),
}
_told: dict[str, tuple[str, Deed]] = {}


def connect(kind: str, deeds: Mapping[str, Deed]) -> None:
    """Tell of these acts, as acts of this kind (an area)."""
    _told.update({action: (kind, deed) for action, deed in deeds.items()})


def deed_of(action: str) -> Deed:
    """How the act reads."""
    return _told[action][1] if action in _told else NOT_TOLD


def kind_of(action: str) -> str:
    """Which kind of act it is; "" for one nobody tells of."""
    return _told[action][0] if action in _told else ""


def all_deeds() -> Mapping[str, tuple[str, Deed]]:
    """Every act that is told, with its kind."""
    return dict(_told)
