"""Long lists: found by words in any order and width, fifty to a page, nonsense is page one."""

import pytest
from flask import Flask

from webapp.core.listing import listed, named

ROWS = [f"老人{number:03d} 观众" for number in range(120)]


@pytest.fixture
def site() -> Flask:
    made = Flask(__name__)
    made.add_url_rule("/x/<one>", "x", lambda one: one)
    return made


def test_pages(site: Flask) -> None:
    with site.test_request_context("/x/7?page=2&kind=a"):
        found = listed(ROWS, str)
    assert (found.rows[0], found.first, found.found, len(found.rows)) == ("老人050 观众", 51, 120, 50)
    assert (found.prev_url, found.next_url) == ("/x/7?kind=a", "/x/7?kind=a&page=3")


def test_words_in_any_order_and_width(site: Flask) -> None:
    with site.test_request_context("/x/7?q=观众+０１７"):
        found = listed(ROWS, str)
    assert found.rows == ["老人017 观众"]
    assert (found.total, found.is_long, found.next_url) == (120, True, None)


@pytest.mark.parametrize("page", ["0", "-1", "x", "9" * 30, "²", ""])
def test_nonsense_is_page_one(site: Flask, page: str) -> None:
    with site.test_request_context("/x/7", query_string={"page": page}):
        assert listed(ROWS, str).first == 1


def test_past_the_end_is_the_last(site: Flask) -> None:
    with site.test_request_context("/x/7?page=99"):
        assert listed(ROWS, str).first == 101
    with site.test_request_context("/x/7?q=nobody"):
        found = listed(ROWS, str)
    assert (found.found, list(found.rows), found.next_url, found.prev_url) == (0, [], None, None)


def test_rows_found_already_are_not_looked_through_again(site: Flask) -> None:
    with site.test_request_context("/x/7?q=nobody"):
        assert listed(ROWS, None).found == 120


def test_a_short_list_needs_no_search(site: Flask) -> None:
    with site.test_request_context("/x/7"):
        assert not listed(ROWS[:50], str).is_long


def test_several_lists_turn_alone_and_are_found_through_together(site: Flask) -> None:
    with site.test_request_context("/x/7?q=观众&late-page=2"):
        first, second = listed(ROWS, str), listed(ROWS, str, part="late-")
    assert (first.page, second.page, second.prev_url) == (1, 2, "/x/7?q=%E8%A7%82%E4%BC%97")
    assert first.next_url == "/x/7?late-page=2&q=%E8%A7%82%E4%BC%97&page=2"


def test_all_at_once_to_print(site: Flask) -> None:
    with site.test_request_context("/x/7?all=1"):
        found = listed(ROWS, str)
    assert (len(found.rows), found.prev_url, found.next_url) == (120, None, None)


def test_a_refused_form_leads_to_the_list_not_to_itself(site: Flask) -> None:
    site.add_url_rule("/save", "save", lambda: "", methods=["POST"])
    site.add_url_rule("/all", "all", lambda: "")
    with site.test_request_context("/save", method="POST"):
        found = listed(ROWS, str, at="all")
    assert (found.path, found.next_url) == ("/all", "/all?page=2")


def test_people_are_found_by_initials_and_digits(site: Flask) -> None:
    with site.test_request_context("/x/7?q=WXM"):
        assert listed(["王小明", "李秀英"], named).rows == ["王小明"]
    with site.test_request_context("/x/7?q=5678"):
        assert listed(["王小明"], lambda one: named(one, None, "5678")).found == 1
