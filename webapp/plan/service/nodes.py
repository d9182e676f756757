"""A JSON file looked at value by value, each knowing where it stands, so that a refusal can say it."""

import json
import math
import re
from dataclasses import dataclass
from typing import Any, NoReturn

from webapp.plan.domain import DEPTH_MAX, FILE_LIMIT, LIST_MAX, TEXT_LIMIT, UNITS_MAX, BadPlanFile

_NOT_TEXT = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ud800-\udfff\ufffe\uffff]")


@dataclass(frozen=True)
class Node:
    """A value in the file and where it stands (a JSON pointer, RFC 6901)."""

    value: Any
    file: str
    place: str = ""

    def refuse(self, reason: str) -> NoReturn:
        """Refuse the whole file because of this place."""
        raise BadPlanFile(self.file, self.place or "/", reason)

    def at(self, key: str | int) -> "Node":
        """The value under a key or index."""
        step = str(key).replace("~", "~0").replace("/", "~1")
        return Node(self.value[key], self.file, f"{self.place}/{step}")

    def fields(self, required: str, optional: str = "") -> dict[str, "Node"]:
        """The members of an object: all required ones, no unknown ones. Absent optional ones are left out."""
        if not isinstance(self.value, dict):
            self.refuse("这里应当是一个对象 {…}")
        known = required.split() + optional.split()
        for name in required.split():
            if name not in self.value:
                self.refuse(f"缺少“{name}”")
        for name in self.value:
            if name not in known:
                self.refuse(f"不认识的字段“{str(name)[:40]}”")
        return {name: self.at(name) for name in self.value}

    def items(self, most: int) -> list["Node"]:
        """The elements of a list of at most `most`."""
        if not isinstance(self.value, list):
            self.refuse("这里应当是一个列表 […]")
        if len(self.value) > most:
            self.refuse(f"共 {len(self.value)} 项，最多 {most} 项")
        return [self.at(index) for index in range(len(self.value))]

    def text(self, limit: int, *, empty: bool = False) -> str:
        """A string of at most `limit` characters."""
        if not isinstance(self.value, str):
            self.refuse("这里应当是文字")
        if _NOT_TEXT.search(self.value):
            self.refuse("含有无法保存的控制字符")
        if len(self.value) > limit:
            self.refuse(f"共 {len(self.value)} 个字，最多 {limit} 个字")
        if not empty and not self.value.strip():
            self.refuse("不能为空")
        return self.value

    def matching(self, pattern: re.Pattern[str], reason: str) -> str:
        """A string of a given shape."""
        if not isinstance(self.value, str) or not pattern.fullmatch(self.value):
            self.refuse(reason)
        return self.value

    def one_of(self, choices: Any) -> str:
        """One of the known words."""
        if not isinstance(self.value, str) or self.value not in choices:
            self.refuse(f"“{str(self.value)[:40]}”不在可用的值之中：{'、'.join(choices)}")
        return self.value

    def integer(self, low: int, high: int) -> int:
        """A whole number in a range."""
        if not isinstance(self.value, int) or isinstance(self.value, bool) or not low <= self.value <= high:
            self.refuse(f"这里应当是 {low} 到 {high} 之间的整数")
        return self.value

    def flag(self) -> bool:
        """True or false."""
        if not isinstance(self.value, bool):
            self.refuse("这里应当是 true 或 false")
        return self.value

    def texts(self, limit: int, most: int = LIST_MAX) -> tuple[str, ...]:
        """A list of different strings."""
        found: list[str] = []
        for node in self.items(most):
            word = node.text(limit)
            if word in found:
                node.refuse(f"“{word}”重复")
            found.append(word)
        return tuple(found)

    def free(self, depth: int = 0) -> Any:
        """Anything JSON that can be kept as it is: for notes that no rule reads."""
        if depth > DEPTH_MAX:
            self.refuse("嵌套太深")
        if isinstance(self.value, dict):
            if len(self.value) > LIST_MAX:
                self.refuse(f"最多 {LIST_MAX} 项")
            return {
                Node(key, self.file, self.place).text(80): self.at(key).free(depth + 1) for key in self.value
            }
        if isinstance(self.value, list):
            return [node.free(depth + 1) for node in self.items(UNITS_MAX)]
        if isinstance(self.value, str):
            return self.text(TEXT_LIMIT, empty=True)
        if isinstance(self.value, float) and not math.isfinite(self.value):
            self.refuse("不是有限的数")
        if isinstance(self.value, int) and abs(self.value) > 10**15:
            self.refuse("数字太大")
        return self.value


def parse(raw: bytes, *, file: str) -> Any:
    """The JSON in a file's bytes, in UTF-8; raises BadPlanFile with line and column."""
    if len(raw) > FILE_LIMIT:
        raise BadPlanFile(file, "/", f"文件有 {len(raw)} 字节，最多 {FILE_LIMIT} 字节")
    try:
        text = raw.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = raw[: error.start].count(b"\n") + 1
        raise BadPlanFile(file, f"第 {line} 行", "不是 UTF-8 编码的文字，请另存为 UTF-8") from None

    def unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
        made = dict(pairs)
        if len(made) < len(pairs):
            names = [name for name, _ in pairs]
            twice = next(name for name in names if names.count(name) > 1)
            raise BadPlanFile(file, "/", f"字段“{twice[:40]}”在同一个对象里出现两次")
        return made

    def no_number(word: str) -> NoReturn:
        raise BadPlanFile(file, "/", f"“{word}”不是有效的数")

    try:
        return json.loads(text, object_pairs_hook=unique, parse_constant=no_number)
    except json.JSONDecodeError as error:
        raise BadPlanFile(file, f"{error.lineno}:{error.colno}", "JSON 写法有误") from None
    except RecursionError:
        raise BadPlanFile(file, "/", "嵌套太深") from None
    except ValueError:  # an integer of more digits than Python converts
        raise BadPlanFile(file, "/", "有一个数字太长") from None
