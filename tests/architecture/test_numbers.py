"""A telephone number is shown in one way: a fixed line needs its 0, which whoever cuts off +86 by hand forgets."""

from pathlib import Path

ROOT = Path(__file__).parents[2]


def test_no_page_cuts_a_number_by_itself() -> None:
    found = [
        str(path.relative_to(ROOT))
        for path in (ROOT / "templates").rglob("*.html")
        if "'+86'" in path.read_text()
    ]
    assert found == [], "use the filter `phone`"
