"""Files as people have them: every container, decorated sheets, and a draft that is mended."""

import contextlib
import io
import zipfile
from collections.abc import Callable
from datetime import date, datetime, time
from typing import Any

import openpyxl
import pytest
import xlwt
from hypothesis import given, settings
from hypothesis import strategies as st

from webapp.core.sheets import Sheet, comma_separated, read, xlsx
from webapp.core.tables.columns import Column, find_heads, plain, years_in
from webapp.core.tables.draft import Draft, of_file, of_text, unpack
from webapp.core.tables.opening import open_pages
from webapp.core.tables.pages import Limits, OtherKindOfFile, Page, SheetTooLarge, UnreadableSheet
from webapp.core.tables.sample import sample_of

COLUMNS = (
    Column("title", "标题", "标题 活动名称", is_needed=True, example="例"),
    Column("day", "日期", "日期 时间"),
    Column("start", "开始", "开始 时间"),
    Column("phone", "电话", "电话 手机号"),
)
HEADS, ROW = ["标题", "日期", "开始", "电话"], ["血压怎么量", "2026-12-05", "09:00", "13800138000"]


def workbook(write: Callable[[Any], None]) -> bytes:
    book = openpyxl.Workbook()
    write(book)
    made = io.BytesIO()
    book.save(made)
    return made.getvalue()


def old_workbook() -> bytes:
    book = xlwt.Workbook()
    hidden = book.add_sheet("字典")
    hidden.write(0, 0, "选项")
    hidden.visibility = 1
    page = book.add_sheet("计划")
    page.write_merge(0, 0, 0, 3, "十二月安排")
    for place, head in enumerate(HEADS):
        page.write(1, place, head)
    day, hour = xlwt.easyxf(num_format_str="yyyy/m/d"), xlwt.easyxf(num_format_str="h:mm")
    page.write_merge(2, 3, 1, 1, datetime(2026, 12, 5), day)  # noqa: DTZ001
    for line in (2, 3):
        page.write(line, 0, ROW[0])
        page.write(line, 2, 0.375, hour)
        page.write(line, 3, 13800138000.0)
    made = io.BytesIO()
    book.save(made)
    return made.getvalue()


def ods() -> bytes:
    spaces = {
        "office": "urn:oasis:names:tc:opendocument:xmlns:office:1.0",
        "table": "urn:oasis:names:tc:opendocument:xmlns:table:1.0",
        "text": "urn:oasis:names:tc:opendocument:xmlns:text:1.0",
    }
    declared = " ".join(f'xmlns:{name}="{uri}"' for name, uri in spaces.items())

    def cell(text: str, more: str = "") -> str:
        return f"<table:table-cell {more}><text:p>{text}</text:p></table:table-cell>"

    heads = "".join(cell(head) for head in HEADS)
    rows = [
        cell("安排", 'table:number-columns-spanned="4"'),
        heads,
        cell(ROW[0])
        + cell("x", 'office:value-type="date" office:date-value="2026-12-05" table:number-rows-spanned="2"')
        + cell("x", 'office:value-type="time" office:time-value="PT09H00M00S"')
        + cell("x", 'office:value-type="float" office:value="13800138000"'),
        cell(ROW[0]) + "<table:covered-table-cell/>" + cell("09:00") + cell("13800138000"),
    ]
    body = "".join(f"<table:table-row>{row}</table:table-row>" for row in rows)
    wide = '<table:table-cell table:number-columns-repeated="16384"/>'
    empty = f'<table:table-row table:number-rows-repeated="1048570">{wide}</table:table-row>'
    table = f'<table:table table:name="计划">{body}{empty}</table:table>'
    xml = f"<office:document-content {declared}>{table}</office:document-content>"
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w") as parts:
        parts.writestr("mimetype", "application/vnd.oasis.opendocument.spreadsheet")
        parts.writestr("content.xml", xml)
    return made.getvalue()


def web_page(charset: str) -> bytes:
    line = "".join(f"<td>{one}</td>" for one in (ROW[0], "", ROW[2], ROW[3]))
    text = f"""<html xmlns:x="urn:schemas-microsoft-com:office:excel">
    <head><meta charset="{charset}"></head><body><table>
    <tr><td colspan=4>安排</td></tr><tr>{"".join(f"<th>{one}</th>" for one in HEADS)}</tr>
    <tr><td>{ROW[0]}</td><td rowspan="2">2026-12-05</td><td>09:00</td><td>13800138000</td></tr>
    <tr>{line.replace("<td></td>", "")}</tr></table></body></html>"""
    return text.encode(charset)


