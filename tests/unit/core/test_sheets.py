"""Workbooks as they open and print in Excel and WPS; texts that would be formulas stay texts."""

import io
from datetime import UTC, date, datetime

from openpyxl import load_workbook

from webapp.core.sheets import Sheet, comma_separated, xlsx

LONG = "三减三健，健康有方。" * 30
SHEET = Sheet(
    "名单",
    ["序号", "姓名", "说明", "日期", "签到"],
    [
        [1, "买买提·艾力江·吐尔逊", LONG, date(2026, 12, 5), datetime(2026, 12, 5, 1, 30, tzinfo=UTC)],
        [2, "=HYPERLINK(1)", "@SUM(A1)", None, None],
    ],
)


def test_a_workbook_can_be_read_and_printed_as_it_opens() -> None:
    page = load_workbook(io.BytesIO(xlsx([SHEET])))["名单"]
    widths = {letter: page.column_dimensions[letter].width for letter in "ABCDE"}
    assert widths["A"] < 10 < 20 < widths["B"] < widths["C"] <= 46
    assert widths["D"] >= 10 < 16 <= widths["E"]
    assert page["C2"].alignment.wrap_text
    assert page["D2"].value == datetime(2026, 12, 5)  # noqa: DTZ001  (a day in a spreadsheet)
    assert page["E2"].value == datetime(2026, 12, 5, 9, 30)  # noqa: DTZ001  (on the city's clock)
    assert (page["D2"].number_format, page["E2"].number_format) == ("yyyy-mm-dd", "yyyy-mm-dd hh:mm")
    assert (page.page_setup.orientation, page.page_setup.paperSize) == ("landscape", 9)
    assert page.sheet_properties.pageSetUpPr.fitToPage
    assert (page.page_setup.fitToWidth or 1, page.page_setup.fitToHeight) == (1, 0)
    assert page.print_title_rows == "$1:$1"
    assert page.freeze_panes == "A2"
    assert {page[cell].data_type for cell in ("B3", "C3")} == {"s"}


def test_a_text_table_says_the_same_and_no_cell_is_a_formula() -> None:
    text = comma_separated(SHEET).decode("utf-8-sig").splitlines()
    assert text[1].endswith(",2026-12-05,2026-12-05 09:30")
    assert text[2].startswith("2,'=HYPERLINK(1),'@SUM(A1)")
