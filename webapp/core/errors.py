"""The five kinds of refusal, and N_, the mark for sentences to translate. Plain Python."""

from collections.abc import Mapping
from typing import Any, ClassVar


def N_(sentence: str) -> str:
    """Mark a sentence for translation; it is translated where it is shown."""
    return sentence


class Words(str):
    """A parameter of a refusal that is a marked sentence itself: it is translated where it is shown."""

    __slots__ = ()


class Said:
    """A sentence with its values, as another's value or alone; it is translated where it is shown."""

    __slots__ = ("sentence", "values")

    def __init__(self, sentence: str, values: Mapping[str, Any]) -> None:
        self.sentence = sentence
        self.values = values


class Refusal(Exception):
    """A use case says no, for a reason its user can read.

    `sentence` is shown to people (with `params` filled in), `code` to programs, `field` is the form field it
    belongs to, `extra` is added to the JSON body.
    """

    sentence: ClassVar[str] = N_("这一步没有完成。")
    code: ClassVar[str] = "refused"
    field: ClassVar[str | None] = None

    def __init__(
        self, *, field: str | None = None, extra: dict[str, Any] | None = None, **params: Any
    ) -> None:
        super().__init__(self.sentence)
        self.params = params
        self.extra = extra or {}
        self.at_field = field or self.field

    def __str__(self) -> str:
        return self.sentence % self.params if self.params else self.sentence


class NotFound(Refusal):
    """There is no such thing, or not for this person."""

    sentence = N_("没有找到这一项，可能已经删除，或链接不完整。")
    code = "not_found"


class NotAllowed(Refusal):
    """This person may not do it."""

    sentence = N_("您没有做这件事的权限。")
    code = "not_allowed"


class RuleBroken(Refusal):
    """The field's rule says no."""

    sentence = N_("这样做不符合规则。")
    code = "rule_broken"


class Conflict(Refusal):
    """Someone or something was faster."""

    sentence = N_("别人刚刚改动了这一项，请看过新内容后再试。")
    code = "conflict"


class Expired(Refusal):
    """It was valid, and is no more."""

    sentence = N_("这个链接已经失效。")
    code = "expired"


class ChangedMeanwhile(Conflict):
    """Two people edited the same thing; the second one must look first."""

    sentence = N_("您打开页面后，别人已经改过这一项。您填的内容还在下面，请核对后再保存。")
    code = "changed_meanwhile"


class BadCursor(RuleBroken):
    """A place in a list that no list gave out: cut off, or made up."""

    sentence = N_("翻页的链接（cursor）不完整或不对，请回到第一页重新翻起。")
    code = "bad_cursor"
    field = "cursor"
