"""Lines of a calendar file as programs of thirty years write them: parts with their properties. Plain Python.

iCalendar 2.0 and vCalendar 1.0, any line ends, lines folded or not (inside a character, too), UTF-8, UTF-16, GB 18030
or Latin. Nothing in here raises but NotACalendar: what cannot be read stays as it is and is told of by its part.
"""

import html
import quopri
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from html.parser import HTMLParser

from webapp.core.errors import N_, RuleBroken
from webapp.core.tables.pages import UnreadableSheet
from webapp.core.tables.text import decoded

_FOLD = re.compile(rb"\r*\n[ \t]")
_LINE = re.compile(r"\r\n|\r|\n")
_SOFT = re.compile(rb"=\r?\n")
_NAME = re.compile(
    r"(?:[\w-]+\.)?([A-Za-z][A-Za-z0-9-]*)((?:;(?:\"[^\"]*\"|[^\":;]|:(?=//|\d\d\)))*)*):(.*)", re.DOTALL
)
_PARAMETER = re.compile(r";([A-Za-z0-9-]+)(?:=((?:\"[^\"]*\"|[^;])*))?")
_ESCAPED = re.compile(r"\\([nN,;\\:])")
_MARKUP = re.compile(
    r"</?(?:p|br|div|a|span|b|i|u|ul|ol|li|html|body|head|font|table|tr|td|strong|em|h\d|meta|o:p)\b[^>]*>",
    re.IGNORECASE,
)
_ENTITY = re.compile(r"&(?:lt|gt|amp|nbsp|quot|apos|#\d{2,6}|#x[0-9a-f]{2,5});", re.IGNORECASE)
_BLOCKS = {"p", "br", "div", "li", "tr", "h1", "h2", "h3", "h4", "ul", "ol", "table"}
_PARTS_MAX = 5_000


class NotACalendar(RuleBroken):
    """Neither a table nor a calendar file."""

    sentence = N_("这不是能读的表格或 .ics 日历文件。")
    code = "not_a_calendar"
    field = "file"


@dataclass(frozen=True)
class Value:
    """One property: its text as it stands, and its parameters."""

    text: str
    parameters: dict[str, str]


@dataclass
class Part:
    """VEVENT, VTODO, VTIMEZONE …, with properties of its own and parts inside."""

    kind: str
    values: dict[str, list[Value]] = field(default_factory=dict)
    parts: list["Part"] = field(default_factory=list)

    def first(self, name: str) -> Value | None:
        """The first property of that name."""
        return next(iter(self.values.get(name, [])), None)

    def text(self, name: str) -> str:
        """Its words, unescaped, without markup."""
        found = self.first(name)
        return words_of(found.text) if found else ""


def looks_like_one(content: bytes) -> bool:
    """Whether a file says that it is a calendar, in whatever encoding."""
    start = content[:400].replace(b"\0", b"").lstrip(b"\xef\xbb\xbf\xff\xfe \t\r\n").upper()
    return start.startswith((b"BEGIN:VCALENDAR", b"BEGIN:VEVENT"))


def read_calendars(content: bytes) -> list[Part]:
    """Every VCALENDAR of a file; raises NotACalendar."""
    if not looks_like_one(content):
        raise NotACalendar
    top = Part("")
    inside = [top]
    count = 0
    for name, value in _values(content):
        if name == "BEGIN" and count < _PARTS_MAX:
            count += 1
            made = Part(value.text.strip().upper())
            inside[-1].parts.append(made)
            inside.append(made)
        elif name == "END":
            _close(inside, value.text.strip().upper())
        else:
            inside[-1].values.setdefault(name, []).append(value)
    calendars = [one for one in top.parts if one.kind == "VCALENDAR"] or [top]
    if not any(one.parts for one in calendars):
        raise NotACalendar
    return calendars


def _close(inside: list[Part], kind: str) -> None:
    """End this part and what was left open in it; an end of nothing ends nothing."""
    for depth in range(len(inside) - 1, 0, -1):
        if inside[depth].kind == kind:
            del inside[depth:]
            return


def _values(content: bytes) -> Iterator[tuple[str, Value]]:
    for line in _lines(content):
        found = _NAME.fullmatch(line)
        if found is None:
            continue
        name, given, text = found.groups()
        parameters = {key.upper(): (value or "").strip('"') for key, value in _PARAMETER.findall(given or "")}
        coded = parameters.get("ENCODING", "").upper() == "QUOTED-PRINTABLE" or "QUOTED-PRINTABLE" in (
            key.upper() for key in parameters
        )
        if coded:
            text = _printable(text, parameters.get("CHARSET", ""))
        yield name.upper(), Value(text, parameters)


def _lines(content: bytes) -> list[str]:
    """Lines put together again before they are text, for some programs fold inside a character."""
    if b"\0" not in content[:200]:
        content = _FOLD.sub(b"", content)
        if b"QUOTED-PRINTABLE" in content.upper():
            content = _SOFT.sub(b"", content)
    text = _text(content)
    return [line for line in _LINE.split(re.sub(r"\r*\n[ \t]", "", text)) if line]


def _text(content: bytes) -> str:
    try:
        return decoded(content).lstrip("\ufeff")
    except UnreadableSheet:
        pass
    text = content.decode("utf-8", errors="replace")
    if text.count("\ufffd") <= sum(sign > "\x7f" for sign in text) // 10:  # one byte went wrong on the way
        return text
    return content.decode("cp1252", errors="replace")


def _printable(text: str, charset: str) -> str:
    raw = quopri.decodestring(text.encode("utf-8", errors="surrogateescape"))
    for encoding in (charset or "utf-8", "utf-8", "gb18030"):
        try:
            return raw.decode(encoding)
        except (UnicodeDecodeError, LookupError):
            continue
    return raw.decode("utf-8", errors="replace")


def words_of(text: str) -> str:
    """Words of a property: its escapes resolved, and of a web page what one reads of it."""
    text = _ESCAPED.sub(lambda found: "\n" if found[1] in "nN" else found[1], text)
    if _ENTITY.search(text):  # some write markup twice, or only its signs
        text = html.unescape(text)
    if _MARKUP.search(text):
        reader = _Words()
        reader.feed(text)
        reader.close()
        text = "".join(reader.found)
    lines = [" ".join(line.split()) for line in re.split(r"\r\n|\r|\n", text)]
    return re.sub(r"\n{3,}", "\n\n", "\n".join(lines)).strip()


class _Words(HTMLParser):
    """What one reads of a piece of a web page."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.found: list[str] = []
        self.silent = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """A block begins on a line of its own."""
        if tag in {"style", "script", "head", "title"}:
            self.silent += 1
        elif tag in _BLOCKS:
            self.found.append("\n")

    def handle_endtag(self, tag: str) -> None:
        """And ends it."""
        if tag in {"style", "script", "head", "title"}:
            self.silent = max(0, self.silent - 1)
        elif tag in _BLOCKS:
            self.found.append("\n")

    def handle_data(self, data: str) -> None:
        """Words between the marks."""
        if not self.silent:
            self.found.append(data)
