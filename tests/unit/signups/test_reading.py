"""Lists of people as they are pasted: a truth table, and never an exception."""

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from webapp.core.forms import normal_phone
from webapp.core.tables.draft import BESIDE
from webapp.signups.domain import reading
from webapp.signups.domain.listing import listing_of
from webapp.signups.domain.reading import read_people
from webapp.signups.domain.rows import Named

ONE = "+8613800138000"


@pytest.mark.parametrize(
    ("typed", "expected"),
    [
        ("张三 13800138000", Named("张三", ONE)),
        ("13800138000 张三", Named("张三", ONE)),
        ("张三\t138 0013 8000", Named("张三", ONE)),
        ("张三，13800138000", Named("张三", ONE)),
        ("张三、138-0013-8000", Named("张三", ONE)),
        ("张三:+86 138 0013 8000", Named("张三", ONE)),
        ("1. 张三 13800138000", Named("张三", ONE)),
        ("12、张三13800138000", Named("张三", ONE)),
        ("张三１３８００１３８０００", Named("张三", ONE)),
        ("王　芳", Named("王芳")),
        ("王 小 明", Named("王小明")),
        ("阿依古丽·买买提 13800138000", Named("阿依古丽·买买提", ONE)),
        ("Li Ming, 13800138000", Named("Li Ming", ONE)),
        ("1\t张三\t男\t13800138000", Named("张三", ONE)),
        ("2 张三 女 13800138000", Named("张三", ONE)),
        ("张三（男）13800138000", Named("张三", ONE)),
        ("姓名：张三 电话：13800138000", Named("张三", ONE)),
        ("张三 (+86)13800138000", Named("张三", ONE)),
        ("李 男 13800138000", Named("李男", ONE)),
        ("男孩 13800138000", Named("男孩", ONE)),
        ("李秀英 0454-8888888", Named("李秀英", "+864548888888")),
    ],
)
def test_a_line_is_a_name_and_a_number_in_any_order(typed: str, expected: Named) -> None:
    read = read_people(typed, phone=normal_phone)
    assert [row.person for row in read.rows] == [expected]
    assert not read.faults


@pytest.mark.parametrize(
    ("typed", "sentence"),
    [
        ("张三 1380013800", reading.BAD_PHONE),
        ("张三 138001380001", reading.BAD_PHONE),
        ("张三 138", reading.BAD_PHONE),
        ("13800138000", reading.BAD_NAME),
        ("=1+2", reading.BAD_PHONE),
        ("@SUM", reading.BAD_CHARACTER),
        ("张三 13800138000 13900139000", reading.TWO_PHONES),
        ("张三,东风社区,13800138000", reading.WHICH_NAME),
        ("张三 男 65 13800138000", reading.BAD_REST),
        ("张三" * 200, reading.LINE_TOO_LONG),
        ("张" * 51, reading.BAD_NAME),
    ],
)
def test_what_cannot_be_read_is_said_by_row(typed: str, sentence: str) -> None:
    read = read_people("\n王五\n" + typed, phone=normal_phone)
    assert [(fault.number, fault.sentence) for fault in read.faults] == [(3, sentence)]
    assert [row.number for row in read.rows] == [2]


def test_several_may_share_a_telephone_and_nobody_stands_twice() -> None:
    read = read_people(
        "张三 13800138000\n李四 13800138000\n\n张三 13800138000\n王五\n王五", phone=normal_phone
    )
    assert [row.number for row in read.rows] == [1, 2, 5, 6]
    assert [(fault.number, fault.sentence, fault.params) for fault in read.faults] == [
        (4, reading.SAME_TWICE, {"row": 4, "first": 1})
    ]


@pytest.mark.parametrize("mark", ["\t", ",", "，", "、", ";"])
def test_a_heading_row_makes_columns(mark: str) -> None:
    lines = [
        ["手机号", "姓名", "年龄段", "监护人", "监护人电话", "陪同人"],
        ["13800138000", "王小明", "不满14岁", "王大明", "13900139000", "李老师"],
        ["", "王小红", "15", "王大明", "13900139000"],
        ["", "王小兰", "12", "王大明", "13900139000", "自己来"],
        ["", "王小强", "7", "王小强", "13900139000", ""],
        ["", "王二", "9", "", ""],
        ["13800138000", "王三", "什么", "", ""],
        ["13800138001", "王四", "9", "王大明", "139"],
        ["", "王五", "成人"],
    ]
    read = read_people("\n".join(mark.join(line) for line in lines), phone=normal_phone)
    guardian = ("王大明", "+8613900139000")
    assert [row.person for row in read.rows] == [
        Named("王小明", ONE, "under_14", *guardian, "李老师"),
        Named("王小红", None, "14_15", *guardian),
        Named("王小兰", None, "10_13", *guardian, ""),
        Named("王五", None, "adult"),
    ]
    assert [(fault.number, fault.sentence) for fault in read.faults] == [
        (5, reading.OWN_GUARDIAN),
        (6, reading.NO_GUARDIAN),
        (7, reading.BAD_BAND),
        (8, reading.BAD_GUARDIAN),
    ]
    assert [row.person for row in read_people(lines, phone=normal_phone).rows] == [
        row.person for row in read.rows
    ]


