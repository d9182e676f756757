"""Words: how text and what is looked for are cut, and what fits how well; alike wherever it is asked."""

import pytest

from webapp.core import words
from webapp.core.words import Lexicon, as_fts5, as_tsquery, lexicon, runs, tokens, understood

KNOWN = Lexicon(
    {"老人": ("老人", "老年人"), "老年人": ("老年人", "老人"), "血压": ("血压",)}, frozenset({"怎么", "的"})
)


@pytest.mark.parametrize(
    ("text", "cut"),
    [
        ("", []),
        (" 　 ", []),
        ("手机 课 手机", ["手机", "课", "手机"]),
        ("ＡＥＤ急救（A4-2）", ["aed", "急救", "a4-2"]),
        ("ئايگۈل བཀྲ", ["ئايگۈل", "བཀྲ"]),
        ("𠮷田\U00031350", ["𠮷田\U00031350"]),
        ("100%！？", ["100"]),
    ],
)
def test_runs_of_one_writing(text: str, cut: list[str]) -> None:
    assert runs(text) == cut


def test_tokens_are_letters_pairs_and_words() -> None:
    assert set(tokens("量血压", "a4-2")) == {
        "†量",
        "†血",
        "†压",
        "量",
        "血",
        "压",
        "量血",
        "血压",
        "a4·2",
        "a4",
        "2",
    }


@pytest.mark.parametrize(
    ("q", "found"),
    [
        ("", []),
        ("怎么", ["怎么"]),
        ("血压怎么量", ["血压", "量"]),
        ("老年人的血压", ["老年人", "血压"]),
        ("手机课", ["手机课"]),
        ("a4-2 手机", ["a4-2", "手机"]),
        (" ".join(f"w{n}" for n in range(20)), [f"w{n}" for n in range(words.WORDS_MAX)]),
    ],
)
def test_what_someone_means(q: str, found: list[str]) -> None:
    assert [one.typed for one in understood(q, KNOWN).words] == found


@pytest.mark.parametrize(
    ("q", "text", "fits"),
    [
        ("量血压", "血压怎么量", 1),
        ("老人", "老年人课", 1),
        ("老年人", "给老人讲", 1),
        ("手机课", "手机维修", 0),
        ("手机课", "天文", None),
        ("cov", "covid", 1),
        ("10", "100", None),
        ("老人 手机", "老年人", 0),
        ("老少", "老同志带少年", 0),
    ],
)
def test_every_word_or_some_of_it(q: str, text: str, fits: int | None) -> None:
    rated = understood(q, KNOWN).rate([(text, 3)])
    assert (rated[0] if rated else None) == fits


def test_how_the_databases_are_asked() -> None:
    node = understood("老人 cov", KNOWN).every()
    assert as_fts5(node) == '(("老人" OR ("老年" AND "年人")) AND "cov"*)'
    assert as_tsquery(node) == "(('老人' | ('老年' & '年人')) & 'cov':*)"


def test_our_own_words_are_whole() -> None:
    known = lexicon()
    assert known.same["长者"]
    assert all(len(word) > 1 for word in known.same), "a letter alone would cut words that hold it"
    for word, ways in known.same.items():
        assert word in ways
