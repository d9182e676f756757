"""Which questions are asked, and what a good answer is: truth tables."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from webapp.core.errors import Refusal
from webapp.events.domain import questions as rules
from webapp.events.domain.questions import Asked, QuestionDraft

CAR = Asked("car", "choice", "怎么来？", ("自己开车", "坐公交"), is_required=True)
PLATE = Asked("plate", "text", "车牌号？", is_required=True, shown_if_id="car", shown_if_answer="自己开车")
TOGETHER = Asked("many", "number", "同行几人？")
KNOWN = Asked("known", "tick", "知道要带身份证", is_required=True)
ALL = [CAR, PLATE, TOGETHER, KNOWN]


@pytest.mark.parametrize(
    ("answers", "shown", "wrong"),
    [
        ({}, "car many known", {"car": rules.NOT_ANSWERED, "known": rules.NOT_TICKED}),
        ({"car": "坐公交", "known": "y"}, "car many known", {}),
        ({"car": "坐公交", "known": "y", "plate": "x" * 900}, "car many known", {}),
        ({"car": " 自己开车 ", "known": "on"}, "car plate many known", {"plate": rules.NOT_ANSWERED}),
        ({"car": "自己开车", "known": "1", "plate": "黑D12345"}, "car plate many known", {}),
        ({"car": "飞", "known": "yes"}, "car many known", {"car": rules.NOT_A_CHOICE}),
        ({"car": "坐公交", "known": "no"}, "car many known", {"known": rules.NOT_TICKED}),
        ({"car": "坐公交", "known": "y", "many": "两"}, "car many known", {"many": rules.NOT_A_NUMBER}),
        ({"car": "坐公交", "known": "y", "many": "nan"}, "car many known", {"many": rules.NOT_A_NUMBER}),
        ({"car": "坐公交", "known": "y", "many": "1e99"}, "car many known", {"many": rules.NOT_A_NUMBER}),
        (
            {"car": "自己开车", "known": "y", "plate": "x" * 501},
            "car plate many known",
            {"plate": rules.ANSWER_TOO_LONG},
        ),
    ],
)
def test_questions_shown_are_judged_and_no_others(
    answers: dict[str, str], shown: str, wrong: dict[str, str]
) -> None:
    assert [one.id for one in rules.visible(ALL, answers)] == shown.split()
    assert rules.check(ALL, answers) == wrong


def test_what_is_kept_is_in_its_one_spelling_and_was_asked() -> None:
    given_ = {"car": "坐公交", "plate": "黑D1", "many": " ０２.50 ", "known": "on", "other": "x"}
    assert rules.to_keep(ALL, given_) == {"car": "坐公交", "many": "2.5", "known": "yes"}
    with pytest.raises(rules.AnswersIncomplete) as refused:
        rules.to_keep(ALL, {})
    assert set(refused.value.wrong) == {"car", "known"}


def test_a_condition_that_cannot_be_met_hides_the_question() -> None:
    assert rules.visible([PLATE], {"car": "自己开车"}) == []
    assert rules.visible([PLATE, CAR], {"car": "自己开车"}) == [CAR]
    third = replace(TOGETHER, shown_if_id="plate", shown_if_answer="黑")
    assert rules.visible([CAR, PLATE, third], {"car": "坐公交", "plate": "黑"}) == [CAR]


def test_people_of_one_kind_are_asked_theirs_and_what_all_are_asked() -> None:
    mine, theirs = replace(TOGETHER, asked_of="audience"), replace(KNOWN, asked_of="volunteer")
    assert rules.asked_of([CAR, mine, theirs], "audience") == [CAR, mine]
    assert rules.asked_of([CAR, mine, theirs], "volunteer") == [CAR, theirs]


@pytest.mark.parametrize(
    ("draft", "code"),
    [
        (QuestionDraft("text", "  "), "question_text"),
        (QuestionDraft("text", "问" * 201), "question_text"),
        (QuestionDraft("choice", "选", ("一", "一", " ")), "question_choices"),
        (QuestionDraft("choice", "选", tuple(map(str, range(21)))), "question_choices"),
        (QuestionDraft("text", "问", shown_if_id="nobody", shown_if_answer="x"), "question_condition"),
        (QuestionDraft("text", "问", shown_if_id="car", shown_if_answer="飞"), "question_condition"),
        (QuestionDraft("text", "问", shown_if_id="car"), "question_condition"),
        (QuestionDraft("text", "问", shown_if_id="car", shown_if_answer="坐公交"), None),
        (QuestionDraft("text", "问", shown_if_id="known"), None),
        (QuestionDraft("choice", " 选  一 ", ("一 ", "", "二")), None),
    ],
)
def test_a_draft_is_a_question_people_can_answer(draft: QuestionDraft, code: str | None) -> None:
    if code is None:
        made = rules.check_draft(draft, ALL)
        assert made.shown_if_answer in {None, "坐公交", "yes"}
        assert made.text in {"问", "选 一"}
    else:
        with pytest.raises(Refusal) as refused:
            rules.check_draft(draft, ALL)
        assert refused.value.code == code


@given(st.dictionaries(st.sampled_from(["car", "plate", "many", "known"]), st.text()))
def test_no_answer_is_an_exception(answers: dict[str, str]) -> None:
    wrong = rules.check(ALL, answers)
    if not wrong:
        assert set(rules.to_keep(ALL, answers)) <= set(answers)
