"""The page check finds what it is there to find."""

import pytest

from tests.support.html import problems

GOOD = """<!doctype html><html lang="zh-Hans"><head><meta charset="utf-8"><title>报名 · 科普行</title></head><body>
<main><h1>报名</h1><p>还有 3 个名额。</p>
<form method="post" action="/x"><input type="hidden" name="csrf_token" value="1">
<label for="name">姓名</label><input id="name" name="name" aria-describedby="name-hint"><p id="name-hint">不限真名</p>
<label>电话 <input name="phone" type="tel"></label><button>报名</button></form></main></body></html>"""


def test_a_good_page_passes() -> None:
    assert problems(GOOD) == []


@pytest.mark.parametrize(
    ("old", "new", "found"),
    [
        ("<h1>报名</h1>", "", "exactly one h1"),
        ("<h1>报名</h1>", "<h1>报名</h1><h1>二</h1>", "exactly one h1"),
        ("<title>报名", "<title>科普行 · 报名", "does not begin with the h1"),
        ('lang="zh-Hans"', "", "language"),
        ('id="name-hint"', 'id="name"', "stands 2 times"),
        ('id="name-hint"', "", "points at nothing"),
        ('action="/x"', "", "without an action"),
        ('name="csrf_token"', 'name="other"', "no csrf_token"),
        ('method="post"', 'method="get"', "into the address"),
        ('for="name"', "", "no label"),
        ("<p>还有", '<p style="color:red">还有', "inline style"),
        ("<p>还有", "<script>alert(1)</script><p>还有", "inline script"),
        ("<p>还有", '<p onclick="x()">还有', "inline script"),
        ("<p>还有", '<img src="/a.png"><p>还有', "without alt"),
        ("<p>还有", '<script src="https://example.com/a.js"></script><p>还有', "another place"),
        ("还有 3", "还有 %(n)s", "unfilled"),
        ("<p>还有", "<p><div>还有", "unexpected"),
        ("<button>报名", "<button>", "without words"),
        ("<p>还有", '<a href="#nowhere">去</a><p>还有', "points at nothing"),
    ],
)
def test_a_fault_is_found(old: str, new: str, found: str) -> None:
    page = GOOD.replace(old, new, 1)
    assert page != GOOD
    assert any(found in line for line in problems(page)), problems(page)


def test_a_part_of_a_page_needs_no_heading() -> None:
    assert problems("<p>还有 3 个名额。</p>", fragment=True) == []
    assert problems('<p id="a"></p><p id="a"></p>', fragment=True)