def xml_2003() -> bytes:
    def row(*cells: str) -> str:
        return (
            "<Row>" + "".join(f'<Cell><Data ss:Type="String">{one}</Data></Cell>' for one in cells) + "</Row>"
        )

    second = row(ROW[0]).replace(
        "</Row>",
        '<Cell ss:Index="3"><Data ss:Type="String">09:00</Data></Cell>'
        '<Cell><Data ss:Type="Number">13800138000</Data></Cell></Row>',
    )
    first = row(*ROW).replace(
        '<Cell><Data ss:Type="String">2026-12-05',
        '<Cell ss:MergeDown="1"><Data ss:Type="DateTime">2026-12-05T00:00:00.000',
    )
    name = "urn:schemas-microsoft-com:office:spreadsheet"
    text = f"""<?xml version="1.0"?><?mso-application progid="Excel.Sheet"?>
    <Workbook xmlns="{name}" xmlns:ss="{name}">
    <Worksheet ss:Name="计划"><Table>{row("安排")}{row(*HEADS)}{first}{second}</Table></Worksheet></Workbook>"""
    return text.encode()


def new_workbook() -> bytes:
    def write(book: Any) -> None:
        book.active.title, book.active.sheet_state = "字典", "hidden"
        book.active.append(["选项"])
        page = book.create_sheet("计划")
        page["A1"] = "十二月安排"
        page.merge_cells("A1:D1")
        page.append(HEADS)
        page.append([ROW[0], date(2026, 12, 5), time(9), 13800138000])
        page.append([ROW[0], None, time(9), "13800138000"])
        page.merge_cells("B3:B4")
        page.append(["藏起来的", date(2026, 12, 5), time(9), ""])
        page.row_dimensions[5].hidden = True
        book.active = 1

    return workbook(write)


TEXT = "十二月安排\t\t\t\r\n" + "\r\n".join("\t".join(row) for row in (HEADS, ROW, ROW))


@pytest.mark.parametrize(
    "content",
    [
        new_workbook(),
        old_workbook(),
        ods(),
        web_page("utf-8"),
        web_page("gb2312"),
        xml_2003(),
        TEXT.encode("utf-16"),
        TEXT.encode("utf-16-le"),
        TEXT.encode("utf-16-be"),
        TEXT.encode("utf-8-sig"),
        TEXT.replace("\t", ",").encode("gb18030"),
        TEXT.replace("\t", ";").encode(),
        ("sep=|\r\n" + TEXT.replace("\t", "|")).encode(),
        TEXT.replace("\t", "，").encode(),
    ],
    ids=[
        "xlsx",
        "xls",
        "ods",
        "html",
        "html-gb",
        "xml",
        "utf-16",
        "utf-16-le",
        "utf-16-be",
        "tsv",
        "csv-gb",
        "semicolon",
        "sep",
        "wide",
    ],
)
def test_every_container_holds_the_same_table(content: bytes) -> None:
    draft = of_file(content, COLUMNS, Limits())
    rows, _ = draft.read()
    assert [(one.number, [one.cells[key] for key in ("title", "day", "start", "phone")]) for one in rows] == [
        (3, ROW),
        (4, ROW),
    ]


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"%PDF-1.7 ...", "PDF"),
        (b"\xff\xd8\xff\xe0 jpeg", "图片"),
        (b"\x00\x00\x00\x18ftypheic....", "图片"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + "EncryptedPackage".encode("utf-16-le"), "密码"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + "WordDocument".encode("utf-16-le"), "Word"),
        (b"Rar!\x1a\x07\x01\x00", "压缩包"),
        (b"{\\rtf1 ", "Word"),
        (b"MIME-Version: 1.0\r\nX-Document-Type: Workbook\r\n", ".mht"),
    ],
)
def test_what_is_no_table_is_called_by_its_name(content: bytes, words: str) -> None:
    with pytest.raises(UnreadableSheet) as refused:
        open_pages(content)
    assert words in str(refused.value)


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("word/document.xml", "Word"),
        ("Index/Document.iwa", "Numbers"),
        ("xl/workbook.bin", "xlsb"),
        ("a.txt", "压缩包"),
    ],
)
def test_a_zip_of_something_else_too(name: str, words: str) -> None:
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w") as parts:
        parts.writestr(name, "x")
    with pytest.raises(OtherKindOfFile) as refused:
        open_pages(made.getvalue())
    assert words in str(refused.value)


