"""Truth table: who is found at the door by what is said."""

import pytest

from webapp.signups.queries.finding import Sought

PEOPLE = {
    "单丽": ("单丽", "+8613800005678", "7K2M9Q"),
    "单立": ("单立", "+8613900001234", "ZW3456"),
    "曾乐": ("曾乐", None, "AAAAA2"),
    "阿依": ("阿依古丽·买买提", "+864548881234", "BBBB22"),
    "Anna": ("Anna-Maria Li", "+8613700009999", "CCCC23"),
}


def found(text: str) -> set[str]:
    sought = Sought(text)
    return {
        key
        for number, (key, (name, phone, code)) in enumerate(PEOPLE.items(), 1)
        if sought.finds(name=name, phone=phone, short_code=code, number=number)
    }


@pytest.mark.parametrize(
    ("text", "who"),
    [
        ("", set(PEOPLE)),
        ("  ", set(PEOPLE)),
        ("单", {"单丽", "单立"}),
        ("丽", {"单丽", "阿依"}),
        ("单 丽", {"单丽"}),
        ("买买提", {"阿依"}),
        ("古丽•买", {"阿依"}),  # whichever dot the keyboard has
        ("sl", {"单丽", "单立"}),
        ("SL", {"单丽", "单立"}),
        ("ｓｌ", {"单丽", "单立"}),
        ("dl", {"单丽", "单立"}),  # read as everywhere else
        ("zy", {"曾乐"}),
        ("cl", {"曾乐", "单丽", "单立"}),  # 曾 as céng, 单 as chán
        ("ayg", {"阿依"}),
        ("mmt", {"阿依"}),  # a part of the name by its letters, as on the scanner
        ("y", set()),  # one letter is the beginning
        ("aml", {"Anna"}),
        ("anna m", {"Anna"}),
        ("5678", {"单丽"}),
        ("678", {"单丽"}),
        ("13800005678", {"单丽"}),
        ("138 0000 5678", {"单丽"}),
        ("1234", {"单立", "阿依"}),
        ("7k2 m9q", {"单丽"}),
        ("m9q", {"单丽"}),
        ("3", {"曾乐"}),  # the number on the printed sheet
        ("9", set()),
        ("5679", set()),
        ("王", set()),
        ("lx", set()),
    ],
)
def test_who_is_found(text: str, who: set[str]) -> None:
    assert found(text) == who


def test_no_number_is_tried_out_digit_by_digit() -> None:
    assert found("13900005678") == found("5678")