@pytest.mark.parametrize(
    ("typed", "people"),
    [
        ("社区健康课报名表\n姓名\t手机号\n李一鸣\t13800138000", {3: "李一鸣"}),
        (
            "填报单位：长青社区\n\n序号,姓 名*,联系电话（必填）\n1,李一鸣,13800138000\n合计,1\n备注：以上",
            {4: "李一鸣"},
        ),
        ("社区健康课报名表\n李一鸣 13800138000\n共2人", {2: "李一鸣"}),
        ("#接龙\n周六健康课 12月5日上午9点\n1. 李一鸣 13800138000\n2. 王芳", {3: "李一鸣", 4: "王芳"}),
        ("姓名\n李一鸣\n王芳", {2: "李一鸣", 3: "王芳"}),
        ("姓名,电话\n李一鸣,13800138000\n姓名,电话\n王芳,13800138001", {2: "李一鸣", 4: "王芳"}),
        ("姓名及电话\n李一鸣13800138000", {2: "李一鸣"}),
        ("姓名/电话\n李一鸣/13800138000", {2: "李一鸣"}),
        ("姓名,联络号\n李一鸣,13800138000\n王芳,", {2: "李一鸣", 3: "王芳"}),
        ("姓名 手机号\n李一鸣 13800138000", {2: "李一鸣"}),
    ],
)
def test_titles_sums_and_notes_are_nobody(typed: str, people: dict[int, str]) -> None:
    read = read_people(typed, phone=normal_phone)
    assert {row.number: row.person.name for row in read.rows} == people
    assert not read.faults
    assert all(row.person.phone == ONE for row in read.rows if row.person.name == "李一鸣" and "138" in typed)


@pytest.mark.parametrize(
    ("phone", "sentence"),
    [
        ("13800138000.0", None),
        ("1.3800138000E+10", None),
        ("\u202d13800138000\u202c", None),
        ("1.38E+10", reading.CUT_PHONE),
        ("138001380", reading.BAD_PHONE),
    ],
)
def test_a_number_as_spreadsheets_leave_it(phone: str, sentence: str | None) -> None:
    read = read_people(f"姓名\t电话\n李一鸣\t{phone}", phone=normal_phone)
    assert [row.person.phone for row in read.rows] == ([] if sentence else [ONE])
    assert [one.sentence for one in read.faults] == ([sentence] if sentence else [])


def test_a_second_list_beside_the_first_is_named() -> None:
    read = read_people("姓名\t电话\t姓名\t电话\n李一鸣\t13800138000\t王芳\t13800138001", phone=normal_phone)
    assert [row.person.name for row in read.rows] == ["李一鸣"]
    assert [(sentence, params["column"]) for sentence, params in read.passed] == [(BESIDE, 3)]
    alone = read_people("姓名\t电话\t姓名\t电话\n李一鸣\t13800138000\t\t", phone=normal_phone)
    assert not alone.passed, "an empty half of a form is no loss"


@pytest.mark.parametrize(
    ("typed", "band"),
    [
        ("60岁以上", "adult"),
        ("18-59岁", "adult"),
        ("老年人", "adult"),
        ("10—12岁", "10_13"),
        ("14-17岁", None),
    ],
)
def test_ages_as_people_write_them(typed: str, band: str | None) -> None:
    guarded = f"姓名\t年龄\t监护人\t监护人电话\n李一鸣\t{typed}\t王芳\t13800138000"
    read = read_people(guarded, phone=normal_phone)
    assert [row.person.age_band for row in read.rows] == ([band] if band else [])


def test_all_faults_of_a_row_at_once() -> None:
    read = read_people("姓名\t电话\t年龄\n@@\t12\t什么\n小明\t1\t9", phone=normal_phone)
    assert [[one.key for one in bad.faults] for bad in read.faults] == [
        ["name", "phone", "band"],
        ["phone", "guardian", "guardian_phone", "company"],
    ]


def test_a_list_is_mended_below_and_written_back() -> None:
    listing = listing_of("名单表\n姓名,电话,别的\n李一鸣,1380013800,x\n王芳,,y")
    mended = listing.apply({"c3_1": ["13800138000"], "leave": ["4"]})
    assert mended.text == "名单表\n姓名\t电话\t别的\n李一鸣\t13800138000\tx\n"
    free = listing_of("李一鸣 138\n王芳").apply({"c1_0": ["李一鸣 13800138000"]})
    assert free.text == "李一鸣 13800138000\n王芳"
    named = listing_of("13800138000\t李一鸣").apply({"col0": ["phone"], "col1": ["name"]})
    assert named.text == "手机号\t姓名\n13800138000\t李一鸣"
    again = listing_of("名单表\n姓名,电话,别的\n李一鸣,1380013800,x\n王芳,,y")
    other = again.apply({"col0": [""], "col1": ["phone"], "col2": ["name"]})
    assert other.lines[1] == "(不用)\t手机号\t姓名"
    assert [row.person.name for row in reading.read_listing(other, phone=normal_phone).rows] == ["y"]


def test_after_five_hundred_rows_the_rest_is_not_read() -> None:
    read = read_people(
        "\n".join("王" + "一二三四五"[number % 5] for number in range(600)), phone=normal_phone
    )
    assert len(read.rows) == 500
    assert [(fault.number, fault.sentence) for fault in read.faults] == [(501, reading.TOO_MANY)]


_SIGNS = st.sampled_from(
    [
        *"张王李三小明 \t,，、;；|:：.()（）+-·\n\r　0123456789１８=@'\"姓名手机号",
        "姓名\t电话\n",
        "13800138000",
    ]
)


@given(st.one_of(st.text(), st.lists(_SIGNS).map("".join)))
@example("姓名\n\n\t")
@example("\x00\ud800")
@example("²³ 12345")
def test_nothing_pasted_is_an_exception(text: str) -> None:
    read = read_people(text, phone=normal_phone)
    assert all(row.person.name and "%(row)s" not in row.person.name for row in read.rows)
    assert all(fault.sentence % fault.params for fault in read.faults)


@given(st.lists(st.lists(st.text(), max_size=6), max_size=5))
def test_nor_is_any_sheet(rows: list[list[str]]) -> None:
    read_people(rows, phone=normal_phone)
