"""Find what people type: words in any order and inside each other, Chinese by pairs of letters. Plain Python.

One tokeniser serves both databases (docs/decisions/0009): what is indexed and what is looked for are cut alike, into
letters and pairs of letters where Chinese is written and into words elsewhere. Nothing here knows SQL but the two
ways of writing a condition.
"""

import json
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from itertools import pairwise
from pathlib import Path

from webapp.core.spelling import HAN, folded

BUNDLED = Path(__file__).parents[1] / "data" / "words.json"
OWN_FILE = "words.json"  # in DATA_DIR: an installation's own groups and stop words, added to ours
QUERY_LIMIT, WORDS_MAX, LETTERS_MAX, TOKEN_LIMIT = 100, 6, 40, 40
IN_TITLE = "†"  # before a letter's token: it stands in the title
_HAN_ONE = re.compile(f"[{HAN}]")
# Marks that letters of other scripts carry: to Python they are no part of a word.
_MARKS = (
    "\u0300-\u036f\u0591-\u05bd\u0610-\u061a\u064b-\u065f\u0670\u06d6-\u06dc\u0900-\u0903\u093a-\u094f\u0e31\u0e34-\u0e3a"
    "\u0e47-\u0e4e\u0eb1\u0eb4-\u0ebc\u0f71-\u0f84\u0f8d-\u0fbc\u102b-\u103e\u17b6-\u17d3\u180b-\u180f"
)
_LETTERS = rf"(?:[^\W_{HAN}]|[{_MARKS}])+"
_RUN = re.compile(rf"[{HAN}]+|{_LETTERS}(?:[-.·'_]{_LETTERS})*")
_INSIDE = re.compile(r"[-.·'_]")


# --- cutting ----------------------------------------------------------------------------------------------------


def is_han(text: str) -> bool:
    """Whether the text begins with a Chinese letter; a run is of one kind."""
    return _HAN_ONE.match(text) is not None


def runs(text: str) -> list[str]:
    """The text in its one form, cut where one kind of writing ends: 手机 aed 急救 a4-2."""
    return _RUN.findall(folded(text))


def _pairs(run: str) -> list[str]:
    """What must stand somewhere for this word to stand there: its pairs of letters, or the one letter."""
    return ["".join(two) for two in pairwise(run)] if len(run) > 1 else [run]


def _word(run: str) -> str:
    """A word of another script as the indexes keep it: they cut at hyphens, which belong to a4-2."""
    return _INSIDE.sub("·", run)[:TOKEN_LIMIT]


def tokens(title: str, *others: str) -> list[str]:
    """All an index holds of a text, each once: letters, pairs and words, and the letters of the title apart."""
    found = [IN_TITLE + letter for run in runs(title) if is_han(run) for letter in run]
    for run in (one for text in (title, *others) for one in runs(text)):
        if is_han(run):
            found += [*run, *_pairs(run)]
        else:
            found += [_word(run), *(part[:TOKEN_LIMIT] for part in _INSIDE.split(run))]
    return list(dict.fromkeys(found))


# --- what is known of words -------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Lexicon:
    """Words that mean the same, by each of them, and words that say nothing of what is looked for."""

    same: dict[str, tuple[str, ...]]
    stops: frozenset[str]

    @property
    def longest(self) -> int:
        """Letters of the longest word."""
        return max(map(len, (*self.same, *self.stops)), default=0)


@cache
def lexicon(own: Path | None = None) -> Lexicon:
    """Our words, and those of the file `own` where there is one; a broken file is left aside."""
    same: dict[str, tuple[str, ...]] = {}
    stops: set[str] = set()
    for path in (BUNDLED, own):
        given = _read(path)
        for group in given.get("same", ()):
            words = tuple(dict.fromkeys(folded(str(word)) for word in group))
            known = dict.fromkeys(other for word in words for other in (word, *same.get(word, ())))
            same |= {word: tuple(known) for word in known}
        stops |= {folded(str(word)) for word in given.get("nothing", ())}
    return Lexicon(same, frozenset(stops))


def _read(path: Path | None) -> dict[str, list[list[str]]]:
    if path is None or not path.is_file():
        return {}
    try:
        given = json.loads(path.read_text(encoding="utf-8"))
    except ValueError:
        return {}
    return given if isinstance(given, dict) else {}


# --- what is looked for -----------------------------------------------------------------------------------------

Node = str | tuple[str, tuple["Node", ...]]  # a token, or ("AND" | "OR", nodes); a word's beginning ends in *


