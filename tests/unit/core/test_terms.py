"""Titles that break well, words that are data, dates in two languages."""

from datetime import date

import pytest
from flask import Flask
from flask_babel import Babel, force_locale

from webapp.core.i18n import format_date, format_month
from webapp.core.templating import by_phrase
from webapp.core.terms import term


@pytest.fixture
def english() -> Flask:
    app = Flask("webapp")
    app.config["BABEL_TRANSLATION_DIRECTORIES"] = "translations"
    Babel(app)
    return app


@pytest.mark.parametrize(
    ("title", "shown"),
    [
        ("手机用得明白：挂号与防诈骗", "手机用得明白：<wbr>挂号与防诈骗"),
        ("“血压”怎么量？（第二课）", "“血压”<wbr>怎么量？<wbr>（第二课）"),
        ("结束了。", "结束了。"),
        ("<b>：x", "&lt;b&gt;：<wbr>x"),
        ("Open day: physics", "Open day: physics"),
        (None, ""),
    ],
)
def test_a_title_may_break_after_its_marks(title: str | None, shown: str) -> None:
    assert by_phrase(title) == shown


def test_dates_in_english_are_in_words(english: Flask) -> None:
    with english.test_request_context(), force_locale("en"):
        assert format_date(date(2024, 11, 28)).endswith("28 Nov 2024")
        assert format_month(date(2026, 3, 1)) == "Mar 2026"
    with english.test_request_context(), force_locale("zh_Hans_CN"):
        assert format_date(date(2024, 11, 28)) == "2024年11月28日（周四）"


def test_known_words_are_said_in_english_and_others_as_written(english: Flask) -> None:
    with english.test_request_context(), force_locale("en"):
        assert term("向阳区") == "Xiangyang District"
        assert term("我们自己的岗位") == "我们自己的岗位"
        assert term("") == ""
    with english.test_request_context(), force_locale("zh_Hans_CN"):
        assert term("向阳区") == "向阳区"
