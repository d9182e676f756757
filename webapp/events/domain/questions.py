"""Questions of an event: which of them are asked, what a good answer is. Plain Python."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from enum import StrEnum

from webapp.core import spelling
from webapp.core.errors import Conflict, N_, RuleBroken, Words

TEXT_LIMIT = 200
ANSWER_LIMIT = 500
CHOICES_MAX = 20
QUESTIONS_MAX = 20
YES = "yes"  # what is kept of a ticked box; one not ticked leaves no answer


class QuestionKind(StrEnum):
    """How a question is answered."""

    TEXT = "text"
    CHOICE = "choice"
    NUMBER = "number"
    TICK = "tick"


QUESTION_KIND_LABELS = {
    QuestionKind.TEXT: N_("写一句话"),
    QuestionKind.CHOICE: N_("选一项"),
    QuestionKind.NUMBER: N_("填数字"),
    QuestionKind.TICK: N_("打勾"),
}


class AskedOf(StrEnum):
    """Who is asked."""

    ALL = "all"
    VOLUNTEER = "volunteer"
    AUDIENCE = "audience"


ASKED_OF_LABELS = {
    AskedOf.ALL: N_("所有人"),
    AskedOf.AUDIENCE: N_("观众"),
    AskedOf.VOLUNTEER: N_("志愿者"),
}

NOT_ANSWERED = N_("请回答这个问题。")
NOT_TICKED = N_("请看过后打勾。")
NOT_A_CHOICE = N_("请从给出的选项里选一个。")
NOT_A_NUMBER = N_("请填数字，如 2。")
ANSWER_TOO_LONG = N_("回答太长，最多 500 个字。")


@dataclass(frozen=True)
class Asked:
    """A question as those who answer it meet it."""

    id: str
    kind: str
    text: str
    choices: tuple[str, ...] = ()
    is_required: bool = False
    asked_of: str = AskedOf.ALL
    shown_if_id: str | None = None
    shown_if_answer: str | None = None


@dataclass(frozen=True)
class QuestionDraft:
    """A question as an organiser writes it."""

    kind: str
    text: str
    choices: tuple[str, ...] = ()
    is_required: bool = False
    asked_of: str = AskedOf.ALL
    shown_if_id: str | None = None
    shown_if_answer: str | None = None


class AnswersIncomplete(RuleBroken):
    """Required answers are missing, or some cannot be read; `wrong` says which: question id → marked sentence."""

    sentence = N_("有 %(count)s 个问题没有答好，请看下面的提示。")
    code = "answers_invalid"

    def __init__(self, wrong: Mapping[str, str]) -> None:
        by_field = {f"answers.{question_id}": [Words(sentence)] for question_id, sentence in wrong.items()}
        super().__init__(count=len(wrong), extra={"errors": by_field})
        self.wrong = dict(wrong)


class QuestionTextMissing(RuleBroken):
    """A question is a sentence."""

    sentence = N_("请写下要问什么，1 至 200 个字。")
    code = "question_text"
    field = "text"


class TooFewChoices(RuleBroken):
    """Two at least, and no more than anyone reads."""

    sentence = N_("请写 2 至 20 个不同的选项，每行一个，每个不超过 200 个字。")
    code = "question_choices"
    field = "choices"


class TooManyQuestions(RuleBroken):
    """People give up."""

    sentence = N_("一个活动最多问 20 个问题。")
    code = "too_many_questions"


class BadCondition(RuleBroken):
    """Shown only after an earlier question that the same people are asked."""

    sentence = N_("只能以排在前面、问同样的人的问题为条件，并写明它的一个可能的回答。")
    code = "question_condition"
    field = "shown_if_answer"


class QuestionInUse(Conflict):
    """Another question depends on it."""

    sentence = N_("后面的问题“%(text)s”以它为条件，请先改那一个。")
    code = "question_in_use"


def asked_of(questions: Sequence[Asked], kind: str) -> list[Asked]:
    """The questions people of this kind of position are asked, in order."""
    return [one for one in questions if one.asked_of in {AskedOf.ALL, kind}]


def visible(questions: Sequence[Asked], answers: Mapping[str, str]) -> list[Asked]:
    """The questions that are asked given these answers: one with a condition only after the answer it waits for.

    A condition on a question that is not shown, comes later or is no longer asked is never met.
    """
    shown: list[Asked] = []
    for one in questions:
        if one.shown_if_id is None:
            shown.append(one)
            continue
        before = next((other for other in shown if other.id == one.shown_if_id), None)
        if before is not None and plain(before, answers.get(before.id, "")) == one.shown_if_answer:
            shown.append(one)
    return shown


def plain(question: Asked, answer: str) -> str:
    """An answer in its one spelling; as it is where it cannot be read. Empty: not answered."""
    text = answer.strip()
    if question.kind == QuestionKind.TICK:
        return "" if text.lower() in {"", "no", "false", "0"} else YES
    if question.kind == QuestionKind.NUMBER:
        return _number(text) or text
    return text


def _number(text: str) -> str | None:
    """A number of at most twelve digits, without needless zeros."""
    try:
        number = Decimal(spelling.compact(text).replace(",", ""))
    except InvalidOperation:
        return None
    if not number.is_finite() or len(number.as_tuple().digits) > 12 or abs(number.adjusted()) > 12:
        return None
    text = f"{number:f}"
    text = text.rstrip("0").rstrip(".") if "." in text else text
    return "0" if text in {"-0", ""} else text


def check(questions: Sequence[Asked], answers: Mapping[str, str]) -> dict[str, str]:
    """What is wrong, by question id: a marked sentence each. Questions not shown are not judged."""
    wrong: dict[str, str] = {}
    for one in visible(questions, answers):
        sentence = _fault(one, plain(one, answers.get(one.id, "")))
        if sentence is not None:
            wrong[one.id] = sentence
    return wrong


def _fault(question: Asked, answer: str) -> str | None:
    if not answer:
        if not question.is_required:
            return None
        return NOT_TICKED if question.kind == QuestionKind.TICK else NOT_ANSWERED
    if len(answer) > ANSWER_LIMIT:
        return ANSWER_TOO_LONG
    if question.kind == QuestionKind.CHOICE and answer not in question.choices:
        return NOT_A_CHOICE
    return NOT_A_NUMBER if question.kind == QuestionKind.NUMBER and _number(answer) is None else None


def to_keep(questions: Sequence[Asked], answers: Mapping[str, str]) -> dict[str, str]:
    """The answers worth keeping: to questions shown, not empty, in their one spelling; raises AnswersIncomplete."""
    wrong = check(questions, answers)
    if wrong:
        raise AnswersIncomplete(wrong)
    given = {one.id: plain(one, answers.get(one.id, "")) for one in visible(questions, answers)}
    return {question_id: answer for question_id, answer in given.items() if answer}


def check_draft(draft: QuestionDraft, earlier: Sequence[Asked]) -> QuestionDraft:
    """The draft in its one spelling; `earlier` are the questions asked before it.

    Raises QuestionTextMissing, TooFewChoices, BadCondition.
    """
    text = " ".join(draft.text.split())
    if not 1 <= len(text) <= TEXT_LIMIT:
        raise QuestionTextMissing
    choices: tuple[str, ...] = ()
    if draft.kind == QuestionKind.CHOICE:
        choices = tuple(dict.fromkeys(line.strip() for line in draft.choices if line.strip()))
        if not 2 <= len(choices) <= CHOICES_MAX or max(map(len, choices)) > TEXT_LIMIT:
            raise TooFewChoices
    answer = _condition(draft, earlier) if draft.shown_if_id else None
    return QuestionDraft(
        kind=QuestionKind(draft.kind).value,
        text=text,
        choices=choices,
        is_required=draft.is_required,
        asked_of=AskedOf(draft.asked_of).value,
        shown_if_id=draft.shown_if_id or None,
        shown_if_answer=answer,
    )


def _condition(draft: QuestionDraft, earlier: Sequence[Asked]) -> str:
    before = next((one for one in earlier if one.id == draft.shown_if_id), None)
    if before is None or before.asked_of not in {AskedOf.ALL, draft.asked_of}:
        raise BadCondition
    answer = plain(before, draft.shown_if_answer or "")
    if before.kind == QuestionKind.TICK:
        answer = YES  # the only answer a box can give
    if not answer or len(answer) > TEXT_LIMIT or _fault(before, answer) is not None:
        raise BadCondition
    return answer