def test_a_bomb_is_not_unpacked() -> None:
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as parts:
        parts.writestr("xl/workbook.xml", b"0" * 40_000_000)
    assert len(made.getvalue()) < 100_000
    with pytest.raises(SheetTooLarge):
        open_pages(made.getvalue())
    with pytest.raises(SheetTooLarge):
        open_pages(b"x" * 2_000_001)
    with pytest.raises(SheetTooLarge):
        of_file(("标题\n" + "甲\n" * 5_001).encode(), COLUMNS, Limits())
    with pytest.raises(UnreadableSheet):
        open_pages(b"PK\x03\x04" + b"x" * 50)
    billion = (
        "<!DOCTYPE x [<!ENTITY a '"
        + "a" * 1000
        + "'>"
        + "".join(f"<!ENTITY b{n} '{(f'&b{n - 1};' if n else '&a;') * 50}'>" for n in range(6))
        + "]><x>&b5;</x>"
    )
    bad = io.BytesIO()
    with zipfile.ZipFile(bad, "w", zipfile.ZIP_DEFLATED) as parts:
        parts.writestr("content.xml", billion)
    with pytest.raises(UnreadableSheet):
        open_pages(bad.getvalue())


def test_spans_and_cells_without_end_are_bounded() -> None:
    spans = "<table>" + "<tr><td rowspan=1000 colspan=60>x" * 3000
    (page,) = open_pages(spans.encode())
    assert len(page.rows) <= 3000
    wide = workbook(lambda book: [book.active.append(range(9000)) for _ in range(25)])
    with pytest.raises(SheetTooLarge):
        of_file(wide, COLUMNS, Limits())


