"""Truth table: the first letters by which a name is typed at a door."""

import pytest

from webapp.core.pinyin import READINGS_LIMIT, initials


@pytest.mark.parametrize(
    ("name", "first"),
    [
        ("张伟", "zw"),
        ("王秀英", "wxy"),
        ("單雄信", "sxx"),  # a family name is read as one
        ("单丽", "sl"),
        ("曾国藩", "zgf"),
        ("仇英", "qy"),
        ("解缙", "xj"),
        ("查良镛", "zly"),
        ("区建国", "ojg"),
        ("乐嘉", "yj"),
        ("覃辉", "qh"),
        ("翟俊杰", "zjj"),
        ("欧阳锋", "oyf"),
        ("尉迟恭", "ycg"),
        ("万俟卨", "mqx"),
        ("长孙无忌", "zswj"),
        ("澹台明", "ttm"),
        ("石", "s"),
        ("阿依古丽·买买提", "ayglmmt"),
        ("王 伟", "ww"),  # a blank inside is no part of a name
        ("刘〇〇", "lll"),
        ("𬱖𫖯", "df"),
        ("石\ufa18", "sl"),  # a compatibility character is the one it stands for
        ("Anna Li", "al"),
        ("Mary-Jane O’Neil", "mjo"),
        ("Élodie Ｗang", "ew"),
        ("李 Emma", "le"),
        ("Иван Петров", "ип"),
    ],
)
def test_the_most_plausible_reading_stands_first(name: str, first: str) -> None:
    assert initials(name)[0] == first


@pytest.mark.parametrize(
    ("name", "typed"),
    [
        ("单丽", "dl"),  # who does not know the family name
        ("单丽", "cl"),
        ("曾乐乐", "cyl"),
        ("乐嘉", "lj"),
        ("覃辉", "th"),
        ("翟俊杰", "djj"),
        ("万俟卨", "wqx"),
        ("张行长", "zxc"),
        ("张行长", "zhz"),
        ("陈晟", "cs"),
        ("陈晟", "cc"),
    ],
)
def test_another_reading_is_found_as_well(name: str, typed: str) -> None:
    assert typed in initials(name)


def test_readings_nobody_means_are_left_out() -> None:
    assert initials("张伟") == ("zw",)
    assert initials("那英") == ("ny",)
    assert "jy" not in initials("仇英")  # 仇 as jū
    assert len(initials("单行长乐重")) <= READINGS_LIMIT


@pytest.mark.parametrize("name", ["", "·", " - ", "123"])
def test_what_is_no_name_has_few_letters(name: str) -> None:
    assert initials(name) in {(), ("1",)}
