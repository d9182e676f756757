"""One spelling for what people type: every way of writing a thing, and what must stay as it is."""

import pytest

from webapp.core import spelling
from webapp.core.forms import normal_phone
from webapp.people.domain import BadName, normal_name, same_name
from webapp.people.queries import as_login


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        ("孙 八", "孙八"),
        ("孙\u3000八", "孙八"),
        ("孙\u00a0八", "孙八"),
        ("李一鸣\u200b", "李一鸣"),
        ("\u202a李\u2066一鸣\u2069\u202c", "李一鸣"),
        ("\ufeff李\u00ad一\u2060鸣", "李一鸣"),
        ("葛\U000e0100城", "葛城"),
        ("阿依古丽‧买买提", "阿依古丽·买买提"),
        ("阿依古丽∙买买提", "阿依古丽·买买提"),
        ("阿依古丽•买买提", "阿依古丽·买买提"),
        ("阿依古丽・买买提", "阿依古丽·买买提"),
        ("阿依古丽･买买提", "阿依古丽·买买提"),
        ("阿依古丽．买买提", "阿依古丽·买买提"),
        ("阿依古丽.买买提", "阿依古丽·买买提"),
        ("阿依古丽 · 买买提", "阿依古丽·买买提"),
        ("Ｌｉ　Ｍｉｎｇ２", "Li Ming2"),
        ("J. R. O’Neill-Smith", "J. R. O'Neill-Smith"),
        ("王 Ming", "王 Ming"),
        ("⻢⻰⽅", "马龙方"),
        ("\ue863一", "䶮一"),
        ("ﺋﺎﻳﯩﮕﯜﻝ", "ئايىگۈل"),
        ("ﾔﾏﾀﾞ", "ヤマダ"),
        ("e\u0301lise", "élise"),
    ],
)
def test_many_ways_of_writing_are_one(typed: str, kept: str) -> None:
    assert normal_name(typed) == kept
    assert normal_name(kept) == kept, "a name in its one spelling stays as it is"


@pytest.mark.parametrize(
    "name",
    [
        "䶮一",
        "𬭎川",
        "𠮷田",
        "李\U00031350",  # from a block younger than this Python
        "李\U0002ebf0",
        "﨑本",  # U+FA11 is a letter of its own, although it stands among the compatible ones
        "李〇",
        "ئايگۈل تۇرسۇن",
        "བཀྲ་ཤིས་",
        "ᠪᠠᠲᠤ ᠪᠣᠯᠣᠳ",
        "김철수",
        "Nguyễn Thị Hồng",
        "Łukasz Ångström",
        "नरेंद्र",
        "ꆈꌠ",
        "ᥖᥭᥰ",
        "ລາວ",
        "สมชาย",
        "Иван",
        "نور\u200cالدین",
    ],
)
def test_no_script_and_no_rare_character_is_refused(name: str) -> None:
    assert normal_name(name) == name


@pytest.mark.parametrize(
    "typed", ["王①", "王²", "㊣王", "王★", "王@", "王😀", "<王", "王\ue000", "王½", "王㈠"]
)
def test_what_is_no_letter_is_named(typed: str) -> None:
    with pytest.raises(BadName) as refused:
        normal_name(typed)
    character = refused.value.params["character"]
    assert character in typed or character == "U+E000"


@pytest.mark.parametrize(
    ("one", "other", "is_same"),
    [
        ("阿依古丽·买买提", "阿依古丽买买提", True),
        ("Li Ming", "LIMING", True),
        ("O'Neill", "O’neill", True),
        ("བཀྲ་ཤིས", "བཀྲ་ཤིས་", True),
        ("Hồng", "Hông", False),
        ("王明", "王鸣", False),
        ("𠮷田", "吉田", False),
        ("李\U00031350", "李\U00031351", False),
    ],
)
def test_two_spellings_are_one_name(one: str, other: str, is_same: bool) -> None:
    assert same_name(one, other) is is_same


@pytest.mark.parametrize(
    "typed",
    [
        "\u202d13800138000\u202c",
        "+86 138 0013 8000",
        "0086-138-0013-8000",
        "８６１３８００１３８０００",
        "138·0013·8000",
        "138—0013—8000",
        " 138\u200b00138000\ufeff",
    ],
)
def test_a_mobile_number_is_one_number(typed: str) -> None:
    assert normal_phone(typed) == "+8613800138000"


@pytest.mark.parametrize(
    "typed", ["0454-8888888", "(0454) 8888888", "０４５４－８８８８８８８", "+86 454 8888888"]
)
def test_a_fixed_line_with_its_area_is_one_number(typed: str) -> None:
    assert normal_phone(typed) == "+864548888888"


@pytest.mark.parametrize("typed", ["8888888", "1380013800", "①③800138000", "", "无"])
def test_what_is_no_number(typed: str) -> None:
    assert normal_phone(typed) is None


@pytest.mark.parametrize(
    "typed",
    [
        "wang@example.cn",
        "Wang@Example.cn\u200b",
        "ｗａｎｇ＠example.cn",
        "wang@ example. cn",
        "\u202awang@example。cn",
    ],
)
def test_an_address_is_one_address(typed: str) -> None:
    found = as_login(typed)
    assert found is not None and found.email == "wang@example.cn"


def test_text_keeps_what_it_is_written_with() -> None:
    family = "👨\u200d👩\u200d👧 ❤\ufe0f نور\u200cالدین ᠪᠠ\u180bᠲᠤ"
    assert spelling.visible(family) == family
    assert spelling.visible("血\u200b压\u202d讲座\u00ad①（上）") == "血压讲座①（上）"