@dataclass(frozen=True)
class Word:
    """One word looked for, with those that mean the same; the one typed comes first."""

    ways: tuple[str, ...]

    @property
    def typed(self) -> str:
        """As it was typed."""
        return self.ways[0]

    @property
    def pairs(self) -> list[str]:
        """Its pairs of letters; none of a word of another script."""
        return _pairs(self.typed) if is_han(self.typed) and len(self.typed) > 1 else []

    def whole(self) -> Node:
        """It, or one that means the same, stands there."""
        return any_of(all_of(_parts(way)) for way in self.ways)

    def nearly(self) -> Node:
        """Some of it stands there: a pair of its letters; of two letters both, apart, in the title."""
        if len(self.typed) == 2 and self.pairs:
            return any_of([self.whole(), all_of(IN_TITLE + letter for letter in self.typed)])
        return any_of([self.whole(), *self.pairs])


def _parts(way: str) -> Iterator[str]:
    for run in runs(way):
        if is_han(run):
            yield from _pairs(run)
        else:  # a word's beginning is enough; a number's is not, nor a letter alone
            yield _word(run) if run.isdigit() or len(run) == 1 else _word(run) + "*"


def _joined(mark: str, nodes: Iterable[Node]) -> Node:
    kept = tuple(dict.fromkeys(nodes))
    return kept[0] if len(kept) == 1 else (mark, kept)


def all_of(nodes: Iterable[Node]) -> Node:
    """All of them hold; of one it is that one."""
    return _joined("AND", nodes)


def any_of(nodes: Iterable[Node]) -> Node:
    """One of them holds."""
    return _joined("OR", nodes)


@dataclass(frozen=True)
class Query:
    """What someone looks for."""

    text: str  # in the form texts are compared in
    words: tuple[Word, ...]

    def every(self) -> Node:
        """All words stand there."""
        return all_of(word.whole() for word in self.words)

    def some(self) -> Node:
        """Something of it does."""
        return any_of(word.nearly() for word in self.words)

    def rate(self, fields: Sequence[tuple[str, int]]) -> tuple[int, int] | None:
        """How well texts with these weights fit: (1 when every word stands there, points); None when nothing does."""
        texts = [(folded(text), weight) for text, weight in fields]
        held = set(tokens(fields[0][0], *(text for text, _ in fields[1:])))
        if not self.words or not holds(self.some(), held):
            return None
        points = sum(_points(word, texts) for word in self.words)
        return int(holds(self.every(), held)), points + (texts[0][1] if self.text in texts[0][0] else 0)


def _points(word: Word, texts: Sequence[tuple[str, int]]) -> int:
    whole = [weight for text, weight in texts if any(way in text for way in word.ways)]
    return max(whole) if whole else sum(pair in text for pair in word.pairs for text, _ in texts)


def holds(node: Node, held: set[str]) -> bool:
    """Whether these tokens fulfil the condition."""
    if isinstance(node, str):
        if node.endswith("*"):
            return any(one.startswith(node[:-1]) for one in held)
        return node in held
    mark, nodes = node
    return (all if mark == "AND" else any)(holds(one, held) for one in nodes)


def understood(text: str, known: Lexicon) -> Query:
    """What someone means who typed this: cut into words, without those that say nothing."""
    text = folded(text[: 2 * QUERY_LIMIT])[:QUERY_LIMIT]
    cut = [word for run in runs(text) for word in (_cut(run, known) if is_han(run) else [run])]
    telling = [word for word in cut if word not in known.stops] or cut
    words: list[str] = []
    left = LETTERS_MAX
    for word in dict.fromkeys(telling):
        if left > 0 and len(words) < WORDS_MAX:
            words.append(word[:left] if is_han(word) else word)
            left -= len(word)
    return Query(text, tuple(Word(_ways(word, known)) for word in words))


def _ways(word: str, known: Lexicon) -> tuple[str, ...]:
    return tuple(dict.fromkeys([word, *known.same.get(word, ())]))


def _cut(run: str, known: Lexicon) -> list[str]:
    """A run of Chinese at the words that are known; what lies between them stays together."""
    words: list[str] = []
    begun = at = 0
    while at < len(run):
        length = next(
            (
                size
                for size in range(min(known.longest, len(run) - at), 0, -1)
                if run[at : at + size] in known.same or run[at : at + size] in known.stops
            ),
            0,
        )
        if length:
            words += [run[begun:at], run[at : at + length]]
            at += length
            begun = at
        else:
            at += 1
    return [word for word in (*words, run[begun:]) if word]


# --- how the databases are asked --------------------------------------------------------------------------------


def as_fts5(node: Node) -> str:
    """The condition for SQLite's MATCH."""
    if isinstance(node, str):
        return f'"{node[:-1]}"*' if node.endswith("*") else f'"{node}"'
    return "(" + f" {node[0]} ".join(as_fts5(one) for one in node[1]) + ")"


def as_tsquery(node: Node) -> str:
    """The condition for PostgreSQL's @@."""
    if isinstance(node, str):
        return f"'{node[:-1]}':*" if node.endswith("*") else f"'{node}'"
    mark = " & " if node[0] == "AND" else " | "
    return "(" + mark.join(as_tsquery(one) for one in node[1]) + ")"
