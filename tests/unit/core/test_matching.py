"""One rule of matching: what is asked of a row read and of a person's kept words is the same."""

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from webapp.core.matching import Sought, words_of


def finds(typed: str, name: str, **more: object) -> bool:
    return Sought(typed).finds(name=name, **more)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("typed", "name"),
    [
        ("shan", "单丽"),  # a family name is read as one
        ("dan", "单丽"),  # and as everywhere else
        ("qiuying", "仇英"),
        ("QIU Ying", "仇英"),
        ("zhang", "长孙无忌"),
        ("xiaom", "王小明"),  # from any character on, to anywhere
        ("lv", "吕布"),
        ("lu", "吕布"),
        ("lü", "吕布"),
        ("yuchi", "尉迟恭"),
        ("zhangw", "张伟"),
        ("maimaiti", "阿依古丽·买买提"),
        ("elodie", "Élodie Wang"),
        ("élo", "Élodie Wang"),
        ("wang anna", "Anna Wang"),  # words in any order
        ("ü", "Üsküdar"),
    ],
)
def test_found_by_pinyin(typed: str, name: str) -> None:
    assert finds(typed, name)


@pytest.mark.parametrize(
    ("typed", "name"),
    [("hang", "张伟"), ("i", "李伟"), ("wz", "张伟"), ("-", "张伟"), ("%", "张伟"), ("_", "张伟")],
)
def test_not_found(typed: str, name: str) -> None:
    assert not finds(typed, name)


def test_a_name_and_the_end_of_the_phone() -> None:
    assert finds("张 5678", "张伟", phone="+8613800005678")
    assert finds("zw 78", "张伟", phone="+8613800005678")
    assert not finds("张 5678", "张伟", phone="+8613800005679")
    assert not finds("0000", "张伟", phone="+8613800005678")


def test_no_more_of_a_phone_is_kept_than_its_end() -> None:
    assert "0000" not in words_of("张伟", "+8613800005678")
    assert "5678"[::-1] in words_of("张伟", "+8613800005678")


def test_other_texts_and_a_code_may_hold_a_word_each() -> None:
    row = {"short_code": "7K2M9Q", "others": ["观众", None, "A4-2"]}
    assert finds("zw 观众", "张伟", **row)
    assert finds("a4-2 7k2m9q", "张伟", **row)
    assert not finds("zw 志愿者", "张伟", **row)


def test_three_thousand_rows_are_looked_through_while_one_types() -> None:
    rows = [f"王{chr(0x4E00 + number)}" for number in range(3000)]
    sought = Sought("wxm")
    began = time.perf_counter()
    for name in rows:
        sought.finds(name=name, phone="+8613800005678", short_code="7K2M9Q")
    assert time.perf_counter() - began < 1.5  # a tenth of that on a quiet machine


@given(st.text(max_size=30) | st.text(alphabet="李王O'neil ·-’阿古丽", max_size=12))
def test_a_name_is_found_by_itself_and_every_part_of_it(name: str) -> None:
    sought = Sought(name)
    assert sought.finds(name=name) or not words_of(name)
    for word in words_of(name).split():
        assert word == "".join(word.split())
        assert not set(word) & set("\"'\\ :*&|!()<>")  # both databases' signs


@given(st.text(max_size=100))
def test_anything_may_be_typed(typed: str) -> None:
    sought = Sought(typed)
    assert isinstance(sought.finds(name="张伟", phone="+8613800005678", short_code="7K2M9Q"), bool)
    assert bool(sought) or not sought.text