@settings(max_examples=60)
@given(st.binary(max_size=300))
def test_no_bytes_are_an_exception(content: bytes) -> None:
    for start in (b"", b"PK\x03\x04", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", b"<html><table>", b"<?xml "):
        with contextlib.suppress(UnreadableSheet):
            assert open_pages(start + content)


# --- headings -----------------------------------------------------------------------------------------------------

_BEFORE = st.sampled_from(["", "*", "1.", "（1）"[:0], "★", " ", "①"])
_AFTER = st.sampled_from(["", "*", "：", "（必填）", "(必填)", "\n（如：例子）", "　", ":"])
_TITLE = st.sampled_from(
    [["2026 年科普活动安排表"], ["填报单位：市科协", "", "填报时间：11月"], [], ["附件 2"]]
)


@given(
    st.permutations(["活动名称", "日期", "开始", "手机号", "备注", "序号"]),
    st.lists(st.tuples(_BEFORE, _AFTER), min_size=6, max_size=6),
    st.lists(_TITLE, max_size=5),
)
def test_headings_are_found_however_decorated(
    heads: list[str], marks: list[tuple[str, str]], above: list[list[str]]
) -> None:
    decorated = [before + " ".join(head) + after for head, (before, after) in zip(heads, marks, strict=True)]
    values = {"活动名称": "课", "日期": "12月5日", "开始": "9:00", "手机号": "138", "备注": "x", "序号": "1"}
    rows = [*above, decorated, [values[head] for head in heads], ["合计", "1"], ["备注：以上"]]
    found = find_heads(rows, COLUMNS)
    assert found is not None
    assert found.at == len(above)
    assert found.places == {
        "title": heads.index("活动名称"),
        "day": heads.index("日期"),
        "start": heads.index("开始"),
        "phone": heads.index("手机号"),
    }
    draft = Draft(COLUMNS, [("", rows)])
    draft.look_for_heads()
    assert [one.cells["title"] for one in draft.read()[0]] == ["课"]


def test_rows_above_a_repeated_heading_are_read() -> None:
    rows = [["活动名称", "日期"], ["甲", "12月5日"], ["活动名称", "日期"], ["乙", "12月6日"]]
    draft = Draft(COLUMNS, [("", rows)])
    draft.look_for_heads()
    assert draft.head == 0
    assert [one.cells["title"] for one in draft.read()[0]] == ["甲", "乙"]


def test_a_word_that_may_be_two_columns_is_the_one_that_is_free() -> None:
    both = find_heads([["时间", "开始", "标题"]], COLUMNS)
    assert both is not None
    assert both.places == {"day": 0, "start": 1, "title": 2}
    alone = find_heads([["标题", "日期", "时间"]], COLUMNS)
    assert alone is not None
    assert alone.places == {"title": 0, "day": 1, "start": 2}
    assert find_heads([["甲", "乙"], ["1", "2"]], COLUMNS) is None
    assert plain("　* 联 系 电 话（必填）：") == "联系电话"
    assert years_in(["2026—2027 年"]) == (2026, 2027)
    assert years_in(["2021-2025", "2026"]) == ()


# --- a draft --------------------------------------------------------------------------------------------------------


def test_a_draft_is_assigned_mended_and_kept_in_the_page() -> None:
    draft = of_text("甲\t乙\t丙\n课一\t12月5日\t同上\n课二\t同上\t9:00\n合计\t2", COLUMNS, Limits())
    assert not draft.is_found
    draft.apply({"head": ["1"], "col0": ["title"], "col1": ["day"], "col2": [""]})
    assert draft.is_found
    again = unpack(draft.pack(), COLUMNS)
    assert again.places == draft.places and again.read() == draft.read()
    start = again.places["start"]
    again.apply({f"c3_{start}": ["14:00"], "leave": ["2"], "edit": ["3"], "c9999_1": ["x"], "cx_y": ["z"]})
    assert [(one.number, one.cells["start"]) for one in again.read()[0]] == [(3, "14:00")]
    again.apply({"put": ["3:phone:138"], "c3_99999": ["x"]})
    assert again.cell(3, "phone") == "138"
    assert unpack(again.pack(), COLUMNS).left == {2}
    for bad in ("", "x", "eJwDAAAAAAE=", "AAAA" * 10):
        with pytest.raises(UnreadableSheet):
            unpack(bad, COLUMNS)


def test_another_sheet_can_be_chosen() -> None:
    def write(book: Any) -> None:
        for month in ("十一月", "十二月"):
            page = book.create_sheet(month)
            page.append(HEADS)
            page.append([month + "的课", "2026-12-05"])

    draft = of_file(workbook(write), COLUMNS, Limits())
    assert draft.read()[0][0].cells["title"] == "十一月的课"
    draft.apply({"sheet": ["1"]})
    assert draft.read()[0][0].cells["title"] == "十二月的课"


def test_hidden_columns_and_rows_are_not_read_and_said() -> None:
    def write(book: Any) -> None:
        book.active.append([*HEADS, "标题"])
        book.active.append(ROW)
        book.active.column_dimensions["D"].hidden = True

    draft = of_file(workbook(write), COLUMNS, Limits())
    assert draft.told[0][1] == {"n": 0, "m": 1}
    assert draft.read()[0][0].cells["phone"] == ""


def test_the_sample_is_read_back() -> None:
    labels = [(one.label + "（必填）", "怎么写", one) for one in COLUMNS]
    made = sample_of(
        "填写", labels, examples=[["例", "2026-12-05", "9:00", "13800138000"]], words=("说明", "列", "怎么写")
    )
    draft = of_file(made, COLUMNS, Limits())
    assert draft.read()[0][0].cells == {
        "title": "例",
        "day": "2026-12-05",
        "start": "9:00",
        "phone": "13800138000",
    }


@pytest.mark.parametrize(
    "text", ["23080300012345678", "13800138000", "04548888888", "007", "1E5", "1-2", "+8613800138000", "3/4"]
)
def test_digits_that_are_a_name_stay_so_in_a_csv(text: str) -> None:
    made = comma_separated(Sheet("", ["甲"], [[text]]))
    assert made.decode("utf-8-sig").splitlines()[1] == "\t" + text
    assert read(made)[1] == [text]


@given(st.text(min_size=1, max_size=20))
def test_no_cell_of_a_csv_begins_a_formula(text: str) -> None:
    cell = comma_separated(Sheet("", ["甲"], [[text]])).decode("utf-8-sig").split("\r\n", 1)[1].strip('"')
    assert not cell.startswith(("=", "@")) or text == ""
    if cell.startswith("\t"):
        assert cell[1:].strip("\r\n+")[0].isdigit()


def test_amounts_stay_amounts() -> None:
    assert (
        comma_separated(Sheet("", ["甲"], [[12, 3.5, date(2026, 12, 5), "12"]])).splitlines()[1]
        == b"12,3.5,2026-12-05,12"
    )
    assert read(xlsx([Sheet("甲", ["甲"], [["007"]])]))[1] == ["007"]
    assert Page("", [["a"], [""]]).rows == [["a"]]
